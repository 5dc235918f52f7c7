"""One database session per request: opened before the view, rolled back and closed after it.

Only a view that changes something commits, once. Requests that may not change anything (GET, HEAD, OPTIONS) get a
session without SQLite's write lock, so that readers never queue behind a job.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, g, request
from sqlalchemy.engine import Engine
from sqlmodel import Session

from models.db import make_session

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OpenSession = Callable[[bool], Session]


def session_opener(engine: Engine) -> OpenSession:
    """A function that opens a session; its argument says whether the request only reads."""
    return lambda read_only: make_session(engine, read_only=read_only)


def register(app: Flask, open_session: OpenSession) -> None:
    """Give each request `g.session`."""

    @app.before_request
    def open_request_session() -> None:
        if request.endpoint != "static":
            g.session = open_session(request.method in SAFE_METHODS)

    @app.teardown_request
    def close_request_session(_error: BaseException | None) -> None:
        session: Session | None = g.pop("session", None)
        if session is not None:
            session.rollback()
            session.close()
