"""Reading an import file into rows nobody has judged yet: .jsonl or .csv, packed as .gz or not, .xlsx, .docx and .pdf.

Workbooks, documents and PDF files are read in a process of their own (models/table_process.py). What the columns mean
is in models/transfer_columns.py, what a row may hold in models/transfer_rows.py.
"""

import codecs
import csv
import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.errors import InvalidInput
from models.i18n import N_
from models.table_grid import (
    HEADER_WITHIN,
    FoundTable,
    TableGrid,
    column_letters,
    find_table,
    join_continued,
)
from models.table_process import ENDINGS, read_tables

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Largest file, unpacked, in bytes: it is read as a whole, and a small .gz can unpack to more than memory holds."""

MAX_CELL = 10_000_000
"""Longest cell the CSV reader passes on, in characters; its own limit of 131,072 would look like a broken quote."""

SEPARATORS = ",;\t"
"""What may stand between the cells of a .csv file; the first where nothing tells."""

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
    """The columns of a file, as they are spelled in it, and its rows in file order.

    ordered: the columns from left to right. places: how to name a line to a reader, where "line" and the number do
    not say it. letters: what a spreadsheet program calls a column. table: the one that was read. left_out:
    place and text of rows above, between and below the data that are no data.
    """

    columns: frozenset[str]
    rows: Sequence[RawRow]
    ordered: Sequence[str] = ()
    places: Mapping[int, str] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    table: str = ""
    tables: Sequence[str] = ()
    left_out: Sequence[tuple[str, str]] = ()

    def where(self, line: int, column: str = "") -> str:
        """How to name a cell, or a row, to a reader."""
        if column in self.letters:
            return f"{self.letters[column]}{line}"
        return self.places.get(line) or f"第 {line} 行"


Known = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a file may be. n_bytes: of text files, unpacked; None: MAX_FILE_BYTES. n_rows: None for any."""

    n_bytes: int | None = None
    n_rows: int | None = None


NO_LIMITS = Limits()


def _nothing_known(_name: str) -> bool:
    return False


def read_sheet(
    path: Path,
    *,
    name: str = "",
    table: str = "",
    is_known: Known = _nothing_known,
    limits: Limits = NO_LIMITS,
) -> Sheet:
    """All rows of a file, with their line numbers.

    name: what the file is called, where the path does not say it. table: which sheet or table of it; else the one with
    most known columns. is_known: whether the name of a column is understood, which helps to find the header. limits:
    more than that is not kept in memory, but refused.

    Raises InvalidInput, in one sentence, when the file as a whole cannot be read: missing, of another kind, damaged,
    too large, neither UTF-8 nor GBK, a table without header.
    """
    name = name or path.name
    ending = Path(name.lower().removesuffix(".gz")).suffix
    if ending in ENDINGS:
        sheet = _table_sheet(path, ending, table=table, is_known=is_known)
        _refuse_too_many(len(sheet.rows), limits.n_rows)
        return sheet
    if ending == ".jsonl":
        return _json_sheet(decoded(_content(path, name, limits.n_bytes), name), limits.n_rows)
    if ending != ".csv":
        raise InvalidInput(f"不认识 {name} 这种文件，只收 .xlsx、.docx、.pdf、.csv、.jsonl 和它们的 .gz。")
    return _csv_sheet(decoded(_content(path, name, limits.n_bytes), name), name, is_known, limits.n_rows)


def _refuse_too_many(n_rows: int, max_rows: int | None) -> None:
    if max_rows is not None and n_rows > max_rows:
        raise InvalidInput(N_("行数太多，页面一次最多导入 10,000 行。请拆成几份，或请管理员用命令导入。"))


def _table_sheet(path: Path, ending: str, *, table: str, is_known: Known) -> Sheet:
    if not path.is_file():
        raise InvalidInput(f"读不了文件 {path.name}：没有这个文件。")
    grids = read_tables(path, ending)
    if ending != ".xlsx":
        grids = join_continued(grids, lambda grid: any(map(is_known, grid.cells[0])))
    found = [(grid, each) for grid in grids if (each := find_table(grid, is_known)) is not None and each.rows]
    if table:
        found = [(grid, each) for grid, each in found if grid.name == table]
        if not found:
            raise InvalidInput(f"文件里没有“{table}”这张表，或里面没有行。")
    if not found:
        raise InvalidInput("没有找到带表头的表格。表头要写在数据上面，至少两列。")
    # The most known columns; of equals, the longest.
    chosen, rows = max(found, key=lambda pair: (sum(map(is_known, pair[1].header)), len(pair[1].rows)))
    return _sheet_of(chosen, rows, [grid.name for grid in grids])


