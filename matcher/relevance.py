"""How far a pair stands out: three likenesses, each in standard deviations against a stored background, added up.

- words: BM25 of the need's text, within its language only
- detail: chunk by chunk (about sentences) in both ways, the best counterpart of each, less half of what the document
  scores against any need
- gist: the same, section by section (runs of sentences), which holds what no single sentence says

The background is a fixed sample of needs and of offers, frozen with an index version. Measuring against it rather than
against a need's own candidates makes one need's figures comparable with another's.

All vectors are put on a grid (see matcher/grid.py), so that a pair has the same figures whatever is measured beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.embedder import Vectors
from matcher.index_segment import SegmentSide
from matcher.likeness import ChunkSet, Floats, NeedColumns, doc_blocks, hubness, some_likenesses
from matcher.passages import EncodedText


@dataclass(frozen=True, slots=True)
class Blend:
    """What each likeness weighs; one blend for all sets. docs/matching.md says what each of them adds."""

    words: float = 0.25
    detail: float = 0.375
    gist: float = 0.375


BLEND = Blend()

HUBNESS_SHARE = 0.5
"""The part of a document's likeness to any need that is taken off: popular documents are sometimes rightly popular."""

N_OFFERS = 400
"""Offers in the background; a mean over so many moves by a twentieth of its deviation."""

N_NEED_VECTORS = 1000
"""Vectors of needs in the background, of each grain; enough for a stable mean, few enough to compare with every new
document."""


@dataclass(frozen=True)
class Sample:
    """Offers and needs at one grain."""

    offers: ChunkSet
    needs: ChunkSet

    @cached_property
    def offer_hubness(self) -> Floats:
        """(n_offers,): how much each of the offers resembles any need."""
        return hubness(self.offers, self.needs)

    def chance(self, need: Vectors) -> tuple[float, float]:
        """Mean and deviation of the likeness of a need, (n, dim) on the grid, to the offers."""
        if len(self.offers) < MIN_BACKGROUND or not len(need):
            return _LIKENESS_PRIOR
        return _mean_and_spread(likeness(need, self.offers, self.offer_hubness))


