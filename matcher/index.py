"""Nearest documents by meaning: an immutable snapshot of the index. The only module that knows FAISS.

A snapshot is opened from files by matcher/index_store.py. One flat, exact index a kind and segment holds one vector a
document, in half precision, which holds vectors on the grid (matcher/grid.py) without loss. It is built in memory when
it is first searched, and never written: FAISS' own reader and writer, which must not be trusted with a full disk or a
damaged file, are never called. A later snapshot takes over the segments it shares with an earlier one, so that a small
change costs what it changes.

Nothing is added after opening: FAISS allows searches from many threads at once, but crashes when one of them
adds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from threading import Lock

import faiss
import numpy as np
from numpy.typing import NDArray

from matcher.grid import Vectors
from matcher.hits import Hit
from matcher.index_manifest import IndexManifest
from matcher.index_segment import KINDS, IndexEntry, LoadedSegment, Places, SegmentSide, newest

Extras = Mapping[str, Mapping[str, NDArray[np.generic]]]

# FAISS sums in float32 and in an order that depends on how many queries come at once, so its scores are good
# to about 1e-6. Candidates within this distance of the cut are fetched too, and all are scored again in
# float64.
ROUNDING = 1e-5
_MARGIN = 8


class VectorIndex:
    """Vectors on the grid with ids, searched exactly by inner product. Immutable, for any number of threads."""

    def __init__(self, ids: Sequence[int] | NDArray[np.int64], vectors: Vectors) -> None:
        """ids: ascending, one a row of `vectors` (n, dim), which are float32 unit rows on the grid."""
        self._ids = np.asarray(ids, np.int64)
        self._dim = int(vectors.shape[1])
        faiss.omp_set_num_threads(1)
        self._flat = faiss.IndexScalarQuantizer(
            self._dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._flat.add(np.ascontiguousarray(vectors, np.float32))
        self._rows = vectors

    def __len__(self) -> int:
        return len(self._ids)

    def search(self, queries: Vectors, *, n: int, allowed: Collection[int] | None = None) -> list[list[Hit]]:
        """Return the `n` nearest documents for each query, best first.

        queries: (n_queries, dim) float32 unit rows. The score is the cosine, in [-1, 1], equal ones by
        ascending id; the answer is exact and does not depend on which queries are asked together. allowed: no
        other id may be in the answer; the filter comes before the cut. Fewer than `n` hits come back where
        there are fewer documents.

        Raises ValueError for queries of another dimension.
        """
        queries = np.ascontiguousarray(queries, np.float32)
        if queries.ndim != 2 or queries.shape[1] != self._dim:
            raise ValueError(f"queries of shape {queries.shape} against vectors of dimension {self._dim}")
        mask = None if allowed is None else np.isin(self._ids, np.fromiter(allowed, np.int64, len(allowed)))
        n_there = len(self) if mask is None else int(mask.sum())
        if n <= 0 or not n_there:
            return [[] for _ in queries]
        fetched = self._fetch(queries, min(n + _MARGIN, n_there), mask)
        return [self._best(query, rows, n, mask) for query, rows in zip(queries, fetched, strict=True)]

    def nearest_rows(
        self, queries: Vectors, n: int, *, mask: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Return the rows of the `n` nearest documents of any of the queries, each once, ascending.

        mask: (n_documents,) which may be found. For choosing what is looked at closely; see `search` for answers.
        """
        n_there = len(self) if mask is None else int(mask.sum())
        if n <= 0 or not n_there or not len(queries):
            return np.empty(0, np.int64)
        return np.unique(self._fetch(np.ascontiguousarray(queries, np.float32), min(n, n_there), mask))

    def similarities(self, queries: Vectors, rows: Sequence[int]) -> NDArray[np.float64]:
        """Return the cosine of each query with the documents in these rows, (n_queries, n_rows), as `search`
        scores them.

        Each is summed by itself in float64, so it has the same value whatever is asked beside it.
        """
        chosen = self._rows[np.asarray(rows, np.int64)].astype(np.float64)
        return np.stack([np.einsum("ij,j->i", chosen, query) for query in queries.astype(np.float64)])

    def _best(
        self, query: Vectors, rows: NDArray[np.int64], n: int, mask: NDArray[np.bool_] | None
    ) -> list[Hit]:
        """Rank what FAISS fetched, fetching more while a document left out could tie with the n-th."""
        n_there = len(self) if mask is None else int(mask.sum())
        while True:
            scores = self.similarities(query[None], rows.tolist())[0]
            order = np.lexsort((self._ids[rows], -scores))
            if len(rows) == n_there or scores[order[n - 1]] > scores.min() + ROUNDING:
                return [Hit(int(self._ids[rows[i]]), float(scores[i])) for i in order[:n]]
            rows = self._fetch(query[None], min(2 * len(rows), n_there), mask)[0]

    def _fetch(self, queries: Vectors, n: int, mask: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """The rows of the `n` best by FAISS' reckoning, (n_queries, n), roughly in order."""
        # The number of OpenMP threads is a property of the calling thread, so setting it at import would not
        # reach the threads of a web server; with more than one, a search after a fork hangs.
        faiss.omp_set_num_threads(1)
        if mask is None:
            return np.asarray(self._flat.search(queries, n)[1], np.int64)
        packed = np.packbits(mask, bitorder="little")
        parameters = faiss.SearchParameters()
        # FAISS keeps bare pointers: `packed` and `selector` must outlive the search, and as locals they do.
        selector = faiss.IDSelectorBitmap(packed.size, faiss.swig_ptr(packed))
        parameters.sel = selector
        return np.asarray(self._flat.search(queries, n, params=parameters)[1], np.int64)


class SearchableSegment:
    """A segment with its FAISS indexes, each made when it is first asked; shared by snapshots."""

    def __init__(self, segment: LoadedSegment) -> None:
        self.segment = segment
        self._indexes: dict[str, VectorIndex] = {}
        self._has_vector: dict[str, NDArray[np.bool_] | None] = {}
        self._lock = Lock()

    def side(self, kind: str) -> SegmentSide:
        """The entries of a kind."""
        return self.segment.sides[kind]

    def index(self, kind: str) -> VectorIndex:
        """The documents of a kind that have a vector."""
        with self._lock:
            if kind not in self._indexes:
                side = self.side(kind)
                found = side.documents.any(axis=1)
                # Where all have one, the mapped rows themselves serve: memory should hold them once.
                is_whole = bool(np.all(found))
                self._has_vector[kind] = None if is_whole else np.asarray(found, np.bool_)
                rows = slice(None) if is_whole else np.flatnonzero(found)
                self._indexes[kind] = VectorIndex(side.ids[rows], side.documents[rows])
            return self._indexes[kind]

    def nearest_rows(
        self, kind: str, queries: Vectors, n: int, *, mask: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Return rows of the side of a kind; see VectorIndex.nearest_rows. mask: (n_entries,)."""
        index, has_vector = self.index(kind), self._has_vector[kind]
        if has_vector is None:
            return index.nearest_rows(queries, n, mask=mask)
        rows = np.flatnonzero(has_vector)
        return rows[index.nearest_rows(queries, n, mask=None if mask is None else mask[rows])]


class IndexSnapshot:
    """One generation of the index in memory: what is findable, and its vectors. Immutable and safe between
    threads.

    manifest: what it was opened from. extras: the arrays given with the base, such as centring means.
    """

    def __init__(
        self, manifest: IndexManifest, extras: Extras, segments: Sequence[SearchableSegment]
    ) -> None:
        """segments: oldest first."""
        self.manifest, self.extras = manifest, extras
        self.segments = tuple(segments)
        self._places = {
            kind: newest(
                [each.side(kind).ids for each in segments],
                [each.segment.removed[kind] for each in segments],
            )
            for kind in KINDS
        }

    @property
    def generation(self) -> int:
        """The generation this is a snapshot of."""
        return self.manifest.generation

    def places(self, kind: str) -> Places:
        """Where the entries of a kind are: segments count as in `segments`, rows as in their sides."""
        return self._places[_known(kind)]

    def search(
        self, kind: str, queries: Vectors, n: int, *, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return the `n` nearest documents of a kind for each query, best first; see VectorIndex.search.

        queries: (n_queries, dim) float32 unit rows, comparable with what is stored.
        """
        places = self.places(kind)
        wanted = None if allowed is None else np.fromiter(allowed, np.int64, len(allowed))
        found: list[list[Hit]] = [[] for _ in queries]
        for at, segment in enumerate(self.segments):
            here = places.ids[places.segments == at]
            is_whole = wanted is None and len(here) == len(segment.side(kind))
            mine = None if is_whole else here if wanted is None else here[np.isin(here, wanted)]
            hits = segment.index(kind).search(queries, n=n, allowed=mine)
            found = [[*before, *new] for before, new in zip(found, hits, strict=True)]
        return [sorted(hits, key=lambda hit: (-hit.score, hit.id))[: max(n, 0)] for hits in found]

    def entry_ids(self, kind: str) -> list[int]:
        """Return the ids of all entries of a kind, ascending; those without vectors too."""
        return [int(id_) for id_ in self.places(kind).ids]

    def content_hashes(self, kind: str) -> dict[int, str]:
        """Return the content hash by id, to compare with the database."""
        hashes = (each.decode() for each in self.column(kind, "hashes"))
        return dict(zip(self.entry_ids(kind), hashes, strict=True))

    def column(self, kind: str, name: str) -> NDArray[np.bytes_]:
        """Return "hashes" or "langs" of the entries of a kind, in the order of their ids."""
        places = self.places(kind)
        columns = [getattr(segment.side(kind), name) for segment in self.segments]
        found: NDArray[np.bytes_] = np.zeros(len(places), np.result_type(*columns))
        for at, column in enumerate(columns):
            here = places.segments == at
            found[here] = column[places.rows[here]]
        return found

    def content_hash(self, kind: str, entry_id: int) -> str | None:
        """Return the content hash of an entry; None for an id that is not in the index."""
        found = self._find(kind, entry_id)
        return None if found is None else bytes(found[0].hashes[found[1]]).decode()

    def languages(self, kind: str) -> dict[int, str]:
        """Return the language by id."""
        langs = (each.decode() for each in self.column(kind, "langs"))
        return dict(zip(self.entry_ids(kind), langs, strict=True))

    def entry(self, kind: str, entry_id: int) -> IndexEntry:
        """Return an entry, its vectors read-only. Raises KeyError for an id that is not in the index."""
        found = self._find(kind, entry_id)
        if found is None:
            raise KeyError(entry_id)
        return found[0].entry(kind, found[1])

    def _find(self, kind: str, entry_id: int) -> tuple[SegmentSide, int] | None:
        places = self.places(kind)
        at = int(places.find(np.array([entry_id], np.int64))[0])
        return None if at < 0 else (self.segments[places.segments[at]].side(kind), int(places.rows[at]))

    def entries(self) -> Iterator[IndexEntry]:
        """Yield every entry with its vectors, by kind and id."""
        for kind in KINDS:
            places = self.places(kind)
            for segment, row in zip(places.segments.tolist(), places.rows.tolist(), strict=True):
                yield self.segments[segment].side(kind).entry(kind, row)


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    return kind
