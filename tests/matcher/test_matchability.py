from __future__ import annotations

import pytest

from matcher.coverage import Verdict
from matcher.documents import scenario_document
from matcher.matchability import (
    N_SIMILAR,
    Matchability,
    assess,
    best_of_each_firm,
    outlooks_of,
    similar_by_meaning,
)
from matcher.recommender import SHORTLIST
from models.errors import ModelUnavailable
from models.match import Band
from models.scenario import Requirement, Scenario
from tests.factories import make_capability, make_firm, make_organisation
from tests.matcher.market import TOPICS, Chain, make_market, make_needs


@pytest.fixture
def chain(session, tmp_path) -> Chain:
    make_market(session)
    return Chain(session, tmp_path)


def draft_like(row: Scenario, **changes) -> Scenario:
    """A scenario with the same words that no session knows."""
    names = (
        "organisation_id",
        "title",
        "text",
        "lang",
        "metric",
        "baseline",
        "target",
        "deployment",
        "district_id",
    )
    values = {name: getattr(row, name) for name in names} | {"id": 0} | changes
    requirements = values.pop("requirements", [(item.text, item.must) for item in row.requirements])
    return Scenario(
        requirements=[
            Requirement(scenario_id=0, position=n, text=text, must=must)
            for n, (text, must) in enumerate(requirements, 1)
        ],
        **values,
    )


def test_a_draft_finds_exactly_what_it_finds_once_it_is_published(session, chain):
    recommender = chain.updated()
    for row in recommender.corpus.scenarios.values():
        draft = draft_like(row)

        now = recommender.match_need(recommender.need_of(scenario_document(draft), draft), k=SHORTLIST)

        later = recommender.match_scenario(row.key, k=SHORTLIST)
        assert [(m.capability_id, m.score, m.band, m.coverage, m.gaps) for m in now] == [
            (m.capability_id, m.score, m.band, m.coverage, m.gaps) for m in later
        ]


def test_a_firm_counts_once_with_its_best_capability(session, chain):
    firm = make_firm(session)
    for _ in range(3):
        make_capability(
            session,
            organisation_id=firm.key,
            title=TOPICS[0][1],
            text=f"{TOPICS[0][0]}。{TOPICS[0][1]}。{TOPICS[0][2]}。",
        )
    recommender = chain.updated()
    need = next(iter(recommender.corpus.scenarios.values()))

    found = assess(recommender, draft_like(need))

    firms = {match.organisation_id for match in recommender.match_scenario(need.key, k=SHORTLIST)}
    assert sum(found.n_firms.values()) == len(firms)
    assert found.n_compared > len(firms)


def test_the_owner_is_not_among_its_own_candidates(session, chain):
    recommender = chain.updated()
    need = next(iter(recommender.corpus.scenarios.values()))
    best = recommender.match_scenario(need.key, k=1)[0]

    draft = draft_like(need, organisation_id=best.organisation_id)
    found = recommender.match_need(recommender.need_of(scenario_document(draft), draft), k=SHORTLIST)

    assert best.organisation_id not in {match.organisation_id for match in found}


def test_a_place_nobody_offers_lets_nobody_be_strong(session, chain):
    recommender = chain.updated()
    need = next(iter(recommender.corpus.scenarios.values()))

    found = assess(recommender, draft_like(need, deployment=["saas"]))

    assert found.n_firms[Band.STRONG] == found.n_firms[Band.POSSIBLE] == 0


def test_each_requirement_says_how_many_firms_meet_it(session, chain):
    recommender = chain.updated()
    need = next(iter(recommender.corpus.scenarios.values()))
    wanted = [(TOPICS[0][1], True), ("潜水艇声呐阵列的低温标定", False)]

    found = assess(recommender, draft_like(need, requirements=wanted))

    first, second = found.outlooks
    assert (first.position, first.must, first.derived) == (1, True, False)
    assert first.best in (Verdict.MET, Verdict.PARTLY)
    assert not first.finds_nobody
    assert (second.position, second.must, second.n_met) == (2, False, 0)


