"""A segment of the vector index: entries with their vectors, written once and never changed.

On disk a segment is two files: a JSON list of entries and removals, and one float32 array in numpy's own
format with the vectors of all entries one after another, of each first those of its chunks and then those of
its sections (matcher/passages.py), which readers map into memory. Vectors are
kept as the model gave them; centring and averaging happen when an index is opened (matcher/index.py), because
they depend on means that may be renewed without encoding anything again.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.durable_files import FileRecord, Piece, Step, hash_file, no_step, write_file
from matcher.index_manifest import SegmentRecord
from models.errors import IndexNotReady

KINDS = ("scenario", "capability")
REBUILD_HINT = "Run `python -m matcher index rebuild`."

# A row counts as a unit vector within this distance; float32 normalisation is good to 1e-6.
UNIT_TOLERANCE = 1e-3
# Entries that are centred and averaged at once, so that opening a large index needs no second copy of all its
# vectors.
_ENTRIES_AT_ONCE = 2_048

Vectors = NDArray[np.float32]
Key = tuple[str, int]
# (vectors (n, dim) of unit rows, kind, lang) -> the same shape, unit rows: how raw vectors become comparable.
Transform = Callable[[Vectors, str, str], Vectors]


@dataclass(frozen=True)
class IndexEntry:
    """One row of the database as the index knows it.

    content_hash: of the text that was encoded, for drift checks. chunks, sections: (n, dim) float32 unit rows
    as the model gave them, in the order of the text; an entry without sections is known to the index, and no
    search finds it.
    """

    kind: str
    id: int
    lang: str
    content_hash: str
    chunks: Vectors = field(repr=False, compare=False)
    sections: Vectors = field(repr=False, compare=False)

    @property
    def key(self) -> Key:
        """Kind and id, which name an entry across all segments."""
        return self.kind, self.id


@dataclass(frozen=True)
class SegmentItem:
    """One line of a segment's list: everything of an entry but its vectors. Rows `start` to `middle` are its
    chunks, `middle` to `end` its sections.
    """

    kind: str
    id: int
    lang: str
    content_hash: str
    start: int
    middle: int
    end: int


class LoadedSegment:
    """A segment ready for reading. Immutable, so snapshots of several generations may share it."""

    def __init__(self, items: list[SegmentItem], removed: list[Key], vectors: Vectors) -> None:
        self.items, self.removed, self.vectors = items, removed, vectors

    def documents(self, transform: Transform) -> Vectors:
        """Return one vector an item, (n_items, dim): the normalised mean of its transformed section vectors.

        The row is all zeros for an item without sections, or whose sections cancel out.
        """
        documents = np.zeros((len(self.items), self.vectors.shape[1]), np.float32)
        groups: dict[tuple[str, str], list[int]] = {}
        for row, item in enumerate(self.items):
            if item.end > item.middle:
                groups.setdefault((item.kind, item.lang), []).append(row)
        for (kind, lang), rows in groups.items():
            for first in range(0, len(rows), _ENTRIES_AT_ONCE):
                some = rows[first : first + _ENTRIES_AT_ONCE]
                block, starts = self.gather(some)
                documents[some] = mean_vectors(transform(block, kind, lang), starts)
        return documents

    def gather(self, rows: Sequence[int]) -> tuple[Vectors, NDArray[np.int64]]:
        """Return a copy of the items' section vectors, one after another, and where each item's begin (n_rows +
        1,).
        """
        items = [self.items[row] for row in rows]
        sizes = [item.end - item.middle for item in items]
        empty = np.empty((0, self.vectors.shape[1]), np.float32)
        block = np.concatenate([empty, *(self.vectors[item.middle : item.end] for item in items)])
        return block, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def mean_vectors(chunks: Vectors, starts: NDArray[np.int64]) -> Vectors:
    """Return the normalised mean of each run of rows, (n_runs, dim); no run may be empty."""
    sums = np.add.reduceat(chunks.astype(np.float64), starts[:-1], axis=0)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    means: Vectors = np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 1e-9).astype(np.float32)
    return means


def check_entries(entries: Iterable[IndexEntry], *, dim: int) -> list[IndexEntry]:
    """Return the entries in the order they are written in, by kind and id.

    Raises ValueError for what a caller must never hand over: an unknown kind, one key twice, another
    dimension or type, rows that are not finite unit vectors.
    """
    ordered = sorted(entries, key=lambda entry: entry.key)
    for before, after in pairwise(ordered):
        if before.key == after.key:
            raise ValueError(f"two entries for {after.key}")
    for entry in ordered:
        if entry.kind not in KINDS:
            raise ValueError(f"unknown kind {entry.kind!r}")
        for vectors in (entry.chunks, entry.sections):
            _check_vectors(entry.key, vectors, dim=dim)
    return ordered


def _check_vectors(key: Key, vectors: Vectors, *, dim: int) -> None:
    if vectors.ndim != 2 or vectors.shape[1] != dim or vectors.dtype != np.float32:
        raise ValueError(f"{key} has vectors {vectors.shape} {vectors.dtype}, not (n, {dim}) float32")
    if not np.all(np.abs(np.linalg.norm(vectors, axis=1) - 1) < UNIT_TOLERANCE):
        raise ValueError(f"{key} has rows that are not unit vectors")


def write_segment(
    folder: Path, name: str, entries: Sequence[IndexEntry], removed: Sequence[Key], *, on_step: Step = no_step
) -> SegmentRecord:
    """Write checked entries and removals as the files `name`.npy and `name`.json. Raises OSError as
    write_file does.
    """
    n_vectors = sum(len(entry.chunks) + len(entry.sections) for entry in entries)
    dim = entries[0].chunks.shape[1] if entries else 1
    lines = [[e.kind, e.id, e.lang, e.content_hash, len(e.chunks), len(e.sections)] for e in entries]
    contents = json.dumps({"entries": lines, "removed": sorted(removed)}, ensure_ascii=True).encode()
    pieces: list[Piece] = [_npy_header(n_vectors, dim)]
    blocks = (block for entry in entries for block in (entry.chunks, entry.sections))
    pieces += [np.ascontiguousarray(block).data for block in blocks if len(block)]
    vectors = write_file(folder, f"{name}.npy", pieces, on_step=on_step)
    if np.load(folder / vectors.name, mmap_mode="r", allow_pickle=False).shape != (n_vectors, dim):
        raise OSError(errno.EIO, "the file of vectors has another shape than was written", vectors.name)
    return SegmentRecord(
        vectors=vectors,
        contents=write_file(folder, f"{name}.json", [contents], on_step=on_step),
        n_entries=len(entries),
        n_removed=len(removed),
        n_vectors=n_vectors,
    )


def load_contents(folder: Path, record: SegmentRecord) -> tuple[list[SegmentItem], list[Key]]:
    """Read and check a segment's list. Raises IndexNotReady when it is missing or damaged."""
    stored = json.loads(read_checked(folder, record.contents))
    items: list[SegmentItem] = []
    start = 0
    for kind, entry_id, lang, content_hash, n_chunks, n_sections in stored["entries"]:
        middle = start + n_chunks
        items.append(SegmentItem(kind, entry_id, lang, content_hash, start, middle, middle + n_sections))
        start = middle + n_sections
    removed = [(kind, entry_id) for kind, entry_id in stored["removed"]]
    if (len(items), len(removed), start) != (record.n_entries, record.n_removed, record.n_vectors):
        raise damaged(record.contents.name)
    return items, removed


