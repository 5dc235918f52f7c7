from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from models.contact_release import (
    Contact,
    ContactAccess,
    ContactWay,
    Price,
    accesses_of,
    is_released,
    look,
    mailed_contact,
)
from models.errors import NotAllowed
from models.match import Match
from models.notice import tell_of_introduction
from models.user import User
from tests.factories import (
    MONDAY,
    make_capability,
    make_firm,
    make_introduced_match,
    make_match,
    make_scenario,
    make_user,
)

STATES = {
    "suggested": {},
    "saved": {"saved_at": MONDAY},
    "invited": {"invited_at": MONDAY},
    "interested": {"interested_at": MONDAY},
    "declined": {"interested_at": MONDAY, "declined_at": MONDAY, "decline_reason": "other"},
    "dismissed": {"invited_at": MONDAY, "dismissed_at": MONDAY, "dismiss_reason": "other"},
}


def sides(session: Session, match: Match) -> tuple[User, User]:
    """Somebody of the agency and somebody of the firm."""
    return (
        make_user(session, organisation_id=match.scenario.organisation_id, name="王科长"),
        make_user(session, organisation_id=match.organisation_id, name="李工"),
    )


@pytest.mark.parametrize("state", STATES)
def test_before_both_said_yes_nobody_sees_anything_and_nothing_is_written(
    session: Session, now: datetime, state: str
) -> None:
    match = make_match(session, **STATES[state])
    agency, firm = sides(session, match)

    for person in (agency, firm):
        with pytest.raises(NotAllowed):
            look(session, match, by=person, now=now)
        with pytest.raises(NotAllowed):
            mailed_contact(session, match, person.organisation_id or 0)
    assert not is_released(match) and session.exec(select(ContactAccess)).all() == []


def test_afterwards_the_agency_sees_people_and_listed_prices_of_the_firm(
    session: Session, now: datetime
) -> None:
    match = make_introduced_match(session)
    agency, firm = sides(session, match)
    make_user(session, organisation_id=match.organisation_id, locked_at=MONDAY)
    for title, more in (("甲", {}), ("乙", {"listed_at": None}), ("丙", {"price_note": ""})):
        values = {"title": title, "price_note": f"{title}每点位 800 元", **more}
        make_capability(session, organisation_id=match.organisation_id, **values)

    release = look(session, match, by=agency, now=now)

    assert release.contacts == [Contact("李工", firm.email, firm.key)]
    assert release.prices == [Price("甲", "zh", "甲每点位 800 元")]
    (row,) = accesses_of(session, match.organisation_id)
    assert (row.owner_user_id, row.reader_user_id, row.way, row.created_at) == (
        firm.key, agency.key, ContactWay.PAGE, now,
    )  # fmt: skip
    assert row.reader is agency and accesses_of(session, match.scenario.organisation_id) == []


@pytest.mark.parametrize("has_account", [False, True])
def test_the_firm_sees_the_contact_of_the_scenario_and_no_price(
    session: Session, now: datetime, has_account: bool
) -> None:
    scenario = make_scenario(session, contact_name="赵主任", contact_email="zhao@example.org")
    match = make_introduced_match(session, scenario_id=scenario.key)
    make_capability(session, organisation_id=match.organisation_id, price_note="800 元")
    _, firm = sides(session, match)
    zhao = None
    if has_account:
        zhao = make_user(session, email="zhao@example.org", organisation_id=scenario.organisation_id).key

    release = look(session, match, by=firm, now=now)

    assert release.contacts == [Contact("赵主任", "zhao@example.org", zhao)] and release.prices == []
    assert [row.owner_user_id for row in accesses_of(session, scenario.organisation_id)] == [zhao]


def test_a_third_party_never_sees_anything(session: Session, now: datetime) -> None:
    match = make_introduced_match(session)
    sides(session, match)

    for person in (make_user(session), make_user(session, organisation_id=make_firm(session).key)):
        with pytest.raises(NotAllowed):
            look(session, match, by=person, now=now)
    assert session.exec(select(ContactAccess)).all() == []


def test_the_mails_of_an_introduction_are_written_down_once_a_reader(session: Session, now: datetime) -> None:
    match = make_introduced_match(session)
    agency, firm = sides(session, match)

    tell_of_introduction(session, match, now=now)

    rows = session.exec(select(ContactAccess).order_by(col(ContactAccess.owner_organisation_id))).all()
    assert {(row.owner_user_id, row.reader_user_id, row.way) for row in rows} == {
        (agency.key, firm.key, ContactWay.MAIL), (firm.key, agency.key, ContactWay.MAIL),
    }  # fmt: skip
    found = mailed_contact(session, match, match.scenario.organisation_id)
    assert found == Contact("李工", firm.email, firm.key)


def test_accesses_of_one_pair_are_those_alone(session: Session, now: datetime) -> None:
    firm = make_firm(session)
    matches = [make_introduced_match(session, organisation_id=firm.key) for _ in range(2)]
    make_user(session, organisation_id=firm.key)
    for match in matches:
        look(session, match, by=make_user(session, organisation_id=match.scenario.organisation_id), now=now)

    assert len(accesses_of(session, firm.key)) == 2
    assert [row.match_id for row in accesses_of(session, firm.key, match_id=matches[0].key)] == [
        matches[0].key
    ]
