"""What a mail about an account says, read when it is sent (see jobs/mail_content.py)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from jobs.mail_parts import Content, Dropped, subject_id
from models.login import OneTimeLink
from models.membership import ColleagueInvitation
from models.organisation import Organisation, OrganisationStatus
from models.outbox import MailKind, OutboxMail
from models.user import User, find_user, get_user, organisation_users


def _waiting(session: Session, mail: OutboxMail) -> Content:
    home = _home(session, mail)
    if home.status is OrganisationStatus.PENDING:
        people = organisation_users(session, home.key)
        return Content(
            {**_home_values(home), "contact_name": people[0].name if people else "", "is_new": True}
        )
    if home.status is OrganisationStatus.ACTIVE and not organisation_users(session, home.key):
        return Content({**_home_values(home), "contact_name": "", "is_new": False})
    raise Dropped(f"organisation_{home.status}")


def _approved(session: Session, mail: OutboxMail) -> Content:
    person, link = _person(session, mail), _link(session, mail)
    home = person.organisation
    if home is None or home.status is not OrganisationStatus.ACTIVE:
        raise Dropped("organisation_not_active")
    return Content({**_home_values(home), **_link_values(link)})


def _refused(session: Session, mail: OutboxMail) -> Content:
    home = _home(session, mail)
    if home.status is not OrganisationStatus.REFUSED:
        raise Dropped(f"organisation_{home.status}")
    return Content({**_home_values(home), "reason": home.refused_reason})


def _known(session: Session, mail: OutboxMail) -> Content:
    person = _person(session, mail)
    home = person.organisation
    is_waiting = home is not None and home.status is OrganisationStatus.PENDING
    return Content(
        {
            "email": person.email,
            "organisation_name": "" if home is None else home.name,
            "is_waiting": is_waiting,
            "is_demo": person.is_demo,
        }
    )


def _invited(session: Session, mail: OutboxMail) -> Content:
    invitation = session.get(ColleagueInvitation, subject_id(mail))
    if invitation is None or invitation.accepted_at or invitation.withdrawn_at:
        raise Dropped("invitation_over")
    home = session.get_one(Organisation, invitation.organisation_id)
    if home.status is not OrganisationStatus.ACTIVE:
        raise Dropped("organisation_not_active")
    person = find_user(session, invitation.email)
    if person is not None and person.locked_at is not None:
        raise Dropped("person_locked")
    values = {
        "inviter_name": get_user(session, invitation.invited_by_user_id).name,
        "is_elsewhere": person is not None and person.organisation_id not in (None, home.key),
        "link_nonce": invitation.nonce,
        "link_hours": hours_between(invitation.sent_at, invitation.expires_at),
    }
    return Content({**_home_values(home), **values})


def _reset(session: Session, mail: OutboxMail) -> Content:
    person, link = _person(session, mail), _link(session, mail)
    return Content({**_link_values(link), "email": person.email, "is_demo": person.is_demo})


def _changed(session: Session, mail: OutboxMail) -> Content:
    person = _person(session, mail)
    return Content({"change": mail.context["change"], "email": person.email, "is_demo": person.is_demo})


def _person(session: Session, mail: OutboxMail) -> User:
    person = session.get(User, mail.context["user_id"])
    if person is None or person.locked_at is not None:
        raise Dropped("person_locked")
    if person.email != mail.recipient:
        raise Dropped("address_changed")
    return person


def _home(session: Session, mail: OutboxMail) -> Organisation:
    home = session.get(Organisation, subject_id(mail))
    if home is None:
        raise Dropped("organisation_gone")
    return home


def _home_values(home: Organisation) -> dict[str, Any]:
    return {"organisation_id": home.key, "organisation_name": home.name, "is_demo": home.is_demo}


def _link(session: Session, mail: OutboxMail) -> OneTimeLink:
    """The link of a mail, if it is still the newest of its person and unused."""
    link = session.get(OneTimeLink, subject_id(mail))
    if link is None or link.used_at is not None:
        raise Dropped("link_used")
    newest = select(OneTimeLink.id).where(col(OneTimeLink.user_id) == link.user_id)
    if session.exec(newest.order_by(col(OneTimeLink.id).desc())).first() != link.id:
        raise Dropped("link_replaced")
    return link


def _link_values(link: OneTimeLink) -> dict[str, Any]:
    return {"link_nonce": link.nonce, "link_hours": hours_between(link.created_at, link.expires_at)}


def hours_between(start: datetime, end: datetime) -> int:
    """Whole hours from one moment to a later one."""
    return int((end - start).total_seconds() // 3600)


Reader = Callable[[Session, OutboxMail], Content]

_READERS: dict[MailKind, Reader] = {
    MailKind.SIGN_UP_WAITING: _waiting,
    MailKind.SIGN_UP_APPROVED: _approved,
    MailKind.SIGN_UP_REFUSED: _refused,
    MailKind.SIGN_UP_KNOWN: _known,
    MailKind.COLLEAGUE_INVITED: _invited,
    MailKind.ACCOUNT_CHANGED: _changed,
    MailKind.PASSWORD_RESET: _reset,
}


def _on_any_day(reader: Reader) -> Callable[[Session, OutboxMail, date], Content]:
    return lambda session, mail, _on: reader(session, mail)


ACCOUNT_READERS = {kind: _on_any_day(reader) for kind, reader in _READERS.items()}
"""By kind, in the form of the others: these mails say the same on every day."""
