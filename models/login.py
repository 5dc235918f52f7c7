"""Server-side sessions, one-time links and the counters that slow down guessing."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Field, Session, col, delete, func, select, update

from models.base import Table, UtcDateTime, moment
from models.errors import NotFound
from models.secret_key import link_token
from models.user import User

LINK_HOURS = 72
HALF_LOGIN_FOR = timedelta(minutes=10)
"""Time to find the phone."""


def hash_token(token: str) -> str:
    """SHA-256 of a random token, in hex: the database never holds what the browser or the mail holds."""
    return hashlib.sha256(token.encode()).hexdigest()


class UserSession(Table, table=True):
    """One log-in of one person in one browser. Ended, not deleted; a copied cookie dies with it."""

    __tablename__ = "user_session"

    token_hash: str = Field(unique=True, max_length=64)
    user_id: int = Field(foreign_key="user.id", index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime | None = moment()
    ended_at: datetime | None = moment()
    user_agent: str = Field(default="", max_length=200)
    second_factor_at: datetime | None = moment(description="When a second factor was last given in it.")


class HalfLogin(Table, table=True):
    """A person whose password was right and whose second factor is still to come. It opens nothing else."""

    __tablename__ = "half_login"

    token_hash: str = Field(unique=True, max_length=64)
    user_id: int = Field(foreign_key="user.id", index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = moment()


class OneTimeLink(Table, table=True):
    """A link that lets one person set a password once, within LINK_HOURS."""

    __tablename__ = "one_time_link"

    token_hash: str = Field(unique=True, max_length=64)
    user_id: int = Field(foreign_key="user.id", index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = moment()
    nonce: str = Field(
        default="",
        max_length=43,
        sa_column_kwargs={"server_default": ""},
        description="From it and the installation's key the mailed link is made; empty for a link that was printed.",
    )


class LoginAttempt(Table, table=True):
    """A failed log-in, counted by key (a hash of the address typed, or of the network address)."""

    __tablename__ = "login_attempt"

    attempt_key: str = Field(max_length=64, index=True)


def start_session(  # noqa: PLR0913  (the columns of the row)
    session: Session,
    user: User,
    *,
    now: datetime,
    hours: int,
    user_agent: str = "",
    second_factor_at: datetime | None = None,
) -> str:
    """Open a log-in and return its token, which only the cookie keeps."""
    token = secrets.token_urlsafe(32)
    row = UserSession(
        token_hash=hash_token(token),
        user_id=user.key,
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=hours),
        user_agent=user_agent[:200],
        second_factor_at=second_factor_at,
    )
    session.add(row)
    session.flush()
    return token


def find_session(session: Session, token: str, *, now: datetime) -> UserSession | None:
    """The open log-in for this token, or None when it ended, expired or never was."""
    statement = select(UserSession).where(
        col(UserSession.token_hash) == hash_token(token),
        col(UserSession.ended_at).is_(None),
        col(UserSession.expires_at) > now,
    )
    return session.exec(statement).first()


def open_sessions(session: Session, user_id: int, *, now: datetime) -> list[UserSession]:
    """The log-ins of a person that have neither ended nor expired, the one seen last first."""
    statement = select(UserSession).where(
        col(UserSession.user_id) == user_id,
        col(UserSession.ended_at).is_(None),
        col(UserSession.expires_at) > now,
    )
    return list(session.exec(statement.order_by(col(UserSession.seen_at).desc(), col(UserSession.id).desc())))


def note_seen(session: Session, session_id: int, *, now: datetime) -> None:
    """Write down when a log-in was last used."""
    session.execute(update(UserSession).where(col(UserSession.id) == session_id).values(seen_at=now))


def end_sessions(session: Session, user_id: int, *, now: datetime) -> int:
    """End every open log-in of a person; returns how many there were."""
    statement = select(UserSession).where(
        col(UserSession.user_id) == user_id, col(UserSession.ended_at).is_(None)
    )
    rows = list(session.exec(statement))
    for row in rows:
        row.ended_at = now
        session.add(row)
    end_half_logins(session, user_id, now=now)
    return len(rows)


def start_half_login(session: Session, user: User, *, now: datetime) -> str:
    """Remember that the password was right, for HALF_LOGIN_FOR; the token, which only the cookie keeps."""
    token = secrets.token_urlsafe(32)
    session.add(
        HalfLogin(
            token_hash=hash_token(token), user_id=user.key, created_at=now, expires_at=now + HALF_LOGIN_FOR
        )
    )
    session.flush()
    return token


def find_half_login(session: Session, token: str, *, now: datetime) -> HalfLogin | None:
    """The half log-in for this token, or None when it ended, expired or never was."""
    statement = select(HalfLogin).where(
        col(HalfLogin.token_hash) == hash_token(token),
        col(HalfLogin.ended_at).is_(None),
        col(HalfLogin.expires_at) > now,
    )
    return session.exec(statement).first()


def end_half_logins(session: Session, user_id: int, *, now: datetime) -> None:
    """Every half log-in of a person ends: one of them became a whole one, or none may."""
    statement = update(HalfLogin).where(col(HalfLogin.user_id) == user_id, col(HalfLogin.ended_at).is_(None))
    session.execute(statement.values(ended_at=now))


def make_link(session: Session, user: User, *, now: datetime) -> str:
    """Make a one-time link for a person and return its token. Earlier unused links of the person stop working."""
    token = secrets.token_urlsafe(32)
    _add_link(session, user, token, now=now, hours=LINK_HOURS)
    return token


def make_mailed_link(
    session: Session, user: User, *, key: str, now: datetime, hours: int = LINK_HOURS
) -> OneTimeLink:
    """The same for a link that is mailed: the mail is written later, from the row's nonce and `key`."""
    nonce = secrets.token_urlsafe(32)
    return _add_link(session, user, link_token(key, nonce), now=now, hours=hours, nonce=nonce)


