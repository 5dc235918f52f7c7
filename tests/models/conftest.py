"""Fixtures of the tests of models."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlmodel import Session

from models.config import Settings
from models.db import make_session, transaction
from models.demo import SeedReport, seed_demo
from models.transfer import ImportReport
from tests.conftest import DATABASES, NOW, postgresql_copy, sqlite_copy
from tests.import_rows import Import, bring_file, write_lines

NEW_YEAR = datetime(2027, 1, 1, 1, 0, tzinfo=UTC)
"""A day on which several funding rules have lapsed."""


@pytest.fixture
def bring(session: Session, tmp_path: Path, now: datetime) -> Import:
    """Import rows through a file: bring("scenarios", row, row, strict=True)."""

    def run(kind: str, *rows: dict[str, Any] | str, at: datetime = now, **options: Any) -> ImportReport:
        path = write_lines(tmp_path / "rows.jsonl", *rows)
        return bring_file(session, kind, path, now=at, **options)

    return run


@pytest.fixture
def statements(session: Session) -> Iterator[list[str]]:
    """The SQL that the session sends while a test runs."""
    sent: list[str] = []

    def remember(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", remember)
    yield sent
    event.remove(engine, "before_cursor_execute", remember)


@dataclass(frozen=True)
class Demo:
    """A database seeded at a moment, to be read only: all tests share it."""

    engine: Engine
    now: datetime
    settings: Settings
    report: SeedReport

    @property
    def today(self) -> date:
        """The day of seeding in Shenzhen."""
        return (self.now + timedelta(hours=8)).date()


@pytest.fixture(
    scope="session", params=[(name, day) for name in DATABASES for day in (NOW, NEW_YEAR)], ids=str
)
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, on both databases and on two days."""
    name, now = request.param
    folder = tmp_path_factory.mktemp("demo")
    if name == "sqlite":
        copy = sqlite_copy(request.getfixturevalue("sqlite_template"), folder)
    else:
        server = request.getfixturevalue("postgresql_server")
        copy = postgresql_copy(server, request.getfixturevalue("postgresql_template"))
    settings = Settings(data_dir=folder / "var")
    with copy as engine:
        with transaction(engine) as session:
            report = seed_demo(session, now=now, settings=settings)
        yield Demo(engine=engine, now=now, settings=settings, report=report)


@pytest.fixture
def seeded(demo: Demo) -> Iterator[Session]:
    """A session that reads the demo."""
    with make_session(demo.engine, read_only=True) as session:
        yield session
