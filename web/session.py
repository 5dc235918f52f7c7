"""One database session per request: opened before the view, rolled back and closed after it.

Only a view that changes something commits, once. Requests that may not change anything (GET, HEAD, OPTIONS, and views
marked @reads_only) get a session without SQLite's write lock, so that readers never queue behind a job.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from sqlalchemy.engine import Engine
from sqlmodel import Session

from models.db import make_session

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OpenSession = Callable[[bool], Session]
View = TypeVar("View", bound=Callable[..., Any])


def reads_only(view: View) -> View:
    """A view that is sent a form and changes nothing: what it is sent is too long for an address."""
    view.reads_only = True  # type: ignore[attr-defined]
    return view


def session_opener(engine: Engine) -> OpenSession:
    """A function that opens a session; its argument says whether the request only reads."""
    return lambda read_only: make_session(engine, read_only=read_only)


def register(app: Flask, open_session: OpenSession) -> None:
    """Give each request `g.session`."""

    @app.before_request
    def open_request_session() -> None:
        g.open_session = open_session
        if request.endpoint != "static":
            view = current_app.view_functions.get(request.endpoint or "")
            g.session = open_session(request.method in SAFE_METHODS or getattr(view, "reads_only", False))

    @app.teardown_request
    def close_request_session(_error: BaseException | None) -> None:
        session: Session | None = g.pop("session", None)
        if session is not None:
            session.rollback()
            session.close()
