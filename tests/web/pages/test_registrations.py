"""The organizer's page of who comes: invitations, answers, the queue, guests, and the day itself."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session

from models.audit import subject_events
from models.event import Event
from models.event_picks import pick_firms, pick_scenarios
from models.registration import (
    Answer,
    Registration,
    RegistrationStatus,
    approve,
    event_registrations,
    invite,
    register,
)
from models.user import Role
from tests.factories import make_event
from tests.web.forms.test_events import EVENT


@pytest.fixture
def event(session: Session, city, now: datetime) -> Event:
    """Open, with the city's agency and firm on its lists, and room for one."""
    event = make_event(session, opened_at=now, capacity=1)
    pick_scenarios(session, event, [city.scenario])
    pick_firms(session, event, [city.firm])
    return event


@pytest.fixture
def asked(session: Session, city, event: Event, now: datetime) -> tuple[Registration, Registration]:
    """The firm's person and the agency's, who wait for an answer."""
    invite(session, event, now)
    firm, agency = (
        register(session, event, city.users[role], Answer(True), now=now)
        for role in (Role.STARTUP, Role.AGENCY)
    )
    return firm, agency


def act(client, event: Event, row: Registration, name: str, **data: str) -> int:
    return client.post(f"/events/{event.key}/registrations/{row.key}/{name}", data=data).status_code


def test_all_on_the_lists_are_invited_with_one_button(session, as_organizer, city, event):
    address = f"/events/{event.key}/registrations"
    assert "邀请名单上的 2 家" in as_organizer.get(address).text

    assert as_organizer.post(f"{address}/invite").status_code == 303

    page = as_organizer.get(address).text
    assert city.firm.name in page
    assert "还没有人答复" in page
    assert "邀请名单上的" not in page
    [first, _second] = event_registrations(session, event.key)
    assert subject_events(session, "registration", first.key)[0].action == "registration.invited"
    assert city.firm.name in as_organizer.get(f"{address}?format=csv").text


def test_the_second_of_one_place_waits_and_moves_up(session, as_organizer, event, asked):
    firm, agency = asked
    assert act(as_organizer, event, firm, "approve") == 303
    assert act(as_organizer, event, agency, "approve") == 303
    session.refresh(agency)
    assert agency.status is RegistrationStatus.WAITLISTED

    assert act(as_organizer, event, firm, "decline", reason="改天再约") == 303

    session.refresh(firm)
    session.refresh(agency)
    assert (firm.status.value, agency.status.value) == ("declined", "approved")
    assert [each.action for each in subject_events(session, "registration", agency.key)] == [
        "registration.waitlisted",
        "registration.promoted",
    ]
    page = as_organizer.get(f"/events/{event.key}/registrations?status=declined").text
    assert "改天再约" in page


def test_what_cannot_be_answered_is_a_sentence(as_organizer, event, asked):
    firm, _agency = asked

    assert act(as_organizer, event, firm, "decline", reason="") == 422
    assert act(as_organizer, event, firm, "nonsense") == 404
    assert act(as_organizer, event, firm, "approve") == 303
    assert act(as_organizer, event, firm, "approve") == 409


def test_people_are_checked_in_on_the_day_only(session, as_organizer, event, asked, now):
    firm, _agency = asked
    approve(session, event, firm, now)
    assert "签到" not in as_organizer.get(f"/events/{event.key}/registrations").text
    assert act(as_organizer, event, firm, "check-in") == 403
    event.held_on = now.date()
    assert "签到" in as_organizer.get(f"/events/{event.key}/registrations").text

    assert act(as_organizer, event, firm, "no-show") == 303
    assert act(as_organizer, event, firm, "check-in") == 303

    session.refresh(firm)
    assert firm.status is RegistrationStatus.CHECKED_IN


def test_a_guest_is_written_down_with_consent(session, as_organizer, event):
    address = f"/events/{event.key}/registrations/guests"
    guest = {"name": "投资人甲", "of": "某基金", "role": "investor", "consents": "yes"}

    for changes in ({"name": ""}, {"name": "长" * 121}, {"role": "startup"}, {"consents": ""}):
        assert as_organizer.post(address, data={**guest, **changes}).status_code == 422
    assert as_organizer.post(address, data=guest).status_code == 303

    [row] = event_registrations(session, event.key)
    assert (row.person_name, row.status) == ("投资人甲", RegistrationStatus.APPROVED)
    assert "某基金" in as_organizer.get(f"/events/{event.key}/registrations").text


def test_a_draft_invites_nobody(session, as_organizer, event):
    event.opened_at = None

    assert as_organizer.post(f"/events/{event.key}/registrations/invite").status_code == 409
    assert as_organizer.get(f"/events/{event.key}/registrations").status_code == 200


def test_slots_do_not_change_under_those_who_registered(session, as_organizer, event, asked):
    answer = as_organizer.post(f"/events/{event.key}/edit", data=EVENT)

    assert answer.status_code == 422
    assert "已经有人按这些时段报名" in answer.text


@pytest.mark.parametrize("role", [Role.AGENCY, Role.STARTUP, Role.REVIEWER])
def test_others_do_not_see_who_comes(city, log_in, event, role):
    assert log_in(city.users[role]).get(f"/events/{event.key}/registrations").status_code == 403