def load_segment(folder: Path, record: SegmentRecord, *, dim: int) -> LoadedSegment:
    """Open a segment, its vectors mapped into memory and not yet read.

    Raises IndexNotReady when a file is missing, damaged or of another shape.
    """
    items, removed = load_contents(folder, record)
    if not record.n_vectors:
        return LoadedSegment(items, removed, np.empty((0, dim), np.float32))
    path = folder / record.vectors.name
    try:
        if hash_file(path)[0] != record.vectors.sha256:
            raise damaged(path.name)
        vectors: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as err:
        raise unreadable(path.name, err) from err
    if vectors.shape != (record.n_vectors, dim) or vectors.dtype != np.float32:
        raise damaged(path.name)
    return LoadedSegment(items, removed, vectors)


def read_checked(folder: Path, record: FileRecord) -> bytes:
    """Return the bytes of a file. Raises IndexNotReady when it is missing or not what was written."""
    try:
        content = (folder / record.name).read_bytes()
    except OSError as err:
        raise unreadable(record.name, err) from err
    if hashlib.sha256(content).hexdigest() != record.sha256:
        raise damaged(record.name)
    return content


def unreadable(name: str, err: OSError) -> IndexNotReady:
    """The error for a file of the index that cannot be read."""
    return IndexNotReady(
        f"The search index is damaged: {name} cannot be read ({err.strerror}). {REBUILD_HINT}"
    )


def damaged(name: str) -> IndexNotReady:
    """The error for a file of the index that is not what the manifest says."""
    return IndexNotReady(f"The search index is damaged: {name} is not what was written. {REBUILD_HINT}")


def _npy_header(n_rows: int, dim: int) -> bytes:
    stream = io.BytesIO()
    shape = {
        "descr": np.lib.format.dtype_to_descr(np.dtype("<f4")),
        "fortran_order": False,
        "shape": (n_rows, dim),
    }
    np.lib.format.write_array_header_1_0(stream, shape)
    return stream.getvalue()
