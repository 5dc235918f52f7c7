"""Matchmaking events (供需对接活动): where and when agencies and firms meet, and how far an event has come."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, enum_column, find_row, moment
from models.errors import InvalidTransition, NotFound
from models.i18n import N_
from models.place import District
from models.timetable import (
    Hall,
    Period,
    Seating,
    Slot,
    as_json,
    check_halls,
    check_periods,
    read_periods,
    seatings,
    slots_of,
)


class EventType(StrEnum):
    """What people come for."""

    MATCHMAKING = "matchmaking"
    ROADSHOW = "roadshow"
    CHALLENGE = "challenge"


class EventStatus(StrEnum):
    """Derived from the moments at which an event took each step; they follow one another in this order."""

    DRAFT = "draft"
    OPEN = "open"
    PREFERENCE = "preference"
    SCHEDULING = "scheduling"
    RELEASED = "released"
    LIVE = "live"
    CLOSED = "closed"
    REPORTED = "reported"


STEPS = (
    (EventStatus.OPEN, "opened_at"),
    (EventStatus.PREFERENCE, "preference_at"),
    (EventStatus.SCHEDULING, "scheduling_at"),
    (EventStatus.RELEASED, "released_at"),
    (EventStatus.LIVE, "live_at"),
    (EventStatus.CLOSED, "closed_at"),
    (EventStatus.REPORTED, "reported_at"),
)
"""Each state after the draft, and the moment that says it was reached."""
_COLUMNS = tuple(column for _status, column in STEPS)


@dataclass(frozen=True, slots=True)
class EventRules:
    """What holds for everybody. Meetings are counted a person; buffer_minutes are free before and after each."""

    max_meetings: int
    min_meetings: int = 0
    buffer_minutes: int = 0


@dataclass(frozen=True, slots=True)
class EventSetting:
    """All that an organizer says of an event; district_id None: for the whole city."""

    title: str
    title_en: str
    kind: EventType
    district_id: int | None
    place: str
    held_on: date
    halls: tuple[Hall, ...]
    timetable: tuple[Period, ...]
    rules: EventRules
    capacity: int | None = None


class Event(Table, table=True):
    """One event on one day. Made by an organizer; open to registration once it is no longer a draft."""

    __table_args__ = (
        sa.CheckConstraint("min_meetings >= 0 AND min_meetings <= max_meetings", name="meetings_in_order"),
        sa.CheckConstraint("max_meetings >= 1", name="somebody_meets"),
        sa.CheckConstraint("buffer_minutes >= 0", name="buffer_not_negative"),
        sa.CheckConstraint("capacity >= 1", name="room_for_somebody"),
        *(
            sa.CheckConstraint(f"{later} IS NULL OR {earlier} IS NOT NULL", name=f"{later}_after_{earlier}")
            for earlier, later in pairwise(_COLUMNS)
        ),
    )

    title: str = Field(max_length=200)
    title_en: str = Field(default="", max_length=200)
    kind: EventType = Field(sa_type=enum_column(EventType))
    district_id: int | None = Field(default=None, foreign_key="district.id")
    place: str = Field(default="", max_length=300)
    held_on: date = Field(index=True)
    halls: list[dict[str, Any]] = Field(default=[], sa_type=sa.JSON, description="See Hall.")
    timetable: list[dict[str, Any]] = Field(default=[], sa_type=sa.JSON, description="See Period.")
    max_meetings: int
    min_meetings: int = Field(default=0)
    buffer_minutes: int = Field(default=0)
    capacity: int | None = Field(default=None, description="People who may come; None: no limit.")
    is_demo: bool = Field(default=False)
    opened_at: datetime | None = moment(description="Since when people may register.")
    preference_at: datetime | None = moment(description="Since when people say whom they want to meet.")
    scheduling_at: datetime | None = moment(description="Since when wishes are closed and the plan is made.")
    released_at: datetime | None = moment(description="When the first schedule went out.")
    live_at: datetime | None = moment(description="When the day began.")
    closed_at: datetime | None = moment(description="When the last meeting was over.")
    reported_at: datetime | None = moment(description="When its report was given.")

    district: District | None = Relationship()

    @property
    def status(self) -> EventStatus:
        """The last step that was taken."""
        reached = [status for status, column in STEPS if getattr(self, column) is not None]
        return reached[-1] if reached else EventStatus.DRAFT

    @property
    def next_status(self) -> EventStatus | None:
        """The only state it may go to; None after the report."""
        order = list(EventStatus)
        at = order.index(self.status) + 1
        return order[at] if at < len(order) else None

    def move_to(self, to: EventStatus, now: datetime) -> None:
        """Take the next step. InvalidTransition for any other, so that a page left open takes none twice."""
        if to is not self.next_status:
            raise InvalidTransition(N_("活动不能这样走：每次只能走下一步。刷新这一页看现在到哪一步。"))
        setattr(self, dict(STEPS)[to], now)

    def set_up(self, setting: EventSetting) -> None:
        """Take over what the organizer says. InvalidInput names the field; InvalidTransition after the release."""
        if self.released_at is not None:
            raise InvalidTransition(N_("排期已经发布，不能再改活动的安排。"))
        check_halls(setting.halls)
        check_periods(setting.timetable)
        self.title, self.title_en = setting.title, setting.title_en
        self.kind, self.district_id = setting.kind, setting.district_id
        self.place, self.held_on = setting.place, setting.held_on
        self.halls, self.timetable = as_json(setting.halls), as_json(setting.timetable)
        self.max_meetings = setting.rules.max_meetings
        self.min_meetings = setting.rules.min_meetings
        self.buffer_minutes = setting.rules.buffer_minutes
        self.capacity = setting.capacity

    @property
    def periods(self) -> list[Period]:
        """The day in order, breaks included."""
        return read_periods(self.timetable)

    @property
    def slots(self) -> list[Slot]:
        """The times in which meetings are held."""
        return slots_of(self.periods)

    @property
    def seatings(self) -> list[Seating]:
        """Its halls with the numbers of their tables."""
        return seatings(Hall(**hall) for hall in self.halls)

    @property
    def n_tables(self) -> int:
        """How many tables there are in all halls."""
        return sum(hall["n_tables"] for hall in self.halls)

    @property
    def n_places(self) -> int:
        """How many meetings fit in at most: one at each table in each slot."""
        return self.n_tables * len(self.slots)


def list_events(session: Session, *, district_ids: Collection[int] | None = None) -> list[Event]:
    """Events, the latest day first. district_ids: only those of these districts; None: all, the city's too."""
    statement = select(Event).order_by(col(Event.held_on).desc(), col(Event.id).desc())
    if district_ids is not None:
        statement = statement.where(col(Event.district_id).in_(district_ids))
    return list(session.exec(statement))


def get_event(session: Session, event_id: int) -> Event:
    """The event; NotFound if there is none."""
    row = find_row(session, Event, event_id)
    if row is None:
        raise NotFound(N_("没有这个活动。"))
    return row
