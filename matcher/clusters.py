"""Groups of texts that mean alike: average linkage on cosines, cut at a threshold.

Two groups become one while the mean cosine over their pairs is at or above the threshold, the most alike first. Vectors
are put on the grid of matcher/relevance.py, so that sums of cosines are exact in whatever order they are added.
"""

from __future__ import annotations

import numpy as np

from matcher.embedder import Vectors
from matcher.grid import on_grid
from matcher.likeness import Floats

MAX_ITEMS = 3000
"""More than this are not grouped at once: memory grows with the square of it."""


def cluster(vectors: Vectors, *, threshold: float) -> list[list[int]]:
    """Rows in groups, each ascending; the largest group first, equal ones by first row. Each row is in exactly one.

    vectors: (n, dim) unit rows in an order of their own, which decides between equals; a row of zeros stays alone.
    ValueError for more than MAX_ITEMS rows, or a threshold that lets strangers join.
    """
    if len(vectors) > MAX_ITEMS or threshold <= 0:
        raise ValueError(f"{len(vectors)} items at threshold {threshold}")
    groups = {row: [row] for row in range(len(vectors))}
    links = _Links(vectors)
    while len(groups) > 1:
        kept, gone, likeness = links.closest()
        if likeness < threshold:
            break
        links.join(kept, gone)
        groups[kept] = sorted(groups[kept] + groups.pop(gone))
    return sorted(groups.values(), key=lambda rows: (-len(rows), rows[0]))


def medoid(vectors: Vectors, rows: list[int]) -> int:
    """The row of a group that is most alike to the others; of equal ones the first."""
    grid = on_grid(vectors[rows]).astype(np.float64)
    return rows[int((grid @ grid.T).sum(axis=1).argmax())]


class _Links:
    """How alike each pair of groups is, and for each group the one it is most alike to.

    A group is known by its first row. Joining two can only lower the mean to a third, so that only rows whose
    closest group was one of the two have to look again.
    """

    def __init__(self, vectors: Vectors) -> None:
        grid = on_grid(vectors).astype(np.float64)
        self._sums: Floats = grid @ grid.T
        np.fill_diagonal(self._sums, -np.inf)
        self._sizes = np.ones(len(grid))
        self._partner = np.zeros(len(grid), np.int64)
        self._likeness = np.full(len(grid), -np.inf)
        for row in range(len(grid)):
            self._look(row)

    def closest(self) -> tuple[int, int, float]:
        """The two groups most alike, the earlier first, and their mean cosine."""
        row = int(self._likeness.argmax())
        return row, int(self._partner[row]), float(self._likeness[row])

    def join(self, kept: int, gone: int) -> None:
        """Make two groups one, known by the first."""
        self._sums[kept] += self._sums[gone]
        self._sums[:, kept] = self._sums[kept]
        self._sums[gone], self._sums[:, gone], self._sums[kept, kept] = -np.inf, -np.inf, -np.inf
        self._sizes[kept] += self._sizes[gone]
        self._likeness[gone] = -np.inf
        stale = np.isin(self._partner, (kept, gone)) & ~np.isneginf(self._likeness)
        stale[kept] = True
        for row in np.flatnonzero(stale):
            self._look(int(row))

    def _look(self, row: int) -> None:
        means = self._sums[row] / (self._sizes[row] * self._sizes)
        self._partner[row] = means.argmax()
        self._likeness[row] = means[self._partner[row]]
