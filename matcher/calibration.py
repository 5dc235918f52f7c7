"""What the bands mean: how often a pair of a given relevance, or band, is one that people or records put together.

On a labelled set every pair of a query and a document has a relevance; of those between two limits some share is
labelled. Pairs from the limit of possible on are judged as pages judge them, requirement by requirement, so that what
the bands let through is measured and not only their limits. Labels are incomplete, so a share is a floor, not a
probability, and no page shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from matcher.bench import Bench, encode_set
from matcher.documents import DocumentKind, text_document
from matcher.embedder import Embedder, FileVectorStore, Progress
from matcher.judge import Need, Offer, judge_briefly, requirement_rows
from matcher.labelled_set import LabelledSet, read_labelled_set
from matcher.likeness import Floats
from matcher.passages import passages_of
from matcher.scoring import POSSIBLE_RELEVANCE, STRONG_RELEVANCE, limit_at
from models.errors import InvalidInput
from models.match import Band

LIMITS = (
    -np.inf,
    0.0,
    1.0,
    2.0,
    3.0,
    3.5,
    POSSIBLE_RELEVANCE,
    4.5,
    5.0,
    STRONG_RELEVANCE,
    6.0,
    7.0,
    8.0,
    np.inf,
)
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


@dataclass(frozen=True, slots=True)
class BandCount:
    """Pairs of one band: how many there are, and how many of them are labelled."""

    band: Band
    n_pairs: int
    n_labelled: int


@dataclass(frozen=True)
class Reliability:
    """One labelled set by relevance, lowest bin first, and by band, strong first.

    What lies below the limit of possible is weak, or says too little; it is not judged and in no band here.
    """

    name: str
    n_queries: int
    bins: tuple[RelevanceBin, ...]
    bands: tuple[BandCount, ...] = ()

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
    judged = _Judged(bench, embedder)
    ids = [document.id for document in labelled.documents]
    n_pairs = np.zeros(len(LIMITS) - 1, np.int64)
    n_labelled = np.zeros(len(LIMITS) - 1, np.int64)
    for row, query in enumerate(labelled.queries):
        grades = labelled.grades.get(query.id)
        if grades is None:
            continue
        relevance = bench.engine(row)
        is_labelled = np.array([id_ in grades for id_ in ids])
        n_pairs += _counted(relevance)
        n_labelled += _counted(relevance[is_labelled])
        judged.add(row, relevance, is_labelled)
    bins = [
        RelevanceBin(low, high, int(n), int(k))
        for (low, high), n, k in zip(pairwise(LIMITS), n_pairs, n_labelled, strict=True)
    ]
    return Reliability(labelled.name, len(labelled.grades), tuple(bins), judged.counts())


class _Judged:
    """Counts the pairs of a labelled set by band."""

    def __init__(self, bench: Bench, embedder: Embedder) -> None:
        self._bench, self._embedder = bench, embedder
        self._offers: dict[int, Offer] = {}
        self._found: Counter[tuple[Band, bool]] = Counter()

    def add(self, row: int, relevance: Floats, is_labelled: np.typing.NDArray[np.bool_]) -> None:
        """Judge the pairs of one query that could be strong or possible. relevance, is_labelled: (n_documents,)."""
        need = self._need(row)
        limit = limit_at(POSSIBLE_RELEVANCE, need.profile.n_offers)
        for at in np.flatnonzero(relevance >= limit):
            band = judge_briefly(need, self._offer(int(at)), float(relevance[at])).band
            self._found[band, bool(is_labelled[at])] += 1

    def counts(self) -> tuple[BandCount, ...]:
        """By band, strong first."""
        return tuple(
            BandCount(band, self._found[band, True] + self._found[band, False], self._found[band, True])
            for band in Band
        )

    def _need(self, row: int) -> Need:
        query, profile = self._bench.labelled.queries[row], self._bench.profiles[row]
        document = text_document(query.text, kind=DocumentKind.SCENARIO, document_id=row + 1)
        return Need(document, profile, requirement_rows(document, passages_of(document, self._embedder)))

    def _offer(self, at: int) -> Offer:
        if at not in self._offers:
            text = self._bench.labelled.documents[at].text
            document = text_document(text, kind=DocumentKind.CAPABILITY, document_id=at + 1)
            vectors = self._bench.offers.chunk_set.only(at).chunks
            self._offers[at] = Offer(document, tuple(passages_of(document, self._embedder)), vectors)
        return self._offers[at]


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
        lines += _band_lines(each)
    return "\n".join(lines)


def _band_lines(measured: Reliability) -> list[str]:
    lines = [f"  {'band':<24}{'pairs a query':>14}{'share':>9}{'found':>8}"]
    for each in measured.bands:
        share = each.n_labelled / each.n_pairs if each.n_pairs else 0.0
        found = each.n_labelled / measured.n_labelled
        lines.append(
            f"  {each.band.value:<24}{each.n_pairs / measured.n_queries:>14.2f}{share:>9.4f}{found:>8.2f}"
        )
    return lines
