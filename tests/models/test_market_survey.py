"""Surveys: one a day, the newest counts; present views as lines; the rotation lists follow."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from models.market_survey import (
    MarketSurvey,
    find_rotation,
    find_survey,
    newest_score_id,
    record_survey,
    score_lines,
)
from models.match import Band, MatchScore
from models.match_queries import scenario_matches
from models.rotation import NO_ROTATION, ExposurePolicy, Move, Rotation
from tests.factories import MONDAY, make_capability, make_match, make_scenario, make_score

TODAY = date(2026, 11, 23)


def survey(**values: Any) -> MarketSurvey:
    return MarketSurvey(**{"on": TODAY, "computed_at": MONDAY, "inputs_hash": "a", **values})


def pair(session: Session, scenario_id: int, score: float, **values: Any) -> MatchScore:
    """A score of a new firm for a scenario."""
    capability = make_capability(session, capacity=values.pop("capacity", 1))
    match = make_match(session, scenario_id=scenario_id, organisation_id=capability.organisation_id, **values)
    return make_score(session, match, capability_id=capability.key, score=score, band=Band.POSSIBLE)


def test_the_newest_survey_of_a_day_takes_the_place_of_the_earlier(session: Session) -> None:
    record_survey(session, survey())
    record_survey(session, survey(on=TODAY - timedelta(days=1), inputs_hash="yesterday"))

    record_survey(session, survey(inputs_hash="b", gaps={"n_requirements": 3}, policy=ExposurePolicy.ROTATE))

    found = find_survey(session)
    assert found is not None
    assert (found.inputs_hash, found.gaps, found.policy) == (
        "b",
        {"n_requirements": 3},
        ExposurePolicy.ROTATE,
    )
    assert len(session.exec(select(MarketSurvey)).all()) == 2


def test_before_the_first_there_is_none(session: Session) -> None:
    assert find_survey(session) is None
    assert find_rotation(session) == NO_ROTATION
    assert newest_score_id(session) == 0


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (ExposurePolicy.OFF, NO_ROTATION),
        (ExposurePolicy.ROTATE, Rotation(frozenset({4, 5}), frozenset({6}))),
    ],
)
def test_lists_follow_the_rotation_of_the_newest_survey(
    session: Session, policy: ExposurePolicy, expected: Rotation
) -> None:
    record_survey(session, survey(on=TODAY - timedelta(days=1), policy=ExposurePolicy.OFF))
    record_survey(session, survey(policy=policy, exposure={"crowded": [4, 5], "favoured": [6]}))

    assert find_rotation(session) == expected


def test_lines_are_the_present_views_of_open_scenarios_and_listed_capabilities(session: Session) -> None:
    scenario, closed = make_scenario(session), make_scenario(session, closed_at=MONDAY)
    kept = pair(session, scenario.key, 0.4)
    newer = make_score(
        session, kept.match, capability_id=kept.capability_id, serial=kept.serial + 1, score=0.7
    )
    pair(session, closed.key, 0.5)
    gone = pair(session, scenario.key, 0.6)
    gone.capability.unlisted_at = MONDAY
    session.flush()

    (line,) = score_lines(session, on=TODAY)

    assert (line.match_id, line.scenario_id, line.capability_id) == (
        kept.match_id,
        scenario.key,
        kept.capability_id,
    )
    assert (line.score, line.band, line.coverage) == (newer.score, newer.band, newer.coverage)
    assert newest_score_id(session) == gone.key


@pytest.mark.parametrize(
    ("values", "is_answered", "may_be_shown"),
    [
        ({}, False, True),
        ({"capacity": 0}, False, False),
        ({"capacity": 0, "saved_at": MONDAY}, False, True),
        ({"interested_at": MONDAY}, True, True),
        ({"invited_at": MONDAY, "capacity": 0}, True, True),
    ],
)
def test_a_line_says_whether_somebody_answered_and_whether_pages_show_it(
    session: Session, values: dict[str, Any], is_answered: bool, may_be_shown: bool
) -> None:
    pair(session, make_scenario(session).key, 0.5, **values)

    (line,) = score_lines(session, on=TODAY)

    assert line.is_answered is is_answered
    assert line.may_be_shown is may_be_shown


def test_a_scenarios_list_follows_the_rotation_and_changes_no_score(session: Session, now: datetime) -> None:
    scenario = make_scenario(session)
    big = pair(session, scenario.key, 0.80)
    small = pair(session, scenario.key, 0.78)
    far = pair(session, scenario.key, 0.60)
    exposure = {
        "crowded": [big.match.organisation_id],
        "favoured": [small.match.organisation_id, far.match.organisation_id],
    }
    record_survey(session, survey(policy=ExposurePolicy.ROTATE, exposure=exposure))

    found = scenario_matches(session, scenario.key)

    assert [(row.score.key, row.move) for row in found] == [
        (small.key, Move.MOVED_UP),
        (big.key, Move.GAVE_WAY),
        (far.key, Move.NONE),
    ]
    assert (big.score, small.score) == (0.80, 0.78)
    record_survey(session, survey(policy=ExposurePolicy.OFF, exposure=exposure))
    assert [row.score.key for row in scenario_matches(session, scenario.key)] == [big.key, small.key, far.key]
