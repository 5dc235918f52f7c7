"""The second factor at the door: who gets no further without one, and which acts ask for it again.

The one place that decides both is web/auth.py, for every view at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import Response, current_app, g, make_response, render_template, request
from sqlmodel import Session, col, select
from werkzeug.exceptions import TooManyRequests

from models.audit import record
from models.errors import NotAllowed
from models.i18n import N_, gettext
from models.login import LoginAttempt, clear_attempts, count_attempts
from models.second_factor import WRONG_CODE, find_second_factor, must_have_second_factor, take_code
from models.user import User
from web.forms.view import FormView
from web.session import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., Any])

GIVEN_FOR = timedelta(minutes=15)
"""So long a code stands for the person at the screen."""
CODE_FIELD = "second_code"
# Whoever guesses here has the password already. Three codes in a million are good at a time: twenty guesses a day find
# one in forty years.
LIMITS = ((timedelta(minutes=15), 5), (timedelta(days=1), 20))


def sensitive(view: View) -> View:
    """A view whose act asks for a code again when the last one is old."""
    view.sensitive = True  # type: ignore[attr-defined]
    return view


def is_required() -> bool:
    """Whether this installation insists on a second factor for money and administration."""
    required: bool = current_app.config["SETTINGS"].second_factor == "required"
    return required


def is_confined() -> bool:
    """Whether the person asking must have a second factor and has given none in this log-in.

    A request without a log-in, such as one with a token of a program, is held to the device of its owner.
    """
    if g.user is None or not is_required() or not must_have_second_factor(g.user):
        return False
    if g.login is None:
        return find_second_factor(g.session, g.user.key) is None
    return g.login.second_factor_at is None


def take_counted_code(db: Session, person: User, typed: str) -> bool:
    """Whether the code fits; a failure is counted against the account, and must be committed.

    Raises TooManyRequests, with the wait in seconds, when there were too many failures.
    """
    key = hashlib.sha256(f"second:{person.key}".encode()).hexdigest()
    # Many guesses at one moment wait for each other, so that each sees the failures before it.
    db.execute(select(User.id).where(col(User.id) == person.key).with_for_update())
    for window, most in LIMITS:
        if count_attempts(db, key, since=g.now - window) >= most:
            raise TooManyRequests(retry_after=int(window.total_seconds()))
    if not take_code(db, person, typed, key=current_app.config["SECRET_KEY"], now=g.now):
        db.add(LoginAttempt(attempt_key=key, created_at=g.now))
        return False
    clear_attempts(db, key)
    return True


def ask_again(view: View) -> Response | None:
    """For an act that asks for a code again: None once it was given, else the page that asks, with what was typed.

    NotAllowed for a program, which has no device. A code that fits is committed at once, so that it is used up whatever
    becomes of the act.
    """
    if not getattr(view, "sensitive", False) or request.method in SAFE_METHODS:
        return None
    if g.login is None:
        raise NotAllowed(N_("这一步要本人登录后在页面上做。"))
    given = g.login.second_factor_at
    if given is None or g.now - given < GIVEN_FOR:
        return None
    typed = request.form.get(CODE_FIELD)
    if typed is None:
        return _asking(FormView())
    if not take_counted_code(g.session, g.user, typed):
        g.session.commit()
        return _asking(FormView(errors={CODE_FIELD: gettext(g.locale, WRONG_CODE)}))
    g.login.second_factor_at = g.now
    g.session.add(g.login)
    record(g.session, actor=g.user, action="second_factor.given", subject=g.user)
    g.session.commit()
    return None


def _asking(form: FormView) -> Response:
    kept = [pair for pair in request.form.items(multi=True) if pair[0] not in ("csrf_token", CODE_FIELD)]
    page = render_template("pages/second_factor/again.html", form=form, kept=kept, name=CODE_FIELD)
    return make_response(page, 422)
