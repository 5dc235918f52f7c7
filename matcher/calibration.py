"""What the limits of the bands mean: how often a pair of a given relevance is one that people or records put together.

On a labelled set every pair of a query and a document has a relevance; of those between two limits some share is
labelled. Labels are incomplete, so the share is a floor, not a probability, and no page shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from matcher.bench import Bench, encode_set
from matcher.embedder import Embedder, FileVectorStore, Progress
from matcher.labelled_set import LabelledSet, read_labelled_set
from matcher.relevance import Floats
from matcher.scoring import POSSIBLE_RELEVANCE, STRONG_RELEVANCE
from models.errors import InvalidInput

LIMITS = (-np.inf, 0.0, 0.8, 1.6, POSSIBLE_RELEVANCE, 3.0, STRONG_RELEVANCE, 4.0, 4.5, 5.0, 6.0, np.inf)
"""The limits of the bands are among them."""


@dataclass(frozen=True, slots=True)
class RelevanceBin:
    """Pairs with a relevance from `low` up to `high`: how many there are, and how many of them are labelled."""

    low: float
    high: float
    n_pairs: int
    n_labelled: int

    @property
    def share(self) -> float | None:
        """The labelled share; None without a pair."""
        return self.n_labelled / self.n_pairs if self.n_pairs else None


@dataclass(frozen=True)
class Reliability:
    """One labelled set by relevance, lowest bin first. share_above: of all labelled pairs those at or above a limit."""

    name: str
    n_queries: int
    bins: tuple[RelevanceBin, ...]

    @property
    def n_labelled(self) -> int:
        """Labelled pairs in all."""
        return sum(each.n_labelled for each in self.bins)

    def found_above(self, limit: float) -> float:
        """The share of the labelled pairs with a relevance of at least `limit`, one of LIMITS."""
        return sum(each.n_labelled for each in self.bins if each.low >= limit) / self.n_labelled

    def pairs_above(self, limit: float) -> float:
        """Pairs a query with a relevance of at least `limit`, one of LIMITS."""
        return sum(each.n_pairs for each in self.bins if each.low >= limit) / self.n_queries

    def to_json(self) -> dict[str, Any]:
        """Plain values; an open end of the scale is null."""
        bins = [
            {key: value if np.isfinite(value) else None for key, value in asdict(each).items()}
            for each in self.bins
        ]
        return {**asdict(self), "bins": bins}


def run_reliability(
    folders: Sequence[Path], *, embedder: Embedder, cache_dir: Path, progress: Progress | None = None
) -> list[Reliability]:
    """Measure each folder, in order. Raises InvalidInput without any folder, or for one that cannot be used."""
    if not folders:
        raise InvalidInput("Name at least one labelled folder.")
    store = FileVectorStore(cache_dir / "evaluation" / "vectors.sqlite3")
    try:
        return [_measured(read_labelled_set(folder), embedder, store, progress) for folder in folders]
    finally:
        store.close()


def _measured(
    labelled: LabelledSet, embedder: Embedder, store: FileVectorStore, progress: Progress | None
) -> Reliability:
    vectors, _ = encode_set(labelled, embedder, store, progress=progress)
    bench = Bench(labelled, vectors)
    ids = [document.id for document in labelled.documents]
    n_pairs = np.zeros(len(LIMITS) - 1, np.int64)
    n_labelled = np.zeros(len(LIMITS) - 1, np.int64)
    for row, query in enumerate(labelled.queries):
        grades = labelled.grades.get(query.id)
        if grades is None:
            continue
        relevance = bench.engine(row)
        n_pairs += _counted(relevance)
        n_labelled += _counted(relevance[[at for at, id_ in enumerate(ids) if id_ in grades]])
    bins = [
        RelevanceBin(low, high, int(n), int(k))
        for (low, high), n, k in zip(pairwise(LIMITS), n_pairs, n_labelled, strict=True)
    ]
    return Reliability(labelled.name, len(labelled.grades), tuple(bins))


def _counted(relevance: Floats) -> np.typing.NDArray[np.int64]:
    """How many values lie in each bin; a value on a limit is in the bin above it, as band_of reads it."""
    at = np.searchsorted(np.array(LIMITS[1:-1]), relevance, side="right")
    return np.bincount(at, minlength=len(LIMITS) - 1).astype(np.int64)


def to_text(measured: Sequence[Reliability]) -> str:
    """A table a set for a terminal, with what the limits of the bands let through."""
    lines: list[str] = []
    for each in measured:
        lines.append(f"{each.name}: {each.n_queries} queries, {each.n_labelled} labelled pairs")
        lines.append(f"  {'relevance':<16}{'pairs':>10}{'labelled':>10}   share")
        for found in each.bins:
            share = found.share or 0.0
            span = f"{found.low:>5.1f} to {found.high:>4.1f}"
            lines.append(
                f"  {span:<16}{found.n_pairs:>10,}{found.n_labelled:>10,}   {share:.4f} {'#' * round(40 * share)}"
            )
        for name, limit in (("possible", POSSIBLE_RELEVANCE), ("strong", STRONG_RELEVANCE)):
            lines.append(
                f"  from {limit} ({name}): {each.found_above(limit):.2f} of the labelled pairs,"
                f" {each.pairs_above(limit):.1f} pairs a query"
            )
    return "\n".join(lines)
