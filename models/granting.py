"""Roles given and taken, people locked and unlocked: by an admin, at once, and written down."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.account_notice import Change, tell_of_change
from models.audit import record
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.i18n import N_
from models.invitation import AT_HOME
from models.login import end_links, end_sessions
from models.organisation import Organisation, OrganisationStatus
from models.user import Role, User, UserRole, role_holders

NO_ADMIN_LEFT = N_("至少要有一位能登录的管理员，请先给别人这个角色。")

CITY_WIDE = (Role.ADMIN,)
"""Roles that cannot be held for one district."""


def search_users(session: Session, words: str = "", role: Role | None = None) -> list[User]:
    """People whose name or address holds the words and who hold the role, by name."""
    statement = select(User)
    if words:
        statement = statement.where(
            sa.or_(*(col(each).icontains(words, autoescape=True) for each in (User.name, User.email)))
        )
    if role is not None:
        holders = select(UserRole.user_id).where(col(UserRole.role) == role)
        statement = statement.where(col(User.id).in_(holders))
    return list(session.exec(statement.order_by(col(User.name), col(User.id))))


def grant(  # noqa: PLR0913  (who gets what, where, by whom)
    session: Session, person: User, role: Role, *, district_id: int | None, by: User, now: datetime
) -> UserRole:
    """Give a role, for the city or a district. InvalidInput where that role makes no sense for the person or place."""
    if role in AT_HOME and person.organisation_id is None:
        raise _wrong("role", "这个角色要属于一个机构：请在机构的成员里邀请。")
    if district_id is not None and (role in AT_HOME or role in CITY_WIDE):
        raise _wrong("district_id", "这个角色不分区。")
    if any(held.role == role and held.district_id in (None, district_id) for held in person.roles):
        raise _wrong("role", "这个人已经有这个角色。")
    granted = UserRole(user_id=person.key, role=role, district_id=district_id)
    person.roles.append(granted)
    session.add(person)
    details = {"role": str(role), "district_id": district_id}
    record(session, actor=by, action="role.granted", subject=person, details=details)
    tell_of_change(session, person, Change.ROLES, now=now)
    return granted


def _wrong(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={field: sentence})


def withdraw(session: Session, person: User, role_id: int, *, by: User, now: datetime) -> None:
    """Take one grant away; every log-in of the person ends. NotFound for a grant of somebody else.

    InvalidTransition for the last admin who can log in.
    """
    granted = next((row for row in person.roles if row.id == role_id), None)
    if granted is None:
        raise NotFound("没有这项授权。")
    if granted.role is Role.ADMIN:
        _require_another_admin(session, person)
    details = {"role": str(granted.role), "district_id": granted.district_id}
    session.delete(granted)
    session.flush()
    session.expire(person, ["roles"])
    end_sessions(session, person.key, now=now)
    record(session, actor=by, action="role.withdrawn", subject=person, details=details)
    tell_of_change(session, person, Change.ROLES, now=now)


def lock(session: Session, person: User, *, by: User, now: datetime) -> None:
    """Shut a person out at once. InvalidTransition for oneself, the last admin, or one who is locked."""
    if person.locked_at is not None:
        raise InvalidTransition("这个人已经锁定。")
    if person.key == by.key:
        raise InvalidTransition("不能锁定自己。")
    if person.has_role(Role.ADMIN):
        _require_another_admin(session, person)
    person.locked_at = now
    end_sessions(session, person.key, now=now)
    end_links(session, person, now=now)
    record(session, actor=by, action="user.locked", subject=person)


def unlock(session: Session, person: User, *, by: User) -> None:
    """Let a locked person log in again. InvalidTransition for one who is not locked."""
    if person.locked_at is None or person.erased_at is not None:
        raise InvalidTransition("这个人没有锁定，或者已经注销。")
    person.locked_at = None
    record(session, actor=by, action="user.unlocked", subject=person)


def suspend_organisation(session: Session, home: Organisation, *, by: User, now: datetime) -> None:
    """Stop an organisation; whatever its people ask for next is refused. InvalidTransition for one's own, or where no
    admin would be left who can act.
    """
    if by.organisation_id == home.key:
        raise InvalidTransition("不能停用自己的机构。")
    admins = acting_admins(session)
    if admins and all(row.organisation_id == home.key for row in admins):
        raise InvalidTransition(NO_ADMIN_LEFT)
    home.suspend(now)
    record(session, actor=by, action="organisation.suspended", subject=home)


def _require_another_admin(session: Session, person: User) -> None:
    if not any(row.key != person.key for row in acting_admins(session)):
        raise InvalidTransition(NO_ADMIN_LEFT)


def acting_admins(session: Session) -> list[User]:
    """Admins who can log in, and whose organisation, if they have one, is not stopped."""
    return [
        row
        for row in role_holders(session, Role.ADMIN)
        if row.password_hash
        and (row.organisation is None or row.organisation.status is OrganisationStatus.ACTIVE)
    ]
