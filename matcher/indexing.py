"""Rows → vectors → a new generation of the index. What is unchanged is neither encoded nor written again.

A rebuild freezes the statistics that scores rest on (matcher/baseline.py) under a new version; a delta keeps them, so
that scores before and after a small change compare. The database is the truth: whatever is on disk, the index ends up
holding exactly the listed capabilities and the open scenarios.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from matcher.baseline import OUTDATED, RawEntry, fit_baseline, measure_entries
from matcher.documents import Document, DocumentKind, capability_document, scenario_document
from matcher.embedder import Embedder, Progress, VectorStore
from matcher.index import IndexSnapshot
from matcher.index_manifest import IndexManifest
from matcher.index_segment import Key
from matcher.index_store import MANIFEST, IndexStore
from matcher.opened_index import MODEL_CHANGED, OpenedIndex
from matcher.passages import encode_documents
from matcher.rows import listed_capabilities_with_parts, open_scenarios_with_parts
from models.errors import IndexNotReady

REBUILD_SHARE = 0.2
"""A rebuild when more than this share of the documents differs from those the baseline rests on."""


def index_health(documents: Sequence[Document], index: OpenedIndex) -> dict[str, Any]:
    """What is on disk against what the database holds; `problem` says why it cannot be used, if so."""
    try:
        snapshot, _ = index.opened()
    except IndexNotReady as err:
        return {"in_step": False, "problem": err.message, "documents": len(documents)}
    changed, removed = differences(documents, snapshot)
    manifest = snapshot.manifest
    return {
        "in_step": not changed and not removed,
        "problem": None,
        "documents": len(documents),
        "not_indexed": len(changed),
        "to_remove": len(removed),
        "generation": manifest.generation,
        "built_at": manifest.built_at.isoformat(),
        "changed_at": manifest.changed_at.isoformat(),
        "model": manifest.model_key,
        "deltas": len(manifest.deltas),
        "vectors": manifest.n_live_vectors,
        "bytes": manifest.n_bytes,
    }


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an update did. rebuilt: all anew; generation: of the index now in use.

    reason: why it was rebuilt: no_index, damaged, outdated, model_changed, many_changes or asked; else empty.
    problem: the sentence that goes with damaged and outdated.
    """

    n_documents: int
    n_changed: int
    n_removed: int
    generation: int
    reason: str = ""
    problem: str = ""

    @property
    def rebuilt(self) -> bool:
        """Whether everything was written anew."""
        return bool(self.reason)

    def to_json(self) -> dict[str, Any]:
        """Plain values for --json."""
        return {
            "documents": self.n_documents,
            "changed": self.n_changed,
            "removed": self.n_removed,
            "rebuilt": self.rebuilt,
            "reason": self.reason,
            "problem": self.problem,
            "generation": self.generation,
        }


@dataclass(frozen=True)
class Encoding:
    """How texts become vectors here. make_embedder loads the model, so it is called only to encode something."""

    make_embedder: Callable[[], Embedder]
    make_store: Callable[[Embedder], VectorStore]
    progress: Progress | None = None


@dataclass(frozen=True)
class _Present:
    """The index on disk, or why it cannot be added to."""

    snapshot: IndexSnapshot | None
    reason: str = ""
    problem: str = ""


def load_documents(session: Session, *, on: date) -> list[Document]:
    """Everything that may be matched on that day, taken apart: open scenarios, then listed capabilities, by id."""
    scenarios = open_scenarios_with_parts(session, on)
    capabilities = listed_capabilities_with_parts(session)
    return [scenario_document(row) for row in scenarios] + [capability_document(row) for row in capabilities]


