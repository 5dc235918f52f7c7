"""Who is told by mail of what happens to accounts. As in models/notice.py the rows hold ids, and no link: a mail with
a link is written from the link's row and the installation's key.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from models.login import OneTimeLink
from models.organisation import Organisation
from models.outbox import MailKind, OutboxMail, enqueue
from models.user import Role, User, role_holders


class Change(StrEnum):
    """What changed about an account. Stored in mails that wait: never renamed."""

    REMOVED = "removed"
    MANAGER = "manager"
    ROLES = "roles"
    PASSWORD = "password"
    FACTOR_ON = "factor_on"
    FACTOR_RENEWED = "factor_renewed"
    FACTOR_OFF = "factor_off"
    FACTOR_RESET = "factor_reset"
    CODES_RENEWED = "codes_renewed"
    RECOVERY_USED = "recovery_used"


def tell_of_waiting(session: Session, home: Organisation, *, now: datetime) -> list[OutboxMail]:
    """An organisation asked to be let in: those who may decide in its district are told."""
    deciders = role_holders(session, Role.OPERATOR, Role.ADMIN, district_id=home.district_id)
    ref = f"organisation:{home.key}"
    return [
        _tell(session, MailKind.SIGN_UP_WAITING, row, ref, period=minute(now), now=now) for row in deciders
    ]


def tell_of_known(session: Session, people: Iterable[User], *, now: datetime) -> list[OutboxMail]:
    """Somebody asked for an account with an address or a code that is known: its owners are told, once a day."""
    day = f"{now:%Y-%m-%d}"
    return [
        _tell(session, MailKind.SIGN_UP_KNOWN, row, f"user:{row.key}", period=day, now=now) for row in people
    ]


def tell_of_approval(session: Session, person: User, link: OneTimeLink, *, now: datetime) -> OutboxMail:
    """The organisation was let in: its person gets the link that sets a password."""
    return _tell(session, MailKind.SIGN_UP_APPROVED, person, f"one_time_link:{link.key}", now=now)


def tell_of_reset(session: Session, person: User, link: OneTimeLink, *, now: datetime) -> OutboxMail:
    """Somebody asked for a new password: the owner of the address gets the link that sets one."""
    return _tell(session, MailKind.PASSWORD_RESET, person, f"one_time_link:{link.key}", now=now)


def tell_of_refusal(session: Session, person: User, home: Organisation, *, now: datetime) -> OutboxMail:
    """The organisation was turned away: its person is told why."""
    ref = f"organisation:{home.key}"
    return _tell(session, MailKind.SIGN_UP_REFUSED, person, ref, period=minute(now), now=now)


def tell_of_invitation(
    session: Session, *, email: str, locale: str, invitation_id: int, now: datetime
) -> OutboxMail:
    """A colleague was invited, or invited anew: the mail has the link, whoever the address belongs to."""
    return enqueue(
        session,
        kind=MailKind.COLLEAGUE_INVITED,
        recipient=email,
        locale=locale,
        subject_ref=f"colleague_invitation:{invitation_id}",
        period=minute(now),
        context={},
        now=now,
    )


def tell_of_change(session: Session, person: User, change: Change, *, now: datetime) -> OutboxMail:
    """Something about the account changed that its owner must hear of, in case it was not them."""
    ref = f"user:{person.key}:{change}"
    return _tell(
        session, MailKind.ACCOUNT_CHANGED, person, ref, period=minute(now), now=now, values={"change": change}
    )


def minute(now: datetime) -> str:
    """The period of what may happen again to the same thing: one mail a minute at most."""
    return f"{now:%Y-%m-%dT%H:%M}"


def _tell(  # noqa: PLR0913  (the columns of the mail)
    session: Session,
    kind: MailKind,
    person: User,
    subject_ref: str,
    *,
    now: datetime,
    values: dict[str, str] | None = None,
    **more: Any,
) -> OutboxMail:
    context = {"user_id": person.key, **(values or {})}
    return enqueue(
        session,
        kind=kind,
        recipient=person.email,
        locale=person.locale,
        subject_ref=subject_ref,
        context=context,
        now=now,
        **more,
    )
