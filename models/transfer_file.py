"""Reading an import file: .jsonl or .csv, packed as .gz or not, in UTF-8 or GBK, into rows nobody has judged yet.

What the columns mean is in models/transfer_columns.py, what a row may hold in models/transfer_rows.py.
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import InvalidInput

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Largest file, unpacked, in bytes: it is read as a whole, and a small .gz can unpack to more than memory holds."""

MAX_CELL = 10_000_000
"""Longest cell the CSV reader passes on, in characters; its own limit of 131,072 would look like a broken quote."""

GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
"""A cell that models.export.cell put an apostrophe before, so that no spreadsheet program runs it."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as read. line: 1-based line on which it begins. values: None when it could not be read; error says why."""

    line: int
    values: dict[str, Any] | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of a file, as they are spelled in it, and its rows in file order."""

    columns: frozenset[str]
    rows: Sequence[RawRow]


def read_sheet(path: Path) -> Sheet:
    """All rows of a file, with their line numbers.

    Raises InvalidInput, in one sentence, when the file as a whole cannot be read: missing, of another kind, damaged,
    too large, neither UTF-8 nor GBK, a table without header.
    """
    ending = Path(path.name.lower().removesuffix(".gz")).suffix
    reader = {".jsonl": _json_sheet, ".csv": _csv_sheet}.get(ending)
    if reader is None:
        raise InvalidInput(f"不认识 {path.name} 这种文件，只收 .jsonl、.jsonl.gz 和 .csv。")
    return reader(_decoded(_content(path), path.name), path.name)


def _content(path: Path) -> bytes:
    try:
        if path.name.lower().endswith(".gz"):
            with gzip.open(path) as file:
                content = file.read(MAX_FILE_BYTES + 1)
        else:
            with path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as err:
        raise InvalidInput(f"{path.name} 不完整或已损坏，解不开。") from err
    except OSError as err:
        raise InvalidInput(f"读不了文件 {path.name}：{err.strerror or err}") from err
    if len(content) > MAX_FILE_BYTES:
        raise InvalidInput(f"{path.name} 太大，最多 {MAX_FILE_BYTES // 2**20} MB，请拆成几个文件。")
    return content


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        # GBK gives some reading to nearly any bytes, so a damaged UTF-8 file must not be tried as GBK.
        if _is_mostly_utf8(content):
            line = content.count(b"\n", 0, err.start) + 1
            raise InvalidInput(f"{name} 第 {line} 行有损坏的 UTF-8 字符。") from err
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as err:
        raise InvalidInput(f"{name} 既不是 UTF-8 也不是 GBK 编码。") from err


def _is_mostly_utf8(content: bytes) -> bool:
    text = content.decode("utf-8", "replace")
    n_damaged = text.count("\ufffd")
    return sum(not mark.isascii() for mark in text) - n_damaged > n_damaged


def _json_sheet(text: str, _name: str) -> Sheet:
    rows = [
        _json_row(line, content) for line, content in enumerate(text.split("\n"), start=1) if content.strip()
    ]
    columns = frozenset(column for row in rows if row.values is not None for column in row.values)
    return Sheet(columns=columns, rows=rows)


def _json_row(line: int, content: str) -> RawRow:
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        return RawRow(line, None, "这一行不是 JSON。")
    if not isinstance(values, dict):
        return RawRow(line, None, "这一行要是一个 JSON 对象。")
    return RawRow(line, values)


def _csv_sheet(text: str, name: str) -> Sheet:
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), strict=True)
    rows: list[RawRow] = []
    try:
        header = _header(next(reader, []), name)
        begins_at = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_csv_row(begins_at, cells, header))
            begins_at = reader.line_num + 1
    except csv.Error as err:
        raise InvalidInput(f"{name} 第 {reader.line_num} 行附近的引号不成对，读不下去。") from err
    return Sheet(columns=frozenset(header), rows=rows)


def _header(cells: Sequence[str], name: str) -> list[str]:
    """The column names; a column without one is called by its place. InvalidInput for none at all or one twice."""
    if not any(cell.strip() for cell in cells):
        raise InvalidInput(f"{name} 没有表头。")
    header = [cell.strip() or f"第{place}列" for place, cell in enumerate(cells, start=1)]
    repeated = [column for column, times in Counter(header).items() if times > 1]
    if repeated:
        raise InvalidInput(f"{name} 的表头里“{repeated[0]}”出现了不止一次。")
    return header


def _csv_row(line: int, cells: Sequence[str], header: Sequence[str]) -> RawRow:
    if any(cell.strip() for cell in cells[len(header) :]):
        return RawRow(line, None, f"这一行有 {len(cells)} 格，表头只有 {len(header)} 格。")
    # Cells missing at the end are columns this row says nothing about.
    values = {column: _unguarded(cell) for column, cell in zip(header, cells, strict=False)}
    return RawRow(line, dict(values))


def _unguarded(cell: str) -> str:
    return cell[1:] if GUARDED.match(cell) else cell
