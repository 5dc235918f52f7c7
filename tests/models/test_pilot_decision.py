"""A pilot is scaled, extended or stopped; one that nobody decides in time is in purgatory."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidInput, InvalidTransition
from models.pilot import Pilot, PilotStatus
from models.pilot_decision import (
    Outcome,
    PilotDecision,
    decide_pilot,
    is_scaled,
    pilot_decisions,
    undecided_pilots,
)
from tests.factories import MONDAY, make_pilot, make_pilot_in_use, save

TODAY = date(2026, 12, 20)
LATE, SOON = date(2026, 12, 19), date(2027, 2, 1)
RUNNING = {"agreed_at": MONDAY, "started_at": MONDAY}


def decision(pilot: Pilot, outcome: Outcome, **values: Any) -> PilotDecision:
    defaults = {"decided_on": TODAY, "decided_by": "李科长", "note": "再看一个月"}
    return PilotDecision(pilot_id=pilot.key, outcome=outcome, **{**defaults, **values})


def decide(session: Session, pilot: Pilot, outcome: Outcome, now: datetime, **values: Any) -> None:
    decide_pilot(session, pilot, decision(pilot, outcome, **values), now=now, today=TODAY)


def test_extending_moves_the_day_and_ends_purgatory(session: Session, now: datetime) -> None:
    pilot = make_pilot(session, **RUNNING, decision_on=LATE)
    assert undecided_pilots(session, TODAY) == [pilot.key]

    decide(session, pilot, Outcome.EXTEND, now, next_decision_on=SOON)

    assert (pilot.decision_on, undecided_pilots(session, TODAY)) == (SOON, [])
    assert undecided_pilots(session, date(2027, 2, 2)) == [pilot.key]


def test_stopping_ends_the_pilot_with_the_reason(session: Session, now: datetime) -> None:
    pilot = make_pilot(session, **RUNNING, decision_on=LATE)

    decide(session, pilot, Outcome.STOP, now, note="没有效果", next_decision_on=SOON)

    assert (pilot.status, pilot.stop_reason) == (PilotStatus.STOPPED, "没有效果")
    assert [row.next_decision_on for row in pilot_decisions(session, pilot.key)] == [None]
    assert undecided_pilots(session, TODAY) == []


def test_scaling_is_a_decision_too(session: Session, now: datetime) -> None:
    pilot = make_pilot_in_use(session, decision_on=LATE)

    decide(session, pilot, Outcome.SCALE, now)

    assert is_scaled(session, pilot.key)
    assert undecided_pilots(session, TODAY) == []


def test_what_is_not_in_use_is_not_scaled_and_what_ended_is_not_decided(
    session: Session, now: datetime
) -> None:
    stopped = make_pilot_in_use(session, stopped_at=now, stop_reason="x")
    for pilot, outcome in (
        (make_pilot(session, **RUNNING), Outcome.SCALE),
        (make_pilot(session), Outcome.EXTEND),
        (stopped, Outcome.EXTEND),
        (make_pilot_in_use(session, accepted_at=now), Outcome.STOP),
    ):
        with pytest.raises(InvalidTransition):
            decide(session, pilot, outcome, now, next_decision_on=SOON)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"next_decision_on": None}, "next_decision_on"),
        ({"next_decision_on": TODAY}, "next_decision_on"),
        ({"next_decision_on": SOON, "decided_on": date(2026, 12, 21)}, "decided_on"),
    ],
)
def test_days_out_of_order_are_refused(
    session: Session, now: datetime, values: dict[str, Any], field: str
) -> None:
    pilot = make_pilot(session, **RUNNING, decision_on=LATE)

    with pytest.raises(InvalidInput) as refused:
        decide(session, pilot, Outcome.EXTEND, now, **values)

    assert set(refused.value.fields) == {field}
    assert pilot.decision_on == LATE


@pytest.mark.parametrize(
    ("values", "waits"),
    [
        ({**RUNNING, "decision_on": LATE}, True),
        ({"agreed_at": MONDAY, "decision_on": LATE}, True),
        ({**RUNNING, "decision_on": TODAY}, False),
        ({"decision_on": LATE}, False),
    ],
)
def test_purgatory_begins_the_day_after(session: Session, values: dict[str, Any], waits: bool) -> None:
    pilot = make_pilot(session, **values)

    assert (pilot.key in undecided_pilots(session, TODAY)) is waits


@pytest.mark.parametrize("values", [{"decided_by": ""}, {"note": ""}, {"next_decision_on": SOON}])
def test_the_database_refuses_what_makes_no_sense(session: Session, values: dict[str, Any]) -> None:
    pilot = make_pilot_in_use(session)

    with pytest.raises(IntegrityError):
        save(session, decision(pilot, Outcome.SCALE, **values))
