"""Rows for tests of import, and what is asked of a report."""

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from models.capability import Capability
from models.import_run import ImportRun
from models.scenario import Scenario
from models.transfer import ImportOptions, ImportReport, Progress, import_file

TODAY = date(2026, 11, 23)
NEED = {"id": "S1", "publisher": "某区城管", "title": "井盖病害", "text": "希望自动发现井盖缺失并派单。"}
OFFER = {"id": "C1", "firm": "井然工作室", "title": "找井盖", "text": "用行车记录仪找井盖病害。"}

Import = Callable[..., ImportReport]
"""bring("scenarios", row, row, strict=True): what the fixture of that name gives."""


def write_lines(path: Path, *rows: dict[str, Any] | str) -> Path:
    """Rows as lines of JSON; a text is a line as it is."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def bring_file(
    session: Session,
    kind: str,
    path: Path,
    *,
    now: datetime,
    progress: Progress | None = None,
    **options: Any,
) -> ImportReport:
    """Import a file on TODAY."""
    chosen = ImportOptions(now=now, today=TODAY, **options)
    return import_file(session, kind, path, chosen, progress=progress)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    """created, updated, unchanged, rejected."""
    return report.created, report.updated, report.unchanged, report.rejected


def refusals(report: ImportReport) -> list[tuple[int, str]]:
    """Line and field of each refusal."""
    return [(error.line, error.field) for error in report.errors]


def only_scenario(session: Session) -> Scenario:
    """The one scenario that came from a file."""
    return session.exec(select(Scenario).where(col(Scenario.external_id).is_not(None))).one()


def only_capability(session: Session) -> Capability:
    """The one capability that came from a file."""
    return session.exec(select(Capability).where(col(Capability.external_id).is_not(None))).one()


def make_import(session: Session, **values: Any) -> ImportRun:
    """An uploaded list, not imported yet, saved."""
    row = ImportRun(
        **{"kind": "scenarios", "file_name": "a.csv", "file_hash": "0" * 64, "file_size": 9, **values}
    )
    session.add(row)
    session.flush()
    return row
