"""What a rebuild freezes and scores are measured by: centring means, the background of vectors, and that of words.

It is stored with the base of the index and stays the same through deltas, so that scores before and after a small
change compare; `version` names it in every stored score. When too much has changed since, the index is rebuilt, and
with it the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from matcher.centring import Centring
from matcher.chunks import MIN_CHUNK_TOKENS
from matcher.documents import Document, DocumentKind
from matcher.grid import on_grid
from matcher.index import Extras, IndexSnapshot, SearchableSegment
from matcher.index_segment import REBUILD_HINT, Ids, IndexEntry
from matcher.likeness import ChunkSet
from matcher.passages import MAX_CHUNK_TOKENS, MAX_SECTION_TOKENS, ROLE_OF, EncodedText
from matcher.relevance import Background, fit_background, hubness_of
from matcher.tokens import TOKENS_VERSION
from matcher.word_background import WordBackground
from models.errors import IndexNotReady

OUTDATED = "index_outdated"
"""Code of the error for an index that another version of the program made."""

_FORMAT = f"3/{MIN_CHUNK_TOKENS}-{MAX_CHUNK_TOKENS}-{MAX_SECTION_TOKENS}/{TOKENS_VERSION}"
"""What is stored, how texts are cut and words told apart: the first number goes up whenever an older index cannot be
read any more."""

_VERSIONED = ("centring", "vectors", "words")
_PARTS = {*_VERSIONED, "made_with", "documents"}


Stated = Mapping[DocumentKind, tuple[Ids, NDArray[np.bytes_]]]
"""By kind the ids of documents, ascending, and their content hashes."""


@dataclass(frozen=True)
class Baseline:
    """The frozen statistics. stated: which documents they rest on. model: the setting that named the model."""

    centring: Centring
    background: Background
    stated: Stated
    model: str
    version: str
    word_arrays: Mapping[str, NDArray[np.generic]] = field(repr=False)
    _same: WeakKeyDictionary[SearchableSegment, dict[DocumentKind, NDArray[np.bool_]]] = field(
        default_factory=WeakKeyDictionary, repr=False, compare=False
    )

    @cached_property
    def words(self) -> WordBackground:
        """The background of words; put together when it is first asked for, which takes its time for many texts."""
        return WordBackground.from_arrays(self.word_arrays)

    def unchanged(self, snapshot: IndexSnapshot, kind: DocumentKind, ids: Ids) -> Ids:
        """Those of these ids whose text in the index is the one the baseline rests on."""
        places = snapshot.places(kind.value)
        at = places.find(ids)
        same = at >= 0
        for number, segment in enumerate(snapshot.segments):
            here = np.flatnonzero((at >= 0) & (places.segments[at] == number))
            same[here] = self._same_in(segment, kind)[places.rows[at[here]]]
        found: Ids = ids[same]
        return found

    def _same_in(self, segment: SearchableSegment, kind: DocumentKind) -> NDArray[np.bool_]:
        """(n_entries,): which entries of a segment hold what the baseline rests on.

        Kept as long as somebody holds the segment, for segments never change.
        """
        known_of = self._same.setdefault(segment, {})
        if kind not in known_of:
            side = segment.side(kind.value)
            known, hashes = self.stated[kind]
            found = np.zeros(len(side), np.bool_)
            if len(known):
                where = np.minimum(np.searchsorted(known, side.ids), len(known) - 1)
                found = (known[where] == side.ids) & (hashes[where] == side.hashes)
            known_of[kind] = found
        return known_of[kind]

    def drift(self, snapshot: IndexSnapshot) -> int:
        """How many documents of an index have come, gone or changed since it was made."""
        n_drifted = 0
        for kind, (known, _) in self.stated.items():
            there = snapshot.places(kind.value).ids
            n_same = len(self.unchanged(snapshot, kind, there))
            n_drifted += len(np.union1d(known, there)) - n_same
        return n_drifted


@dataclass(frozen=True)
class RawEntry:
    """A document with its vectors as the model gave them."""

    document: Document
    text: EncodedText


def fit_baseline(
    raw: Sequence[RawEntry], *, model: str, dim: int
) -> tuple[dict[str, Mapping[str, NDArray[Any]]], list[IndexEntry]]:
    """The baseline of these documents, as the extras of a base, and their entries, measured by it."""
    centring = Centring.fit((ROLE_OF[each.document.kind], each.document.lang, each.text) for each in raw)
    texts = [_centred(each, centring) for each in raw]
    sides: dict[DocumentKind, list[EncodedText]] = {kind: [] for kind in DocumentKind}
    for each, text in zip(raw, texts, strict=True):
        sides[each.document.kind].append(text)
    background = fit_background(sides[DocumentKind.SCENARIO], sides[DocumentKind.CAPABILITY], dim)
    documents = [each.document for each in raw]
    offers = {d.id: d for d in documents if d.kind is DocumentKind.CAPABILITY}
    extras: dict[str, Mapping[str, NDArray[Any]]] = {
        "centring": centring.to_arrays(),
        "vectors": background.to_arrays(),
        "words": WordBackground.fit(offers).to_arrays(),
        "made_with": {"model": np.array([model]), "format": np.array([_FORMAT])},
        "documents": _stated_arrays(documents),
    }
    return extras, _entries(documents, texts, background, dim)


def measure_entries(raw: Sequence[RawEntry], baseline: Baseline, *, dim: int) -> list[IndexEntry]:
    """Entries for a delta, measured by the baseline of its base."""
    texts = [_centred(each, baseline.centring) for each in raw]
    return _entries([each.document for each in raw], texts, baseline.background, dim)


def _centred(raw: RawEntry, centring: Centring) -> EncodedText:
    document = raw.document
    text = centring.apply(raw.text, role=ROLE_OF[document.kind], lang=document.lang)
    return EncodedText(on_grid(text.chunks), on_grid(text.sections))


def _entries(
    documents: Sequence[Document], texts: Sequence[EncodedText], background: Background, dim: int
) -> list[IndexEntry]:
    popularity = hubness_of(
        ChunkSet.of([text.chunks for text in texts], dim),
        ChunkSet.of([text.sections for text in texts], dim),
        background,
    ).tolist()
    return [
        IndexEntry(
            document.kind.value,
            document.id,
            document.lang,
            document.content_hash,
            text.chunks,
            text.sections,
            (of_chunks, of_sections),
        )
        for document, text, (of_chunks, of_sections) in zip(documents, texts, popularity, strict=True)
    ]


def require_current(extras: Extras) -> None:
    """Raise IndexNotReady unless this version of the program can read what was stored with the index."""
    stored = extras.get("made_with", {}).get("format")
    if set(extras) != _PARTS or stored is None or stored.tolist() != [_FORMAT]:
        raise IndexNotReady(f"The search index was made by another version. {REBUILD_HINT}", code=OUTDATED)


def baseline_of(snapshot: IndexSnapshot) -> Baseline:
    """The baseline an index was made with. Raises IndexNotReady where another version of the program made it."""
    extras = snapshot.extras
    require_current(extras)
    files = snapshot.manifest.extras
    return Baseline(
        centring=Centring.from_arrays(extras["centring"]),
        background=Background.from_arrays(extras["vectors"]),
        stated=_stated(extras),
        model=str(extras["made_with"]["model"][0]),
        version="-".join(files[name].sha256[:8] for name in _VERSIONED),
        word_arrays=extras["words"],
    )


def _stated_arrays(documents: Sequence[Document]) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for kind in DocumentKind:
        side = sorted((document for document in documents if document.kind is kind), key=lambda d: d.id)
        arrays[f"{kind.value}_ids"] = np.array([document.id for document in side], np.int64)
        arrays[f"{kind.value}_hashes"] = np.array([d.content_hash.encode() for d in side], "S64")
    return arrays


def _stated(extras: Extras) -> Stated:
    arrays = extras["documents"]
    return {
        kind: (
            np.asarray(arrays[f"{kind.value}_ids"], np.int64),
            np.asarray(arrays[f"{kind.value}_hashes"], np.bytes_),
        )
        for kind in DocumentKind
    }