@dataclass(frozen=True)
class Background:
    """The fixed sample that likeness is measured against, at both grains."""

    chunks: Sample
    sections: Sample

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Arrays to be stored with an index."""
        sets = {
            "offer_chunk": self.chunks.offers,
            "need_chunk": self.chunks.needs,
            "offer_section": self.sections.offers,
            "need_section": self.sections.needs,
        }
        rows = {f"{name}_rows": chunk_set.chunks for name, chunk_set in sets.items()}
        return rows | {f"{name}_starts": chunk_set.starts for name, chunk_set in sets.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Background:
        """What `to_arrays` was called on."""

        def stored(name: str) -> ChunkSet:
            rows, starts = arrays[f"{name}_rows"], arrays[f"{name}_starts"]
            return ChunkSet(np.asarray(rows, np.float32), np.asarray(starts, np.int64))

        return cls(
            Sample(stored("offer_chunk"), stored("need_chunk")),
            Sample(stored("offer_section"), stored("need_section")),
        )


def fit_background(needs: Sequence[EncodedText], offers: Sequence[EncodedText], dim: int) -> Background:
    """A background from all centred needs and offers: an even sample in their order, without chance."""
    sampled = [text for text in _spread(offers, N_OFFERS) if len(text.chunks)]
    spread = _spread([text for text in needs if len(text.chunks)], N_NEED_VECTORS)
    return Background(
        Sample(
            ChunkSet.of([text.chunks for text in sampled], dim),
            ChunkSet.of(_up_to([text.chunks for text in spread], N_NEED_VECTORS), dim),
        ),
        Sample(
            ChunkSet.of([text.sections for text in sampled], dim),
            ChunkSet.of(_up_to([text.sections for text in spread], N_NEED_VECTORS), dim),
        ),
    )


def _up_to(blocks: Sequence[Vectors], n_rows: int) -> list[Vectors]:
    """The first blocks that come to at most `n_rows` rows, the very first in any case."""
    kept: list[Vectors] = []
    n_kept = 0
    for block in blocks:
        if n_kept + len(block) > n_rows and kept:
            break
        kept.append(block)
        n_kept += len(block)
    return kept


def _spread(texts: Sequence[EncodedText], n: int) -> list[EncodedText]:
    """At most `n` of the texts, evenly over the whole, in an order in which any first part is even too."""
    order = np.random.default_rng(0).permutation(len(texts))[:n]
    return [texts[at] for at in order]


@dataclass(frozen=True)
class Offers:
    """Documents that needs are compared with, at both grains, and how much each resembles any need.

    documents: (n_docs, dim), of each the mean of its sections; hubness: (n_docs, 2), of chunks and of sections.
    """

    chunk_set: ChunkSet
    section_set: ChunkSet
    documents: Vectors
    hubness: Floats

    @classmethod
    def of(cls, texts: Sequence[EncodedText], background: Background, dim: int) -> Offers:
        """From centred texts, in order; they are measured here."""
        chunk_set = ChunkSet.of([text.chunks for text in texts], dim)
        section_set = ChunkSet.of([text.sections for text in texts], dim)
        return cls(
            chunk_set,
            section_set,
            section_set.documents,
            hubness_of(chunk_set, section_set, background),
        )

    @classmethod
    def stored(cls, side: SegmentSide) -> Offers:
        """The entries of one kind in a segment of the index; nothing is copied or measured again."""
        return cls(
            ChunkSet(side.chunks, side.chunk_starts),
            ChunkSet(side.sections, side.section_starts),
            side.documents,
            side.hubness,
        )

    def __len__(self) -> int:
        return len(self.chunk_set)

    def only(self, row: int) -> Offers:
        """One of the offers by itself; nothing is measured again."""
        here = slice(row, row + 1)
        return Offers(
            self.chunk_set.only(row), self.section_set.only(row), self.documents[here], self.hubness[here]
        )

    def at(self, rows: NDArray[np.int64]) -> Offers:
        """Some of the offers, in the order given; their vectors are copied."""
        return Offers(
            self.chunk_set.at(rows), self.section_set.at(rows), self.documents[rows], self.hubness[rows]
        )


def hubness_of(chunk_set: ChunkSet, section_set: ChunkSet, background: Background) -> Floats:
    """(n_docs, 2): how much chunks and sections of each document resemble any need."""
    found = hubness(chunk_set, background.chunks.needs), hubness(section_set, background.sections.needs)
    return np.stack(found, axis=1)


def likeness(need: Vectors, documents: ChunkSet, popularity: Floats) -> Floats:
    """(n_docs,): both ways, less a part of what each document scores against any need."""
    return documents.best_and_back(need) - HUBNESS_SHARE * popularity


MIN_BACKGROUND = 12
"""With fewer offers in the background their spread says nothing, and the priors below stand in."""

_LIKENESS_PRIOR = (0.0, 0.1)
_CHUNK_PRIOR = (0.25, 0.1)
_MIN_SPREAD = 0.02


@dataclass(frozen=True)
class NeedProfile:
    """A need's vectors and what chance looks like for it: mean and deviation of each likeness over the background.

    vectors: (n_chunks, dim) centred, of its chunks; sections: (n_sections, dim). chunk_mean, chunk_spread: (n_chunks,)
    of the best cosine in a background offer. n_offers: how many offers that background has.
    """

    vectors: Vectors
    sections: Vectors
    document: Vectors
    detail: tuple[float, float]
    gist: tuple[float, float]
    chunk_mean: Floats
    chunk_spread: Floats
    n_offers: int = N_OFFERS


def profile_need(text: EncodedText, background: Background) -> NeedProfile:
    """Measure a need against the background. text: centred unit rows; may be empty."""
    dim = background.chunks.offers.chunks.shape[1]
    need = ChunkSet.of([text.chunks], dim)
    whole = ChunkSet.of([text.sections], dim)
    chunk_mean, chunk_spread = _chance_of_chunks(need.chunks, background.chunks.offers)
    return NeedProfile(
        vectors=need.chunks,
        sections=whole.chunks,
        document=whole.documents[0],
        detail=background.chunks.chance(need.chunks),
        gist=background.sections.chance(whole.chunks),
        chunk_mean=chunk_mean,
        chunk_spread=chunk_spread,
        n_offers=len(background.chunks.offers),
    )


def _chance_of_chunks(chunks: Vectors, offers: ChunkSet) -> tuple[Floats, Floats]:
    """(n_chunks,) each: mean and deviation of the best cosine of each chunk in an offer."""
    if len(offers) < MIN_BACKGROUND or not len(chunks):
        mean, spread = _CHUNK_PRIOR
        return np.full(len(chunks), mean), np.full(len(chunks), spread)
    best = np.maximum.reduceat(offers.chunks @ chunks.T, offers.starts[:-1], axis=0).astype(np.float64)
    return best.mean(axis=0), np.maximum(best.std(axis=0), _MIN_SPREAD)


def _mean_and_spread(values: NDArray[np.floating]) -> tuple[float, float]:
    exact = values.astype(np.float64)
    return float(exact.mean()), max(float(exact.std()), _MIN_SPREAD)


@dataclass(frozen=True)
class Relevance:
    """The relevance of every offer to one need, and its parts, each (n_offers,), in standard deviations."""

    total: Floats
    words: Floats
    detail: Floats
    gist: Floats


def relevance(need: NeedProfile, offers: Offers, words: Floats, *, blend: Blend = BLEND) -> Relevance:
    """Measure every offer.

    words: (n_offers,) from `matcher.word_strengths`, 0 where no word is shared, NaN where the two are in different
    languages: words say nothing then, and the others take their part. Otherwise who writes in the need's language
    would stand before who fits it.
    """
    detail = _stands_out(likeness(need.vectors, offers.chunk_set, offers.hubness[:, 0]), need.detail)
    gist = _stands_out(likeness(need.sections, offers.section_set, offers.hubness[:, 1]), need.gist)
    total = _total(detail, gist, words, blend)
    return Relevance(total=total, words=words, detail=detail, gist=gist)


def relevances(needs: Sequence[NeedProfile], offers: Offers, words: Floats) -> Floats:
    """(n_needs, n_offers): the relevance of every offer to each of many needs, as `relevance` gives it one by one.

    words: (n_needs, n_offers), as there.
    """
    dim = offers.documents.shape[1]
    found = np.empty((len(needs), len(offers)))
    if not len(needs):
        return found
    grains = [
        _Grain.of(
            offers.chunk_set, offers.hubness[:, 0], [(need.vectors, need.detail) for need in needs], dim
        ),
        _Grain.of(
            offers.section_set, offers.hubness[:, 1], [(need.sections, need.gist) for need in needs], dim
        ),
    ]
    for first, last in doc_blocks(offers.chunk_set, len(grains[0].columns.chunks)):
        detail, gist = (grain.stand_out(first, last) for grain in grains)
        found[:, first:last] = _total(detail, gist, words[:, first:last], BLEND)
    return found


@dataclass(frozen=True)
class _Grain:
    """One grain of offers beside that of many needs. mean, spread: (n_needs,) of chance."""

    offers: ChunkSet
    popularity: Floats
    columns: NeedColumns
    mean: Floats
    spread: Floats

    @classmethod
    def of(
        cls,
        offers: ChunkSet,
        popularity: Floats,
        needs: Sequence[tuple[Vectors, tuple[float, float]]],
        dim: int,
    ) -> _Grain:
        columns = NeedColumns.of(ChunkSet.stacked([vectors for vectors, _ in needs], dim))
        chance = np.array([each for _, each in needs])
        return cls(offers, HUBNESS_SHARE * popularity, columns, chance[:, 0], chance[:, 1])

    def stand_out(self, first: int, last: int) -> Floats:
        """(n_needs, n_offers) for the offers from `first` up to `last`, in standard deviations."""
        alike = np.zeros((len(self.mean), last - first))
        alike[self.columns.order] = some_likenesses(self.offers.between(first, last), self.columns).T
        alike -= self.popularity[first:last]
        alike -= self.mean[:, None]
        alike /= self.spread[:, None]
        return alike


def _total(detail: Floats, gist: Floats, words: Floats, blend: Blend) -> Floats:
    meaning = blend.detail * detail + blend.gist * gist
    alone = meaning / (blend.detail + blend.gist) if blend.detail + blend.gist > 0 else meaning
    return np.where(np.isnan(words), alone, blend.words * words + meaning)


def _stands_out(values: Floats, chance: tuple[float, float]) -> Floats:
    mean, spread = chance
    return (values - mean) / spread


def evidence_strengths(need: NeedProfile, rows: Sequence[int], chunks: Vectors) -> Floats:
    """(n_chunks,): how far each chunk of an offer stands out for one requirement, in standard deviations.

    rows: the need's chunks that make up the requirement; with several, the mean over them. chunks: (n_chunks, dim)
    centred.
    """
    at = list(rows)
    cosines = (chunks @ need.vectors[at].T).astype(np.float64)
    return np.asarray(((cosines - need.chunk_mean[at]) / need.chunk_spread[at]).mean(axis=1))


def best_evidence(need: NeedProfile, requirements: Sequence[Sequence[int]], offers: ChunkSet) -> Floats:
    """(n_docs, n_requirements): the strength of each offer's chunk that stands out most for each requirement.

    requirements: the need's chunks that make up each, as in `evidence_strengths`; -inf without any, and for an offer
    without chunks. One product for all requirements and offers.
    """
    best = np.full((len(offers), len(requirements)), -np.inf)
    filled = np.diff(offers.starts) > 0
    if not filled.any() or not len(need.vectors):
        return best
    cosines = (offers.chunks @ need.vectors.T).astype(np.float64)
    stands_out = (cosines - need.chunk_mean) / need.chunk_spread
    begin = offers.starts[:-1][filled]
    for at, rows in enumerate(requirements):
        if rows:
            strengths = stands_out[:, list(rows)].mean(axis=1)
            best[filled, at] = np.maximum.reduceat(strengths, begin)
    return best
