"""Events: eight states in one order, what an organizer sets up, and what the database refuses."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidInput, InvalidTransition, NotFound
from models.event import STEPS, EventRules, EventSetting, EventStatus, EventType, get_event, list_events
from models.timetable import Hall, Period
from tests.factories import make_district, make_event

SETTING = EventSetting(
    title="冬季对接会",
    title_en="Winter matchmaking",
    kind=EventType.CHALLENGE,
    district_id=None,
    place="市民中心",
    held_on=date(2026, 12, 20),
    halls=(Hall("主厅", 4),),
    timetable=(Period(540, 560, "上午"), Period(560, 600)),
    rules=EventRules(max_meetings=5, min_meetings=1, buffer_minutes=10),
)


def test_an_event_takes_every_step_once_and_in_order(session: Session, now: datetime) -> None:
    event = make_event(session)
    assert event.status is EventStatus.DRAFT

    for status, column in STEPS:
        event.move_to(status, now)
        session.flush()
        assert (event.status, getattr(event, column)) == (status, now)

    assert event.next_status is None


@pytest.mark.parametrize("at", range(len(EventStatus)))
def test_every_other_step_is_refused(session: Session, now: datetime, at: int) -> None:
    event = make_event(session, **{column: now for _status, column in STEPS[:at]})

    for to in EventStatus:
        if to is not event.next_status:
            with pytest.raises(InvalidTransition):
                event.move_to(to, now)

    assert event.status is list(EventStatus)[at]


def test_the_database_knows_the_order_too(session: Session, now: datetime) -> None:
    with pytest.raises(IntegrityError, match="scheduling_at_after_preference_at"):
        make_event(session, opened_at=now, scheduling_at=now)


@pytest.mark.parametrize(
    "values", [{"max_meetings": 0}, {"min_meetings": 4}, {"min_meetings": -1}, {"buffer_minutes": -5}]
)
def test_limits_that_contradict_are_refused_by_the_database(session: Session, values: dict[str, int]) -> None:
    with pytest.raises(IntegrityError):
        make_event(session, **values)


def test_an_event_is_set_up_and_changed_until_its_release(session: Session, now: datetime) -> None:
    event = make_event(session)

    event.set_up(SETTING)
    session.flush()
    session.refresh(event)

    assert (event.title, event.kind, event.n_tables, event.n_places) == (
        "冬季对接会",
        EventType.CHALLENGE,
        4,
        4,
    )
    assert [slot.period for slot in event.slots] == [Period(540, 560, "上午")]
    assert event.seatings[0].hall == Hall("主厅", 4)
    for status in list(EventStatus)[1:5]:
        event.move_to(status, now)
    with pytest.raises(InvalidTransition):
        event.set_up(SETTING)


def test_a_day_that_cannot_be_changes_nothing(session: Session) -> None:
    event = make_event(session)

    with pytest.raises(InvalidInput):
        event.set_up(replace(SETTING, halls=()))

    assert event.title == "场景供需对接"


def test_events_are_listed_by_day_and_by_district(session: Session) -> None:
    here = make_district(session)
    late = make_event(session, held_on=date(2027, 3, 1))
    early = make_event(session, held_on=date(2026, 12, 1), district_id=here.key)

    assert list_events(session) == [late, early]
    assert list_events(session, district_ids={here.key}) == [early]
    assert list_events(session, district_ids=set()) == []


def test_an_event_that_is_not_there_is_not_found(session: Session) -> None:
    event = make_event(session)

    assert get_event(session, event.key) is event
    with pytest.raises(NotFound):
        get_event(session, event.key + 1)
