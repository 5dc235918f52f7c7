"""Registrations (参会): who comes to an event for whom, what state that is in, and when each person can meet."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, enum_column, find_row, moment
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.event import Event, EventStatus
from models.event_picks import EventFirm, EventScenario
from models.i18n import N_
from models.organisation import Organisation
from models.scenario import Scenario
from models.user import User


class AttendeeRole(StrEnum):
    """As what somebody comes."""

    AGENCY = "agency"
    STARTUP = "startup"
    INVESTOR = "investor"
    ORGANIZER = "organizer"


GUESTS = (AttendeeRole.INVESTOR, AttendeeRole.ORGANIZER)
"""Who comes without an account: the organizer writes them down."""


class RegistrationStatus(StrEnum):
    """Derived from the moments at which something happened; the later of the day outranks the earlier."""

    INVITED = "invited"
    PENDING = "pending"
    WAITLISTED = "waitlisted"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CHECKED_IN = "checked_in"
    NO_SHOW = "no_show"


ON_THE_LIST = (RegistrationStatus.PENDING, RegistrationStatus.WAITLISTED, RegistrationStatus.APPROVED)
TAKES_REGISTRATIONS = (EventStatus.OPEN, EventStatus.PREFERENCE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says who registers. away: numbers of the slots in which they cannot."""

    consents: bool
    away: frozenset[int] = frozenset()


class Registration(Table, table=True):
    """One person's coming to one event; before anybody answers, the invitation of an organisation."""

    __table_args__ = (
        sa.UniqueConstraint("event_id", "user_id"),
        sa.CheckConstraint("asked_at IS NULL OR consented_at IS NOT NULL", name="asked_with_consent"),
        sa.CheckConstraint("approved_at IS NULL OR asked_at IS NOT NULL", name="approved_after_asked"),
        sa.CheckConstraint("checked_in_at IS NULL OR approved_at IS NOT NULL", name="came_after_approved"),
        sa.CheckConstraint("checked_in_at IS NULL OR no_show_at IS NULL", name="came_or_not"),
        sa.CheckConstraint("organisation_id IS NOT NULL OR guest_name <> ''", name="somebody"),
    )

    event_id: int = Field(foreign_key="event.id", index=True)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id", index=True)
    role: AttendeeRole = Field(sa_type=enum_column(AttendeeRole))
    guest_name: str = Field(default="", max_length=120, description="Of somebody without an account.")
    guest_of: str = Field(default="", max_length=200, description="Whom the guest comes for.")
    away: list[int] = Field(default=[], sa_type=sa.JSON, description="Numbers of slots in which they cannot.")
    invited_at: datetime | None = moment()
    asked_at: datetime | None = moment(description="When the person registered.")
    consented_at: datetime | None = moment(description="When they agreed to be named to those they meet.")
    approved_at: datetime | None = moment()
    waitlisted_at: datetime | None = moment(description="Since when they wait for a place.")
    declined_at: datetime | None = moment(description="When the organizer said no.")
    decline_reason: str = Field(default="", max_length=300)
    withdrawn_at: datetime | None = moment(description="When the person or organisation said no.")
    checked_in_at: datetime | None = moment()
    no_show_at: datetime | None = moment()

    event: Event = Relationship()
    organisation: Organisation | None = Relationship()
    user: User | None = Relationship()

    @property
    def status(self) -> RegistrationStatus:
        """Where it stands."""
        ranked = (
            (self.no_show_at, RegistrationStatus.NO_SHOW),
            (self.checked_in_at, RegistrationStatus.CHECKED_IN),
            (self.withdrawn_at, RegistrationStatus.WITHDRAWN),
            (self.declined_at, RegistrationStatus.DECLINED),
            (self.approved_at, RegistrationStatus.APPROVED),
            (self.waitlisted_at, RegistrationStatus.WAITLISTED),
            (self.asked_at, RegistrationStatus.PENDING),
        )
        return next((status for at, status in ranked if at is not None), RegistrationStatus.INVITED)

    @property
    def person_name(self) -> str:
        """Who comes; empty while only an organisation is invited."""
        return self.guest_name if self.user is None else self.user.name

    def ask(self, person: User, said: Answer, *, now: datetime) -> None:
        """The person registers, or says anew when they can. InvalidInput without consent, or with no slot left."""
        self.refuse_unless(RegistrationStatus.INVITED, RegistrationStatus.WITHDRAWN, *ON_THE_LIST)
        if not said.consents:
            raise InvalidInput(N_("要先同意把姓名给会面的对方，才能报名。"))
        numbers = {slot.number for slot in self.event.slots}
        gone = sorted(numbers & set(said.away))
        if len(gone) == len(numbers):
            raise InvalidInput(N_("至少要留一个能来的时段。"))
        if self.status in (RegistrationStatus.INVITED, RegistrationStatus.WITHDRAWN):
            self.asked_at = self.consented_at = now
            self.withdrawn_at = self.approved_at = self.waitlisted_at = None
        self.user_id, self.user, self.away = person.key, person, gone

    def decline(self, now: datetime, *, reason: str) -> None:
        """The organizer says no, with a reason that the person reads."""
        self.refuse_unless(*ON_THE_LIST)
        if not reason.strip():
            raise InvalidInput(N_("要写谢绝的原因，对方会看到。"))
        self.declined_at, self.decline_reason = now, reason.strip()

    def withdraw(self, now: datetime) -> None:
        """The person or organisation says no."""
        self.refuse_unless(RegistrationStatus.INVITED, *ON_THE_LIST)
        self.withdrawn_at = now

    def check_in(self, now: datetime) -> None:
        """The person is there; also one who was taken for absent and came late."""
        self.refuse_unless(RegistrationStatus.APPROVED, RegistrationStatus.NO_SHOW)
        self.checked_in_at, self.no_show_at = now, None

    def mark_no_show(self, now: datetime) -> None:
        """The person did not come."""
        self.refuse_unless(RegistrationStatus.APPROVED)
        self.no_show_at = now

    def refuse_unless(self, *allowed: RegistrationStatus) -> None:
        """InvalidTransition in any other state."""
        if self.status not in allowed:
            raise InvalidTransition(N_("这份报名的状态变了，不能这样做。刷新这一页再看。"))


