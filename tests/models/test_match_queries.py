"""The present view of pairs: newest score, best capability first, only for whom it concerns."""

import random
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from models.errors import NotFound
from models.match import Band, Match, MatchScore
from models.match_queries import (
    ScoredPair,
    batch_matches,
    find_best_strong,
    find_match,
    get_match,
    latest_scores,
    newest_scores,
    organisation_applications,
    organisation_matches,
    present_scores,
    rank_key,
    scenario_matches,
    scores_of_match,
    touched_pairs,
)
from tests.factories import (
    MONDAY,
    make_batch,
    make_capability,
    make_firm,
    make_match,
    make_organisation,
    make_scenario,
    make_score,
)

DAY = date(2026, 11, 23)


def scores(pairs: list[ScoredPair]) -> list[int | None]:
    return [pair.score.id for pair in pairs]


def test_only_the_newest_score_of_a_pair_of_texts_counts(session: Session) -> None:
    match = make_match(session)
    old = make_score(session, match, serial=2, score=0.9)
    new = make_score(session, match, serial=10, score=0.3, capability_id=old.capability_id)
    make_score(session, match, serial=1, score=0.99, capability_id=old.capability_id)

    assert scores(scenario_matches(session, match.scenario_id)) == [new.id]


def test_a_firm_is_shown_once_with_its_best_capability(session: Session) -> None:
    match = make_match(session)
    make_score(session, match, band=Band.POSSIBLE, score=0.9)
    best = make_score(session, match, band=Band.STRONG, score=0.5)
    make_score(session, match, band=Band.NOT_ENOUGH_INFORMATION, score=1.0)

    [pair] = scenario_matches(session, match.scenario_id)

    assert (pair.match, pair.score, pair.n_other_capabilities) == (match, best, 2)


def test_firms_come_by_band_then_score_then_id(session: Session) -> None:
    scenario = make_scenario(session)
    wanted = [
        (Band.STRONG, 0.7),
        (Band.STRONG, 0.6),
        (Band.STRONG, 0.6),
        (Band.POSSIBLE, 0.95),
        (Band.WEAK, 0.2),
        (Band.NOT_ENOUGH_INFORMATION, 0.99),
    ]
    made = [
        make_score(session, make_match(session, scenario_id=scenario.key), band=band, score=score)
        for band, score in wanted
    ]

    assert scores(scenario_matches(session, scenario.key)) == [row.id for row in made]


