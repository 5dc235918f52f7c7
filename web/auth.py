"""Who is asking, and whether this page is for them. Every view says so with @public or @requires; the rest is refused.

Log-ins are rows (models/login.py): the cookie holds a random token, the database its hash, so ending the row ends the
log-in wherever the cookie went.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from werkzeug.exceptions import TooManyRequests, Unauthorized

from models.db import hurried
from models.errors import NotAllowed
from models.i18n import N_
from models.login import (
    LoginAttempt,
    clear_attempts,
    count_attempts,
    end_half_logins,
    find_half_login,
    find_session,
    note_seen,
    start_half_login,
    start_session,
)
from models.organisation import OrganisationStatus
from models.password import verify_password
from models.second_factor import find_second_factor
from models.user import Role, User, find_user
from web.bearer import challenge, is_api, load_bearer, remember_used
from web.second_step import ask_again, is_confined
from web.session import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., Any])

ATTEMPT_WINDOW = timedelta(minutes=15)
# A person who mistypes needs a few tries; a list of leaked passwords needs thousands. Counting the pair of account and
# network address keeps a stranger from locking the owner out; counting the address alone stops one who tries many
# accounts.
MAX_FAILURES_PER_PAIR = 5
MAX_FAILURES_PER_ADDRESS = 40
SEEN_EVERY = timedelta(minutes=10)
"""How exact "last seen" is; more would be a write a page."""

LOG_OUT = "account.log_out"
"""Open to everybody who is logged in, whatever became of their organisation."""
SET_UP = "second_factor.show"
WHILE_CONFINED = (LOG_OUT, SET_UP, "second_factor.begin", "second_factor.confirm")
"""All that is open to whoever must have a second factor and has given none."""

SHUT_OUT = {
    OrganisationStatus.PENDING: N_("你的机构还在审核，结果会用邮件告诉你。"),
    OrganisationStatus.SUSPENDED: N_("你的机构已经停用，请联系管理员。"),
    OrganisationStatus.REFUSED: N_("你的机构的申请没有通过，请重新申请。"),
}


def public(view: View) -> View:
    """Anybody may see this page."""
    view.access = frozenset()  # type: ignore[attr-defined]
    return view


def requires(*roles: Role) -> Callable[[View], View]:
    """Only people with one of these roles may; without roles, everybody who is logged in."""

    def declare(view: View) -> View:
        view.access = frozenset(roles) or frozenset(Role)  # type: ignore[attr-defined]
        return view

    return declare


def register(app: Flask) -> None:
    """Load the person before each request."""
    app.view_functions["static"] = public(app.view_functions["static"])
    app.before_request(load_user)
    app.after_request(remember_seen)
    app.after_request(remember_used)


def register_guard(app: Flask) -> None:
    """Refuse what the view does not declare."""
    app.before_request(guard)


def cookie_name(app: Flask, name: str = "duijie_session") -> str:
    """The `__Host-` prefix makes browsers insist on HTTPS, this host and the whole path."""
    return f"__Host-{name}" if app.config["SESSION_COOKIE_SECURE"] else name


def half_cookie_name(app: Flask) -> str:
    """The cookie between the password and the second factor: another one, so that neither is taken for the other."""
    return cookie_name(app, "duijie_half")


def load_user() -> None:
    """Set `g.user` and `g.login` from the cookie, or to None; from `g.token` alone where a program asks."""
    g.user, g.login, g.token = None, None, None
    if is_api():
        g.token = load_bearer()
        g.user = None if g.token is None else g.token.user
        return
    token = request.cookies.get(cookie_name(current_app))
    if not token or request.endpoint == "static":
        return
    login = find_session(g.session, token, now=g.now)
    user = None if login is None else g.session.get(User, login.user_id)
    if user is not None and user.locked_at is None:
        g.user, g.login = user, login


def remember_seen(answer: Response) -> Response:
    """Note that the log-in is in use, once in a while, beside the request's own session: pages that only read have no
    right to write. Where another writer is at work, a later page notes it.
    """
    login = g.get("login")
    # A request that changed something may still hold the database; the next page notes it.
    if (
        login is not None
        and request.method in SAFE_METHODS
        and g.now - (login.seen_at or g.now) >= SEEN_EVERY
    ):
        with g.open_session(True) as db, suppress(OperationalError):
            with hurried(db):
                note_seen(db, login.key, now=g.now)
            db.commit()
    return answer


def guard() -> Response | None:
    """Let the request through, send a stranger to the log-in page, or refuse."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None
    access: frozenset[Role] = view.access  # type: ignore[attr-defined]
    if not access:
        return None
    if g.user is None:
        return _who_are_you()
    if access != frozenset(Role) and not any(g.user.has_role(role) for role in access):
        raise NotAllowed(N_("这一页不对你的角色开放。"))
    organisation = None if request.endpoint == LOG_OUT else g.user.organisation
    if organisation is not None and organisation.status is not OrganisationStatus.ACTIVE:
        raise NotAllowed(SHUT_OUT[organisation.status])
    if is_confined() and request.endpoint not in WHILE_CONFINED:
        return _set_up_first()
    return ask_again(view)


