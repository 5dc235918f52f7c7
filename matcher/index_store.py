"""The folder of the vector index: written by one process at a time, read by any number, never half a thing.

The database is the truth and this folder a cache of it: deleting it costs a rebuild and nothing else. A base
holds all entries of one rebuild; each later change is a small delta beside it, so that one edited text is
findable in under a second. Every file is written under a temp name, synced, read back and compared before it
gets its name; `manifest.json` is replaced last. The generation before stays on disk for readers that are
about to open it; older ones are swept. Readers never lock and never write.

- manifest.json: the generation in use; manifest.previous.json: the one before; writer.lock: held while writing
- 00000007-base.npz and .npy: entries and their vectors; 00000008-delta.npz and .npy: later changes
- 00000007-extra-NAME.npz: arrays that the caller gave with the base
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from matcher.durable_files import FileRecord, Step, no_step, sweep_temp_files, temp_files, write_file
from matcher.index import Extras, IndexSnapshot, SearchableSegment
from matcher.index_manifest import IndexManifest, SegmentRecord
from matcher.index_segment import (
    KINDS,
    REBUILD_HINT,
    Ids,
    IndexEntry,
    Key,
    check_entries,
    load_contents,
    load_segment,
    newest,
    read_checked,
    write_segment,
)
from models.errors import IndexNotReady, NotReady

MANIFEST, PREVIOUS, LOCK = "manifest.json", "manifest.previous.json", "writer.lock"
LOCK_SECONDS = 60.0
_OURS = re.compile(r"^(\d{8})-(base|delta|extra-[a-z0-9_]+)\.(json|npy|npz)$")
_EXTRA_NAME = re.compile(r"^[a-z0-9_]{1,40}$")


@dataclass(frozen=True)
class IndexStatus:
    """What is in the folder, as far as the manifest and the presence of files tell; `verify` looks inside.

    problem: why the index cannot be opened, None where nothing speaks against it. manifest: None when it is
    unreadable. leftovers: files no generation names, to be swept by the next writer.
    """

    problem: str | None
    manifest: IndexManifest | None
    leftovers: tuple[str, ...]

    @property
    def needs_compaction(self) -> bool:
        """Whether the next writer should fold base and deltas into one."""
        return self.manifest is not None and self.manifest.needs_compaction


class IndexStore:
    """One index folder, for reading and writing."""

    def __init__(
        self, folder: Path, *, model_key: str | None = None, dim: int | None = None, on_step: Step = no_step
    ) -> None:
        """model_key, dim: the model in use; an index of another one is refused, and nothing is written
        without.

        on_step: called with the name of each step of a write before it happens; tests fail in it.
        """
        self.folder, self._model_key, self._dim, self._on_step = folder, model_key, dim, on_step

    def read_manifest(self) -> IndexManifest:
        """Return the manifest in use: how a reader learns, cheaply, of a newer generation than its own.

        Raises IndexNotReady when there is none, it is damaged, or it is of another model.
        """
        try:
            manifest = IndexManifest.from_bytes((self.folder / MANIFEST).read_bytes())
        except FileNotFoundError as err:
            raise IndexNotReady(f"There is no search index yet. {REBUILD_HINT}") from err
        except (ValueError, KeyError, TypeError) as err:
            raise IndexNotReady(
                f"The search index is damaged: its manifest is unreadable. {REBUILD_HINT}"
            ) from err
        if self._model_key not in (None, manifest.model_key) or self._dim not in (None, manifest.dim):
            raise IndexNotReady(f"The search index was made with another embedding model. {REBUILD_HINT}")
        return manifest

    def open(self, *, reuse: IndexSnapshot | None = None) -> IndexSnapshot:
        """Open the generation in use; every file is checked against its digest.

        reuse: an older snapshot; what the two share is neither read nor checked again.

        Raises IndexNotReady, saying what to run, when anything is missing, damaged or of another model.
        """
        manifest = self.read_manifest()
        while True:
            try:
                return self._open(manifest, reuse)
            except IndexNotReady:
                # Writers may have published and swept twice since the manifest was read; that is no damage.
                seen, manifest = manifest, self.read_manifest()
                if seen == manifest:
                    raise

    def write_base(
        self,
        entries: Iterable[IndexEntry],
        *,
        now: datetime,
        extras: Mapping[str, Mapping[str, NDArray[Any]]] | None = None,
    ) -> IndexManifest:
        """Make a new generation of exactly these entries, whatever is on disk, and return its manifest.

        extras: named sets of arrays to keep with the base, such as centring means.

        Raises ValueError for entries no caller may hand over (see check_entries), NotReady when the disk
        refuses (`index_not_written`) or another process writes (`index_busy`); the generation before then
        stays in use.
        """
        model_key, dim = self._model()
        ordered = check_entries(entries, dim=dim)
        with self._writing() as generation:
            name = f"{generation:08d}"
            records = {
                key: self._write_extra(f"{name}-extra-{key}.npz", key, arrays)
                for key, arrays in (extras or {}).items()
            }
            base = write_segment(self.folder, f"{name}-base", ordered, [], on_step=self._on_step)
            moment = now.astimezone(UTC)
            return self._publish(
                IndexManifest(
                    generation=generation,
                    model_key=model_key,
                    dim=dim,
                    built_at=moment,
                    changed_at=moment,
                    base=base,
                    extras=records,
                    counts={},
                    n_live_vectors=0,
                )
            )

    def write_delta(
        self,
        upserts: Iterable[IndexEntry],
        removals: Iterable[Key] = (),
        *,
        now: datetime,
        known: IndexSnapshot | None = None,
    ) -> IndexManifest:
        """Add a generation in which these entries replace those of their kind and id, and removals are gone.

        known: an open snapshot; what it shares with the new generation is not read again.

        Removing what is not there does no harm. Without any change the manifest in use is returned as it is.

        Raises IndexNotReady when there is no sound index to add to, else what write_base raises.
        """
        _, dim = self._model()
        ordered, removed = check_entries(upserts, dim=dim), sorted(set(removals))
        if both := {entry.key for entry in ordered} & set(removed):
            raise ValueError(f"{min(both)} is to be both kept and removed")
        if unknown := {kind for kind, _ in removed} - set(KINDS):
            raise ValueError(f"unknown kind {min(unknown)!r}")
        if not ordered and not removed:
            return self.read_manifest()
        with self._writing() as generation:
            current = self.read_manifest()
            delta = write_segment(
                self.folder, f"{generation:08d}-delta", ordered, removed, on_step=self._on_step
            )
            news = {
                "generation": generation,
                "deltas": (*current.deltas, delta),
                "changed_at": now.astimezone(UTC),
            }
            return self._publish(current.model_copy(update=news), known)

    def compact(self, *, now: datetime) -> IndexManifest:
        """Fold segments together with the same entries and extras; nothing is renewed.

        The deltas into one, or, where they weigh much beside the base or much of it is dead, all into a new base: so a
        change costs what it changes, however large the base is.

        Raises what write_base raises, and IndexNotReady when there is no sound index.
        """
        with self._writing() as generation:
            current = self.read_manifest()
            news: dict[str, Any] = {"generation": generation, "changed_at": now.astimezone(UTC)}
            if current.needs_new_base:
                entries = list(self._open(current, None).entries())
                base = write_segment(
                    self.folder, f"{generation:08d}-base", entries, [], on_step=self._on_step
                )
                return self._publish(current.model_copy(update={**news, "base": base, "deltas": ()}))
            later = current.model_copy(update={"base": current.deltas[0], "deltas": current.deltas[1:]})
            snapshot = self._open(later, None)
            gone = [
                (kind, int(id_))
                for kind in KINDS
                for id_ in np.unique(
                    np.concatenate([each.segment.removed[kind] for each in snapshot.segments])
                )
                if snapshot.content_hash(kind, int(id_)) is None
            ]
            delta = write_segment(
                self.folder,
                f"{generation:08d}-delta",
                list(snapshot.entries()),
                gone,
                on_step=self._on_step,
            )
            return self._publish(current.model_copy(update={**news, "deltas": (delta,)}))

    def status(self) -> IndexStatus:
        """Return what is in the folder. Never raises for a damaged index: that is one of the answers."""
        leftovers = tuple(path.name for path in [*temp_files(self.folder), *self._unnamed_files()])
        try:
            manifest = self.read_manifest()
        except IndexNotReady as err:
            return IndexStatus(err.message, None, leftovers)
        for file in manifest.files:
            path = self.folder / file.name
            if not path.exists() or path.stat().st_size != file.size:
                return IndexStatus(
                    f"The search index is damaged: {file.name}. {REBUILD_HINT}", manifest, leftovers
                )
        return IndexStatus(None, manifest, leftovers)

    def verify(self) -> IndexManifest:
        """Read every file of the generation in use, check it, and return the manifest.

        Raises IndexNotReady for the first thing that is wrong.
        """
        snapshot = self.open()
        try:
            n_entries = len(check_entries(snapshot.entries(), dim=snapshot.manifest.dim))
        except ValueError as err:
            raise IndexNotReady(f"The search index is damaged: {err}. {REBUILD_HINT}") from err
        if n_entries != sum(snapshot.manifest.counts.values()):
            raise IndexNotReady(f"The search index is damaged: it holds {n_entries} entries. {REBUILD_HINT}")
        return snapshot.manifest

    def _model(self) -> tuple[str, int]:
        """The model of what is written; vectors of an unstated one could be mixed with another's."""
        if self._model_key is None or self._dim is None:
            raise ValueError("writing needs the key and the dimension of the model")
        return self._model_key, self._dim

    def _open(self, manifest: IndexManifest, reuse: IndexSnapshot | None) -> IndexSnapshot:
        shared = {} if reuse is None else dict(zip(reuse.manifest.segments, reuse.segments, strict=True))
        extras: Extras = (
            reuse.extras
            if reuse is not None and reuse.manifest.extras == manifest.extras
            else {key: self._load_extra(record) for key, record in manifest.extras.items()}
        )
        segments = [
            shared.get(record) or SearchableSegment(load_segment(self.folder, record, dim=manifest.dim))
            for record in manifest.segments
        ]
        return IndexSnapshot(manifest, extras, segments)

    def _load_extra(self, record: FileRecord) -> dict[str, NDArray[Any]]:
        content = read_checked(self.folder, record)
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return dict(stored)

    def _write_extra(self, name: str, key: str, arrays: Mapping[str, NDArray[Any]]) -> FileRecord:
        if not _EXTRA_NAME.match(key):
            raise ValueError(f"{key!r} cannot be part of a file name")
        stream = io.BytesIO()
        np.savez(stream, allow_pickle=False, **arrays)
        return write_file(self.folder, name, [stream.getvalue()], on_step=self._on_step)

    @contextmanager
    def _writing(self) -> Iterator[int]:
        """Hold the writers' lock, sweep before and after, and give the number of the next generation."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / LOCK, timeout=LOCK_SECONDS):
                self._sweep()
                try:
                    yield self._next_generation()
                    self._on_step("sweep")
                finally:
                    self._sweep()
        except Timeout as err:
            raise NotReady(
                "Another process is writing the search index; try again.", code="index_busy"
            ) from err
        except OSError as err:
            sentence = (
                f"The search index could not be written ({err.strerror or err}); the one before stays in use."
            )
            raise NotReady(sentence, code="index_not_written") from err

    def _publish(self, manifest: IndexManifest, known: IndexSnapshot | None = None) -> IndexManifest:
        """Count what the generation holds, from the files as written, and put its manifest in place.

        known: an open snapshot; segments that are in it have been checked.
        """
        held = [self._held(record, known) for record in manifest.segments]
        counts: dict[str, int] = {}
        n_live = 0
        for kind in KINDS:
            places = newest([each[kind][0] for each in held], [each[kind][1] for each in held])
            counts[kind] = len(places)
            for at, each in enumerate(held):
                n_live += int(each[kind][2][places.rows[places.segments == at]].sum())
        manifest = manifest.model_copy(update={"counts": counts, "n_live_vectors": n_live})
        content = manifest.to_bytes()
        if self._readable(MANIFEST):
            before = (self.folder / MANIFEST).read_bytes()
            write_file(self.folder, PREVIOUS, [before], on_step=self._on_step)
        write_file(self.folder, MANIFEST, [content], on_step=self._on_step)
        return IndexManifest.from_bytes(content)

    def _held(self, record: SegmentRecord, known: IndexSnapshot | None) -> dict[str, tuple[Ids, Ids, Ids]]:
        """By kind what a segment holds: ids, removed ids, and how many vectors each entry has."""
        if known is not None and record in known.manifest.segments:
            segment = known.segments[known.manifest.segments.index(record)].segment
            return {
                kind: (side.ids, segment.removed[kind], side.n_vectors)
                for kind, side in segment.sides.items()
            }
        contents = load_contents(self.folder, record)
        return {
            kind: (side["ids"], contents.removed[kind], contents.n_vectors_of(kind))
            for kind, side in contents.sides.items()
        }

    def _readable(self, name: str) -> IndexManifest | None:
        """The manifest of this name, of whatever model, or None where there is none or it is damaged."""
        try:
            return IndexManifest.from_bytes((self.folder / name).read_bytes())
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def _next_generation(self) -> int:
        """One more than any generation that left a trace here, so that no name ever stands for two things."""
        named = [int(match[1]) for path in self.folder.iterdir() if (match := _OURS.match(path.name))]
        manifests = [self._readable(MANIFEST), self._readable(PREVIOUS)]
        return max([0, *named, *(manifest.generation for manifest in manifests if manifest)]) + 1

    def _unnamed_files(self) -> list[Path]:
        """Files of ours that neither the generation in use nor the one before names.

        None while the manifest in use is unreadable: then nobody knows what may still be needed.
        """
        current, previous = self._readable(MANIFEST), self._readable(PREVIOUS)
        if current is None and (self.folder / MANIFEST).exists():
            return []
        named = {file.name for manifest in (current, previous) if manifest for file in manifest.files}
        ours = sorted(path for path in self.folder.glob("*") if _OURS.match(path.name))
        return [path for path in ours if path.name not in named]

    def _sweep(self) -> None:
        sweep_temp_files(self.folder)
        for path in self._unnamed_files():
            path.unlink(missing_ok=True)
