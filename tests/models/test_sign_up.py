"""Asking to be let in, on both databases: what is new, what is known, and what an operator decides."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models.audit import subject_events
from models.errors import InvalidTransition
from models.login import OneTimeLink, get_link
from models.organisation import Organisation, OrganisationKind, OrganisationStatus
from models.outbox import MailKind, OutboxMail
from models.secret_key import link_token
from models.sign_up import ROLE_OF_KIND, Wanted, approve, ask_to_join, refuse
from models.user import Role, User, everybody_of, find_user
from tests.factories import make_district, make_firm, make_user

CODE = "914403001922038216"
OTHER_CODE = "9144030071526726XG"
KEY = "a key of tests"


@pytest.fixture
def wanted(session: Session) -> Wanted:
    return Wanted(
        name="甲视觉", kind=OrganisationKind.STARTUP, credit_code=CODE, district_id=make_district(session).key,
        community_id=None, contact_name="李工", email="li@firm.example", locale="en",
    )  # fmt: skip


@pytest.fixture
def operator(session: Session) -> User:
    return make_user(session, roles=(Role.OPERATOR,), email="op@city.example")


def mails(session: Session) -> list[tuple[MailKind, str]]:
    return [
        (row.kind, row.recipient) for row in session.exec(select(OutboxMail).order_by(col(OutboxMail.id)))
    ]


def ask(session: Session, wanted: Wanted, now: datetime) -> Organisation:
    home = ask_to_join(session, wanted, now=now)
    assert home is not None
    return home


def test_a_request_waits_with_its_first_person_who_cannot_log_in(
    session: Session, wanted: Wanted, operator: User, now: datetime
) -> None:
    home = ask(session, wanted, now)

    person = find_user(session, "li@firm.example")
    assert person is not None
    assert (home.status, home.requested_at, home.credit_code) == (OrganisationStatus.PENDING, now, CODE)
    assert (person.organisation_id, person.password_hash, person.locale) == (home.key, None, "en")
    assert person.is_manager and person.has_role(Role.STARTUP)
    assert [event.action for event in subject_events(session, "organisation", home.key)] == [
        "organisation.requested"
    ]
    assert mails(session) == [(MailKind.SIGN_UP_WAITING, operator.email)]


@pytest.mark.parametrize("kind", list(OrganisationKind))
def test_every_kind_has_its_role(
    session: Session, wanted: Wanted, now: datetime, kind: OrganisationKind
) -> None:
    ask(session, replace(wanted, kind=kind), now)

    person = find_user(session, wanted.email)
    assert person is not None
    assert [granted.role for granted in person.roles] == [ROLE_OF_KIND[kind]]


def test_only_those_who_decide_in_the_district_are_told(
    session: Session, wanted: Wanted, now: datetime
) -> None:
    from models.user import UserRole

    here, there = make_user(session), make_user(session)
    here.roles.append(UserRole(user_id=here.key, role=Role.OPERATOR, district_id=wanted.district_id))
    there.roles.append(
        UserRole(user_id=there.key, role=Role.OPERATOR, district_id=make_district(session).key)
    )
    make_user(session, roles=(Role.OPERATOR,), locked_at=now)
    make_user(session, roles=(Role.ORGANIZER,))

    ask(session, wanted, now)

    assert mails(session) == [(MailKind.SIGN_UP_WAITING, here.email)]


def test_a_known_address_changes_nothing_and_its_owner_is_told_once_a_day(
    session: Session, wanted: Wanted, operator: User, now: datetime
) -> None:
    owner = make_user(session, email="li@firm.example", name="李")
    before = session.exec(select(Organisation.id)).all()

    answers = [ask_to_join(session, replace(wanted, email="Li@Firm.example"), now=now) for _ in range(3)]

    assert answers == [None, None, None]
    assert session.exec(select(Organisation.id)).all() == before
    assert owner.name == "李"
    assert mails(session) == [(MailKind.SIGN_UP_KNOWN, owner.email)]


def test_a_known_code_is_told_to_its_managers_and_not_to_who_asks(
    session: Session, wanted: Wanted, operator: User, now: datetime
) -> None:
    home = make_firm(session, credit_code=CODE)
    manager = make_user(session, organisation_id=home.key, manager_at=now)
    make_user(session, organisation_id=home.key)

    assert ask_to_join(session, wanted, now=now) is None
    assert find_user(session, wanted.email) is None
    assert mails(session) == [(MailKind.SIGN_UP_KNOWN, manager.email)]


def test_a_known_code_of_which_nobody_has_an_account_goes_to_the_operators(
    session: Session, wanted: Wanted, operator: User, now: datetime
) -> None:
    home = make_firm(session, credit_code=CODE)

    assert ask_to_join(session, wanted, now=now) is None
    assert mails(session) == [(MailKind.SIGN_UP_WAITING, operator.email)]
    assert [event.action for event in subject_events(session, "organisation", home.key)] == [
        "organisation.claimed"
    ]


def test_who_is_let_in_gets_a_link_whose_token_is_nowhere_in_the_database(
    session: Session, wanted: Wanted, operator: User, now: datetime
) -> None:
    home = ask(session, wanted, now)

    approve(session, home, by=operator, key=KEY, now=now)

    link = session.exec(select(OneTimeLink)).one()
    token = link_token(KEY, link.nonce)
    mail = session.exec(select(OutboxMail).where(OutboxMail.kind == MailKind.SIGN_UP_APPROVED)).one()
    assert home.status is OrganisationStatus.ACTIVE
    assert get_link(session, token, now=now) is link
    assert (mail.recipient, mail.subject_ref) == ("li@firm.example", f"one_time_link:{link.key}")
    assert token not in f"{link.model_dump()}{mail.model_dump()}"
    with pytest.raises(InvalidTransition):
        approve(session, home, by=operator, key=KEY, now=now)


def test_who_is_turned_away_is_told_why_and_may_ask_again_as_before(
    session: Session, wanted: Wanted, operator: User, now: datetime
) -> None:
    home = ask(session, wanted, now)

    refuse(session, home, reason="名称与代码不符", by=operator, now=now)
    person = find_user(session, wanted.email)
    assert person is not None
    was_locked = person.locked_at
    again = ask(session, replace(wanted, name="甲视觉科技"), now + timedelta(days=1))

    assert was_locked == now
    assert (MailKind.SIGN_UP_REFUSED, "li@firm.example") in mails(session)
    assert (again, again.name, again.status) == (home, "甲视觉科技", OrganisationStatus.PENDING)
    assert person.locked_at is None and len(person.roles) == 1


def test_the_person_of_a_refused_request_may_come_back_with_another_code(
    session: Session, wanted: Wanted, operator: User, now: datetime
) -> None:
    home = ask(session, wanted, now)
    refuse(session, home, reason="代码写错了", by=operator, now=now)

    again = ask(session, replace(wanted, credit_code=OTHER_CODE), now)

    person = find_user(session, wanted.email)
    assert person is not None
    assert again.key != home.key
    assert person.organisation_id == again.key


def test_another_person_may_ask_for_a_refused_organisation_and_the_first_stays_out(
    session: Session, wanted: Wanted, operator: User, now: datetime
) -> None:
    home = ask(session, wanted, now)
    refuse(session, home, reason="不是本单位的人", by=operator, now=now)

    again = ask(session, replace(wanted, email="wang@firm.example"), now)
    approve(session, again, by=operator, key=KEY, now=now)

    first = find_user(session, "li@firm.example")
    assert first is not None and first.locked_at is not None
    told = [address for kind, address in mails(session) if kind is MailKind.SIGN_UP_APPROVED]
    assert told == ["wang@firm.example"]


def test_who_was_refused_has_no_part_in_anothers_request_and_may_come_back(
    session: Session, wanted: Wanted, operator: User, now: datetime
) -> None:
    refuse(session, ask(session, wanted, now), reason="不是本单位的人", by=operator, now=now)
    home = ask(session, replace(wanted, email="wang@firm.example"), now)

    first = find_user(session, "li@firm.example")
    assert first is not None
    session.refresh(first, ["roles"])
    assert (first.organisation_id, first.manager_at, first.roles) == (None, None, [])
    assert [row.email for row in everybody_of(session, home.key)] == ["wang@firm.example"]

    back = ask(session, replace(wanted, credit_code=OTHER_CODE), now)
    assert [row.email for row in everybody_of(session, back.key)] == ["li@firm.example"]
