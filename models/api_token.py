"""API tokens: what a program shows in place of a log-in. A person makes one, for some purposes, until a day.

The token itself is shown once; the row keeps its hash. It opens no more than the person may see at that moment: who is
locked, suspended or without the role is refused with the token as without it.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select, update

from models.base import Table, UtcDateTime, find_row, moment
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.i18n import N_
from models.login import hash_token
from models.user import User

PREFIX = "duijie_"
"""Before every token, so that one that was published by mistake can be searched for."""

MAX_OPEN = 20
"""Tokens of one person at a time: one for each program, not one for each run."""

HINT_CHARACTERS = 4
"""The end of a token that its owner may see again, to know it by."""


class Scope(StrEnum):
    """What a token is for."""

    READ = "read"
    WRITE = "write"
    MATCH = "match"


class TokenStatus(StrEnum):
    """Derived: open until it is revoked or its day is over."""

    OPEN = "open"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class TokenWish:
    """A token as its owner wants it. days: how long it works."""

    name: str
    scopes: Collection[Scope]
    days: int


class ApiToken(Table, table=True):
    """One token of one person. Made on the person's page, revoked there; never changed otherwise, never deleted."""

    __tablename__ = "api_token"
    __table_args__ = (sa.CheckConstraint("name <> ''", name="has_name"),)

    user_id: int = Field(foreign_key="user.id", index=True)
    name: str = Field(max_length=80, description="What it is for, in its owner's words.")
    token_hash: str = Field(unique=True, max_length=64, description="SHA-256, hex.")
    hint: str = Field(max_length=8, description="The last characters of the token.")
    scopes: list[str] = Field(default=[], sa_type=sa.JSON, description="Values of Scope.")
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = moment(description="When it was last used, to some minutes.")
    revoked_at: datetime | None = moment()

    user: User = Relationship()

    def status_at(self, now: datetime) -> TokenStatus:
        """Where it stands at that moment."""
        if self.revoked_at is not None:
            return TokenStatus.REVOKED
        return TokenStatus.EXPIRED if self.expires_at <= now else TokenStatus.OPEN

    def allows(self, scope: Scope) -> bool:
        """Whether it was made for this."""
        return scope.value in self.scopes

    def revoke(self, now: datetime) -> None:
        """It stops working. InvalidTransition for one that has."""
        if self.revoked_at is not None:
            raise InvalidTransition(N_("这个令牌已经吊销。"))
        self.revoked_at = now


def add_token(session: Session, user: User, wish: TokenWish, *, now: datetime) -> tuple[ApiToken, str]:
    """A new token: its row, flushed, and the token itself, which nobody can read again.

    InvalidInput without a scope, and for one token too many.
    """
    if not wish.scopes:
        raise InvalidInput(N_("有几处要改。"), fields={"scopes": N_("至少选一项。")})
    if sum(row.status_at(now) is TokenStatus.OPEN for row in user_tokens(session, user.key)) >= MAX_OPEN:
        raise InvalidInput(N_("有几处要改。"), fields={"name": N_("令牌太多，先吊销不用的。")})
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        created_at=now,
        user_id=user.key,
        name=wish.name,
        token_hash=hash_token(token),
        hint=token[-HINT_CHARACTERS:],
        scopes=[scope.value for scope in Scope if scope in wish.scopes],
        expires_at=now + timedelta(days=wish.days),
    )
    session.add(row)
    session.flush()
    return row, token


def find_token(session: Session, token: str, *, now: datetime) -> ApiToken | None:
    """The open token, or None when it was revoked, has expired or never was."""
    statement = select(ApiToken).where(
        col(ApiToken.token_hash) == hash_token(token),
        col(ApiToken.revoked_at).is_(None),
        col(ApiToken.expires_at) > now,
    )
    return session.exec(statement).first()


def user_tokens(session: Session, user_id: int) -> list[ApiToken]:
    """Every token of a person, newest first."""
    statement = select(ApiToken).where(col(ApiToken.user_id) == user_id)
    return list(session.exec(statement.order_by(col(ApiToken.id).desc())))


def get_token(session: Session, token_id: int, *, user_id: int) -> ApiToken:
    """A token of this person. NotFound when it does not exist or is another's."""
    row = find_row(session, ApiToken, token_id)
    if row is None or row.user_id != user_id:
        raise NotFound(N_("没有这个令牌。"))
    return row


def note_used(session: Session, token_id: int, *, now: datetime) -> None:
    """Write down when a token was last used."""
    session.execute(update(ApiToken).where(col(ApiToken.id) == token_id).values(used_at=now))
