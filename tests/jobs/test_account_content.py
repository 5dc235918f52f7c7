"""Mails about accounts, read when they are sent: what holds is told, what no longer holds is not."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from jobs.account_content import ACCOUNT_READERS, hours_between
from jobs.mail_parts import Content, Dropped
from jobs.render import Letter
from models.account_notice import (
    Change,
    tell_of_approval,
    tell_of_change,
    tell_of_known,
    tell_of_refusal,
    tell_of_waiting,
)
from models.login import make_link, make_mailed_link
from models.membership import ColleagueInvitation, invite_colleague
from models.organisation import Organisation
from models.outbox import OutboxMail
from models.password_reset import ask_for_link
from models.secret_key import link_token
from models.user import Role, User
from tests.factories import MONDAY, make_firm, make_user
from tests.jobs.sending import make_renderer

TODAY = date(2026, 11, 23)


def read(session: Session, mail: OutboxMail) -> Content:
    session.flush()
    return ACCOUNT_READERS[mail.kind](session, mail, TODAY)


def drop_reason(session: Session, mail: OutboxMail) -> str:
    with pytest.raises(Dropped) as dropped:
        read(session, mail)
    return dropped.value.reason


def rendered(mail: OutboxMail, content: Content, locale: str = "zh") -> str:
    letter = Letter(mail.kind, locale, "a@b.cn", "<x@y.cn>", content.values, TODAY)
    from email import message_from_bytes, policy

    message = message_from_bytes(make_renderer().render(letter, now=MONDAY).data, policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def pending(session: Session) -> tuple[Organisation, User]:
    home = make_firm(session, name="甲视觉", approved_at=None)
    return home, make_user(session, organisation_id=home.key, name="李工", manager_at=MONDAY)


@pytest.fixture
def operator(session: Session) -> User:
    return make_user(session, roles=(Role.OPERATOR,))


def test_a_waiting_request_is_told_with_its_contact(session: Session, operator: User) -> None:
    home, _ = pending(session)
    [mail] = tell_of_waiting(session, home, now=MONDAY)

    text = rendered(mail, read(session, mail))

    assert "甲视觉" in text and "李工" in text
    assert f"https://duijie.example/organisations/{home.key}" in text


@pytest.mark.parametrize(
    ("decide", "reason"),
    [
        (lambda home: home.approve(MONDAY), "organisation_active"),
        (lambda home: home.refuse(MONDAY, reason="x"), "organisation_refused"),
    ],
)
def test_a_request_that_was_decided_is_not_told(
    session: Session, operator: User, decide: Callable[[Organisation], None], reason: str
) -> None:
    home, _ = pending(session)
    [mail] = tell_of_waiting(session, home, now=MONDAY)

    decide(home)

    assert drop_reason(session, mail) == reason


def test_a_claim_is_told_until_somebody_has_an_account(session: Session, operator: User) -> None:
    home = make_firm(session)
    [mail] = tell_of_waiting(session, home, now=MONDAY)
    told = rendered(mail, read(session, mail))

    make_user(session, organisation_id=home.key)

    assert "第一位" in told
    assert drop_reason(session, mail) == "organisation_active"


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_link_is_in_the_mail_and_says_how_long_it_works(session: Session, locale: str) -> None:
    home, person = pending(session)
    home.approve(MONDAY)
    link = make_mailed_link(session, person, key="a key of tests", now=MONDAY)
    mail = tell_of_approval(session, person, link, now=MONDAY)

    text = rendered(mail, read(session, mail), locale)

    assert f"https://duijie.example/welcome/{link_token('a key of tests', link.nonce)}" in text
    assert "72" in text


def test_a_link_that_was_used_or_replaced_or_whose_person_is_shut_out_is_not_mailed(session: Session) -> None:
    home, person = pending(session)
    home.approve(MONDAY)
    link = make_mailed_link(session, person, key="k", now=MONDAY)
    mail = tell_of_approval(session, person, link, now=MONDAY)

    home.suspend(MONDAY)
    suspended = drop_reason(session, mail)
    home.reinstate()
    person.locked_at = MONDAY
    locked = drop_reason(session, mail)
    person.locked_at, link.used_at = None, MONDAY
    used = drop_reason(session, mail)
    link.used_at = None
    make_link(session, person, now=MONDAY)

    assert (suspended, locked, used) == ("organisation_not_active", "person_locked", "link_used")
    assert drop_reason(session, mail) == "link_replaced"


def test_a_refusal_is_told_with_its_reason_also_to_who_was_locked_by_it(session: Session) -> None:
    home, person = pending(session)
    home.refuse(MONDAY, reason="名称与代码不符")
    mail = tell_of_refusal(session, person, home, now=MONDAY)
    person.locked_at = MONDAY

    text = rendered(mail, read(session, mail))
    home.ask_again(MONDAY)

    assert "> 名称与代码不符" in text and "https://duijie.example/sign-up" in text
    assert drop_reason(session, mail) == "organisation_pending"


def test_who_is_known_is_told_what_to_do_by_whether_they_wait(session: Session) -> None:
    _, waiting = pending(session)
    known = make_user(session, email="li@example.org")
    mails = tell_of_known(session, [waiting, known], now=MONDAY)

    first, second = (rendered(mail, read(session, mail)) for mail in mails)

    assert "还在审核" in first
    assert "li@example.org" in second and "https://duijie.example/login" in second


def test_a_mail_to_an_address_that_is_not_the_persons_any_more_is_dropped(session: Session) -> None:
    person = make_user(session)
    [mail] = tell_of_known(session, [person], now=MONDAY)

    person.email = "new@example.org"

    assert drop_reason(session, mail) == "address_changed"


def test_hours_are_whole() -> None:
    assert hours_between(MONDAY, MONDAY + timedelta(minutes=150)) == 2


def invited(session: Session, *, email: str = "wang@example.org") -> tuple[ColleagueInvitation, OutboxMail]:
    home = make_firm(session, name="甲视觉")
    manager = make_user(session, organisation_id=home.key, name="李工", manager_at=MONDAY)
    row = invite_colleague(
        session, home, email=email, name="王", by=manager, key="a key of tests", now=MONDAY
    )
    return row, session.exec(select(OutboxMail)).one()


def test_an_invitation_carries_the_newest_link(session: Session) -> None:
    row, mail = invited(session)

    text = rendered(mail, read(session, mail))

    assert "李工" in text and "甲视觉" in text
    assert f"https://duijie.example/join/{link_token('a key of tests', row.nonce)}" in text


def test_whose_account_is_elsewhere_is_told_so_without_a_link(session: Session) -> None:
    make_user(session, email="wang@example.org", organisation_id=make_firm(session).key)
    _, mail = invited(session)

    text = rendered(mail, read(session, mail))

    assert "另一个机构" in text and "/join/" not in text


def test_an_invitation_that_is_over_is_not_told(session: Session) -> None:
    row, mail = invited(session)
    home = session.get_one(Organisation, row.organisation_id)

    home.suspend(MONDAY)
    suspended = drop_reason(session, mail)
    home.reinstate()
    make_user(session, email="wang@example.org", locked_at=MONDAY)
    locked = drop_reason(session, mail)
    row.withdraw(MONDAY)

    assert (suspended, locked) == ("organisation_not_active", "person_locked")
    assert drop_reason(session, mail) == "invitation_over"


@pytest.mark.parametrize("change", list(Change))
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_change_has_words_in_every_language(session: Session, change: Change, locale: str) -> None:
    person = make_user(session)
    mail = tell_of_change(session, person, change, now=MONDAY)

    text = rendered(mail, read(session, mail), locale)

    assert person.email in text
    assert change not in text.split("http")[0] or locale == "en"


def test_a_reset_carries_its_link_while_it_is_the_newest(session: Session) -> None:
    person = make_user(session, password_hash="x")
    link = ask_for_link(session, person.email, key="a key of tests", now=MONDAY)
    assert link is not None
    mail = session.exec(select(OutboxMail)).one()

    text = rendered(mail, read(session, mail))
    link.used_at = MONDAY

    assert f"/welcome/{link_token('a key of tests', link.nonce)}" in text and "2 小时" in text
    assert drop_reason(session, mail) == "link_used"
