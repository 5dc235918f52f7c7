"""A segment of the vector index: entries with their vectors, written once and never changed.

On disk a segment is two files. One holds arrays about the entries, and what is removed; the other one float32 array in
numpy's own format, which readers map into memory and so share. In it the vectors lie by kind: the chunks of all
entries, their sections, and one vector an entry, the mean of its sections. Each grain is one stretch of rows, so that a
need is compared with all of it in a single product, without a copy.

Vectors are stored ready to be compared, centred and on the grid; raw ones are remembered by text in the database.
"""

from __future__ import annotations

import errno
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.durable_files import FileRecord, Piece, Step, hash_file, no_step, write_file
from matcher.grid import Vectors, mean_rows
from matcher.index_manifest import SegmentRecord
from models.errors import IndexNotReady

KINDS = ("scenario", "capability")
REBUILD_HINT = "Run `python -m matcher index rebuild`."

# A row counts as a unit vector within this distance: the grid moves its length by 2e-4 at most times.
UNIT_TOLERANCE = 2e-3
# Entries that are averaged at once, so that writing a large index needs no second copy of all its vectors.
_ENTRIES_AT_ONCE = 2_048

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
Key = tuple[str, int]


@dataclass(frozen=True)
class IndexEntry:
    """One row of the database as the index knows it.

    content_hash: of the text that was encoded, for drift checks. chunks, sections: (n, dim) float32 rows on the grid,
    of length 1 or all zeros, in the order of the text; an entry without sections is known to the index, and no search
    finds it. hubness: how much chunks and sections resemble any need (matcher/relevance.py).
    """

    kind: str
    id: int
    lang: str
    content_hash: str
    chunks: Vectors = field(repr=False, compare=False)
    sections: Vectors = field(repr=False, compare=False)
    hubness: tuple[float, float] = field(default=(0.0, 0.0), repr=False, compare=False)

    @property
    def key(self) -> Key:
        """Kind and id, which name an entry across all segments."""
        return self.kind, self.id


@dataclass(frozen=True)
class SegmentSide:
    """The entries of one kind in a segment, by ascending id. Views into mapped files where that is possible.

    ids: (n,); langs, hashes: (n,) bytes; chunk_starts, section_starts: (n + 1,) where each entry's rows begin in chunks
    and sections; documents: (n, dim), zeros for an entry without sections; hubness: (n, 2).
    """

    ids: Ids
    langs: NDArray[np.bytes_]
    hashes: NDArray[np.bytes_]
    chunk_starts: Ids
    section_starts: Ids
    hubness: Floats
    chunks: Vectors
    sections: Vectors
    documents: Vectors

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def n_vectors(self) -> Ids:
        """(n,): chunks and sections of each entry."""
        counts: Ids = np.diff(self.chunk_starts) + np.diff(self.section_starts)
        return counts

    def entry(self, kind: str, row: int) -> IndexEntry:
        """The entry in a row, its vectors read-only views."""
        chunk, section = self.chunk_starts, self.section_starts
        return IndexEntry(
            kind,
            int(self.ids[row]),
            self.langs[row].decode(),
            self.hashes[row].decode(),
            self.chunks[chunk[row] : chunk[row + 1]],
            self.sections[section[row] : section[row + 1]],
            (float(self.hubness[row, 0]), float(self.hubness[row, 1])),
        )


@dataclass(frozen=True)
class SegmentContents:
    """A segment but for its vectors. sides: by kind the arrays of SegmentSide. removed: by kind, ids."""

    sides: Mapping[str, Mapping[str, NDArray[Any]]]
    removed: Mapping[str, Ids]

    def n_vectors_of(self, kind: str) -> Ids:
        """(n,): chunks and sections of each entry of a kind."""
        counts: Ids = self.sides[kind]["n_chunks"] + self.sides[kind]["n_sections"]
        return counts

    def n_entries(self) -> int:
        """Entries of all kinds."""
        return sum(len(side["ids"]) for side in self.sides.values())

    def n_vectors(self) -> int:
        """Chunks and sections of all entries."""
        return sum(int(self.n_vectors_of(kind).sum()) for kind in self.sides)


@dataclass(frozen=True)
class LoadedSegment:
    """A segment ready for reading. Immutable, so snapshots of several generations may share it."""

    sides: Mapping[str, SegmentSide]
    removed: Mapping[str, Ids]


