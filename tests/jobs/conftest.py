"""Fixtures of the jobs' tests: a real relay, a database with real commits, a clock that is set by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel

from tests.jobs.relay import Relay, RelayController


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


@pytest.fixture
def database(engine: Engine) -> Iterator[Engine]:
    """The shared database of both kinds, with real commits; what a test leaves is deleted."""
    yield engine
    with engine.begin() as connection:
        tables = reversed(SQLModel.metadata.sorted_tables)
        if engine.dialect.name == "postgresql":
            names = ", ".join(f'"{table.name}"' for table in tables)
            connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
            return
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in tables:
            connection.execute(table.delete())
