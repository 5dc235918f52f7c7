"""Rows → vectors → a new generation of the index. What is unchanged is neither encoded nor written again.

A rebuild freezes the statistics that scores rest on (matcher/baseline.py) under a new version; a delta keeps them, so
that scores before and after a small change compare. The database is the truth: whatever is on disk, the index ends up
holding exactly the listed capabilities and the open scenarios.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from matcher.baseline import OUTDATED, baseline_of, fit_baseline, require_current
from matcher.centring import Centring
from matcher.corpus import listed_capabilities_with_parts, open_scenarios_with_parts
from matcher.documents import Document, DocumentKind, capability_document, scenario_document
from matcher.embedder import Embedder, Progress, VectorStore
from matcher.index import Extras, IndexSnapshot
from matcher.index_manifest import IndexManifest
from matcher.index_segment import IndexEntry, Transform, Vectors
from matcher.index_store import MANIFEST, IndexStore
from matcher.passages import ROLE_OF, encode_documents
from models.errors import IndexNotReady

REBUILD_SHARE = 0.2
"""A rebuild when more than this share of the documents differs from those the baseline rests on."""


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
    """How texts become vectors here. make_embedder loads the model, so it is called only to encode something.

    model: the setting that names it; an index made with another is rebuilt.
    """

    model: str
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


def centring_for(extras: Extras) -> Transform:
    """The function that makes raw section vectors of one kind and language comparable, from a base's extras.

    Raises IndexNotReady where another version of the program made them.
    """
    require_current(extras)
    means = Centring.from_arrays(extras["centring"]).sections

    def centre(vectors: Vectors, kind: str, lang: str) -> Vectors:
        return means.apply(vectors, role=ROLE_OF[DocumentKind(kind)], lang=lang)

    return centre


def open_snapshot(store: IndexStore, *, reuse: IndexSnapshot | None = None) -> IndexSnapshot:
    """The index in use, centred. Raises IndexNotReady, saying what to run."""
    return store.open(centring_for, reuse=reuse)


def update_index(
    folder: Path, documents: Sequence[Document], encoding: Encoding, *, now: datetime, rebuild: bool = False
) -> IndexReport:
    """Make the index hold exactly these documents; a delta where that is enough, else a rebuild.

    Interrupted, it loses nothing: vectors are stored as they are made, and the old generation stays in use until the
    new one is complete. Raises what the store raises when the disk refuses or another process writes.
    """
    present = _present(folder, documents, encoding.model)
    snapshot, reason = present.snapshot, "asked" if rebuild else present.reason
    changed, removed = differences(documents, snapshot)
    if snapshot is not None and not (reason or changed or removed):
        return IndexReport(len(documents), 0, 0, snapshot.generation)
    if snapshot is not None and not (reason or changed):
        store = IndexStore(folder, model_key=snapshot.manifest.model_key, dim=snapshot.manifest.dim)
        manifest = store.write_delta([], removed, now=now)
        return IndexReport(len(documents), 0, len(removed), _compacted(store, manifest, now).generation)
    embedder = encoding.make_embedder()
    store = IndexStore(folder, model_key=embedder.model_key, dim=embedder.dim)
    if snapshot is not None and not reason and snapshot.manifest.model_key != embedder.model_key:
        reason = "model_changed"
    if reason:
        entries = _encode_entries(documents, embedder, encoding)
        extras = fit_baseline(documents, entries, model=encoding.model, dim=embedder.dim)
        manifest = store.write_base(entries, now=now, extras=extras)
    else:
        manifest = store.write_delta(_encode_entries(changed, embedder, encoding), removed, now=now)
        manifest = _compacted(store, manifest, now)
    n_changed = len(documents) if reason else len(changed)
    return IndexReport(
        len(documents),
        n_changed,
        len(removed),
        manifest.generation,
        reason,
        "" if rebuild else present.problem,
    )


def _present(folder: Path, documents: Sequence[Document], model: str) -> _Present:
    """The index in use if it can be added to; what cannot is rebuilt, and the report says why."""
    if not (folder / MANIFEST).exists():
        return _Present(None, "no_index")
    try:
        snapshot = open_snapshot(IndexStore(folder))
        baseline = baseline_of(snapshot)
    except IndexNotReady as err:
        return _Present(None, "outdated" if err.code == OUTDATED else "damaged", err.message)
    if baseline.model != model:
        return _Present(snapshot, "model_changed")
    too_many = baseline.drift(documents) > REBUILD_SHARE * max(1, len(documents))
    return _Present(snapshot, "many_changes" if too_many else "")


def _compacted(store: IndexStore, manifest: IndexManifest, now: datetime) -> IndexManifest:
    return store.compact(now=now) if manifest.needs_compaction else manifest


def _encode_entries(
    documents: Sequence[Document], embedder: Embedder, encoding: Encoding
) -> list[IndexEntry]:
    """The documents as index entries, each side encoded with its own prompt."""
    store = encoding.make_store(embedder)
    entries: list[IndexEntry] = []
    for kind in DocumentKind:
        side = [document for document in documents if document.kind is kind]
        encoded = encode_documents(side, embedder, store, progress=encoding.progress)
        entries += [
            IndexEntry(
                kind.value, document.id, document.lang, document.content_hash, text.chunks, text.sections
            )
            for document, text in zip(side, encoded, strict=True)
        ]
    return entries


def differences(
    documents: Sequence[Document], snapshot: IndexSnapshot | None
) -> tuple[list[Document], list[tuple[str, int]]]:
    """What the index lacks: documents to encode, and the keys of entries to remove."""
    known: dict[tuple[str, int], str] = {}
    if snapshot is not None:
        for kind in DocumentKind:
            hashes = snapshot.content_hashes(kind.value)
            known |= {(kind.value, id_): digest for id_, digest in hashes.items()}
    wanted = {(document.kind.value, document.id) for document in documents}
    changed = [d for d in documents if known.get((d.kind.value, d.id)) != d.content_hash]
    return changed, sorted(set(known) - wanted)
