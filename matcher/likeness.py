"""How alike two documents are at one grain: the best counterpart of each chunk, both ways, for any number at once.

All vectors are on a grid (matcher/grid.py), so that a pair has the same figure whatever is measured beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matcher.grid import Vectors, mean_rows, on_grid

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ChunkSet:
    """Documents as rows of centred vectors of one grain, chunks or sections.

    chunks: (n_chunks, dim) float32 unit rows on the grid; starts: (n_docs + 1,) where each document's rows begin.
    """

    chunks: Vectors
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, blocks: Sequence[Vectors], dim: int) -> ChunkSet:
        """From one (n, dim) block of unit rows a document, in order; a document may have none."""
        starts = np.cumsum([0, *(len(block) for block in blocks)]).astype(np.int64)
        return cls(on_grid(np.concatenate([np.empty((0, dim), np.float32), *blocks])), starts)

    @classmethod
    def stacked(cls, blocks: Sequence[Vectors], dim: int) -> ChunkSet:
        """The same from blocks that are on the grid already."""
        starts = np.cumsum([0, *(len(block) for block in blocks)]).astype(np.int64)
        return cls(np.concatenate([np.empty((0, dim), np.float32), *blocks]), starts)

    def only(self, row: int) -> ChunkSet:
        """One of the documents by itself."""
        chunks = self.chunks[self.starts[row] : self.starts[row + 1]]
        return ChunkSet(chunks, np.array([0, len(chunks)], np.int64))

    def between(self, first: int, last: int) -> ChunkSet:
        """The documents from `first` up to `last`; nothing is copied."""
        bounds = self.starts[first : last + 1]
        return ChunkSet(self.chunks[bounds[0] : bounds[-1]], bounds - bounds[0])

    def at(self, rows: NDArray[np.int64]) -> ChunkSet:
        """Some of the documents, in the order given; their vectors are copied."""
        begin, sizes = self.starts[:-1][rows], np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        inside = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)
        return ChunkSet(self.chunks[np.repeat(begin, sizes) + inside], starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def documents(self) -> Vectors:
        """(n_docs, dim) unit rows on the grid: the mean of each document's chunks; zeros for one without any."""
        return mean_rows(self.chunks, self.starts)

    def best_and_back(self, need: Vectors) -> Floats:
        """(n_docs,): mean over need chunks of the best document chunk, and the reverse, blended; 0 without chunks."""
        found = np.zeros(len(self))
        filled = np.diff(self.starts) > 0
        if not filled.any() or not len(need):
            return found
        # Chunks in rows, need in columns: the faster order for a tall matrix and a few columns.
        cosines = self.chunks @ need.T
        begin, sizes = self.starts[:-1][filled], np.diff(self.starts)[filled]
        # Turned round where numpy adds and compares along long rows. Sums of numbers on the grid are exact in float64.
        runs = _Runs.of(begin, sizes)
        there = np.empty(len(begin))
        there[runs.order] = np.ascontiguousarray(runs.best(cosines).T).sum(axis=0, dtype=np.float64) / len(
            need
        )
        nearest = np.ascontiguousarray(cosines.T).max(axis=0)
        back = np.add.reduceat(nearest, begin, dtype=np.float64) / sizes
        share = back_share(np.int64(len(need)), sizes)
        found[filled] = _both_ways(there, back, share)
        return found


_ROUNDS = 16
"""Runs up to this length are gone through in rounds, all first rows, all second rows and so on, which is four times as
fast as run by run."""


@dataclass(frozen=True)
class _Runs:
    """Runs of rows that follow one another, none empty; the longest first, so that those in a round are the first ones.

    order: (n_runs,) which run each is; start, length: (n_runs,) its rows.
    """

    order: NDArray[np.int64]
    start: NDArray[np.int64]
    length: NDArray[np.int64]

    @classmethod
    def of(cls, begin: NDArray[np.int64], sizes: NDArray[np.int64]) -> _Runs:
        order = np.argsort(-np.minimum(sizes, _ROUNDS).astype(np.int16), kind="stable")
        return cls(order, begin[order], sizes[order])

    def best(self, values: Vectors) -> Vectors:
        """(n_runs, n_columns): the highest value of each column within each run."""
        if len(self.start) == len(values):
            return values
        best: Vectors = values.take(self.start, axis=0)
        for rows, n_there in self._rounds():
            part = best[:n_there]
            np.maximum(part, values.take(rows, axis=0), out=part)
        for run in self._long():
            best[run] = values[self.start[run] : self.start[run] + self.length[run]].max(axis=0)
        return best

    def sums(self, values: Vectors) -> Floats:
        """(n_runs, n_columns): the sum of each column within each run; exact for numbers on the grid."""
        total = values.take(self.start, axis=0).astype(np.float64)
        for rows, n_there in self._rounds():
            total[:n_there] += values.take(rows, axis=0)
        for run in self._long():
            here = values[self.start[run] : self.start[run] + self.length[run]]
            total[run] = here.sum(axis=0, dtype=np.float64)
        return total

    def _rounds(self) -> Iterator[tuple[NDArray[np.int64], int]]:
        """The rows of each round after the first, and how many runs they belong to."""
        shorter = -np.minimum(self.length, _ROUNDS)
        for step in range(1, min(int(self.length.max()), _ROUNDS)):
            n_there = int(np.searchsorted(shorter, -step, side="left"))
            yield self.start[:n_there] + step, n_there

    def _long(self) -> list[int]:
        return np.flatnonzero(self.length > _ROUNDS).tolist()


