"""A forgotten password: a link to its owner, and the same answer whether or not there is one."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from models.account_notice import tell_of_reset
from models.audit import record
from models.login import LINK_HOURS, OneTimeLink, make_mailed_link
from models.organisation import OrganisationStatus
from models.user import User, find_user

RESET_HOURS = 2
"""A person who asks is there to click; a link that lies in a mailbox is a key under the mat."""

MAX_LINKS, WINDOW = 3, timedelta(hours=1)
"""So many links go to one address, whoever asks, so that nobody is flooded with mails."""


def ask_for_link(session: Session, email: str, *, key: str, now: datetime) -> OneTimeLink | None:
    """Mail a link to the person with this address; None, and nothing happens, where nobody may log in with it.

    Whoever never set a password gets a link as long-lived as the first one. Flushes, never commits.
    """
    person = find_user(session, email)
    if person is None or not may_log_in(person) or _has_enough(session, person, now):
        return None
    hours = LINK_HOURS if person.password_hash is None else RESET_HOURS
    link = make_mailed_link(session, person, key=key, now=now, hours=hours)
    record(session, actor=None, action="user.reset_asked", subject=person)
    tell_of_reset(session, person, link, now=now)
    return link


def may_log_in(person: User) -> bool:
    """Whether the person is not locked, nor of an organisation that is not let in."""
    home = person.organisation
    return person.locked_at is None and (home is None or home.status is OrganisationStatus.ACTIVE)


def _has_enough(session: Session, person: User, now: datetime) -> bool:
    statement = select(func.count()).where(
        col(OneTimeLink.user_id) == person.key, col(OneTimeLink.created_at) > now - WINDOW
    )
    return session.exec(statement).one() >= MAX_LINKS
