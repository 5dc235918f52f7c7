"""Pages of a list: which rows, and which numbers to link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
PAGE_SIZE = 20
# More page numbers than this are shortened around the present one.
NUMBERS_SHOWN = 7


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of rows. number: from 1. first, last: positions from 1 in the whole list, 0 when it is empty."""

    rows: Sequence[Row]
    number: int
    n_pages: int
    n_rows: int
    size: int

    @property
    def first(self) -> int:
        """Position of the first row shown."""
        return (self.number - 1) * self.size + 1 if self.n_rows else 0

    @property
    def last(self) -> int:
        """Position of the last row shown."""
        return min(self.number * self.size, self.n_rows)

    @property
    def numbers(self) -> list[int]:
        """Page numbers to link: the first, the last and those around the present one; 0 marks a gap."""
        if self.n_pages <= NUMBERS_SHOWN:
            return list(range(1, self.n_pages + 1))
        wanted = {1, self.n_pages, self.number - 1, self.number, self.number + 1}
        shown: list[int] = []
        for number in sorted(n for n in wanted if 1 <= n <= self.n_pages):
            if shown and number > shown[-1] + 1:
                shown.append(0)
            shown.append(number)
        return shown


def page_number(sent: str) -> int:
    """The page asked for in an address; 1 for anything that is no page number."""
    return int(sent) if sent.isdecimal() and sent.isascii() and len(sent) < 7 else 1


def paginate(rows: Sequence[Row], number: int, *, size: int = PAGE_SIZE) -> Page[Row]:
    """The page with this number; one beyond the last gives the last, so that an old link still shows something."""
    n_pages = max(1, -(-len(rows) // size))
    number = min(max(number, 1), n_pages)
    start = (number - 1) * size
    return Page(rows=rows[start : start + size], number=number, n_pages=n_pages, n_rows=len(rows), size=size)
