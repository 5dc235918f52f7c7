"""A hit: one document found by one source. The smallest thing that index and word search have in common."""

from __future__ import annotations

from typing import NamedTuple


class Hit(NamedTuple):
    """One document found for one query.

    id: the row's id. score: a cosine in [-1, 1] from the vector index, a BM25 score above 0 from the word
    index. The two scales are never mixed raw.
    """

    id: int
    score: float
