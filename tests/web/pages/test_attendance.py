"""The pages of those who are invited: register, choose times, withdraw; strangers find nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session

from models.audit import subject_events
from models.event import Event
from models.event_picks import pick_firms, pick_scenarios
from models.registration import (
    Registration,
    RegistrationStatus,
    approve,
    event_registrations,
    find_mine,
    invite,
)
from models.user import Role
from tests.factories import make_event, make_firm, make_user

YES = {"slot": ["1", "3"], "consents": "yes"}


@pytest.fixture
def event(session: Session, city, now: datetime) -> Event:
    event = make_event(session, opened_at=now, capacity=1)
    pick_scenarios(session, event, [city.scenario])
    pick_firms(session, event, [city.firm])
    invite(session, event, now)
    return event


def mine(session: Session, city, event: Event, role: Role = Role.STARTUP) -> Registration:
    row = find_mine(session, event, city.users[role])
    assert row is not None
    return row


def test_a_firm_registers_and_says_when_it_can(session, city, as_firm, event):
    address = f"/events/{event.key}/registration"
    assert event.title in as_firm.get("/my-events").text
    assert "09:00–09:20" in as_firm.get(address).text

    assert as_firm.post(address, data=YES).status_code == 303

    row = mine(session, city, event)
    assert (row.status, row.away, row.consented_at) == (RegistrationStatus.PENDING, [2], row.asked_at)
    assert [each.action for each in subject_events(session, "registration", row.key)] == [
        "registration.asked"
    ]
    assert as_firm.post(address, data={"slot": "1"}).status_code == 303
    session.refresh(row)
    assert row.away == [2, 3]


def test_an_agency_registers_too(session, city, as_agency, event):
    assert as_agency.post(f"/events/{event.key}/registration", data=YES).status_code == 303
    assert mine(session, city, event, Role.AGENCY).status is RegistrationStatus.PENDING


@pytest.mark.parametrize(
    ("data", "says"), [({"slot": "1"}, "先同意"), ({"consents": "yes"}, "至少要留一个"), ({}, "先同意")]
)
def test_without_consent_or_time_nothing_is_kept(session, city, as_firm, event, data, says):
    answer = as_firm.post(f"/events/{event.key}/registration", data=data)

    assert answer.status_code == 422
    assert says in answer.text
    assert mine(session, city, event).status is RegistrationStatus.INVITED


def test_whoever_withdraws_gives_the_place_to_who_waits(session, city, as_firm, as_agency, event, now):
    for client in (as_firm, as_agency):
        client.post(f"/events/{event.key}/registration", data=YES)
    firm, agency = mine(session, city, event), mine(session, city, event, Role.AGENCY)
    for row in (firm, agency):
        approve(session, event, row, now)
    assert "候补" in as_agency.get(f"/events/{event.key}/registration").text

    assert as_firm.post(f"/events/{event.key}/registration/withdraw").status_code == 303

    session.refresh(agency)
    assert agency.status is RegistrationStatus.APPROVED
    assert as_firm.post(f"/events/{event.key}/registration/withdraw").status_code == 409
    assert "registration/withdraw" not in as_firm.get(f"/events/{event.key}/registration").text


def test_an_invitation_is_refused_without_registering(session, city, as_firm, event):
    assert as_firm.post(f"/events/{event.key}/registration/withdraw").status_code == 303
    rows = event_registrations(session, event.key)
    assert [row.status for row in rows if row.organisation_id == city.firm.key] == [
        RegistrationStatus.WITHDRAWN
    ]


def test_a_refusal_is_read_with_its_reason(session, city, as_firm, event, now):
    as_firm.post(f"/events/{event.key}/registration", data=YES)
    mine(session, city, event).decline(now, reason="同类企业已满")

    page = as_firm.get(f"/events/{event.key}/registration").text

    assert "同类企业已满" in page
    assert "保存时段" not in page


def test_after_the_wishes_are_closed_nobody_registers(as_firm, event, now):
    for column in ("preference_at", "scheduling_at"):
        setattr(event, column, now)

    assert as_firm.post(f"/events/{event.key}/registration", data=YES).status_code == 409
    assert "现在不接受新的报名" in as_firm.get(f"/events/{event.key}/registration").text


def test_a_firm_that_is_not_invited_finds_no_event(session, log_in, event):
    stranger = make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key)
    client = log_in(stranger)

    assert event.title not in client.get("/my-events").text
    assert client.get(f"/events/{event.key}/registration").status_code == 404
    assert client.post(f"/events/{event.key}/registration", data=YES).status_code == 404
    assert client.post(f"/events/{event.key}/registration/withdraw").status_code == 404


def test_organizers_do_not_register(as_organizer, event):
    assert as_organizer.get("/my-events").status_code == 403