def event_registrations(session: Session, event_id: int) -> list[Registration]:
    """Everybody who is invited, comes, waits or said no, in the order in which they came in."""
    statement = (
        select(Registration)
        .where(col(Registration.event_id) == event_id)
        .options(joinedload(Registration.organisation), joinedload(Registration.user))  # type: ignore[arg-type]
        .order_by(col(Registration.id))
    )
    return list(session.exec(statement))


def get_registration(session: Session, event: Event, registration_id: int) -> Registration:
    """The row of this event; NotFound for any other."""
    row = find_row(session, Registration, registration_id)
    if row is None or row.event_id != event.key:
        raise NotFound(N_("活动里没有这份报名。"))
    return row


def wanted_organisations(session: Session, event_id: int) -> dict[int, AttendeeRole]:
    """The firms that are picked and the agencies whose scenarios are, by id."""
    agencies = select(Scenario.organisation_id).join(
        EventScenario, col(EventScenario.scenario_id) == col(Scenario.id)
    )
    firms = select(EventFirm.organisation_id).where(col(EventFirm.event_id) == event_id)
    found = dict.fromkeys(
        session.exec(agencies.where(col(EventScenario.event_id) == event_id)), AttendeeRole.AGENCY
    )
    return {**found, **dict.fromkeys(session.exec(firms), AttendeeRole.STARTUP)}


def invite(session: Session, event: Event, now: datetime) -> list[Registration]:
    """Invite every organisation of the lists that has not been; the new rows are given back."""
    _refuse_unless_open(event)
    known = {row.organisation_id for row in event_registrations(session, event.key)}
    rows = [
        Registration(event_id=event.key, organisation_id=id_, role=role, invited_at=now)
        for id_, role in sorted(wanted_organisations(session, event.key).items())
        if id_ not in known
    ]
    session.add_all(rows)
    session.flush()
    return rows


def get_invited_event(session: Session, event_id: int, organisation_id: int) -> Event:
    """An event to which the organisation is invited; NotFound for any other, as for one that is not there."""
    event = find_row(session, Event, event_id)
    invited = event is not None and any(
        row.organisation_id == organisation_id for row in event_registrations(session, event_id)
    )
    if event is None or not invited:
        raise NotFound(N_("没有这个活动。"))
    return event


def invited_events(session: Session, organisation_id: int) -> list[Event]:
    """The events to which an organisation is invited, the next day first."""
    mine = select(Registration.event_id).where(col(Registration.organisation_id) == organisation_id)
    statement = select(Event).where(col(Event.id).in_(mine))
    return list(session.exec(statement.order_by(col(Event.held_on), col(Event.id))))


