from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from matcher.survey import OTHER_DOMAIN, shown_first, survey_exposure, survey_gaps
from models.market_survey import ScoreLine
from models.match import Band
from models.organisation import Organisation, OrganisationKind
from tests.matcher.market import TODAY, Chain, make_market


def line(scenario_id: int, firm: int, band: Band = Band.STRONG, score: float = 0.8, **values) -> ScoreLine:
    return ScoreLine(
        **{
            "match_id": 100 * scenario_id + firm,
            "scenario_id": scenario_id,
            "organisation_id": firm,
            "capability_id": firm,
            "band": band,
            "score": score,
            "coverage": [],
            "is_answered": False,
            "may_be_shown": True,
            **values,
        }
    )


def coverage(*verdicts: str) -> list[dict[str, object]]:
    return [{"position": n, "verdict": verdict} for n, verdict in enumerate(verdicts, start=1)]


@pytest.fixture
def chain(session, tmp_path):
    return Chain(session, tmp_path)


def gaps_of(recommender, *lines):
    found = survey_gaps(recommender, sorted(lines, key=lambda row: (row.scenario_id, row.capability_id)))
    requirements = {
        (row["scenario_id"], row["position"]): row["has_candidate"]
        for group in found.unsupplied
        for row in group.rows
    }
    return found, requirements, {row["capability_id"] for group in found.undemanded for row in group.rows}


def test_supply_is_what_capable_firms_meet_and_demand_what_scenarios_want(session, chain):
    needs, offers = make_market(session, 12, 14)
    need, other = needs[0], needs[1]
    strong, weak, both = offers[0], offers[1], offers[2]
    found, without, idle = gaps_of(
        chain.updated(),
        line(need.key, 1, capability_id=strong.key, coverage=coverage("unknown", "unmet")),
        line(need.key, 3, Band.POSSIBLE, capability_id=both.key, coverage=coverage("partly", "unknown")),
        line(other.key, 2, Band.WEAK, capability_id=weak.key, coverage=coverage("met", "met")),
    )

    assert (found.n_requirements, found.n_capabilities) == (24, 14)
    assert (need.key, 1) not in without
    assert without[need.key, 2] is True
    assert without[other.key, 1] is False
    assert idle == {row.key for row in offers} - {strong.key, both.key}
    nearest = {
        row["capability_id"]: (row["best"], row["nearest_id"])
        for group in found.undemanded
        for row in group.rows
    }
    assert nearest[weak.key] == ("weak", other.key)
    assert nearest[offers[5].key] == (None, None)


def test_a_requirement_is_half_its_own_words_and_half_its_scenarios_topic(session, chain):
    needs, _ = make_market(session, 12, 14)
    recommender = chain.updated()

    vectors = recommender.requirement_vectors(needs[0].key)

    assert vectors.shape == (2, chain.embedder.dim)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    topic = recommender.gauge.profile(needs[0].key).document
    assert (vectors @ topic > 0.6).all()


def test_capabilities_without_a_domain_are_not_counted_among_the_others(session, chain):
    _, offers = make_market(session, 12, 14)
    offers[0].industries = ["research", "research", "other"]
    session.flush()

    found, _, _ = gaps_of(chain.updated())

    by_domain = {cell.domain: set(cell.firm_ids) for cell in found.cells}
    assert by_domain["research"] == by_domain["other"] == {offers[0].organisation_id}
    assert by_domain[OTHER_DOMAIN] == {row.organisation_id for row in offers[1:]}


def test_a_page_shows_strong_and_possible_firms_and_those_somebody_answered():
    lines = [
        line(1, 1, Band.WEAK, 0.9),
        line(1, 2, Band.POSSIBLE, 0.6),
        line(1, 3, Band.STRONG, 0.7),
        line(1, 4, Band.WEAK, 0.1, is_answered=True),
        line(1, 5, Band.STRONG, 0.9, may_be_shown=False),
    ]

    assert shown_first(lines) == {1: [3, 2, 4]}


def test_with_nothing_better_the_nearest_three_are_shown_and_never_an_abstention():
    weak = [line(7, n, Band.WEAK, n / 10) for n in range(1, 6)]

    assert shown_first([*weak, line(7, 9, Band.NOT_ENOUGH_INFORMATION, 0.99)]) == {7: [5, 4, 3]}


def test_a_firm_counts_once_by_its_best_capability():
    twice = [line(1, 4, Band.POSSIBLE, 0.5, capability_id=1), line(1, 4, Band.STRONG, 0.9, capability_id=2)]

    assert shown_first([*twice, line(1, 5, Band.STRONG, 0.95, capability_id=3)]) == {1: [5, 4]}


@pytest.mark.parametrize(
    ("approved", "is_new"), [("2026-11-01", True), ("2026-08-26", True), ("2026-08-25", False)]
)
def test_a_firm_is_new_for_ninety_days(approved, is_new):
    firm = Organisation(
        id=1,
        name="新",
        kind=OrganisationKind.STARTUP,
        team_size=5,
        approved_at=datetime.fromisoformat(approved).replace(tzinfo=UTC),
    )

    found = survey_exposure([line(1, 1)], [firm], on=TODAY)

    assert found.n_impressions == 1
    assert (found.favoured == (1,)) is is_new
