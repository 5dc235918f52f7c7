"""The people of an organisation: colleagues are invited, removed, and made managers; somebody can always manage.

An invitation is a row of its own, not a user: whoever invites learns nothing of the address, not even whether it has an
account elsewhere.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.account_notice import Change, tell_of_change, tell_of_invitation
from models.audit import record
from models.base import Table, UtcDateTime, find_row, moment
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.login import LINK_HOURS, end_links, end_sessions, hash_token
from models.organisation import Organisation
from models.secret_key import link_token
from models.sign_up import ROLE_OF_KIND
from models.user import Role, User, UserRole, find_user, organisation_users, withdraw_roles

MAX_OPEN = 50
"""Invitations of one organisation that wait; more is a list of addresses, not colleagues."""


class InvitationStatus(StrEnum):
    """Derived from timestamps and the clock."""

    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class ColleagueInvitation(Table, table=True):
    """One address invited into one organisation; sent again by the same row, with another link."""

    __tablename__ = "colleague_invitation"
    __table_args__ = (
        sa.CheckConstraint("email = lower(email)", name="email_lower_case"),
        sa.CheckConstraint("accepted_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
    )

    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    email: str = Field(max_length=254, description="Lower case.")
    name: str = Field(max_length=120)
    invited_by_user_id: int = Field(foreign_key="user.id")
    nonce: str = Field(max_length=43, description="From it and the installation's key the link is made.")
    token_hash: str = Field(unique=True, max_length=64)
    sent_at: datetime = Field(sa_type=UtcDateTime, description="When the present link was asked for.")
    expires_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = moment()
    withdrawn_at: datetime | None = moment()

    def status_at(self, now: datetime) -> InvitationStatus:
        """The state at a moment."""
        if self.accepted_at is not None:
            return InvitationStatus.ACCEPTED
        if self.withdrawn_at is not None:
            return InvitationStatus.WITHDRAWN
        return InvitationStatus.OPEN if now < self.expires_at else InvitationStatus.EXPIRED

    def renew(self, *, key: str, now: datetime) -> None:
        """Make another link; the earlier one stops working. InvalidTransition once accepted or withdrawn."""
        self._require_waiting()
        self.nonce = secrets.token_urlsafe(32)
        self.token_hash = hash_token(link_token(key, self.nonce))
        self.sent_at, self.expires_at = now, now + timedelta(hours=LINK_HOURS)

    def withdraw(self, now: datetime) -> None:
        """Take it back. InvalidTransition once accepted or withdrawn."""
        self._require_waiting()
        self.withdrawn_at = now

    def _require_waiting(self) -> None:
        if self.accepted_at is not None or self.withdrawn_at is not None:
            raise InvalidTransition("这个邀请已经接受或撤回了。")


def invite_colleague(  # noqa: PLR0913  (who is invited, where, by whom)
    session: Session, home: Organisation, *, email: str, name: str, by: User, key: str, now: datetime
) -> ColleagueInvitation:
    """Invite an address (checked, in its normal form) and mail the link; an invitation that waits is sent again.

    InvalidInput where the address belongs to a colleague already, or too many invitations wait.
    """
    person = find_user(session, email)
    if person is not None and person.organisation_id == home.key:
        taken = "这个人已经在本机构的成员里。"
        raise InvalidInput(taken, fields={"email": taken})
    waiting = waiting_invitations(session, home.key)
    invitation = next((row for row in waiting if row.email == email), None)
    if invitation is None:
        if len(waiting) >= MAX_OPEN:
            full = "等待接受的邀请太多，请先撤回一些。"
            raise InvalidInput(full, fields={"email": full})
        invitation = ColleagueInvitation(
            created_at=now, organisation_id=home.key, email=email, name=name, invited_by_user_id=by.key,
            nonce="", token_hash="", sent_at=now, expires_at=now,
        )  # fmt: skip
    send_again(session, invitation, by=by, key=key, now=now)
    return invitation


def send_again(
    session: Session, invitation: ColleagueInvitation, *, by: User, key: str, now: datetime
) -> None:
    """Mail a new link. InvalidTransition once accepted or withdrawn."""
    invitation.renew(key=key, now=now)
    invitation.invited_by_user_id = by.key
    record(session, actor=by, action="colleague.invited", subject=invitation)
    tell_of_invitation(
        session, email=invitation.email, locale=by.locale, invitation_id=invitation.key, now=now
    )


def waiting_invitations(session: Session, organisation_id: int) -> list[ColleagueInvitation]:
    """Those neither accepted nor withdrawn, the expired ones too, newest first."""
    statement = select(ColleagueInvitation).where(
        col(ColleagueInvitation.organisation_id) == organisation_id,
        col(ColleagueInvitation.accepted_at).is_(None),
        col(ColleagueInvitation.withdrawn_at).is_(None),
    )
    return list(session.exec(statement.order_by(col(ColleagueInvitation.id).desc())))


def get_invitation_of(session: Session, invitation_id: int, organisation_id: int) -> ColleagueInvitation:
    """The invitation, if it is this organisation's; NotFound otherwise."""
    row = find_row(session, ColleagueInvitation, invitation_id)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound("没有这个邀请。")
    return row


