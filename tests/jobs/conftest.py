"""Fixtures of the jobs' tests: a real relay, a database with real commits, a clock that is set by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel

from jobs.runner import Run
from tests.conftest import DATABASES, sqlite_copy
from tests.jobs.relay import Relay, RelayController
from tests.jobs.sending import make_run


@dataclass
class FixedClock:
    """A clock that stands still until somebody moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, step: timedelta) -> None:
        self.now += step


@pytest.fixture
def clock(now: datetime) -> FixedClock:
    return FixedClock(now)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    """A relay that takes everything until told otherwise."""
    relay = Relay(log=tmp_path / "relay.log")
    relay.log.touch()
    controller = RelayController(relay)
    controller.start()
    yield relay
    controller.stop()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of each kind with real commits: a SQLite file of its own, or the shared PostgreSQL, emptied after."""
    if request.param == "sqlite":
        with sqlite_copy(request.getfixturevalue("sqlite_template"), tmp_path) as engine:
            yield engine
        return
    engine = request.getfixturevalue("postgresql_engine")
    yield engine
    with engine.begin() as connection:
        # Neither foreign keys nor the triggers that keep rows from being deleted hold for this session.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in SQLModel.metadata.sorted_tables:
            connection.execute(table.delete())


@pytest.fixture
def run(database: Engine, clock: FixedClock) -> Run:
    """A run of a job on the database with real commits."""
    return make_run(database, clock)
