"""Engines, sessions and transactions: the only module that knows SQLite from PostgreSQL.

SQLite: WAL, foreign keys on, and every transaction begins with BEGIN IMMEDIATE, because a deferred
read-then-write fails with "database is locked" under two writers. PostgreSQL: psycopg 3, connections tested before use.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session, create_engine

from models.errors import InvalidInput

SQLITE_BUSY_SECONDS = 15
"""How long a writer waits for another one; longer than any transaction of ours but a large import."""

SPELLINGS = {
    "postgres://": "postgresql+psycopg://",
    "postgresql://": "postgresql+psycopg://",
    "postgresql+psycopg://": "postgresql+psycopg://",
    "sqlite://": "sqlite://",
}
"""How a URL may begin -> the same with the driver that is installed."""


def normalise_url(url: str) -> str:
    """The URL with the driver spelled out. InvalidInput for a database we do not know; the URL is not repeated."""
    for beginning, spelled_out in SPELLINGS.items():
        if url.startswith(beginning):
            return spelled_out + url.removeprefix(beginning)
    raise InvalidInput("DUIJIE_DATABASE_URL 只能以 sqlite:// 或 postgresql:// 开头。")


def make_engine(url: str) -> Engine:
    """An engine for `url`, set up so that both databases behave alike. Makes the folder of a SQLite file.

    InvalidInput for a URL that cannot be read; nothing is connected yet.
    """
    url = normalise_url(url)
    try:
        database = sa.make_url(url).database
    except (ArgumentError, ValueError) as err:
        raise InvalidInput("DUIJIE_DATABASE_URL 写得不对。") from err
    options: dict[str, Any] = {"json_serializer": _to_json}
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20, **options)
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False}, **options
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling is switched off: it begins too late and breaks savepoints.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # FULL: an acknowledged commit survives power loss, not only a crash; money and mail states rely on it.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    # A connection that says it only reads takes no write lock, so pages do not queue behind a job.
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def make_session(engine: Engine, *, read_only: bool = False) -> Session:
    """A session; the caller commits and closes it. `read_only` avoids SQLite's write lock for pages that only read."""
    if read_only:
        engine = engine.execution_options(read_only=True)
    return Session(engine, expire_on_commit=False)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One session, committed at the end, rolled back on any error, always closed."""
    with make_session(engine) as session, session.begin():
        yield session


@contextmanager
def hurried(session: Session, *, milliseconds: int = 100) -> Iterator[None]:
    """A transaction that would rather not happen than wait for another writer.

    OperationalError where the other one is not done in time; for what is nice to have, not for what must be kept.
    Commit afterwards, not inside: the connection's patience must come back before another may get it.
    """
    if dialect_name(session) == "postgresql":
        session.connection().exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
        yield
        return
    session.connection().exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        session.connection().exec_driver_sql(f"PRAGMA busy_timeout = {SQLITE_BUSY_SECONDS * 1000}")


def dialect_name(session: Session) -> str:
    """`sqlite` or `postgresql`."""
    return session.get_bind().dialect.name
