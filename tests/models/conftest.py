"""Fixtures of the tests of models."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from models.transfer import ImportReport
from tests.import_rows import Import, bring_file, write_lines


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
