"""The people of an organisation, on both databases."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from models.errors import InvalidInput, InvalidTransition, NotFound
from models.login import find_session, start_session
from models.membership import (
    MAX_OPEN,
    ColleagueInvitation,
    InvitationStatus,
    accept,
    appoint,
    get_invitation,
    get_invitation_of,
    invite_colleague,
    remove_member,
    send_again,
    step_down,
    waiting_invitations,
    working_managers,
)
from models.organisation import Organisation
from models.outbox import MailKind, OutboxMail
from models.secret_key import link_token
from models.user import Role, User
from tests.factories import make_firm, make_organisation, make_user

KEY = "a key of tests"
LATER = timedelta(hours=72)


@pytest.fixture
def home(session: Session) -> Organisation:
    return make_organisation(session, name="某区城管")


@pytest.fixture
def manager(session: Session, home: Organisation, now: datetime) -> User:
    return make_user(
        session, roles=(Role.AGENCY,), organisation_id=home.key, manager_at=now, password_hash="x"
    )


def invite(
    session: Session, home: Organisation, by: User, now: datetime, email: str = "wang@example.org"
) -> ColleagueInvitation:
    return invite_colleague(session, home, email=email, name="王", by=by, key=KEY, now=now)


def token_of(invitation: ColleagueInvitation) -> str:
    return link_token(KEY, invitation.nonce)


def test_an_invited_colleague_joins_with_the_role_of_the_house_and_does_not_manage(
    session: Session, home: Organisation, manager: User, now: datetime
) -> None:
    invitation = invite(session, home, manager, now)
    found = get_invitation(session, token_of(invitation), now=now)

    person = accept(session, found, name="王", now=now)

    assert (person.email, person.name, person.organisation_id) == ("wang@example.org", "王", home.key)
    assert [held.role for held in person.roles] == [Role.AGENCY]
    assert not person.is_manager
    assert invitation.status_at(now) is InvitationStatus.ACCEPTED
    assert session.exec(select(OutboxMail.kind)).all() == [MailKind.COLLEAGUE_INVITED]


def test_the_first_who_joins_an_organisation_without_a_manager_manages_it(
    session: Session, now: datetime
) -> None:
    firm, operator = make_firm(session), make_user(session, roles=(Role.OPERATOR,))

    person = accept(session, invite(session, firm, operator, now), name="王", now=now)

    assert person.is_manager and person.has_role(Role.STARTUP)


def test_inviting_an_address_does_not_make_a_user_nor_tell_whether_there_is_one(
    session: Session, home: Organisation, manager: User, now: datetime
) -> None:
    elsewhere = make_user(session, organisation_id=make_firm(session).key)
    n_people = len(session.exec(select(User.id)).all())

    rows = [invite(session, home, manager, now, email) for email in (elsewhere.email, "new@example.org")]

    assert [row.status_at(now) for row in rows] == [InvitationStatus.OPEN] * 2
    assert len(session.exec(select(User.id)).all()) == n_people
    with pytest.raises(InvalidTransition, match="另一个机构"):
        accept(session, rows[0], name="x", now=now)


def test_inviting_twice_is_one_invitation_with_the_newer_link(
    session: Session, home: Organisation, manager: User, now: datetime
) -> None:
    first = invite(session, home, manager, now)
    old = token_of(first)

    second = invite(session, home, manager, now + timedelta(hours=1))

    assert second is first
    assert get_invitation(session, token_of(second), now=now + LATER).key == first.key
    with pytest.raises(NotFound):
        get_invitation(session, old, now=now)


def test_a_link_expires_and_can_be_sent_again(
    session: Session, home: Organisation, manager: User, now: datetime
) -> None:
    row = invite(session, home, manager, now)

    assert row.status_at(now + LATER) is InvitationStatus.EXPIRED
    with pytest.raises(NotFound):
        get_invitation(session, token_of(row), now=now + LATER)
    send_again(session, row, by=manager, key=KEY, now=now + LATER)
    assert get_invitation(session, token_of(row), now=now + LATER) is row
    assert len(session.exec(select(OutboxMail)).all()) == 2


def test_a_withdrawn_invitation_lets_nobody_in_and_stays_withdrawn(
    session: Session, home: Organisation, manager: User, now: datetime
) -> None:
    row = invite(session, home, manager, now)

    row.withdraw(now)

    session.flush()
    assert row.status_at(now) is InvitationStatus.WITHDRAWN
    assert waiting_invitations(session, home.key) == []
    with pytest.raises(NotFound):
        get_invitation(session, token_of(row), now=now)
    for move in (lambda: row.withdraw(now), lambda: row.renew(key=KEY, now=now)):
        with pytest.raises(InvalidTransition):
            move()


def test_the_link_is_not_in_the_database(
    session: Session, home: Organisation, manager: User, now: datetime
) -> None:
    row = invite(session, home, manager, now)
    mail = session.exec(select(OutboxMail)).one()

    assert token_of(row) not in f"{row.model_dump()}{mail.model_dump()}"


def test_a_colleague_is_not_invited_and_too_many_invitations_neither(
    session: Session, home: Organisation, manager: User, now: datetime
) -> None:
    with pytest.raises(InvalidInput, match="成员里"):
        invite(session, home, manager, now, manager.email)
    for n in range(MAX_OPEN):
        invite(session, home, manager, now, f"p{n}@example.org")

    with pytest.raises(InvalidInput, match="太多"):
        invite(session, home, manager, now, "one-more@example.org")


def test_an_invitation_is_its_organisations(session: Session, home: Organisation, manager: User, now) -> None:
    row = invite(session, home, manager, now)

    assert get_invitation_of(session, row.key, home.key) is row
    for invitation_id, organisation_id in ((row.key, make_firm(session).key), (row.key + 1000, home.key)):
        with pytest.raises(NotFound):
            get_invitation_of(session, invitation_id, organisation_id)


def test_what_must_never_be_in_the_table(session: Session, home: Organisation, manager: User, now) -> None:
    row = invite(session, home, manager, now)
    row.accepted_at = row.withdrawn_at = now

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_removed_colleague_keeps_the_account_and_nothing_of_the_organisation(
    session: Session, home: Organisation, manager: User, now: datetime
) -> None:
    person = make_user(session, roles=(Role.AGENCY, Role.EVALUATOR), organisation_id=home.key)
    token = start_session(session, person, now=now, hours=12)

    remove_member(session, person, by=manager, now=now)

    assert (person.organisation_id, [held.role for held in person.roles]) == (None, [Role.EVALUATOR])
    assert find_session(session, token, now=now) is None
    again = accept(session, invite(session, home, manager, now, person.email), name="x", now=now)
    assert again is person and person.organisation_id == home.key


def test_the_last_manager_neither_leaves_nor_steps_down(
    session: Session, home: Organisation, manager: User, now: datetime
) -> None:
    locked = {"locked_at": now, "password_hash": "x"}
    for more in ({}, locked):
        make_user(session, organisation_id=home.key, manager_at=now, **more)

    for move in (
        lambda: step_down(session, manager, by=manager),
        lambda: remove_member(session, manager, by=manager, now=now),
    ):
        with pytest.raises(InvalidTransition, match="至少"):
            move()
    assert working_managers(session, home.key) == [manager]


def test_managing_is_handed_over(session: Session, home: Organisation, manager: User, now: datetime) -> None:
    heir = make_user(session, roles=(Role.AGENCY,), organisation_id=home.key, password_hash="x")

    appoint(session, heir, by=manager, now=now)
    step_down(session, manager, by=manager)

    assert working_managers(session, home.key) == [heir]
    with pytest.raises(InvalidTransition):
        step_down(session, manager, by=heir)


@pytest.mark.parametrize("values", [{"password_hash": None}, {"locked_at": True}, {"manager_at": True}])
def test_only_a_colleague_who_can_log_in_is_appointed(
    session: Session, home: Organisation, manager: User, now: datetime, values: dict[str, object]
) -> None:
    moments = {name: now if value is True else value for name, value in values.items()}
    person = make_user(session, **{"organisation_id": home.key, "password_hash": "x", **moments})

    with pytest.raises(InvalidTransition):
        appoint(session, person, by=manager, now=now)