def test_one_firm_is_counted_by_its_better_word(session, chain):
    recommender = chain.updated()
    need = next(iter(recommender.corpus.scenarios.values()))
    document = scenario_document(need)
    matches = recommender.match_scenario(need.key, k=SHORTLIST)

    doubled = outlooks_of(document, [*matches, *matches])

    assert doubled == outlooks_of(document, matches)


def test_nothing_is_said_of_a_requirement_without_candidates(session, chain):
    recommender = chain.updated()
    document = scenario_document(next(iter(recommender.corpus.scenarios.values())))

    found = outlooks_of(document, [])

    assert [(item.best, item.n_met, item.finds_nobody) for item in found] == [(None, 0, True)] * len(found)


@pytest.mark.parametrize("text", ["", "找井盖。"])
def test_a_few_words_are_not_counted_against_anybody(session, chain, text):
    recommender = chain.updated()
    need = next(iter(recommender.corpus.scenarios.values()))

    found = assess(recommender, draft_like(need, text=text, requirements=[]))

    assert found == Matchability(enough=False, n_firms={}, n_compared=0)


def test_requirements_nobody_wrote_are_derived_and_said_to_be(session, chain):
    recommender = chain.updated()
    need = next(iter(recommender.corpus.scenarios.values()))

    found = assess(
        recommender,
        draft_like(
            need, requirements=[], text="希望系统自动发现井盖缺失与破损并派单给养护班组，夜间和雨天也要能用。"
        ),
    )

    assert [item.derived for item in found.outlooks] == [True]


def test_open_scenarios_that_ask_for_the_same_are_named_without_itself(session, chain):
    recommender = chain.updated()
    rows = list(recommender.corpus.scenarios.values())
    same_topic = {row.key for row in rows if row.title == rows[0].title}

    need = recommender.need_of(scenario_document(rows[0]), rows[0])

    # The limit belongs to the real model; here it is the order that counts.
    found = similar_by_meaning(recommender, need, without=rows[0].key, at_least=0.0)

    assert found[0] in same_topic - {rows[0].key}
    assert rows[0].key not in found
    assert len(found) <= N_SIMILAR
    assert similar_by_meaning(recommender, need, without=rows[0].key, at_least=99.0) == ()


def test_the_same_draft_gives_the_same_answer(session, chain):
    recommender = chain.updated()
    draft = draft_like(next(iter(recommender.corpus.scenarios.values())))

    assert assess(recommender, draft) == assess(chain.recommender(), draft)


def test_without_any_offer_nobody_is_found(session, tmp_path):
    make_needs(session, 3, organisation_id=make_organisation(session).key)
    recommender = Chain(session, tmp_path).updated()

    found = assess(recommender, draft_like(next(iter(recommender.corpus.scenarios.values()))))

    assert found.enough
    assert sum(found.n_firms.values()) == found.n_compared == 0
    assert all(item.finds_nobody for item in found.outlooks)


def test_a_changed_sentence_and_its_section_are_all_that_is_encoded(session, chain):
    recommender = chain.updated()
    need = next(iter(recommender.corpus.scenarios.values()))
    assess(recommender, draft_like(need))
    chain.embedder.encoded.clear()

    wanted = [(item.text, item.must) for item in need.requirements]
    assess(recommender, draft_like(need, requirements=[*wanted, ("夜间也要能看清排口的颜色", True)]))

    section, sentence = sorted(chain.embedder.encoded, key=len, reverse=True)
    assert sentence == "夜间也要能看清排口的颜色"
    assert sentence in section


def test_nothing_is_guessed_without_an_encoder(session, chain):
    chain.update()
    recommender = chain.recommender()

    def unavailable():
        raise ModelUnavailable("gone")

    recommender._make_embedder = unavailable
    with pytest.raises(ModelUnavailable):
        assess(recommender, draft_like(next(iter(recommender.corpus.scenarios.values()))))


def test_the_first_match_of_a_firm_is_kept(session, chain):
    recommender = chain.updated()
    matches = recommender.match_scenario(next(iter(recommender.corpus.scenarios)), k=SHORTLIST)

    assert best_of_each_firm([*matches, *reversed(matches)]) == best_of_each_firm(matches)