def _set_up_first() -> Response:
    if is_api():
        raise NotAllowed(N_("令牌的主人要先启用两步验证。"), code="second_factor_missing")
    return _to(url_for(SET_UP))


def _who_are_you() -> Response:
    if is_api():
        raise Unauthorized(www_authenticate=challenge())
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return _to(url_for("account.login", next=wanted))


def _to(address: str) -> Response:
    answer = redirect(address, code=303)
    if request.headers.get("HX-Request"):
        # htmx would swap the log-in page into a fragment; this makes the browser go there.
        answer.status_code = 200
        answer.headers["HX-Redirect"] = answer.headers["Location"]
    return answer  # type: ignore[return-value]


def my_organisation_id() -> int:
    """The organisation of the person asking. NotAllowed for one who belongs to none."""
    if g.user.organisation_id is None:
        raise NotAllowed(N_("你的账号还没有所属机构，请联系管理员。"))
    return g.user.organisation_id


def check_password(db: Session, email: str, password: str) -> User | None:
    """The person, or None when address and password do not fit; a failure is counted and must be committed.

    Raises TooManyRequests, with the wait in seconds, when there were too many failures.
    """
    keys = _attempt_keys(email)
    _refuse_when_guessing(db, keys)
    user = find_user(db, email)
    may_try = user is not None and user.locked_at is None
    user_id, stored = (user.id, user.password_hash) if user is not None and may_try else (None, None)
    # Hashing takes a quarter of a second; nobody else waits for the database meanwhile.
    db.rollback()
    if not verify_password(stored, password):
        for key in keys:
            db.add(LoginAttempt(attempt_key=key, created_at=g.now))
        return None
    clear_attempts(db, keys[0])
    return db.get(User, user_id)


def _attempt_keys(email: str) -> tuple[str, str]:
    address = request.remote_addr or ""
    pair = f"pair:{address}:{email.strip().lower()}"
    return hashlib.sha256(pair.encode()).hexdigest(), hashlib.sha256(
        f"address:{address}".encode()
    ).hexdigest()


def _refuse_when_guessing(db: Session, keys: tuple[str, str]) -> None:
    since = g.now - ATTEMPT_WINDOW
    limits = (MAX_FAILURES_PER_PAIR, MAX_FAILURES_PER_ADDRESS)
    if any(count_attempts(db, key, since=since) >= limit for key, limit in zip(keys, limits, strict=True)):
        raise TooManyRequests(retry_after=int(ATTEMPT_WINDOW.total_seconds()))


def limit(db: Session, purpose: str, who: str, *, n: int, window: timedelta) -> None:
    """Count one asking; at most `n` within `window`, in whatever process. The caller commits.

    Raises TooManyRequests, with the seconds to wait, for one too many.
    """
    key = hashlib.sha256(f"{purpose}:{who}".encode()).hexdigest()
    if count_attempts(db, key, since=g.now - window) >= n:
        raise TooManyRequests(retry_after=int(window.total_seconds()))
    db.add(LoginAttempt(attempt_key=key, created_at=g.now))


def log_in(answer: Response, user: User) -> bool:
    """Open a log-in for `user` and put its token into the cookie of `answer`, a redirect; the caller commits.

    Whoever has a second factor is sent to give it first, and from there to where `answer` led: then False.
    """
    if find_second_factor(g.session, user.key) is None:
        open_login(answer, user)
        return True
    _set_cookie(answer, half_cookie_name(current_app), start_half_login(g.session, user, now=g.now))
    answer.headers["Location"] = url_for("second_factor.ask_code", next=answer.headers["Location"])
    return False


def half_person() -> User | None:
    """Whose password was right in this browser, a few minutes ago at most, and who may still log in."""
    token = request.cookies.get(half_cookie_name(current_app), "")
    half = find_half_login(g.session, token, now=g.now) if token else None
    person = None if half is None else g.session.get(User, half.user_id)
    return None if person is None or person.locked_at is not None else person


def open_login(answer: Response, user: User, *, second_factor_at: datetime | None = None) -> None:
    """A whole log-in, for somebody who has given all that is asked for; its half, if there was one, ends."""
    token = start_session(
        g.session,
        user,
        now=g.now,
        hours=current_app.config["SESSION_HOURS"],
        user_agent=request.headers.get("User-Agent", ""),
        second_factor_at=second_factor_at,
    )
    g.user, g.login = user, find_session(g.session, token, now=g.now)
    # A form token made before the log-in must not be good after it.
    session.clear()
    _set_cookie(answer, cookie_name(current_app), token)
    end_half_logins(g.session, user.key, now=g.now)
    answer.delete_cookie(
        half_cookie_name(current_app), path="/", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )


def _set_cookie(answer: Response, name: str, token: str) -> None:
    answer.set_cookie(
        name,
        token,
        max_age=current_app.config["SESSION_HOURS"] * 3600,
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
        path="/",
    )


def log_out(answer: Response) -> None:
    """End this log-in, in the database and in the browser."""
    if g.login is not None:
        g.login.ended_at = g.now
        g.session.add(g.login)
    session.clear()
    answer.delete_cookie(
        cookie_name(current_app), path="/", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