@dataclass(frozen=True)
class Places:
    """Where the findable entries of one kind are. ids: (n,) ascending; segments, rows: (n,) of each."""

    ids: Ids
    segments: Ids
    rows: Ids

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, ids: Ids) -> Ids:
        """(n,): at which position of `ids` each of these is; -1 where it is not findable."""
        if not len(self.ids):
            return np.full(len(ids), -1, np.int64)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[at] == ids, at, -1)


def newest(ids: Sequence[Ids], removed: Sequence[Ids]) -> Places:
    """What is findable in segments, oldest first, of one kind: a later one replaces and removes.

    The first segment is only looked up in: what a few changes cost does not grow with it.
    """
    columns = [np.empty((3, 0), np.int64)]
    for at, (there, gone) in enumerate(zip(ids[1:], removed[1:], strict=True), start=1):
        columns.append(np.stack([gone, np.full(len(gone), at), np.full(len(gone), -1)]))
        columns.append(np.stack([there, np.full(len(there), at), np.arange(len(there))]))
    # Backwards, so that the first of several is the latest.
    events = np.concatenate(columns, axis=1)[:, ::-1]
    _, first = np.unique(events[0], return_index=True)
    found = events[:, first]
    base = ids[0] if len(ids) else np.empty(0, np.int64)
    base_rows = np.delete(np.arange(len(base)), _positions(base, found[0]))
    found = found[:, found[2] >= 0]
    at = np.searchsorted(base[base_rows], found[0])
    return Places(
        np.insert(base[base_rows], at, found[0]),
        np.insert(np.zeros(len(base_rows), np.int64), at, found[1]),
        np.insert(base_rows, at, found[2]),
    )


def _positions(ids: Ids, wanted: Ids) -> Ids:
    """Where in `ids`, which ascend, those of the wanted that are there stand."""
    at = np.searchsorted(ids, wanted)
    inside = at < len(ids)
    at, wanted = at[inside], wanted[inside]
    found: Ids = at[ids[at] == wanted]
    return found


