"""Inviting a person: the user, the roles, the one-time link."""

from datetime import datetime

import pytest
from sqlmodel import Session

from models.audit import subject_events
from models.errors import InvalidInput
from models.invitation import checked_address, invite_user
from models.login import get_link
from models.user import Role, find_user
from tests.factories import make_organisation, make_user


def test_a_person_is_invited_with_role_organisation_and_link(session: Session, now: datetime) -> None:
    agency = make_organisation(session, name="某区城管")

    token = invite_user(
        session, email="Li@Example.org", roles=["agency"], organisation="某区城管", name=" 李\n科长 ", now=now
    )

    user = find_user(session, "li@example.org")
    assert user is not None
    assert (user.name, user.organisation_id, user.password_hash) == ("李 科长", agency.id, None)
    assert user.has_role(Role.AGENCY)
    assert get_link(session, token, now=now).user_id == user.id
    assert [event.action for event in subject_events(session, "user", user.key)] == ["user.invited"]


def test_inviting_again_adds_the_role_and_makes_a_new_link(session: Session, now: datetime) -> None:
    first = _invite(session, now, roles=["organizer"])

    second = _invite(session, now, roles=["organizer", "operator", "operator"])

    user = find_user(session, "li@example.org")
    assert user is not None
    assert sorted(granted.role for granted in user.roles) == ["operator", "organizer"]
    assert first != second


def test_without_a_name_the_address_stands_in(session: Session, now: datetime) -> None:
    _invite(session, now, roles=["admin"], name="")

    user = find_user(session, "li@example.org")
    assert user is not None
    assert user.name == "li@example.org"


def test_an_unknown_role_is_refused_and_the_known_ones_are_named(session: Session, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="funding_officer"):
        _invite(session, now, roles=["boss"])


def test_an_unknown_organisation_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="没有这样的单位"):
        _invite(session, now, roles=["agency"], organisation="没有这样的单位")


@pytest.mark.parametrize("role", ["agency", "startup"])
def test_a_role_inside_an_organisation_needs_one(session: Session, now: datetime, role: str) -> None:
    with pytest.raises(InvalidInput, match="--organisation"):
        _invite(session, now, roles=[role])


def test_a_person_is_not_moved_to_another_organisation(session: Session, now: datetime) -> None:
    make_organisation(session, name="甲单位")
    make_user(session, email="li@example.org", organisation_id=make_organisation(session).key)

    with pytest.raises(InvalidInput, match="另一个机构"):
        _invite(session, now, roles=["agency"], organisation="甲单位")


def test_the_first_person_of_an_organisation_manages_it(session: Session, now: datetime) -> None:
    make_organisation(session, name="某区城管")
    for email in ("li@example.org", "wang@example.org"):
        invite_user(session, email=email, roles=["agency"], organisation="某区城管", name="", now=now)

    people = [find_user(session, email) for email in ("li@example.org", "wang@example.org")]

    assert [person is not None and person.is_manager for person in people] == [True, False]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Li.Ming+x@Example.ORG", "li.ming+x@example.org"),
        (" agency@demo.example ", "agency@demo.example"),
    ],
)
def test_an_address_is_kept_in_lower_case(typed: str, kept: str) -> None:
    assert checked_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "li", "li@", "@example.org", "a b@example.org", "a@b@c.org", "李@example.org", '"a b"@example.org',
     "a@example.org\nBcc: b@example.org", "a@" + "x" * 300 + ".org", "a..b@example.org", "a@localhost"],
)  # fmt: skip
def test_what_is_no_address_that_can_be_mailed_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        checked_address(typed)


def _invite(
    session: Session, now: datetime, *, roles: list[str], organisation: str = "", name: str = "李"
) -> str:
    return invite_user(
        session, email="li@example.org", roles=roles, organisation=organisation, name=name, now=now
    )
