"""Asking for a new password, on both databases."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from models.login import OneTimeLink, get_link
from models.outbox import MailKind, OutboxMail
from models.password_reset import MAX_LINKS, ask_for_link, may_log_in
from models.secret_key import link_token
from models.user import User
from tests.factories import make_firm, make_user

HOUR = timedelta(hours=1)


def ask(session: Session, email: str, now: datetime) -> OneTimeLink | None:
    return ask_for_link(session, email, key="k", now=now)


def test_the_owner_of_the_address_gets_a_short_lived_link(session: Session, now: datetime) -> None:
    person = make_user(session, email="li@example.org", password_hash="x")

    link = ask(session, "LI@example.org", now)

    assert link is not None
    assert get_link(session, link_token("k", link.nonce), now=now + HOUR).user_id == person.key
    assert link.expires_at == now + 2 * HOUR
    assert session.exec(select(OutboxMail.kind)).all() == [MailKind.PASSWORD_RESET]


def test_who_never_set_a_password_gets_as_much_time_as_at_first(session: Session, now: datetime) -> None:
    link = ask(session, make_user(session).email, now)

    assert link is not None and link.expires_at == now + 72 * HOUR


@pytest.mark.parametrize("values", [{"approved_at": None}, {"suspended_at": True}, {"refused_at": True}])
def test_people_of_an_organisation_that_is_not_let_in_get_nothing(
    session: Session, now: datetime, values: dict[str, object]
) -> None:
    home = make_firm(session, **{name: now if value else None for name, value in values.items()})
    person = make_user(session, organisation_id=home.key)

    assert not may_log_in(person)
    assert ask(session, person.email, now) is None
    assert session.exec(select(OutboxMail)).all() == []


def test_strangers_and_locked_people_get_nothing(session: Session, now: datetime) -> None:
    locked = make_user(session, locked_at=now)

    assert ask(session, "nobody@example.org", now) is None
    assert ask(session, locked.email, now) is None
    assert session.exec(select(OneTimeLink)).all() == []


def test_nobody_is_flooded_and_the_last_link_keeps_working(session: Session, now: datetime) -> None:
    person: User = make_user(session, password_hash="x")
    links = [ask(session, person.email, now) for _ in range(MAX_LINKS + 2)]

    made = [link for link in links if link is not None]
    assert len(made) == MAX_LINKS
    assert get_link(session, link_token("k", made[-1].nonce), now=now)
    assert ask(session, person.email, now + HOUR) is not None