def test_the_order_does_not_depend_on_the_order_of_rows() -> None:
    rows = [
        MatchScore(match_id=1, scenario_id=s, capability_id=c, serial=1, engine_version="", index_version="",
                   inputs_hash="", score=0.5, band=Band.STRONG)
        for s in (1, 2, 3) for c in (1, 2, 3)
    ]  # fmt: skip
    shuffled = rows[:]
    random.Random(7).shuffle(shuffled)

    assert sorted(shuffled, key=rank_key) == sorted(rows, key=rank_key)
    assert len({rank_key(row) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("firm", "capability"),
    [
        ({"suspended_at": MONDAY}, {}),
        ({"approved_at": None}, {}),
        ({}, {"listed_at": None}),
        ({}, {"unlisted_at": MONDAY}),
    ],
)
def test_who_may_not_be_matched_is_not_shown(
    session: Session, firm: dict[str, Any], capability: dict[str, Any]
) -> None:
    match = make_match(session, organisation_id=make_firm(session, **firm).key)
    offer = make_capability(session, organisation_id=match.organisation_id, **capability)
    make_score(session, match, capability_id=offer.key)

    assert scenario_matches(session, match.scenario_id) == []


def test_a_firm_sees_open_scenarios_best_first(session: Session) -> None:
    firm = make_firm(session).key
    offer = make_capability(session, organisation_id=firm).key
    closed = {"deadline_on": date(2026, 11, 22)}
    expected = []
    for score, values in ((0.4, {}), (0.8, {}), (0.9, closed), (0.95, {"withdrawn_at": MONDAY})):
        scenario = make_scenario(session, **values)
        match = make_match(session, scenario_id=scenario.key, organisation_id=firm)
        expected.append(make_score(session, match, score=score, capability_id=offer).id)
    make_score(session, make_match(session))

    found = organisation_matches(session, firm, on=DAY)

    assert scores(found) == [expected[1], expected[0]]


def test_scenarios_of_equal_score_come_by_id(session: Session) -> None:
    firm = make_firm(session).key
    offer = make_capability(session, organisation_id=firm).key
    matches = [make_match(session, organisation_id=firm) for _ in range(5)]
    for match in reversed(matches):
        make_score(session, match, capability_id=offer)

    assert [pair.match for pair in organisation_matches(session, firm, on=DAY)] == matches


def test_applications_stay_in_sight_whatever_became_of_the_other_side(session: Session) -> None:
    firm = make_firm(session).key
    offer = make_capability(session, organisation_id=firm, unlisted_at=MONDAY).key
    cases = [
        ({}, {"interested_at": MONDAY}),
        ({"withdrawn_at": MONDAY}, {"interested_at": MONDAY}),
        ({"closed_at": MONDAY}, {"invited_at": MONDAY}),
        ({}, {"saved_at": MONDAY}),
        ({}, {}),
    ]
    matches = []
    for scenario_values, values in cases:
        scenario = make_scenario(session, **scenario_values)
        matches.append(make_match(session, scenario_id=scenario.key, organisation_id=firm, **values))
        make_score(session, matches[-1], capability_id=offer)

    found = organisation_applications(session, firm)

    assert [pair.match for pair in found] == matches[2::-1]


def test_a_batch_shows_its_pairs_best_first(session: Session) -> None:
    batch = make_batch(session)
    rows = []
    for score in (0.3, 0.9):
        scenario = make_scenario(session, batch_id=batch.key)
        rows.append(make_score(session, make_match(session, scenario_id=scenario.key), score=score))
    draft = make_scenario(session, batch_id=batch.key, published_at=None)
    make_score(session, make_match(session, scenario_id=draft.key))
    make_score(session, make_match(session))

    assert scores(batch_matches(session, batch.key)) == [rows[1].id, rows[0].id]


def test_rows_come_with_what_a_page_shows(session: Session) -> None:
    match = make_match(session)
    make_score(session, match)
    session.expunge_all()

    [(found, score)] = session.exec(present_scores(Match.id == match.id)).all()
    session.expunge_all()

    # Detached: whatever was not loaded would raise.
    assert found.organisation.name
    assert found.scenario.organisation.name
    assert found.scenario.requirements == []
    assert score.capability.cases == []


def test_newest_scores_ask_nothing_about_listing(session: Session) -> None:
    match = make_match(session)
    offer = make_capability(session, organisation_id=match.organisation_id, listed_at=None)
    score = make_score(session, match, capability_id=offer.key)

    rows = session.exec(newest_scores(Match.id == match.id)).all()

    assert [row[1].id for row in rows] == [score.id]


def test_each_side_gets_its_match(session: Session) -> None:
    match = make_match(session)

    assert get_match(session, match.key, agency_id=match.scenario.organisation_id) is match
    assert get_match(session, match.key, firm_id=match.organisation_id) is match


def test_nobody_else_gets_it_and_learns_nothing(session: Session) -> None:
    match = make_match(session)
    stranger = make_organisation(session).key
    messages = set()
    for match_id, side in (
        (match.key, {"agency_id": stranger}),
        (match.key, {"firm_id": stranger}),
        (match.key, {"agency_id": match.organisation_id}),
        (match.key, {"firm_id": match.scenario.organisation_id}),
        (match.key + 1000, {"firm_id": match.organisation_id}),
    ):
        with pytest.raises(NotFound) as caught:
            get_match(session, match_id, **side)
        messages.add(caught.value.message)

    assert len(messages) == 1


@pytest.mark.parametrize("sides", [{}, {"agency_id": 1, "firm_id": 1}])
def test_asking_for_no_side_or_both_is_a_mistake_of_ours(session: Session, sides: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="exactly one side"):
        get_match(session, 1, **sides)


def test_a_pair_is_found_or_not(session: Session) -> None:
    match = make_match(session)

    assert find_match(session, match.scenario_id, match.organisation_id) is match
    assert find_match(session, match.scenario_id, match.organisation_id + 1000) is None


def test_latest_scores_are_by_capability_whatever_its_state(session: Session) -> None:
    match = make_match(session)
    old = make_score(session, match, serial=1)
    new = make_score(session, match, serial=2, capability_id=old.capability_id)
    gone = make_capability(session, organisation_id=match.organisation_id, unlisted_at=MONDAY)
    kept = make_score(session, match, capability_id=gone.key)
    make_score(session, make_match(session))

    assert latest_scores(session, match.scenario_id) == {old.capability_id: new, gone.key: kept}


def test_touched_pairs_are_those_on_which_a_person_acted(session: Session) -> None:
    scenario = make_scenario(session).key
    acts: list[dict[str, Any]] = [
        {"saved_at": MONDAY},
        {"invited_at": MONDAY},
        {"interested_at": MONDAY},
        {"declined_at": MONDAY, "decline_reason": "price"},
        {"dismissed_at": MONDAY, "dismiss_reason": "budget"},
    ]
    touched = {make_match(session, scenario_id=scenario, **act).organisation_id for act in acts}
    make_match(session, scenario_id=scenario)
    make_match(session, saved_at=MONDAY)

    assert touched_pairs(session, scenario) == touched


def test_the_history_of_a_pair_comes_newest_first(session: Session) -> None:
    match = make_match(session)
    rows = [make_score(session, match) for _ in range(3)]

    assert scores_of_match(session, match.key) == rows[::-1]


def test_the_best_strong_score_is_that_of_a_firm_that_is_free_and_was_not_refused(session: Session) -> None:
    scenario_id = make_scenario(session).key

    def score_for(score: float, band: Band = Band.STRONG, **values: Any) -> MatchScore:
        firm = make_firm(session, **values.pop("firm", {}))
        capability = make_capability(session, organisation_id=firm.key, capacity=values.pop("capacity", None))
        match = make_match(session, scenario_id=scenario_id, organisation_id=firm.key, **values)
        return make_score(session, match, capability_id=capability.key, band=band, score=score)

    score_for(0.99, Band.POSSIBLE)
    score_for(0.95, capacity=0)
    score_for(0.94, declined_at=MONDAY, decline_reason="price")
    score_for(0.93, dismissed_at=MONDAY, dismiss_reason="budget")
    score_for(0.92, firm={"suspended_at": MONDAY})
    best, _ = score_for(0.5), score_for(0.4)

    assert find_best_strong(session, scenario_id) is best
    assert find_best_strong(session, make_scenario(session).key) is None