def get_invitation(session: Session, token: str, *, now: datetime) -> ColleagueInvitation:
    """The open invitation of a link, its row locked. NotFound when used, withdrawn, expired or replaced."""
    statement = select(ColleagueInvitation).where(
        col(ColleagueInvitation.token_hash) == hash_token(token),
        col(ColleagueInvitation.accepted_at).is_(None),
        col(ColleagueInvitation.withdrawn_at).is_(None),
        col(ColleagueInvitation.expires_at) > now,
    )
    row = session.exec(statement.with_for_update()).first()
    if row is None:
        raise NotFound("这个邀请已经用过、撤回或过期，请邀请你的同事重新发一次。")
    return row


def accept(session: Session, invitation: ColleagueInvitation, *, name: str, now: datetime) -> User:
    """The person, a colleague from now on; the first one of an organisation manages it.

    InvalidTransition for an account that is locked or belongs to another organisation.
    """
    home = session.get_one(Organisation, invitation.organisation_id)
    person = find_user(session, invitation.email) or User(email=invitation.email, name=name, created_at=now)
    if person.locked_at is not None or person.organisation_id not in (None, home.key):
        raise InvalidTransition("你的账号属于另一个机构或已锁定，不能加入。请联系管理员。")
    person.organisation_id, invitation.accepted_at = home.key, now
    session.add(person)
    session.flush()
    if not working_managers(session, home.key):
        person.manager_at = now
    if not person.has_role(ROLE_OF_KIND[home.kind]):
        person.roles.append(UserRole(user_id=person.key, role=ROLE_OF_KIND[home.kind]))
    record(session, actor=person, action="colleague.joined", subject=invitation)
    return person


def working_managers(session: Session, organisation_id: int) -> list[User]:
    """Who manages the organisation and can log in: not locked, with a password."""
    people = organisation_users(session, organisation_id)
    return [row for row in people if row.is_manager and row.password_hash is not None]


def appoint(session: Session, person: User, *, by: User, now: datetime) -> None:
    """Let a colleague manage too. InvalidTransition for one who manages already or cannot log in yet."""
    if person.organisation_id is None or person.is_manager:
        raise InvalidTransition("这个人已经是管理人，或者不属于任何机构。")
    if person.password_hash is None or person.locked_at is not None:
        raise InvalidTransition("这个人还不能登录，等能登录了再设为管理人。")
    person.manager_at = now
    record(session, actor=by, action="member.appointed", subject=person)
    tell_of_change(session, person, Change.MANAGER, now=now)


def step_down(session: Session, person: User, *, by: User) -> None:
    """Manage no longer. InvalidTransition for the last one who can."""
    if not person.is_manager:
        raise InvalidTransition("这个人不是管理人。")
    _require_another(session, person)
    person.manager_at = None
    record(session, actor=by, action="member.stepped_down", subject=person)


def remove_member(session: Session, person: User, *, by: User, now: datetime) -> None:
    """End the person's access to the organisation, at once. InvalidTransition for the last manager.

    What they did stays under their name; the account stays, without organisation.
    """
    if person.is_manager:
        _require_another(session, person)
    details = {"organisation_id": person.organisation_id}
    person.organisation_id = person.manager_at = None
    withdraw_roles(session, person, Role.AGENCY, Role.STARTUP)
    end_sessions(session, person.key, now=now)
    end_links(session, person, now=now)
    record(session, actor=by, action="member.removed", subject=person, details=details)
    tell_of_change(session, person, Change.REMOVED, now=now)


def _require_another(session: Session, person: User) -> None:
    assert person.organisation_id is not None
    if all(row.key == person.key for row in working_managers(session, person.organisation_id)):
        raise InvalidTransition("至少要有一位能登录的管理人，请先把别人设为管理人。")
