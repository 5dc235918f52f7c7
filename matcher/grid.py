"""Vectors that compare bit for bit: unit rows, rounded to a grid on which float32 adds without rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Starts = NDArray[np.int64]

_GRID = np.float32(2**11)


def on_grid(vectors: Vectors) -> Vectors:
    """Unit rows rounded to multiples of 1/2048.

    A product of two components is then a multiple of 2^-22, and no partial sum of a cosine comes to 4, so float32 adds
    them without rounding: a cosine has one value, bit for bit, in whatever order and beside whatever else it is
    computed. The price is about 0.0002 of a cosine, a hundredth of its smallest deviation.
    """
    rounded: Vectors = np.rint(vectors * _GRID)
    rounded /= _GRID
    return rounded


def unit_rows(vectors: Vectors) -> Vectors:
    """Return the rows of (n, dim) at length 1; a row of zeros stays zero, near nothing."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = np.divide(
        vectors, lengths, out=np.zeros_like(vectors, dtype=np.float32), where=lengths > 0
    )
    return unit


def mean_rows(vectors: Vectors, starts: Starts) -> Vectors:
    """The mean of each run of rows, (n_runs, dim) unit rows on the grid; zeros for an empty run.

    starts: (n_runs + 1,) where each run begins in `vectors`, (n, dim) on the grid.
    """
    sums = np.zeros((len(starts) - 1, vectors.shape[1]), np.float32)
    filled = np.diff(starts) > 0
    if filled.any():
        sums[filled] = np.add.reduceat(vectors, starts[:-1][filled], axis=0)
    return on_grid(unit_rows(sums))
