"""The list of a batch as it was released: frozen files, byte for byte, and the hash that proves them.

JSON is the original; the spreadsheet and the PDF are made from it and carry its hash. Rows are added and never changed,
so what was downloaded on the day of release can be compared with what is downloaded years later.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
import xlsxwriter
from sqlalchemy.orm import defer
from sqlmodel import Field, Session, col, select

from models.base import Table, enum_column
from models.batch import Batch
from models.errors import NotFound
from models.export import FORMULA, MAX_XLSX_CELL
from models.i18n import N_
from models.review import content_of
from models.rubric import Rubric, find_locked
from models.scenario import Scenario

SCHEMA = "duijie.batch-list/1"
PRIVATE = ("contact_name", "contact_email")
"""Left out of every list: contacts are seen once both sides said yes."""

COLUMNS = (
    ("number", "编号"), ("title", "标题"), ("publisher", "发布单位"), ("district", "区"),
    ("text", "要解决的问题"), ("metric", "成效指标"), ("baseline", "现在"), ("target", "目标"),
    ("requirements", "逐条要求"), ("data_note", "数据"), ("budget_min_fen", "预算下限（元）"),
    ("budget_max_fen", "预算上限（元）"), ("deadline_on", "征集截止"), ("acceptance", "怎么验收"),
    ("criteria", "评分标准"), ("criteria_sha256", "评分标准（SHA-256）"),
)  # fmt: skip
"""Columns of the spreadsheet: field of the list, heading. What is stored as a code is in the JSON only."""

WIDTHS = {"title": 40, "text": 60, "requirements": 60, "publisher": 24, "data_note": 40, "acceptance": 40}


class ListFormat(StrEnum):
    """The forms a list is kept in."""

    JSON = "json"
    XLSX = "xlsx"
    PDF = "pdf"


MEDIA_TYPES = {
    ListFormat.JSON: "application/json",
    ListFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ListFormat.PDF: "application/pdf",
}


class BatchFile(Table, table=True):
    """One form of the list of one batch. Made at the release (the PDF as soon as it can be set), never changed."""

    __tablename__ = "batch_file"
    __table_args__ = (sa.UniqueConstraint("batch_id", "format"),)

    batch_id: int = Field(foreign_key="batch.id", index=True)
    format: ListFormat = Field(sa_type=enum_column(ListFormat))
    content: bytes = Field(sa_type=sa.LargeBinary)
    sha256: str = Field(max_length=64, description="Of the content, hex.")


def freeze_list(session: Session, batch: Batch, scenarios: Sequence[Scenario], *, now: datetime) -> BatchFile:
    """Keep the list of a batch that was just released, as JSON and as a spreadsheet; the JSON row is given back."""
    original = _add(
        session,
        batch,
        ListFormat.JSON,
        list_json(batch, scenarios, now=now, rubrics=_rubrics(session, scenarios)),
        now=now,
    )
    sheet = list_xlsx(original.content, sha256=original.sha256)
    _add(session, batch, ListFormat.XLSX, sheet, now=now)
    return original


def add_pdf(session: Session, batch: Batch, content: bytes, *, now: datetime) -> BatchFile:
    """Keep the PDF of a released list. IntegrityError if it has one."""
    return _add(session, batch, ListFormat.PDF, content, now=now)


def _add(session: Session, batch: Batch, kind: ListFormat, content: bytes, *, now: datetime) -> BatchFile:
    digest = hashlib.sha256(content).hexdigest()
    row = BatchFile(created_at=now, batch_id=batch.key, format=kind, content=content, sha256=digest)
    session.add(row)
    session.flush()
    return row


def _rubrics(session: Session, scenarios: Sequence[Scenario]) -> dict[int, Rubric]:
    found = {row.key: find_locked(session, row.key) for row in scenarios}
    return {key: rubric for key, rubric in found.items() if rubric is not None}


def list_json(
    batch: Batch, scenarios: Sequence[Scenario], *, now: datetime, rubrics: Mapping[int, Rubric]
) -> bytes:
    """The list as canonical JSON: UTF-8, keys sorted, scenarios in the order given. Equal lists are equal bytes.

    rubrics: the criteria in force, by scenario.
    """
    content = {
        "schema": SCHEMA,
        "number": batch.number,
        "title": batch.title,
        "title_en": batch.title_en,
        "district": "" if batch.district is None else batch.district.name,
        "released_at": (batch.released_at or now).astimezone(UTC).isoformat(timespec="seconds"),
        "closes_on": None if batch.closes_on is None else batch.closes_on.isoformat(),
        "is_demo": batch.is_demo,
        "scenarios": [_entry(row, rubrics.get(row.key)) for row in scenarios],
    }
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _entry(row: Scenario, rubric: Rubric | None) -> dict[str, Any]:
    public = {name: value for name, value in content_of(row).items() if name not in PRIVATE}
    return public | {
        "number": row.number,
        "lang": row.lang,
        "publisher": row.organisation.name,
        "district": "" if row.district is None else row.district.name,
        "criteria": [] if rubric is None else rubric.criteria,
        "criteria_sha256": None if rubric is None else rubric.sha256,
    }


def list_xlsx(original: bytes, *, sha256: str) -> bytes:
    """The spreadsheet of a list. original: its JSON, sha256: the hash of that, written under the table.

    The same original gives the same bytes: the date of the file is that of the release.
    """
    content = json.loads(original)
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        released = datetime.fromisoformat(content["released_at"]).replace(tzinfo=None)
        book.set_properties({"title": content["title"], "created": released})
        sheet = book.add_worksheet("清单")
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        cell = book.add_format({"text_wrap": True, "valign": "top"})
        for column, (name, heading) in enumerate(COLUMNS):
            sheet.set_column(column, column, WIDTHS.get(name, 14))
            sheet.write_string(0, column, heading, head)
        for line, entry in enumerate(content["scenarios"], 1):
            for column, (name, _) in enumerate(COLUMNS):
                _write(sheet, line, column, cell_of(entry, name), cell)
        sheet.freeze_panes(1, 2)
        sheet.write_string(len(content["scenarios"]) + 2, 0, f"SHA-256（JSON） {sha256}")
    return buffer.getvalue()


def _write(sheet: Any, line: int, column: int, value: str | int | None, cell: Any) -> None:
    if isinstance(value, int):
        sheet.write_number(line, column, value, cell)
    elif value:
        safe = f"'{value}" if FORMULA.match(value) else value
        sheet.write_string(line, column, safe[:MAX_XLSX_CELL], cell)


def cell_of(entry: Mapping[str, Any], name: str) -> str | int | None:
    """One field of a scenario of a list as one cell: money in yuan, requirements a line each."""
    value = entry[name]
    if name == "requirements":
        return "\n".join(
            f"{position}. {line['text']}（{'必须' if line['must'] else '应当'}）"
            for position, line in enumerate(value, 1)
        )
    if name == "criteria":
        return "\n".join(f"{line['name']} {line['weight']}%" for line in value)
    if name.endswith("_fen"):
        return None if value is None else int(value) // 100
    return None if value is None else str(value)


def list_files(session: Session, batch_id: int) -> list[BatchFile]:
    """The frozen files of a batch, in the order they were made; their bytes are read when they are asked for."""
    statement = select(BatchFile).where(col(BatchFile.batch_id) == batch_id).order_by(col(BatchFile.id))
    return list(session.exec(statement.options(defer(BatchFile.content))))  # type: ignore[arg-type]


def get_file(session: Session, batch: Batch, kind: str) -> BatchFile:
    """The list in one form; NotFound where it is not kept in it."""
    found = next((row for row in list_files(session, batch.key) if row.format == kind), None)
    if found is None:
        raise NotFound(N_("这一批没有这种格式的清单。"))
    return found


def lists_without_pdf(session: Session) -> list[int]:
    """The ids of batches whose list is frozen and not yet set as a PDF, by id."""
    has_pdf = select(BatchFile.batch_id).where(col(BatchFile.format) == ListFormat.PDF)
    statement = select(BatchFile.batch_id).where(
        col(BatchFile.format) == ListFormat.JSON, col(BatchFile.batch_id).not_in(has_pdf)
    )
    return sorted(session.exec(statement))
