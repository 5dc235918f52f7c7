"""Erasing a person on request: the name and every address go, what the law wants kept stays under a pseudonym.

Kept: the row of the person, without anything that says who it was, because audit, funding and pilot records point at
it. What was sent by mail and backups that were made before are outside; docs/accounts.md says what becomes of them.
"""

import re
import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, delete, select, update
from sqlmodel.sql.sqltypes import AutoString

from models.api_token import ApiToken
from models.audit import record
from models.errors import InvalidTransition
from models.granting import acting_admins
from models.i18n import N_
from models.kept_answer import KeptAnswer
from models.login import HalfLogin, OneTimeLink, UserSession
from models.membership import ColleagueInvitation, working_managers
from models.outbox import MailStatus, OutboxMail, SuppressedAddress, in_state
from models.registration import leave_all
from models.saved_search import SavedSearch, SearchNews
from models.scenario import Scenario
from models.second_factor import RecoveryCode, SecondFactor
from models.subscription import Subscription
from models.user import Role, User, UserRole
from models.webhook import Webhook, WebhookDelivery

ERASED_NAME = "已注销用户"
TEXTS = (sa.String, AutoString)
"""Types of columns that hold text; JSON is looked through apart."""
APPEND_ONLY = ("funding_record",)
"""Tables whose rows the database lets nobody change; no person is named in them."""


def pseudonym(user_id: int) -> str:
    """The address of somebody who is no longer known. `.invalid` belongs to nobody (RFC 2606)."""
    return f"erased-{user_id}@erased.invalid"


def erase(session: Session, person: User, *, by: User | None, now: datetime) -> None:
    """Forget who a person is, at once and for good. by: the person, or None for the command line. Never commits.

    InvalidTransition for the last manager of an organisation and for the last admin: somebody must be able to go on.
    """
    _refuse_the_last_one(session, person)
    email, name = person.email, person.name
    record(session, actor=by, action="user.erased", subject=person)
    leave_all(session, person, now)
    _end_access(session, person)
    _stop_mails(session, email, now)
    person.email, person.name = pseudonym(person.key), ERASED_NAME
    person.password_hash = person.organisation_id = person.manager_at = None
    person.locked_at, person.erased_at = person.locked_at or now, now
    session.flush()
    _take_from_scenarios(session, email)
    _take_from_invitations(session, email, now)
    _sweep(session, email, name, pseudonym(person.key))
    session.expire_all()


def _refuse_the_last_one(session: Session, person: User) -> None:
    if person.organisation_id is not None and person.is_manager:
        others = [row for row in working_managers(session, person.organisation_id) if row.key != person.key]
        if not others:
            raise InvalidTransition(N_("你是本机构最后一位管理人：请先把别人设为管理人，再注销。"))
    if person.has_role(Role.ADMIN) and all(row.key == person.key for row in acting_admins(session)):
        raise InvalidTransition(N_("你是最后一位能登录的管理员：请先给别人这个角色，再注销。"))


def _end_access(session: Session, person: User) -> None:
    """What let the person in is of no use to anybody."""
    devices = select(SecondFactor.id).where(col(SecondFactor.user_id) == person.key)
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.second_factor_id).in_(devices)))
    tokens = select(ApiToken.id).where(col(ApiToken.user_id) == person.key)
    session.execute(delete(KeptAnswer).where(col(KeptAnswer.token_id).in_(tokens)))
    webhooks = select(Webhook.id).where(col(Webhook.user_id) == person.key)
    session.execute(delete(WebhookDelivery).where(col(WebhookDelivery.webhook_id).in_(webhooks)))
    for table in (SecondFactor, ApiToken, Webhook, UserSession, HalfLogin, OneTimeLink, UserRole):
        session.execute(delete(table).where(col(table.user_id) == person.key))
    for kept in (SavedSearch, SearchNews):
        session.execute(delete(kept).where(col(kept.user_id) == person.key))
    session.expire(person, ["roles"])


def _stop_mails(session: Session, email: str, now: datetime) -> None:
    waiting = sa.or_(
        *(in_state(status) for status in (MailStatus.QUEUED, MailStatus.DEFERRED, MailStatus.HELD))
    )
    stopped = update(OutboxMail).where(col(OutboxMail.recipient) == email, waiting)
    session.execute(stopped.values(suppressed_at=now, reason="person_erased"))
    session.execute(delete(SuppressedAddress).where(col(SuppressedAddress.address) == email))
    for row in session.exec(select(Subscription).where(col(Subscription.email) == email)):
        row.unsubscribe(now)
        row.token = secrets.token_urlsafe(24)
    session.flush()


def _take_from_scenarios(session: Session, email: str) -> None:
    named = update(Scenario).where(sa.func.lower(Scenario.contact_email) == email)
    session.execute(named.values(contact_email="", contact_name=""))


def _take_from_invitations(session: Session, email: str, now: datetime) -> None:
    invited = select(ColleagueInvitation).where(col(ColleagueInvitation.email) == email)
    for row in session.exec(invited):
        row.name = ""
        if row.accepted_at is None and row.withdrawn_at is None:
            row.withdraw(now)
    session.flush()


def _sweep(session: Session, email: str, name: str, instead: str) -> None:
    """Take the address out of every text of every table, and the name with it where both stand in one record.

    A walk over all columns, so that a column added later is swept too.
    """
    for table in SQLModel.metadata.sorted_tables:
        if table.name in APPEND_ONLY:
            continue
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                _sweep_json(session, table, column, (email, name, instead))
            elif isinstance(column.type, TEXTS) and not isinstance(column.type, sa.Enum):
                found = sa.func.lower(column).contains(email, autoescape=True)
                _sweep_text(session, table, column, found, email, instead)


def _sweep_text(  # noqa: PLR0913  (where, and what instead of what)
    session: Session, table: sa.Table, column: Any, found: Any, email: str, instead: str
) -> None:
    key = next(iter(table.primary_key.columns))
    for row_key, text in session.execute(sa.select(key, column).where(found)).all():
        session.execute(
            sa.update(table).where(key == row_key).values({column: _replaced(text, email, instead)})
        )


def _sweep_json(session: Session, table: sa.Table, column: Any, words: tuple[str, str, str]) -> None:
    key = next(iter(table.primary_key.columns))
    found = sa.func.lower(sa.cast(column, sa.Text)).contains(words[0], autoescape=True)
    for row_key, value in session.execute(sa.select(key, column).where(found)).all():
        session.execute(sa.update(table).where(key == row_key).values({column: _swept(value, *words)}))


def _swept(value: Any, email: str, name: str, instead: str) -> Any:
    if isinstance(value, dict):
        return {key: _swept(item, email, name, instead) for key, item in value.items()}
    if isinstance(value, list):
        return [_swept(item, email, name, instead) for item in value]
    if not isinstance(value, str):
        return value
    return ERASED_NAME if value == name else _replaced(value, email, instead)


def _replaced(text: str, email: str, instead: str) -> str:
    """The text with the address replaced, in whatever case; longer addresses that hold it are somebody else's."""
    return re.sub(rf"(?<![\w.+%-]){re.escape(email)}(?![\w-]|\.\w)", instead, text, flags=re.IGNORECASE)