def check_entries(entries: Iterable[IndexEntry], *, dim: int) -> list[IndexEntry]:
    """Return the entries by kind and id. Raises ValueError for one that would spoil the index.

    Refused are unknown kinds, two entries of one kind and id, and vectors that are not (n, dim) float32 rows of length
    1 or 0.
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
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.all((np.abs(lengths - 1) < UNIT_TOLERANCE) | (lengths == 0)):
        raise ValueError(f"{key} has rows that are not unit vectors")


def write_segment(
    folder: Path, name: str, entries: Sequence[IndexEntry], removed: Sequence[Key], *, on_step: Step = no_step
) -> SegmentRecord:
    """Write checked entries, by kind and id, and removals as the files `name`.npy and `name`.npz.

    Raises OSError as write_file does.
    """
    sides = {kind: [entry for entry in entries if entry.kind == kind] for kind in KINDS}
    contents: dict[str, NDArray[Any]] = {}
    for kind, side in sides.items():
        gone = sorted(id_ for of, id_ in removed if of == kind)
        contents |= {f"{kind}_{part}": array for part, array in _arrays(side).items()}
        contents[f"{kind}_removed"] = np.array(gone, np.int64)
    n_vectors = sum(len(entry.chunks) + len(entry.sections) for entry in entries)
    dim = entries[0].chunks.shape[1] if entries else 1
    shape = n_vectors + len(entries), dim
    pieces: list[Piece] = [_npy_header(shape)]
    for side in sides.values():
        blocks = [entry.chunks for entry in side] + [entry.sections for entry in side]
        pieces += [np.ascontiguousarray(block).data for block in blocks if len(block)]
        pieces += [block.data for block in _documents(side) if len(block)]
    vectors = write_file(folder, f"{name}.npy", pieces, on_step=on_step)
    if np.load(folder / vectors.name, mmap_mode="r", allow_pickle=False).shape != shape:
        raise OSError(errno.EIO, "the file of vectors has another shape than was written", vectors.name)
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **contents)
    return SegmentRecord(
        vectors=vectors,
        contents=write_file(folder, f"{name}.npz", [stream.getvalue()], on_step=on_step),
        n_entries=len(entries),
        n_removed=len(removed),
        n_vectors=n_vectors,
    )


def _arrays(side: Sequence[IndexEntry]) -> dict[str, NDArray[Any]]:
    return {
        "ids": np.array([entry.id for entry in side], np.int64),
        "langs": np.array([entry.lang.encode() for entry in side], "S8"),
        "hashes": np.array([entry.content_hash.encode() for entry in side], "S64"),
        "n_chunks": np.array([len(entry.chunks) for entry in side], np.int64),
        "n_sections": np.array([len(entry.sections) for entry in side], np.int64),
        "hubness": np.array([entry.hubness for entry in side], np.float64).reshape(-1, 2),
    }


def _documents(side: Sequence[IndexEntry]) -> list[Vectors]:
    """One vector an entry, in blocks."""
    blocks = []
    for first in range(0, len(side), _ENTRIES_AT_ONCE):
        sections = [entry.sections for entry in side[first : first + _ENTRIES_AT_ONCE]]
        blocks.append(mean_rows(np.concatenate(sections), _starts([len(block) for block in sections])))
    return blocks


def load_contents(folder: Path, record: SegmentRecord) -> SegmentContents:
    """Read and check what a segment says of its entries. Raises IndexNotReady when it is missing or damaged."""
    stream = io.BytesIO(read_checked(folder, record.contents))
    sides: dict[str, dict[str, NDArray[Any]]] = {kind: {} for kind in KINDS}
    with np.load(stream, allow_pickle=False) as stored:
        for name in stored.files:
            kind, _, part = name.partition("_")
            if kind not in sides:
                raise damaged(record.contents.name)
            sides[kind][part] = stored[name]
    try:
        removed = {kind: side.pop("removed") for kind, side in sides.items()}
        contents = SegmentContents(sides, removed)
        found = contents.n_entries(), sum(map(len, removed.values())), contents.n_vectors()
    except KeyError as err:  # written by a version that kept other things
        raise damaged(record.contents.name) from err
    if found != (record.n_entries, record.n_removed, record.n_vectors):
        raise damaged(record.contents.name)
    return contents


def load_segment(folder: Path, record: SegmentRecord, *, dim: int) -> LoadedSegment:
    """Open a segment, its vectors mapped into memory and not yet read.

    Raises IndexNotReady when a file is missing, damaged or of another shape.
    """
    contents = load_contents(folder, record)
    vectors = _mapped(folder, record, dim=dim)
    sides: dict[str, SegmentSide] = {}
    first = 0
    for kind, parts in contents.sides.items():
        chunk_starts, section_starts = _starts(parts["n_chunks"]), _starts(parts["n_sections"])
        middle = first + int(chunk_starts[-1])
        last = middle + int(section_starts[-1])
        end = last + len(parts["ids"])
        sides[kind] = SegmentSide(
            ids=parts["ids"],
            langs=parts["langs"],
            hashes=parts["hashes"],
            chunk_starts=chunk_starts,
            section_starts=section_starts,
            hubness=parts["hubness"],
            chunks=vectors[first:middle],
            sections=vectors[middle:last],
            documents=vectors[last:end],
        )
        first = end
    return LoadedSegment(sides, contents.removed)


def _mapped(folder: Path, record: SegmentRecord, *, dim: int) -> Vectors:
    """All rows of a segment, checked. A plain array over the mapping: numpy is quicker with those."""
    if not record.n_entries:
        return np.empty((0, dim), np.float32)
    path = folder / record.vectors.name
    try:
        if hash_file(path)[0] != record.vectors.sha256:
            raise damaged(path.name)
        vectors: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as err:
        raise unreadable(path.name, err) from err
    if vectors.shape != (record.n_vectors + record.n_entries, dim) or vectors.dtype != np.float32:
        raise damaged(path.name)
    return vectors.view(np.ndarray)


def _starts(sizes: Sequence[int] | NDArray[np.int64]) -> Ids:
    return np.concatenate([[0], np.cumsum(np.asarray(sizes, np.int64))]).astype(np.int64)


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


def _npy_header(shape: tuple[int, int]) -> bytes:
    stream = io.BytesIO()
    described = {
        "descr": np.lib.format.dtype_to_descr(np.dtype("<f4")),
        "fortran_order": False,
        "shape": shape,
    }
    np.lib.format.write_array_header_1_0(stream, described)
    return stream.getvalue()
