"""Signing up: an organisation asks to be let in with its first person, and an operator lets it in or turns it away.

Whoever asks is told the same whatever is known of the address or the code; who already has them is told by mail.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.account_notice import tell_of_approval, tell_of_known, tell_of_refusal, tell_of_waiting
from models.audit import record
from models.login import make_mailed_link
from models.organisation import Organisation, OrganisationKind, OrganisationStatus, find_by_credit_code
from models.user import Role, User, UserRole, everybody_of, find_user, organisation_users, withdraw_roles

ROLE_OF_KIND = {
    OrganisationKind.AGENCY: Role.AGENCY,
    OrganisationKind.ENTERPRISE: Role.AGENCY,
    OrganisationKind.SERVICE_CENTRE: Role.AGENCY,
    OrganisationKind.STARTUP: Role.STARTUP,
    OrganisationKind.UNIVERSITY: Role.STARTUP,
}
"""What people of such an organisation do here: post what they need, or answer it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for. credit_code and email: checked, in their normal form."""

    name: str
    kind: OrganisationKind
    credit_code: str
    district_id: int
    community_id: int | None
    contact_name: str
    email: str
    locale: str


def ask_to_join(session: Session, wanted: Wanted, *, now: datetime) -> Organisation | None:
    """The organisation that waits for an operator from now on; None where code or address are known already.

    In that case nothing changes and the people who own the address or the code are told. Flushes, never commits.
    """
    home, person = find_by_credit_code(session, wanted.credit_code), find_user(session, wanted.email)
    if person is not None and not _was_refused(person):
        tell_of_known(session, [person], now=now)
        return None
    if home is not None and home.status is not OrganisationStatus.REFUSED:
        _tell_owners(session, home, now=now)
        return None
    home = _renewed(home, wanted, now)
    session.add(home)
    session.flush()
    _part_with_refused(session, home, besides=person)
    _first_person(session, person, home, wanted)
    record(session, actor=None, action="organisation.requested", subject=home)
    tell_of_waiting(session, home, now=now)
    return home


def _was_refused(person: User) -> bool:
    """Whether the person never had an account: all there was is a request that was turned away."""
    if person.password_hash is not None:
        return False
    home = person.organisation
    # Without one: somebody else asked for it since, see _part_with_refused.
    return person.locked_at is not None if home is None else home.status is OrganisationStatus.REFUSED


def _tell_owners(session: Session, home: Organisation, *, now: datetime) -> None:
    people = organisation_users(session, home.key)
    if people:
        tell_of_known(session, [row for row in people if row.is_manager] or people, now=now)
    else:
        # Imported, and nobody of it has an account yet: an operator invites the first person.
        record(session, actor=None, action="organisation.claimed", subject=home)
        tell_of_waiting(session, home, now=now)


def _renewed(home: Organisation | None, wanted: Wanted, now: datetime) -> Organisation:
    if home is None:
        home = Organisation(name=wanted.name, kind=wanted.kind, created_at=now, requested_at=now)
    else:
        home.ask_again(now)
    home.name, home.kind, home.credit_code = wanted.name, wanted.kind, wanted.credit_code
    home.district_id, home.community_id = wanted.district_id, wanted.community_id
    return home


def _part_with_refused(session: Session, home: Organisation, *, besides: User | None) -> None:
    """Whoever asked before for this organisation and was refused has no part in another's request."""
    for person in everybody_of(session, home.key):
        if person is not besides:
            withdraw_roles(session, person, *Role)
            person.organisation_id = person.manager_at = None
            session.add(person)


def _first_person(session: Session, person: User | None, home: Organisation, wanted: Wanted) -> None:
    if person is None:
        person = User(email=wanted.email, name=wanted.contact_name)
    person.name, person.locale, person.locked_at = wanted.contact_name, wanted.locale, None
    person.organisation_id, person.manager_at = home.key, home.requested_at
    session.add(person)
    session.flush()
    withdraw_roles(session, person, *Role)
    person.roles.append(UserRole(user_id=person.key, role=ROLE_OF_KIND[home.kind]))


def approve(session: Session, home: Organisation, *, by: User, key: str, now: datetime) -> None:
    """Let it in and mail its people the link that sets a password. InvalidTransition unless it is pending."""
    home.approve(now)
    record(session, actor=by, action="organisation.approved", subject=home)
    for person in organisation_users(session, home.key):
        tell_of_approval(session, person, make_mailed_link(session, person, key=key, now=now), now=now)


def refuse(session: Session, home: Organisation, *, reason: str, by: User, now: datetime) -> None:
    """Turn it away, with a reason that is mailed. InvalidTransition unless it is pending.

    Its people are locked until they ask again; the code and the address are free for another request.
    """
    home.refuse(now, reason=reason)
    record(session, actor=by, action="organisation.refused", subject=home)
    for person in organisation_users(session, home.key):
        tell_of_refusal(session, person, home, now=now)
        person.locked_at = now
        session.add(person)
