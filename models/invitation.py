"""Inviting a person: a user with roles and a one-time link that sets the password."""

from collections.abc import Sequence
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlmodel import Session

from models.audit import record
from models.errors import InvalidInput
from models.login import make_link
from models.organisation import Organisation, OrganisationKind, find_organisation
from models.outbox import clean_address
from models.texts import storable
from models.user import Role, User, UserRole, find_user, organisation_users

MAX_NAME = 120
AT_HOME = (Role.AGENCY, Role.STARTUP)
"""Roles that mean nothing without an organisation."""


def invite_user(  # noqa: PLR0913  (what is known of a person who was never here)
    session: Session, *, email: str, roles: Sequence[str], organisation: str, name: str, now: datetime
) -> str:
    """Make the user, or add the roles to the one who has this address, and return a one-time token.

    Raises InvalidInput for an address that is none, a role or organisation that does not exist, or a person who belongs
    to another organisation: moving somebody would show them another tenant's rows. Flushes, never commits.
    """
    address = checked_address(email)
    wanted = list(dict.fromkeys(_role(role) for role in roles))
    home = _home(session, organisation)
    user = find_user(session, address)
    if user is None:
        user = User(email=address, name=" ".join(storable(name).split())[:MAX_NAME] or address[:MAX_NAME])
    if home is not None:
        if user.organisation_id not in (None, home.key):
            raise InvalidInput("这个人属于另一个机构，不能改到这里。")
        user.organisation_id = home.key
        if not any(person.is_manager for person in organisation_users(session, home.key)):
            # The first person of an organisation invites the others.
            user.manager_at = now
    if user.organisation_id is None and any(role in AT_HOME for role in wanted):
        raise InvalidInput("这个角色要属于一个机构，请用 --organisation 指定。")
    session.add(user)
    session.flush()
    held = {granted.role for granted in user.roles}
    for role in wanted:
        if role not in held:
            user.roles.append(UserRole(user_id=user.key, role=role))
    record(
        session,
        actor=None,
        action="user.invited",
        subject=user,
        details={"roles": [str(role) for role in wanted]},
    )
    return make_link(session, user, now=now)


def checked_address(email: str) -> str:
    """The address in lower case; InvalidInput when it is none, or none we can mail. Nothing is looked up."""
    try:
        # Reserved domains are allowed: demo accounts and trials live there.
        checked = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as err:
        raise InvalidInput(f"“{email}”不是邮箱地址。", fields={"email": "不是邮箱地址。"}) from err
    return clean_address(checked.normalized)


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as err:
        raise InvalidInput(f"没有 {name} 这个角色，可选：{'、'.join(Role)}。") from err


def _home(session: Session, name: str) -> Organisation | None:
    if not name:
        return None
    found = find_organisation(session, name, kinds=list(OrganisationKind))
    if found is None:
        raise InvalidInput(f"没有“{name}”这个机构，先导入或登记。")
    return found
