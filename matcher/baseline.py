"""What a rebuild freezes and scores are measured by: centring means, the background of vectors, and that of words.

It is stored with the base of the index and stays the same through deltas, so that scores before and after a small
change compare; `version` names it in every stored score. When too much has changed since, the index is rebuilt, and
with it the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.centring import Centring
from matcher.chunks import MIN_CHUNK_TOKENS
from matcher.documents import Document, DocumentKind
from matcher.index import Extras, IndexSnapshot
from matcher.index_segment import REBUILD_HINT, IndexEntry
from matcher.passages import MAX_CHUNK_TOKENS, MAX_SECTION_TOKENS, ROLE_OF, EncodedText
from matcher.relevance import Background, fit_background
from matcher.word_background import WordBackground
from models.errors import IndexNotReady

OUTDATED = "index_outdated"
"""Code of the error for an index that another version of the program made."""

_FORMAT = f"2/{MIN_CHUNK_TOKENS}-{MAX_CHUNK_TOKENS}-{MAX_SECTION_TOKENS}"
"""What is stored and how texts are cut: the first number goes up whenever an older index cannot be read any more."""

_VERSIONED = ("centring", "vectors", "words")
_PARTS = {*_VERSIONED, "made_with", "documents"}

Digests = dict[tuple[DocumentKind, int], str]
"""Content hash of each document, by kind and row."""


@dataclass(frozen=True)
class Baseline:
    """The frozen statistics. digests: which documents they rest on. model: the setting that named the model."""

    centring: Centring
    background: Background
    words: WordBackground
    digests: Digests
    model: str
    version: str

    def drift(self, documents: Sequence[Document]) -> int:
        """How many documents have come, gone or changed since it was made."""
        now = {(document.kind, document.id): document.content_hash for document in documents}
        same = sum(self.digests.get(key) == digest for key, digest in now.items())
        return len(now.keys() | self.digests.keys()) - same


def fit_baseline(
    documents: Sequence[Document], entries: Sequence[IndexEntry], *, model: str, dim: int
) -> dict[str, Mapping[str, NDArray[Any]]]:
    """The baseline of these documents and their index entries, as the extras of a base."""
    raw = [
        (entry, ROLE_OF[DocumentKind(entry.kind)], EncodedText(entry.chunks, entry.sections))
        for entry in entries
    ]
    centring = Centring.fit((role, entry.lang, text) for entry, role, text in raw)
    centred: dict[str, list[EncodedText]] = {kind.value: [] for kind in DocumentKind}
    for entry, role, text in raw:
        centred[entry.kind].append(centring.apply(text, role=role, lang=entry.lang))
    background = fit_background(centred[DocumentKind.SCENARIO], centred[DocumentKind.CAPABILITY], dim)
    offers = {d.id: d for d in documents if d.kind is DocumentKind.CAPABILITY}
    return {
        "centring": centring.to_arrays(),
        "vectors": background.to_arrays(),
        "words": WordBackground.fit(offers).to_arrays(),
        "made_with": {"model": np.array([model]), "format": np.array([_FORMAT])},
        "documents": _digest_arrays(documents),
    }


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
        words=WordBackground.from_arrays(extras["words"]),
        digests=_digests(extras),
        model=str(extras["made_with"]["model"][0]),
        version="-".join(files[name].sha256[:8] for name in _VERSIONED),
    )


def _digest_arrays(documents: Sequence[Document]) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for kind in DocumentKind:
        side = [document for document in documents if document.kind is kind]
        digests = [bytes.fromhex(document.content_hash) for document in side]
        arrays[f"{kind.value}_ids"] = np.array([document.id for document in side], np.int64)
        arrays[f"{kind.value}_digests"] = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)
    return arrays


def _digests(extras: Extras) -> Digests:
    arrays = extras["documents"]
    return {
        (kind, int(id_)): np.asarray(digest).tobytes().hex()
        for kind in DocumentKind
        for id_, digest in zip(arrays[f"{kind.value}_ids"], arrays[f"{kind.value}_digests"], strict=True)
    }
