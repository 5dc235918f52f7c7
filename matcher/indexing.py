"""Rows → vectors → a new generation of the index. What is unchanged is neither encoded nor written again.

A rebuild freezes the statistics that scores rest on (centring means, background) under a new index version; a delta keeps
them, so that scores before and after a small change compare. The database is the truth: whatever is on disk, the index
ends up holding exactly the listed capabilities and the open scenarios.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlmodel import Session

from matcher.centring import CentringMeans, TextVectors, fit_means
from matcher.corpus import listed_capabilities_with_parts, open_scenarios_with_parts
from matcher.documents import Document, DocumentKind, capability_document, scenario_document
from matcher.embedder import Embedder, Progress, TextRole, VectorStore
from matcher.index import Extras, IndexSnapshot
from matcher.index_segment import IndexEntry, Transform, Vectors
from matcher.index_store import IndexStore
from matcher.passages import ROLE_OF, encode_documents
from matcher.relevance import fit_background
from models.errors import IndexNotReady

REBUILD_SHARE = 0.2
"""A rebuild when more than this share of documents differs from the index: then its statistics are out of date."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an update did. rebuilt: all anew; reason: why, e.g. no_index; generation: of the index now in use."""

    n_documents: int
    n_changed: int
    n_removed: int
    rebuilt: bool
    reason: str
    generation: int

    def to_json(self) -> dict[str, Any]:
        """Plain values for --json."""
        return {
            "documents": self.n_documents,
            "changed": self.n_changed,
            "removed": self.n_removed,
            "rebuilt": self.rebuilt,
            "reason": self.reason,
            "generation": self.generation,
        }


def load_documents(session: Session, *, on: date) -> list[Document]:
    """Everything that may be matched on that day, taken apart: open scenarios, then listed capabilities, by id."""
    scenarios = open_scenarios_with_parts(session, on)
    capabilities = listed_capabilities_with_parts(session)
    return [scenario_document(row) for row in scenarios] + [capability_document(row) for row in capabilities]


def centring_for(extras: Extras) -> Transform:
    """The function that makes raw chunk vectors of one kind and language comparable, from a base's extras."""
    means = CentringMeans.from_arrays(extras["centring"])

    def centre(vectors: Vectors, kind: str, lang: str) -> Vectors:
        return means.apply(vectors, role=ROLE_OF[DocumentKind(kind)], lang=lang)

    return centre


def open_snapshot(store: IndexStore, *, reuse: IndexSnapshot | None = None) -> IndexSnapshot:
    """The index in use, centred. Raises IndexNotReady, saying what to run."""
    return store.open(centring_for, reuse=reuse)


@dataclass(frozen=True)
class Encoding:
    """How texts become vectors here. make_embedder loads the model, so it is called only when something must be encoded.

    model: the setting that names it; an index made with another is rebuilt.
    """

    model: str
    make_embedder: Callable[[], Embedder]
    make_store: Callable[[Embedder], VectorStore]


def update_index(
    folder: Path,
    documents: Sequence[Document],
    encoding: Encoding,
    *,
    now: datetime,
    rebuild: bool = False,
    progress: Progress | None = None,
) -> IndexReport:
    """Make the index hold exactly these documents; a delta where that is enough, else a rebuild.

    Interrupted, it loses nothing: vectors are stored as they are made, and the old generation stays in use until the new
    one is complete. Raises what the store raises when the disk refuses or another process writes.
    """
    snapshot, reason = _present(folder, encoding.model)
    changed, removed = differences(documents, snapshot)
    if rebuild:
        reason = "asked"
    elif snapshot is not None and len(changed) + len(removed) > REBUILD_SHARE * max(1, len(documents)):
        reason = "many_changes"
    if snapshot is not None and not (reason or changed or removed):
        return IndexReport(len(documents), 0, 0, False, "", snapshot.generation)
    embedder = encoding.make_embedder()
    store = IndexStore(folder, model_key=embedder.model_key, dim=embedder.dim)
    vectors = encoding.make_store(embedder)
    if snapshot is not None and snapshot.manifest.model_key != embedder.model_key:
        reason = "model_changed"
    if reason:
        entries = encode_entries(documents, embedder, vectors, progress=progress)
        extras = {**fit_statistics(entries, embedder.dim), "made_with": {"model": np.array([encoding.model])}}
        manifest = store.write_base(entries, now=now, extras=extras)
        return IndexReport(len(documents), len(documents), len(removed), True, reason, manifest.generation)
    entries = encode_entries(changed, embedder, vectors, progress=progress)
    manifest = store.write_delta(entries, removed, now=now)
    if manifest.needs_compaction:
        manifest = store.compact(now=now)
    return IndexReport(len(documents), len(changed), len(removed), False, "", manifest.generation)


def _present(folder: Path, model: str) -> tuple[IndexSnapshot | None, str]:
    """The index in use, or why there is none to update: an unusable one is rebuilt, and the report says why."""
    try:
        snapshot = open_snapshot(IndexStore(folder))
    except IndexNotReady as err:
        return None, err.code
    if str(snapshot.extras["made_with"]["model"][0]) != model:
        return None, "model_changed"
    return snapshot, ""


def differences(
    documents: Sequence[Document], snapshot: IndexSnapshot | None
) -> tuple[list[Document], list[tuple[str, int]]]:
    known: dict[tuple[str, int], str] = {}
    if snapshot is not None:
        for kind in DocumentKind:
            known |= {
                (kind.value, id_): digest for id_, digest in snapshot.content_hashes(kind.value).items()
            }
    wanted = {(document.kind.value, document.id) for document in documents}
    changed = [d for d in documents if known.get((d.kind.value, d.id)) != d.content_hash]
    return changed, sorted(set(known) - wanted)


def encode_entries(
    documents: Sequence[Document],
    embedder: Embedder,
    vectors: VectorStore,
    *,
    progress: Progress | None = None,
) -> list[IndexEntry]:
    """The documents as index entries, each side encoded with its own prompt."""
    entries: list[IndexEntry] = []
    for kind in DocumentKind:
        side = [document for document in documents if document.kind is kind]
        encoded = encode_documents(side, embedder, vectors, progress=progress)
        entries += [
            IndexEntry(kind.value, document.id, document.lang, document.content_hash, chunks)
            for document, chunks in zip(side, encoded, strict=True)
        ]
    return entries


def fit_statistics(entries: Sequence[IndexEntry], dim: int) -> dict[str, Mapping[str, Any]]:
    """What a base freezes: centring means of each (role, language), and the background scores are measured against."""
    means = fit_means(TextVectors(_role(entry), entry.lang, entry.vectors) for entry in entries)
    centred: dict[str, list[Vectors]] = {kind.value: [] for kind in DocumentKind}
    for entry in entries:
        centred[entry.kind].append(means.apply(entry.vectors, role=_role(entry), lang=entry.lang))
    background = fit_background(centred[DocumentKind.SCENARIO], centred[DocumentKind.CAPABILITY], dim)
    return {"centring": means.to_arrays(), "background": background.to_arrays()}


def _role(entry: IndexEntry) -> TextRole:
    return ROLE_OF[DocumentKind(entry.kind)]
