"""Mails about accounts: to whom, once, and without anything that lets somebody in."""

from datetime import datetime, timedelta

from sqlmodel import Session

from models.account_notice import (
    Change,
    tell_of_approval,
    tell_of_change,
    tell_of_invitation,
    tell_of_known,
    tell_of_refusal,
    tell_of_waiting,
)
from models.login import make_mailed_link
from models.outbox import MailKind
from models.user import Role
from tests.factories import make_firm, make_user


def test_the_same_request_is_told_once_and_a_later_one_again(session: Session, now: datetime) -> None:
    home = make_firm(session)
    make_user(session, roles=(Role.OPERATOR,))

    first, second = (tell_of_waiting(session, home, now=now) for _ in range(2))
    later = tell_of_waiting(session, home, now=now + timedelta(hours=1))

    assert first == second
    assert later[0].key != first[0].key


def test_the_owner_of_an_address_is_told_once_a_day(session: Session, now: datetime) -> None:
    person = make_user(session, locale="en")

    first, second = (tell_of_known(session, [person], now=now) for _ in range(2))
    tomorrow = tell_of_known(session, [person], now=now + timedelta(days=1))

    assert first == second != tomorrow
    assert (first[0].kind, first[0].locale) == (MailKind.SIGN_UP_KNOWN, "en")


def test_what_is_written_down_is_ids(session: Session, now: datetime) -> None:
    person = make_user(session)
    link = make_mailed_link(session, person, key="k", now=now)
    home = make_firm(session, refused_reason="理由")

    mails = [
        tell_of_approval(session, person, link, now=now),
        tell_of_refusal(session, person, home, now=now),
    ]

    assert [mail.context for mail in mails] == [{"user_id": person.key}] * 2
    assert [mail.subject_ref for mail in mails] == [f"one_time_link:{link.key}", f"organisation:{home.key}"]


def test_an_invitation_is_mailed_again_when_it_is_sent_again(session: Session, now: datetime) -> None:
    mails = [
        tell_of_invitation(session, email="wang@example.org", locale="en", invitation_id=7, now=at)
        for at in (now, now, now + timedelta(minutes=1))
    ]

    assert mails[0] == mails[1] != mails[2]
    assert (mails[0].locale, mails[0].context) == ("en", {})


def test_a_change_is_told_by_its_code(session: Session, now: datetime) -> None:
    person = make_user(session)

    mail = tell_of_change(session, person, Change.REMOVED, now=now)

    assert mail.context == {"user_id": person.key, "change": "removed"}
