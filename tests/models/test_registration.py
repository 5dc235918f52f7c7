"""Registrations: every state and move, places and the queue, and nobody at two events at the same time."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.erasure import erase
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.event import Event
from models.event_picks import pick_firms, pick_scenarios
from models.registration import (
    Answer,
    AttendeeRole,
    Registration,
    RegistrationStatus,
    add_guest,
    approve,
    event_registrations,
    find_mine,
    get_invited_event,
    get_registration,
    invite,
    invited_events,
    promote,
    register,
    wanted_organisations,
)
from models.user import Role, User
from tests.factories import make_event, make_firm, make_organisation, make_scenario, make_user, save


@pytest.fixture
def event(session: Session, now: datetime) -> Event:
    """Open to registration, with room for one, three firms and an agency on its lists."""
    event = make_event(session, opened_at=now, capacity=1)
    agency = make_organisation(session)
    pick_scenarios(session, event, [make_scenario(session, organisation_id=agency.key) for _ in range(2)])
    pick_firms(session, event, [make_firm(session) for _ in range(3)])
    invite(session, event, now)
    return event


def person_of(session: Session, event: Event, at: int) -> User:
    """Somebody of the organisation that was invited at this place."""
    row = event_registrations(session, event.key)[at]
    return make_user(session, roles=(Role.STARTUP,), organisation_id=row.organisation_id)


def registered(session: Session, event: Event, at: int, now: datetime) -> Registration:
    return register(session, event, person_of(session, event, at), Answer(True), now=now)


def test_each_organisation_is_invited_once(session: Session, event: Event, now: datetime) -> None:
    rows = event_registrations(session, event.key)

    assert [row.role for row in rows].count(AttendeeRole.AGENCY) == 1
    assert {row.organisation_id for row in rows} == set(wanted_organisations(session, event.key))
    assert {row.status for row in rows} == {RegistrationStatus.INVITED}
    assert invite(session, event, now) == []


@pytest.mark.parametrize("columns", [(), ("opened_at", "preference_at", "scheduling_at")])
def test_nobody_is_invited_or_registers_while_it_is_not_open(
    session: Session, now: datetime, columns: tuple[str, ...]
) -> None:
    event = make_event(session, **dict.fromkeys(columns, now))

    with pytest.raises(InvalidTransition):
        invite(session, event, now)
    with pytest.raises(InvalidTransition):
        register(session, event, make_user(session), Answer(True), now=now)


def test_whoever_answers_takes_over_the_invitation_and_a_colleague_has_a_row_of_their_own(
    session: Session, event: Event, now: datetime
) -> None:
    before = len(event_registrations(session, event.key))
    first = registered(session, event, 0, now)
    colleague = make_user(session, organisation_id=first.organisation_id)
    second = register(session, event, colleague, Answer(True, frozenset({2})), now=now)

    assert (first.status, first.away) == (RegistrationStatus.PENDING, [])
    assert (second.status, second.away, second.role) == (RegistrationStatus.PENDING, [2], first.role)
    assert len(event_registrations(session, event.key)) == before + 1
    assert find_mine(session, event, colleague) is second
    assert first.person_name


def test_consent_and_one_slot_are_needed(session: Session, event: Event, now: datetime) -> None:
    person = person_of(session, event, 0)

    with pytest.raises(InvalidInput, match="先同意"):
        register(session, event, person, Answer(False), now=now)
    with pytest.raises(InvalidInput, match="至少要留一个"):
        register(session, event, person, Answer(True, frozenset({1, 2, 3})), now=now)
    assert register(session, event, person, Answer(True, frozenset({3, 9})), now=now).away == [3]


def test_times_are_changed_without_losing_the_place(session: Session, event: Event, now: datetime) -> None:
    row = registered(session, event, 0, now)
    approve(session, event, row, now)
    assert row.user is not None

    register(session, event, row.user, Answer(True, frozenset({1})), now=now + timedelta(days=1))

    assert (row.status, row.away, row.asked_at) == (RegistrationStatus.APPROVED, [1], now)


def test_who_comes_after_the_last_place_waits_and_moves_up_in_order(
    session: Session, event: Event, now: datetime
) -> None:
    rows = [registered(session, event, at, now) for at in range(3)]
    for minutes, row in enumerate(rows):
        approve(session, event, row, now + timedelta(minutes=minutes))
    assert [row.status.value for row in rows] == ["approved", "waitlisted", "waitlisted"]
    with pytest.raises(InvalidTransition, match="满的"):
        approve(session, event, rows[2], now)
    assert promote(session, event, now) == []

    rows[0].withdraw(now)

    assert promote(session, event, now) == [rows[1]]
    assert [row.status.value for row in rows] == ["withdrawn", "approved", "waitlisted"]
    event.capacity = 5
    assert promote(session, event, now) == [rows[2]]


def test_nobody_moves_up_after_the_release(session: Session, event: Event, now: datetime) -> None:
    rows = [registered(session, event, at, now) for at in range(2)]
    for row in rows:
        approve(session, event, row, now)
    rows[0].withdraw(now)
    for column in ("preference_at", "scheduling_at", "released_at"):
        setattr(event, column, now)

    assert promote(session, event, now) == []


def test_without_a_limit_everybody_has_a_place(session: Session, event: Event, now: datetime) -> None:
    event.capacity = None
    rows = [registered(session, event, at, now) for at in range(4)]
    for row in rows:
        approve(session, event, row, now)

    assert {row.status for row in rows} == {RegistrationStatus.APPROVED}


def test_whoever_withdrew_may_come_back_to_the_end(session: Session, event: Event, now: datetime) -> None:
    row = registered(session, event, 0, now)
    approve(session, event, row, now)
    row.withdraw(now)
    assert row.user is not None

    register(session, event, row.user, Answer(True), now=now)

    assert row.status is RegistrationStatus.PENDING


def test_a_no_is_given_with_a_reason_and_once(session: Session, event: Event, now: datetime) -> None:
    row = registered(session, event, 0, now)
    with pytest.raises(InvalidInput):
        row.decline(now, reason=" ")
    row.decline(now, reason="同类企业已满")

    assert row.status is RegistrationStatus.DECLINED
    for act in (lambda: row.decline(now, reason="x"), lambda: row.withdraw(now), lambda: row.check_in(now)):
        with pytest.raises(InvalidTransition):
            act()
    assert row.user is not None
    with pytest.raises(InvalidTransition):
        register(session, event, row.user, Answer(True), now=now)


def test_whoever_was_absent_may_still_come(session: Session, event: Event, now: datetime) -> None:
    row = registered(session, event, 0, now)
    with pytest.raises(InvalidTransition):
        row.check_in(now)
    approve(session, event, row, now)

    row.mark_no_show(now)
    assert row.status is RegistrationStatus.NO_SHOW
    row.check_in(now)

    assert row.status is RegistrationStatus.CHECKED_IN
    with pytest.raises(InvalidTransition):
        row.mark_no_show(now)


def test_nobody_is_at_two_events_at_the_same_time(session: Session, event: Event, now: datetime) -> None:
    row = registered(session, event, 1, now)
    assert row.user is not None
    assert row.user.organisation is not None
    afternoon = [{"start": 840, "end": 900, "session": "下午"}]
    same, later, other_day = (
        make_event(session, opened_at=now, **values)
        for values in ({}, {"timetable": afternoon}, {"held_on": event.held_on + timedelta(days=1)})
    )
    for each in (same, later, other_day):
        pick_firms(session, each, [row.user.organisation])
        invite(session, each, now)

    with pytest.raises(InvalidInput, match="另一场活动"):
        register(session, same, row.user, Answer(True), now=now)
    for each in (later, other_day):
        register(session, each, row.user, Answer(True), now=now)
    row.withdraw(now)
    register(session, same, row.user, Answer(True), now=now)


def test_whoever_is_forgotten_gives_the_place_back(session: Session, event: Event, now: datetime) -> None:
    rows = [registered(session, event, at, now) for at in range(2)]
    for row in rows:
        approve(session, event, row, now)
    assert rows[0].user is not None

    erase(session, rows[0].user, by=None, now=now)

    assert [row.status.value for row in rows] == ["withdrawn", "approved"]


def test_a_guest_has_a_place_or_waits(session: Session, event: Event, now: datetime) -> None:
    first, second = (
        add_guest(session, event, Registration(role=AttendeeRole.INVESTOR, guest_name=name), now)
        for name in ("甲", "乙")
    )

    assert (first.status.value, second.status.value) == ("approved", "waitlisted")
    assert first.person_name == "甲"


def test_only_those_invited_find_the_event(session: Session, event: Event) -> None:
    row = event_registrations(session, event.key)[0]
    assert row.organisation_id is not None

    assert get_invited_event(session, event.key, row.organisation_id) is event
    assert invited_events(session, row.organisation_id) == [event]
    for event_id, organisation_id in ((event.key, make_firm(session).key), (999_999, row.organisation_id)):
        with pytest.raises(NotFound):
            get_invited_event(session, event_id, organisation_id)
    with pytest.raises(NotFound):
        get_registration(session, make_event(session), row.key)


@pytest.mark.parametrize(
    "values",
    [
        {"asked_at": True},
        {"approved_at": True},
        {"checked_in_at": True},
        {"organisation_id": None},
        {
            "asked_at": True,
            "consented_at": True,
            "approved_at": True,
            "checked_in_at": True,
            "no_show_at": True,
        },
    ],
)
def test_the_database_refuses_what_cannot_be(
    session: Session, event: Event, now: datetime, values: dict[str, bool | None]
) -> None:
    moments = {name: now if value else None for name, value in values.items()}
    row = Registration(
        **{"event_id": event.key, "organisation_id": make_firm(session).key, "role": "startup", **moments}
    )

    with pytest.raises(IntegrityError):
        save(session, row)