def _sheet_of(grid: TableGrid, found: FoundTable, names: Sequence[str]) -> Sheet:
    rows = [
        RawRow(grid.lines[row], dict(zip(found.header, map(_unguarded, grid.cells[row]), strict=True)))
        for row in found.rows
    ]
    # A column without a name and without a single value is the edge of the sheet, not a column.
    used = [
        column
        for place, column in enumerate(found.header)
        if column != f"第{place + 1}列" or any((row.values or {})[column] for row in rows)
    ]
    for row in rows:
        for column in set(found.header) - set(used):
            (row.values or {}).pop(column)
    letters = {name: column_letters(place) for place, name in enumerate(found.header)}
    return Sheet(
        columns=frozenset(used),
        rows=rows,
        ordered=used,
        places={grid.lines[row]: grid.place(row) for row in found.rows} if grid.places else {},
        letters=letters if grid.has_letters else {},
        table=grid.name,
        tables=tuple(names),
        left_out=found.left_out,
    )


def _content(path: Path, name: str, n_bytes: int | None) -> bytes:
    max_bytes = n_bytes or MAX_FILE_BYTES
    try:
        if name.lower().endswith(".gz"):
            with gzip.open(path) as file:
                content = file.read(max_bytes + 1)
        else:
            with path.open("rb") as file:
                content = file.read(max_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as err:
        raise InvalidInput(f"{name} 不完整或已损坏，解不开。") from err
    except OSError as err:
        raise InvalidInput(f"读不了文件 {name}：{err.strerror or err}") from err
    if len(content) > max_bytes:
        raise InvalidInput(f"{name} 太大，最多 {max_bytes // 2**20} MB，请拆成几个文件。")
    return content


def decoded(content: bytes, name: str) -> str:
    """The text of a file in UTF-8, UTF-16 or GBK. InvalidInput, in one sentence, where it is none of them."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as err:
            raise InvalidInput(f"{name} 有损坏的 UTF-16 字符。") from err
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


def _json_sheet(text: str, max_rows: int | None) -> Sheet:
    rows: list[RawRow] = []
    for line, content in enumerate(io.StringIO(text, newline="\n"), start=1):
        if content.strip():
            rows.append(_json_row(line, content))
            _refuse_too_many(len(rows), max_rows)
    ordered = list(dict.fromkeys(column for row in rows if row.values is not None for column in row.values))
    return Sheet(columns=frozenset(ordered), rows=rows, ordered=ordered)


def _json_row(line: int, content: str) -> RawRow:
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        return RawRow(line, None, "这一行不是 JSON。")
    if not isinstance(values, dict):
        return RawRow(line, None, "这一行要是一个 JSON 对象。")
    return RawRow(line, values)


def _csv_sheet(text: str, name: str, is_known: Known, max_rows: int | None) -> Sheet:
    csv.field_size_limit(MAX_CELL)
    text = text.replace("\x00", "")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_separator(text))
    lines: list[tuple[int, list[str]]] = []
    try:
        begins_at = 1
        for cells in reader:
            lines.append((begins_at, cells))
            _refuse_too_many(len(lines) - HEADER_WITHIN - 1, max_rows)
            begins_at = reader.line_num + 1
    except csv.Error as err:
        raise InvalidInput(f"{name} 第 {reader.line_num} 行附近的引号不成对，读不下去。") from err
    first = _header_line(lines, is_known)
    header = _header(lines[first][1] if lines else [], name)
    rows = [_csv_row(line, cells, header) for line, cells in lines[first + 1 :] if any(map(str.strip, cells))]
    _refuse_too_many(len(rows), max_rows)
    above = [(line, " ".join(" ".join(cells).split())[:80]) for line, cells in lines[:first]]
    return Sheet(
        columns=frozenset(header),
        rows=rows,
        ordered=header,
        left_out=[(f"第 {line} 行", words) for line, words in above if words],
    )


def _separator(text: str) -> str:
    """Comma, semicolon or tab: whichever is most frequent in the first line that has any."""
    for line in text.split("\n", HEADER_WITHIN)[:HEADER_WITHIN]:
        times = {mark: line.count(mark) for mark in SEPARATORS}
        if any(times.values()):
            return max(SEPARATORS, key=times.__getitem__)
    return SEPARATORS[0]


def _header_line(lines: Sequence[tuple[int, list[str]]], is_known: Known) -> int:
    """Which line is the header: the first, unless it knows no name and a later one near the top does."""
    n_known = [sum(map(is_known, map(str.strip, cells))) for _, cells in lines[:HEADER_WITHIN]]
    if not n_known or n_known[0]:
        return 0
    return max(range(len(n_known)), key=lambda place: (n_known[place], -place))


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