def find_mine(session: Session, event: Event, person: User) -> Registration | None:
    """The person's own row, or the invitation of their organisation that nobody has answered."""
    rows = event_registrations(session, event.key)
    own = next((row for row in rows if row.user_id == person.key), None)
    return own or next(
        (row for row in rows if row.user_id is None and row.organisation_id == person.organisation_id),
        None,
    )


def register(session: Session, event: Event, person: User, said: Answer, *, now: datetime) -> Registration:
    """The person registers for their organisation, which is invited. A colleague has a row of their own."""
    _refuse_unless_open(event)
    refuse_clash(session, event, person)
    row = find_mine(session, event, person)
    if row is None:
        organisation_id = person.organisation_id or 0
        role = next(
            each.role
            for each in event_registrations(session, event.key)
            if each.organisation_id == organisation_id
        )
        row = Registration(event_id=event.key, organisation_id=organisation_id, role=role, event=event)
    row.ask(person, said, now=now)
    session.add(row)
    session.flush()
    return row


def refuse_clash(session: Session, event: Event, person: User) -> None:
    """InvalidInput where the person is on the list of another event whose hours overlap on the same day."""
    statement = (
        select(Registration)
        .join(Event, col(Event.id) == col(Registration.event_id))
        .where(
            col(Registration.user_id) == person.key,
            col(Registration.event_id) != event.key,
            col(Event.held_on) == event.held_on,
        )
    )
    for row in session.exec(statement):
        if row.status in ON_THE_LIST and _overlap(row.event, event):
            raise InvalidInput(N_("你同一天同一时间已经报了另一场活动。先退掉那一场。"))


def _overlap(one: Event, other: Event) -> bool:
    """Whether some slot of one event is at the time of a slot of the other."""
    return any(
        first.period.start < second.period.end and second.period.start < first.period.end
        for first in one.slots
        for second in other.slots
    )


def add_guest(session: Session, event: Event, guest: Registration, now: datetime) -> Registration:
    """Write down an investor or one of the organizers, who agreed to it; they have a place if there is one."""
    _refuse_unless_open(event)
    guest.event_id, guest.asked_at, guest.consented_at = event.key, now, now
    session.add(guest)
    session.flush()
    approve(session, event, guest, now)
    return guest


def approve(session: Session, event: Event, row: Registration, now: datetime) -> None:
    """Give the person a place, or a place in the queue where the event is full."""
    row.refuse_unless(RegistrationStatus.PENDING, RegistrationStatus.WAITLISTED)
    if _n_free(session, event) > 0:
        row.approved_at = now
    elif row.waitlisted_at is None:
        row.waitlisted_at = now
    else:
        raise InvalidTransition(N_("名额还是满的。有人退出时，候补会按先后自动补上。"))
    session.flush()


def promote(session: Session, event: Event, now: datetime) -> list[Registration]:
    """Give free places to those who wait, the longest first; those who got one are given back."""
    if event.released_at is not None:
        return []
    waiting = [
        row for row in event_registrations(session, event.key) if row.status is RegistrationStatus.WAITLISTED
    ]
    waiting.sort(key=lambda row: (row.waitlisted_at or now, row.key))
    promoted = waiting[: max(_n_free(session, event), 0)]
    for row in promoted:
        row.approved_at = now
    session.flush()
    return promoted


def leave_all(session: Session, person: User, now: datetime) -> None:
    """Give back every place of somebody who is no longer known, to whoever waits longest for it."""
    for row in session.exec(select(Registration).where(col(Registration.user_id) == person.key)).all():
        if row.status in ON_THE_LIST:
            row.withdraw(now)
            promote(session, row.event, now)


def _n_free(session: Session, event: Event) -> int:
    """Places left. The event is held for the rest of the transaction, so that two cannot give the last one."""
    session.flush()
    session.refresh(event, with_for_update=True)
    if event.capacity is None:
        return 1_000_000
    holds = (RegistrationStatus.APPROVED, RegistrationStatus.CHECKED_IN)
    taken = sum(row.status in holds for row in event_registrations(session, event.key))
    return event.capacity - taken


def _refuse_unless_open(event: Event) -> None:
    if event.status not in TAKES_REGISTRATIONS:
        raise InvalidTransition(N_("这场活动现在不接受报名。"))
