from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, date, datetime

import pytest

from models.bid_stage import BidStage
from models.evidence import EvidenceKind
from models.match import Match, MatchStatus
from models.pilot import Pilot, PilotStatus
from models.scenario import Scenario, ScenarioStatus
from web.chips import (
    _MATCH,
    _MATCH_OFFICER,
    _PILOT_ANY,
    _SCENARIO,
    Chip,
    Side,
    bid_chip,
    deadline_chip,
    match_chip,
    pilot_chip,
)

AT = datetime(2026, 11, 20, tzinfo=UTC)
TODAY = date(2026, 11, 23)
NONE: frozenset[EvidenceKind] = frozenset()


def match(**values) -> Match:
    return Match(scenario_id=1, organisation_id=1, **values)


def pilot(**values) -> Pilot:
    return Pilot(match_id=1, scenario_id=1, organisation_id=1, capability_id=1, title="t", **values)


def running(decision_on: date) -> Pilot:
    return pilot(agreed_at=AT, started_at=AT, decision_on=decision_on)


def test_every_state_has_a_look_for_every_reader() -> None:
    sides = (Side.AGENCY, Side.FIRM)

    assert set(_MATCH) == {(status, side) for status in MatchStatus for side in sides}
    assert set(_MATCH_OFFICER) == set(MatchStatus)
    assert set(_PILOT_ANY) == set(PilotStatus)
    assert set(_SCENARIO) == set(ScenarioStatus)


@pytest.mark.parametrize(("side", "turn"), [(Side.AGENCY, "you"), (Side.FIRM, "them")])
def test_interest_is_the_agencys_turn(side: Side, turn: str) -> None:
    assert match_chip(match(interested_at=AT), side, "zh").turn == turn


@pytest.mark.parametrize(("side", "turn"), [(Side.AGENCY, "them"), (Side.FIRM, "you")])
def test_an_invitation_is_the_firms_turn(side: Side, turn: str) -> None:
    assert match_chip(match(invited_at=AT), side, "zh").turn == turn


def test_an_introduction_with_a_pilot_waits_for_nobody() -> None:
    introduced = match(invited_at=AT, interested_at=AT, introduced_at=AT)

    assert match_chip(introduced, Side.AGENCY, "zh", has_pilot=True).turn == "good"


@pytest.mark.parametrize(
    ("decision_on", "turn"),
    [
        (date(2026, 11, 22), "late"),
        (date(2026, 11, 23), "soon"),
        (date(2026, 11, 26), "soon"),
        (date(2026, 12, 30), "live"),
    ],
)
def test_a_running_pilot_warns_before_its_decision(decision_on: date, turn: str) -> None:
    assert pilot_chip(running(decision_on), Side.AGENCY, "zh", today=TODAY, kinds=NONE).turn == turn


def test_reports_are_owed_after_going_live() -> None:
    live = pilot(agreed_at=AT, started_at=AT, in_use_at=AT)
    with_use_report = frozenset({EvidenceKind.USE_REPORT})
    both = with_use_report | {EvidenceKind.TEST_REPORT}

    assert pilot_chip(live, Side.AGENCY, "zh", today=TODAY, kinds=NONE).turn == "you"
    assert pilot_chip(live, Side.FIRM, "zh", today=TODAY, kinds=NONE).turn == "them"
    assert pilot_chip(live, Side.FIRM, "zh", today=TODAY, kinds=with_use_report).turn == "you"
    assert pilot_chip(live, Side.FIRM, "zh", today=TODAY, kinds=both).turn == "good"


@pytest.mark.parametrize(
    ("deadline_on", "turn", "words"),
    [
        (date(2026, 11, 22), "end", "已截止"),
        (date(2026, 11, 23), "soon", "今天截止"),
        (date(2026, 11, 26), "soon", "还有 3 天"),
        (date(2026, 11, 27), "live", "征集中"),
    ],
)
def test_the_last_three_days_are_soon(deadline_on: date, turn: str, words: str) -> None:
    chip = deadline_chip(deadline_on, "zh", today=TODAY)

    assert (chip.turn, chip.words) == (turn, words)


def test_chips_speak_english() -> None:
    assert deadline_chip(date(2026, 11, 24), "en", today=TODAY).words == "1 day left"


def test_a_withdrawn_scenario_is_an_end() -> None:
    from web.chips import scenario_chip

    row = Scenario(organisation_id=1, title="t", text="t", published_at=AT, withdrawn_at=AT)

    assert scenario_chip(row, "zh", today=TODAY).turn == "end"


def test_whose_turn_a_returned_scenario_is_depends_on_who_looks() -> None:
    from web.chips import scenario_chip

    row = Scenario(organisation_id=1, title="t", text="t", submitted_at=AT, returned_at=AT)

    turns = [scenario_chip(row, "zh", today=TODAY, side=side).turn for side in (Side.AGENCY, Side.OFFICER)]
    assert turns == ["you", "them"]


@pytest.mark.parametrize("side", [Side.AGENCY, Side.FIRM])
@pytest.mark.parametrize("stage", list(BidStage))
def test_every_stage_of_a_proposal_has_a_chip_for_whoever_sees_it(stage: BidStage, side: Side) -> None:
    unseen = side is Side.AGENCY and stage in (BidStage.WRITING, BidStage.LAPSED)

    with pytest.raises(KeyError) if unseen else nullcontext():
        chip = bid_chip(stage, side, "zh")
        assert chip.words
        assert bid_chip(stage, side, "zh", late=True) == Chip("late", chip.words)