def back_share(n_need: NDArray[np.int64] | np.int64, n_document: NDArray[np.int64]) -> Floats:
    """How much the way back counts, below one half, from numbers of chunks: a short need asks for no whole document.

    Against always one half: nDCG@10 .506 for .485 on one-sentence needs (stard_zh), .838 for .833 on long ones.
    """
    return np.asarray((0.5 * n_need) / (n_need + n_document), np.float64)


_FIGURES_AT_ONCE = 2**19
"""Cosines computed at once; so many stay in a core's own cache while they are compared and added."""


@dataclass(frozen=True)
class NeedColumns:
    """The chunks of needs as columns: the first chunk of every need, then the second of those that have one, and so on.

    So what belongs to one place in the needs lies side by side. chunks: (n_columns, dim); spans: for each place where
    its columns begin and end; order: the needs as they come in a span, those with most chunks first; sizes: of each.
    """

    chunks: Vectors
    spans: list[tuple[int, int]]
    order: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, needs: ChunkSet) -> NeedColumns:
        """The columns of these needs; those without chunks have none."""
        sizes = np.diff(needs.starts)
        asking = np.flatnonzero(sizes > 0)
        order = asking[np.argsort(-sizes[asking], kind="stable")]
        sizes = sizes[order]
        widths = [int((sizes > place).sum()) for place in range(int(sizes[0]) if len(sizes) else 0)]
        rows = [needs.starts[order[:width]] + place for place, width in enumerate(widths)]
        ends = np.cumsum([0, *widths]).tolist()
        chunks = needs.chunks[np.concatenate(rows)] if rows else needs.chunks[:0]
        return cls(chunks, list(pairwise(ends)), order, sizes)


def likenesses(documents: ChunkSet, needs: ChunkSet) -> Floats:
    """(n_docs, n_needs): what `best_and_back` gives need by need, in one pass over the documents for all needs."""
    found = np.zeros((len(documents), len(needs)))
    columns = NeedColumns.of(needs)
    for first, last in doc_blocks(documents, len(columns.chunks)):
        found[first:last, columns.order] = some_likenesses(documents.between(first, last), columns)
    return found


def doc_blocks(documents: ChunkSet, n_columns: int) -> Iterator[tuple[int, int]]:
    """Stretches of documents that are compared with so many columns at once."""
    n_at_once = max(1, _FIGURES_AT_ONCE // max(1, n_columns))
    first = 0
    while first < len(documents):
        last = int(np.searchsorted(documents.starts, documents.starts[first] + n_at_once, side="right")) - 1
        last = min(max(last, first + 1), len(documents), first + n_at_once)
        yield first, last
        first = last


def some_likenesses(documents: ChunkSet, columns: NeedColumns) -> Floats:
    """(n_docs, n_needs), the needs in the order of the columns; 0 for documents without chunks."""
    sizes = np.diff(documents.starts)
    if not sizes.all():
        filled = np.flatnonzero(sizes)
        found = np.zeros((len(documents), len(columns.order)))
        if len(filled) and len(columns.order):
            found[filled] = some_likenesses(documents.at(filled), columns)
        return found
    cosines = documents.chunks @ columns.chunks.T
    nearest = cosines[:, : len(columns.order)].copy()
    for left, right in columns.spans[1:]:
        known = nearest[:, : right - left]
        np.maximum(known, cosines[:, left:right], out=known)
    runs = _Runs.of(documents.starts[:-1], sizes)
    best = runs.best(cosines)
    there = np.zeros((len(documents), len(columns.order)))
    for left, right in columns.spans:
        # Sums of numbers on the grid are exact in float64, in whatever order.
        there[:, : right - left] += best[:, left:right]
    there /= columns.sizes
    back = runs.sums(nearest)
    back /= runs.length[:, None]
    found = np.empty_like(there)
    found[runs.order] = _both_ways(there, back, back_share(columns.sizes, runs.length[:, None]))
    return found


def _both_ways(there: Floats, back: Floats, share: Floats) -> Floats:
    """`share` of the way from `there` to `back`; `back` is overwritten."""
    back -= there
    back *= share
    back += there
    return back


_DOCUMENTS_AT_ONCE = 2000


def hubness(documents: ChunkSet, needs: ChunkSet) -> Floats:
    """(n_docs,): the mean likeness of each document to the background's needs; 0 without any need."""
    result = np.zeros(len(documents))
    if not len(needs):
        return result
    for first in range(0, len(documents), _DOCUMENTS_AT_ONCE):
        some = documents.between(first, min(first + _DOCUMENTS_AT_ONCE, len(documents)))
        result[first : first + len(some)] = likenesses(some, needs).mean(axis=1)
    return result
