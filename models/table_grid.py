"""A table as it lies in a file: filled cells with their addresses; and which of its rows are the header.

Readers of workbooks, documents and PDF files (models/table_readers.py) all give this; models/transfer_file.py turns
it into rows. Titles above the header, notes below the data and headers repeated on later pages are left out, and said.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase

HEADER_WITHIN = 30
"""Rows from the top among which the header is looked for; further down it would be another table."""

MAX_HEADING = 60
"""Longest cell of a header, in characters; longer ones are text, not the name of a column."""

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column of a merged area, from 0, both ends included."""


@dataclass(slots=True)
class TableGrid:
    """cells: rows of text, all of one length; merged areas carry their text in every cell. lines: a number for each
    row, rising. places: how to name the row to a reader; empty where "row" and the number say it. has_letters: whether
    columns are called A, B, C.
    """

    name: str
    cells: list[list[str]]
    lines: list[int]
    places: list[str] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    has_letters: bool = False

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.cells[0]) if self.cells else 0

    def place(self, row: int) -> str:
        """How to name a row to a reader."""
        return self.places[row] if self.places else f"第 {self.lines[row]} 行"


@dataclass(frozen=True, slots=True)
class FoundTable:
    """header: name of each column. rows: indexes of the rows with data. left_out: place and text of other rows."""

    header: list[str]
    rows: list[int]
    left_out: list[tuple[str, str]]


def column_letters(place: int) -> str:
    """What spreadsheet programs call a column: 0 is A, 26 is AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return letters


def fill_merges(cells: list[list[str]], merges: Sequence[Merge]) -> list[Merge]:
    """Write each merged area's text into all its cells; areas are cut to the table, and those kept are given back."""
    kept = []
    n_rows, width = len(cells), len(cells[0]) if cells else 0
    for top, left, bottom, right in merges:
        area = (top, left, min(bottom, n_rows - 1), min(right, width - 1))
        if area[2] < top or area[3] < left:
            continue
        for row in range(top, area[2] + 1):
            for column in range(left, area[3] + 1):
                cells[row][column] = cells[top][left]
        kept.append(area)
    return kept


def find_table(grid: TableGrid, is_known: Callable[[str], bool]) -> FoundTable | None:
    """The header and the rows of data, or None where no row can be a header.

    The header is the row, or the two rows under one another, in which the most names are known; where none is, the
    first row that looks like one. is_known: whether a name of a column is understood.
    """
    best: tuple[int, int] | None = None
    most = -1
    for row in range(min(HEADER_WITHIN, len(grid.cells))):
        if not _may_head(grid, row):
            continue
        n_known = sum(map(is_known, set(_names(grid, row, _height(grid, row)))))
        if n_known > most:
            best, most = (row, _height(grid, row)), n_known
    if best is None:
        return None
    return _below(grid, *best)


def _may_head(grid: TableGrid, row: int) -> bool:
    texts = [text.strip() for text in grid.cells[row]]
    distinct = {text for text in texts if text}
    enough = 1 if grid.width == 1 else 2
    return len(distinct) >= enough and all(len(text) <= MAX_HEADING for text in distinct)


def _height(grid: TableGrid, row: int) -> int:
    """Two where a name spans columns, or a name reaches into the row below; else one."""
    if row + 1 >= len(grid.cells):
        return 1
    for top, left, bottom, right in grid.merges:
        wide = right > left and right - left + 1 < grid.width
        if top == row and (bottom == row + 1 or (bottom == row and wide)):
            return 2 if _may_head(grid, row + 1) else 1
    return 1


def _names(grid: TableGrid, row: int, height: int) -> list[str]:
    names = []
    for column in range(grid.width):
        parts = [" ".join(grid.cells[row + step][column].split()) for step in range(height)]
        names.append("/".join(dict.fromkeys(part for part in parts if part)))
    return names


def _below(grid: TableGrid, row: int, height: int) -> FoundTable:
    heading = {tuple(grid.cells[row + step]) for step in range(height)}
    first = row + height
    left_out = [_shown(grid, each) for each in range(row) if any(map(str.strip, grid.cells[each]))]
    rows = []
    for each in range(first, len(grid.cells)):
        if tuple(grid.cells[each]) in heading:
            left_out.append(_shown(grid, each))
        elif any(map(str.strip, grid.cells[each])):
            rows.append(each)
    notes = []
    while rows and _is_note(grid, rows[-1]):
        notes.append(_shown(grid, rows.pop()))
    names = [name or f"第{place}列" for place, name in enumerate(_names(grid, row, height), start=1)]
    return FoundTable(_told_apart(names), rows, left_out + notes[::-1])


def _is_note(grid: TableGrid, row: int) -> bool:
    """Whether a row holds one text only: across the whole table, or alone in its first cell."""
    texts = [text.strip() for text in grid.cells[row]]
    alone = bool(texts[0]) and not any(texts[1:])
    return grid.width >= 3 and (alone or len(set(texts)) == 1)


def _shown(grid: TableGrid, row: int) -> tuple[str, str]:
    texts = dict.fromkeys(text.strip() for text in grid.cells[row] if text.strip())
    return grid.place(row), " ".join(" ".join(texts).split())[:80]


def _told_apart(names: list[str]) -> list[str]:
    """A name that comes twice gets its column's number, since a column is spoken of by its name."""
    times = Counter(names)
    return [
        f"{name}（第{place}列）" if times[name] > 1 else name for place, name in enumerate(names, start=1)
    ]


def join_continued(grids: Sequence[TableGrid], is_heading: Callable[[TableGrid], bool]) -> list[TableGrid]:
    """Tables that go on in the next one (over a page) as one table, in order.

    A table goes on where the next has as many columns and either repeats the first rows or begins with no heading of
    its own.
    """
    joined: list[TableGrid] = []
    for grid in grids:
        last = joined[-1] if joined else None
        if last is None or last.width != grid.width or not _goes_on(last, grid, is_heading):
            joined.append(grid)
            continue
        offset = len(last.cells)
        last.cells += grid.cells
        last.places += grid.places
        last.lines += [last.lines[-1] + step for step in range(1, len(grid.cells) + 1)]
        last.merges += [
            (top + offset, left, bottom + offset, right) for top, left, bottom, right in grid.merges
        ]
    return joined


def _goes_on(last: TableGrid, grid: TableGrid, is_heading: Callable[[TableGrid], bool]) -> bool:
    repeated = grid.cells[0] in last.cells[:HEADER_WITHIN]
    return repeated or not is_heading(grid)
