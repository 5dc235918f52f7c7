from __future__ import annotations

import pytest

from matcher.documents import capability_document
from matcher.findability import N_COMPARED, count_gaps, find_scenarios
from models.capability import Capability, CapabilityCase
from models.errors import ModelUnavailable
from models.match import Band
from tests.matcher.market import TOPICS, Chain, make_market


@pytest.fixture
def chain(session, tmp_path) -> Chain:
    make_market(session)
    return Chain(session, tmp_path)


def draft_like(row: Capability, **changes) -> Capability:
    """A capability with the same words that no session knows."""
    names = ("organisation_id", "title", "text", "lang", "deployment", "filings", "maturity", "capacity")
    values = {name: getattr(row, name) for name in names} | {"id": 0} | changes
    cases = [
        CapabilityCase(capability_id=0, position=case.position, text=case.text, metric=case.metric)
        for case in row.cases
    ]
    draft = Capability(cases=cases, **values)
    draft.organisation = row.organisation
    return draft


def test_a_draft_finds_exactly_what_it_finds_once_it_is_listed(chain):
    recommender = chain.updated()
    for row in recommender.corpus.capabilities.values():
        draft = draft_like(row)

        now = recommender.match_offer(capability_document(draft), draft, k=N_COMPARED)

        later = recommender.match_capability(row.key, k=N_COMPARED)
        assert [(m.scenario_id, m.score, m.band, m.gaps) for m in now] == [
            (m.scenario_id, m.score, m.band, m.gaps) for m in later
        ]


def test_a_draft_never_finds_the_scenarios_of_its_own_house(session, chain):
    recommender = chain.updated()
    row = next(iter(recommender.corpus.capabilities.values()))
    scenario = next(iter(recommender.corpus.scenarios.values()))
    draft = draft_like(row, organisation_id=scenario.organisation_id)

    found = recommender.match_offer(capability_document(draft), draft, k=N_COMPARED)

    assert scenario.key not in {match.scenario_id for match in found}


def test_bands_are_counted_and_the_promising_are_named_best_first(chain):
    recommender = chain.updated()
    row = next(row for row in recommender.corpus.capabilities.values() if row.title == TOPICS[5][1])

    found = find_scenarios(recommender, draft_like(row))

    matches = recommender.match_capability(row.key, k=N_COMPARED)
    promising = [m.scenario_id for m in matches if m.band in (Band.STRONG, Band.POSSIBLE)]
    assert found.enough
    assert promising
    assert [each.scenario_id for each in found.found] == promising
    assert found.n_bands == {band: sum(m.band is band for m in matches) for band in Band}
    assert found.n_compared == len(matches)


def test_what_is_not_said_is_counted_in_the_scenarios_it_stands_in(chain):
    recommender = chain.updated()
    row = next(iter(recommender.corpus.capabilities.values()))

    found = find_scenarios(recommender, draft_like(row, deployment=[], maturity=None, capacity=None))

    assert set(found.missing) >= {"deployment_unknown", "maturity_unknown", "capacity_unknown"}
    assert found.asked["deployment_unknown"] == found.n_compared > 0
    assert count_gaps([]) == {}


def test_a_few_words_are_not_compared(chain):
    recommender = chain.updated()
    row = next(iter(recommender.corpus.capabilities.values()))

    found = find_scenarios(recommender, draft_like(row, text="视频分析"))

    assert not found.enough
    assert (found.n_compared, found.found, found.missing[0]) == (0, (), "text_too_short")


def test_without_an_encoder_it_says_so(chain):
    recommender = chain.updated()
    row = next(iter(recommender.corpus.capabilities.values()))

    def nobody():
        raise ModelUnavailable("weg")

    recommender._make_embedder = nobody

    with pytest.raises(ModelUnavailable):
        find_scenarios(recommender, draft_like(row))
