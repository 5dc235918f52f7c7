"""An uploaded list from its file to its rows: the columns it has, a dry run, the import itself.

The rows go the same way as those of `python -m models import`: models/transfer.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidInput, InvalidTransition
from models.files import file_path
from models.i18n import N_
from models.import_run import ImportRun, lock_import
from models.texts import storable
from models.transfer import ImportOptions, ImportReport, import_file, read_import
from models.transfer_columns import choose_fields
from models.transfer_file import Limits
from models.transfer_undo import KeptJournal

MAX_ROWS = 10_000
"""Rows of one list through a page, which answers in seconds; longer ones go through the command."""

MAX_COLUMNS = 120
N_SAMPLES = 3
N_ERRORS = 200
"""Errors that are kept with an import; the rest are counted."""

N_LEFT_OUT = 20
SAMPLE = 60


def options_of(
    run: ImportRun, *, now: datetime, today: date, max_bytes: int, district_ids: frozenset[int] | None = None
) -> ImportOptions:
    """How this list is imported. max_bytes: of its file, unpacked. district_ids: owners must be in one of them."""
    return ImportOptions(
        now=now,
        today=today,
        organisation=run.owner_name,
        organisation_id=run.organisation_id,
        release=run.release,
        mapping=dict(run.mapping),
        only_mapped=True,
        table=run.table_name,
        file_name=run.file_name,
        keeps_released=True,
        district_ids=district_ids,
        limits=Limits(max_bytes, MAX_ROWS),
    )


def read_columns(
    run: ImportRun, folder: Path, *, remembered: Mapping[str, str], options: ImportOptions
) -> None:
    """Fill in the tables and columns of the file, with samples, and what each column is taken for.

    InvalidInput, in one sentence, when the file cannot be read. The database is not asked.
    """
    sheet = read_import(file_path(folder, run.file_hash), run.kind, options)
    if len(sheet.ordered) > MAX_COLUMNS:
        raise InvalidInput(N_("列太多，不像一份清单。请只留下要导入的列。"))
    run.table_name, run.tables = sheet.table, list(sheet.tables)
    run.columns = [
        {
            "name": column,
            "samples": [
                storable(str(row.values[column]))[:SAMPLE]
                for row in sheet.rows[:50]
                if row.values and str(row.values.get(column) or "").strip()
            ][:N_SAMPLES],
        }
        for column in sheet.ordered
    ]
    run.mapping = choose_fields(sheet.ordered, kind=run.kind, remembered=remembered)


def try_out(
    session: Session, run: ImportRun, path: Path, options: ImportOptions
) -> tuple[dict[str, Any], str]:
    """What an import would do, and why it cannot be done as it stands, if so; everything is rolled back."""
    kind = run.kind
    # Reading a file takes seconds; nobody else waits for the database meanwhile.
    session.rollback()
    try:
        report = import_file(session, kind, path, options)
    except InvalidInput as err:
        return {}, err.message
    finally:
        session.rollback()
    return kept_report(report), ""


def carry_out(session: Session, run: ImportRun, path: Path, options: ImportOptions) -> None:
    """Import the list, keep what was changed, mark the run; flushes. InvalidTransition when it is imported already."""
    run.refuse_if_imported()
    kind = run.kind
    session.rollback()
    try:
        report = import_file(session, kind, path, options)
    except IntegrityError as err:
        raise InvalidTransition(N_("同时有人在导入同样的行，请看过结果再试。")) from err
    lock_import(session, run)
    run.mark_imported(options.now, kept_report(report))
    session.add(run)
    session.flush()


def bring_in(session: Session, run: ImportRun, path: Path, options: ImportOptions) -> ImportReport:
    """Import a list that was read just now, its new run with it, in one transaction; flushes.

    InvalidTransition where somebody brings in the same rows at the same moment.
    """
    session.add(run)
    session.flush()
    try:
        report = import_file(session, run.kind, path, with_journal(options, session, run))
    except IntegrityError as err:
        raise InvalidTransition(N_("同时有人在导入同样的行，请看过结果再试。")) from err
    run.mark_imported(options.now, kept_report(report))
    session.flush()
    return report


def with_journal(options: ImportOptions, session: Session, run: ImportRun) -> ImportOptions:
    """The same, with every change kept for undoing."""
    return replace(options, journal=KeptJournal(session, run.key))


def kept_report(report: ImportReport) -> dict[str, Any]:
    """A report as it is stored and shown: plain values, long lists cut and counted."""
    return {
        "counts": {
            "created": report.created,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "rejected": report.rejected,
        },
        "n_errors": len(report.errors),
        "errors": [
            {"where": report.where(error), "field": error.field, "message": error.message}
            for error in report.errors[:N_ERRORS]
        ],
        "unknown_columns": report.unknown_columns,
        "left_out": report.left_out[:N_LEFT_OUT],
        "first_rows": [
            {name: value[:200] if isinstance(value, str) else value for name, value in row.items()}
            for row in report.first_rows
        ],
    }
