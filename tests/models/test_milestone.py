"""Milestones are reached once, and belong to their pilot."""

from datetime import date, datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidTransition, NotFound
from models.milestone import Milestone, get_milestone, make_milestone, pilot_milestones
from models.pilot import Pilot
from tests.factories import make_pilot, make_pilot_in_use, make_user, save

DUE = date(2026, 11, 20)


def milestone(session: Session, pilot: Pilot | None = None, **values) -> Milestone:
    pilot = pilot or make_pilot(session)
    return save(session, Milestone(**{"pilot_id": pilot.key, "title": "样机上车", "due_on": DUE, **values}))


def test_it_is_reached_once_by_somebody(session: Session, now: datetime) -> None:
    row, person = milestone(session), make_user(session)

    row.finish(now, by=person)
    session.flush()

    assert (row.done_at, row.done_by_user_id) == (now, person.key)
    with pytest.raises(InvalidTransition):
        row.finish(now, by=person)


@pytest.mark.parametrize(("on", "late"), [(date(2026, 11, 20), False), (date(2026, 11, 21), True)])
def test_its_day_counts_to_the_end(session: Session, now: datetime, on: date, late: bool) -> None:
    row = milestone(session)

    assert row.is_late(on) is late
    row.finish(now, by=make_user(session))
    assert not row.is_late(on)


def test_they_come_by_day_and_of_their_pilot_only(session: Session) -> None:
    pilot = make_pilot(session)
    later = milestone(session, pilot, due_on=date(2026, 12, 1))
    first, other = milestone(session, pilot), milestone(session)

    assert pilot_milestones(session, pilot.key) == [first, later]
    assert get_milestone(session, first.key, pilot_id=pilot.key) is first
    with pytest.raises(NotFound):
        get_milestone(session, other.key, pilot_id=pilot.key)


def test_an_ended_pilot_gets_none(session: Session, now: datetime) -> None:
    pilot = make_pilot_in_use(session, stopped_at=now, stop_reason="没有效果")

    with pytest.raises(InvalidTransition):
        make_milestone(pilot, title="晚了", due_on=DUE)


@pytest.mark.parametrize("values", [{"title": ""}, {"done_by_user_id": 1}])
def test_the_database_refuses_what_makes_no_sense(session: Session, values) -> None:
    if "done_by_user_id" in values:
        values = {"done_by_user_id": make_user(session).key}
    with pytest.raises(IntegrityError):
        milestone(session, **values)