def _add_link(  # noqa: PLR0913  (the columns of the row)
    session: Session, user: User, token: str, *, now: datetime, hours: int, nonce: str = ""
) -> OneTimeLink:
    end_links(session, user, now=now)
    link = OneTimeLink(
        token_hash=hash_token(token),
        user_id=user.key,
        created_at=now,
        expires_at=now + timedelta(hours=hours),
        nonce=nonce,
    )
    session.add(link)
    session.flush()
    return link


def end_links(session: Session, user: User, *, now: datetime) -> None:
    """The unused links of a person stop working."""
    unused = select(OneTimeLink).where(
        col(OneTimeLink.user_id) == user.key, col(OneTimeLink.used_at).is_(None)
    )
    for earlier in session.exec(unused):
        earlier.expires_at = min(earlier.expires_at, now)


def get_link(session: Session, token: str, *, now: datetime) -> OneTimeLink:
    """The unused link for this token. NotFound when it was used, has expired or never was.

    The row is locked until the transaction ends, so that two requests at the same moment cannot both use it.
    """
    statement = select(OneTimeLink).where(
        col(OneTimeLink.token_hash) == hash_token(token),
        col(OneTimeLink.used_at).is_(None),
        col(OneTimeLink.expires_at) > now,
    )
    row = session.exec(statement.with_for_update()).first()
    if row is None:
        raise NotFound("这个链接已经用过或已过期。可以在登录页点“忘了密码”，重新要一个。")
    return row


def count_attempts(session: Session, attempt_key: str, *, since: datetime) -> int:
    """Failed log-ins under this key since then."""
    statement = select(func.count()).where(
        col(LoginAttempt.attempt_key) == attempt_key, col(LoginAttempt.created_at) >= since
    )
    return session.exec(statement).one()


def clear_attempts(session: Session, attempt_key: str) -> None:
    """Forget the failures under this key, after a success."""
    session.exec(delete(LoginAttempt).where(col(LoginAttempt.attempt_key) == attempt_key))
