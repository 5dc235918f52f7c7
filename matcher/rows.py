"""Rows that may be matched: read by id with all that is looked at later, a few at a time, and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from threading import RLock
from typing import Generic, TypeVar

from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select

from matcher.documents import Document
from matcher.index_segment import Ids
from models.capability import Capability, listed
from models.organisation import Organisation
from models.scenario import Scenario, published

Row = TypeVar("Row", Scenario, Capability)
Reading = Callable[[], AbstractContextManager[Session]]

ROWS_KEPT = 10_000
"""Rows of a kind that stay in memory, the latest ones asked for; some 60 MB."""

ROWS_AT_ONCE = 500
"""Rows read in one statement; below what either database takes as parameters."""


class Rows(Generic[Row]):
    """The rows of one kind that are in the index, by id: all ids at once, rows as they are asked for.

    ids: ascending, of all that may be matched; a few may turn out to have changed when they are read, and are then left
    out. Safe between threads.
    """

    def __init__(
        self,
        ids: Ids,
        read: Callable[[Session, Sequence[int]], list[Row]],
        take_apart: Callable[[Row], Document],
        hash_of: Callable[[int], str | None],
        reading: Reading,
    ) -> None:
        """read: rows by id with all that is looked at later. hash_of: the content hash in the index."""
        self.ids = ids
        self.stale: set[int] = set()
        self._read: Callable[[Session, Sequence[int]], list[Row]] = read
        self._take_apart: Callable[[Row], Document] = take_apart
        self._hash_of, self._reading = hash_of, reading
        self._known = set(ids.tolist())
        self._kept: OrderedDict[int, tuple[Row, Document]] = OrderedDict()
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids.tolist())

    def __contains__(self, row_id: object) -> bool:
        return isinstance(row_id, int) and bool(self.load([row_id]))

    def __getitem__(self, row_id: int) -> Row:
        """A row. KeyError for one that may not be matched."""
        return self.load([row_id])[row_id][0]

    def document(self, row_id: int) -> Document:
        """A row taken apart. KeyError for one that may not be matched."""
        return self.load([row_id])[row_id][1]

    def values(self) -> Iterator[Row]:
        """Every row, by id; read in batches."""
        for row, _ in self.pairs():
            yield row

    def pairs(self) -> Iterator[tuple[Row, Document]]:
        """Every row with its document, by id; read in batches."""
        ids = self.ids.tolist()
        for first in range(0, len(ids), ROWS_AT_ONCE):
            yield from self.load(ids[first : first + ROWS_AT_ONCE]).values()

    def load(self, ids: Iterable[int]) -> dict[int, tuple[Row, Document]]:
        """Those of these rows that may be matched, each with its document, in the order given; one read for all."""
        wanted = [id_ for id_ in dict.fromkeys(ids) if id_ in self._known]
        with self._lock:
            missing = [id_ for id_ in wanted if id_ not in self._kept and id_ not in self.stale]
            for first in range(0, len(missing), ROWS_AT_ONCE):
                self._fetch(missing[first : first + ROWS_AT_ONCE])
            found = {id_: self._kept[id_] for id_ in wanted if id_ in self._kept}
            for id_ in found:
                self._kept.move_to_end(id_)
            while len(self._kept) > max(ROWS_KEPT, len(found)):
                self._kept.popitem(last=False)
        return found

    def _fetch(self, ids: Sequence[int]) -> None:
        with self._reading() as session:
            rows = self._read(session, ids)
        for row in rows:
            document = self._take_apart(row)
            if document.content_hash == self._hash_of(row.key):
                self._kept[row.key] = row, document
        self.stale.update(id_ for id_ in ids if id_ not in self._kept)


def open_scenarios_with_parts(session: Session, on: date, ids: Sequence[int] | None = None) -> list[Scenario]:
    """Open scenarios, or those of them with these ids, with their requirements, by id."""
    statement = (
        select(Scenario)
        .where(published(on))
        .order_by(col(Scenario.id))
        .options(selectinload(Scenario.requirements))  # type: ignore[arg-type]
    )
    return list(session.exec(statement if ids is None else statement.where(col(Scenario.id).in_(ids))))


def listed_capabilities_with_parts(session: Session, ids: Sequence[int] | None = None) -> list[Capability]:
    """Listed capabilities, or those of them with these ids, with their cases and firms, by id."""
    statement = (
        select(Capability)
        .join(Organisation)
        .where(listed())
        .order_by(col(Capability.id))
        .options(selectinload(Capability.cases), joinedload(Capability.organisation))  # type: ignore[arg-type]
    )
    return list(session.exec(statement if ids is None else statement.where(col(Capability.id).in_(ids))))