def update_index(
    index: OpenedIndex,
    documents: Sequence[Document],
    encoding: Encoding,
    *,
    now: datetime,
    rebuild: bool = False,
) -> IndexReport:
    """Make the index hold exactly these documents; a delta where that is enough, else a rebuild.

    Interrupted, it loses nothing: vectors are stored as they are made, and the old generation stays in use until the
    new one is complete. Raises what the store raises when the disk refuses or another process writes.
    """
    present = _Present(None, "asked") if rebuild else _present(index)
    if present.snapshot is None:
        return _rebuilt(index, documents, encoding, present, now=now)
    changed, removed = differences(documents, present.snapshot)
    report = _add(index, changed, removed, encoding, now=now)
    if report is None or _has_drifted(index):
        why = _Present(None, MODEL_CHANGED if report is None else "many_changes")
        return _rebuilt(index, documents, encoding, why, now=now)
    return report


def _rebuilt(
    index: OpenedIndex, documents: Sequence[Document], encoding: Encoding, why: _Present, *, now: datetime
) -> IndexReport:
    embedder = encoding.make_embedder()
    store = IndexStore(index.folder, model_key=embedder.model_key, dim=embedder.dim)
    raw = _encode(documents, embedder, encoding)
    extras, entries = fit_baseline(raw, model=index.model, dim=embedder.dim)
    generation = store.write_base(entries, now=now, extras=extras).generation
    return IndexReport(len(documents), len(documents), 0, generation, why.reason, why.problem)


def _add(
    index: OpenedIndex,
    changed: Sequence[Document],
    removed: Sequence[Key],
    encoding: Encoding,
    *,
    now: datetime,
) -> IndexReport | None:
    """A delta of what changed, measured by the baseline in use; None where another model has been put in its place."""
    snapshot, baseline = index.opened()
    manifest = snapshot.manifest
    store = IndexStore(index.folder, model_key=manifest.model_key, dim=manifest.dim)
    entries = []
    if changed:
        embedder = encoding.make_embedder()
        if manifest.model_key != embedder.model_key:
            return None
        entries = measure_entries(_encode(changed, embedder, encoding), baseline, dim=manifest.dim)
    if changed or removed:
        manifest = _compacted(store, store.write_delta(entries, removed, now=now, known=snapshot), now)
    return IndexReport(sum(manifest.counts.values()), len(changed), len(removed), manifest.generation)


def _present(index: OpenedIndex) -> _Present:
    """The index in use if it can be added to; what cannot is rebuilt, and the report says why."""
    if not (index.folder / MANIFEST).exists():
        return _Present(None, "no_index")
    try:
        snapshot, _ = index.opened()
    except IndexNotReady as err:
        if err.code == MODEL_CHANGED:
            return _Present(None, MODEL_CHANGED)
        return _Present(None, "outdated" if err.code == OUTDATED else "damaged", err.message)
    return _Present(snapshot)


def _has_drifted(index: OpenedIndex) -> bool:
    snapshot, baseline = index.opened()
    n_documents = sum(snapshot.manifest.counts.values())
    return baseline.drift(snapshot) > REBUILD_SHARE * max(1, n_documents)


def _compacted(store: IndexStore, manifest: IndexManifest, now: datetime) -> IndexManifest:
    return store.compact(now=now) if manifest.needs_compaction else manifest


def _encode(documents: Sequence[Document], embedder: Embedder, encoding: Encoding) -> list[RawEntry]:
    """The documents with their vectors, each side encoded with its own prompt."""
    store = encoding.make_store(embedder)
    raw: list[RawEntry] = []
    for kind in DocumentKind:
        side = [document for document in documents if document.kind is kind]
        encoded = encode_documents(side, embedder, store, progress=encoding.progress)
        raw += map(RawEntry, side, encoded)
    return raw


def differences(
    documents: Sequence[Document], snapshot: IndexSnapshot | None
) -> tuple[list[Document], list[Key]]:
    """What the index lacks: documents to encode, and the keys of entries to remove."""
    known: dict[Key, str] = {}
    if snapshot is not None:
        for kind in DocumentKind:
            hashes = snapshot.content_hashes(kind.value)
            known |= {(kind.value, id_): digest for id_, digest in hashes.items()}
    wanted = {(document.kind.value, document.id) for document in documents}
    changed = [d for d in documents if known.get((d.kind.value, d.id)) != d.content_hash]
    return changed, sorted(set(known) - wanted)
