"""Nearest documents by meaning: an immutable snapshot of the index. The only module that knows FAISS.

A snapshot is opened from files by matcher/index_store.py. One flat, exact index per kind holds one vector a
document; it is built in memory from the stored chunk vectors whenever a snapshot is opened, and never
written. Reasons: the vectors to search depend on the centring means of the generation, so a stored FAISS file
would be a second truth to keep in step; building costs less than checking a digest of the same size (10,000
documents in a fraction of a second, and an update recomputes changed documents only); and FAISS' own reader
and writer, which must not be trusted with a full disk or a damaged file, are never called. Flat stays within
50 ms for six queries up to about 100,000 documents on one core.

Nothing is added after opening: FAISS allows searches from many threads at once, but crashes when one of them
adds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from matcher.hits import Hit
from matcher.index_manifest import IndexManifest
from matcher.index_segment import KINDS, IndexEntry, LoadedSegment, SegmentItem, Vectors

Extras = Mapping[str, Mapping[str, NDArray[np.generic]]]

# FAISS sums in float32 and in an order that depends on how many queries come at once, so its scores are good
# to about 1e-6. Candidates within this distance of the cut are fetched too, and all are scored again in
# float64.
ROUNDING = 1e-5
_MARGIN = 8


class VectorIndex:
    """Unit vectors with ids, searched exactly by inner product. Immutable, for any number of threads."""

    def __init__(self, ids: Sequence[int] | NDArray[np.int64], vectors: Vectors) -> None:
        """ids: ascending, one a row of `vectors` (n, dim), which are float32 unit rows."""
        self._ids = np.asarray(ids, np.int64)
        self._dim = int(vectors.shape[1])
        self._flat = faiss.IndexFlatIP(self._dim)
        self._flat.add(np.ascontiguousarray(vectors, np.float32))
        n_numbers = len(self._ids) * self._dim
        # A view of FAISS' own copy: rescoring needs the rows, and memory should hold them once.
        self._rows: Vectors = (
            faiss.rev_swig_ptr(self._flat.get_xb(), n_numbers).reshape(-1, self._dim)
            if n_numbers
            else vectors
        )

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


class IndexSnapshot:
    """One generation of the index in memory: what is findable, and its vectors. Immutable and safe between
    threads.

    manifest: what it was opened from. extras: the arrays given with the base, such as centring means.
    """

    def __init__(
        self, manifest: IndexManifest, extras: Extras, segments: Sequence[tuple[LoadedSegment, Vectors]]
    ) -> None:
        """segments: oldest first, each with its document vectors (n_items, dim)."""
        self.manifest, self.extras = manifest, extras
        self.segments = tuple(segments)
        self._places = _places(segments)
        self._indexes: dict[str, VectorIndex] = {}
        self._rows: dict[str, dict[int, int]] = {}
        for kind in KINDS:
            self._index(kind)

    @property
    def generation(self) -> int:
        """The generation this is a snapshot of."""
        return self.manifest.generation

    def search(
        self, kind: str, queries: Vectors, n: int, *, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return the `n` nearest documents of a kind for each query, best first; see VectorIndex.search.

        queries: (n_queries, dim) float32 unit rows, transformed as the documents were when the snapshot was
        opened.
        """
        return self._indexes[_known(kind)].search(queries, n=n, allowed=allowed)

    def similarities(self, kind: str, queries: Vectors, ids: Sequence[int]) -> NDArray[np.float64]:
        """Return the cosine of each query with each of these documents, (n_queries, n_ids).

        NaN for an entry without sections, which has no vector. Raises KeyError for an id that is not in the
        index.
        """
        places, rows = self._places[_known(kind)], self._rows[kind]
        if missing := [entry_id for entry_id in ids if entry_id not in places]:
            raise KeyError(missing[0])
        result = np.full((len(queries), len(ids)), np.nan)
        known = [at for at, entry_id in enumerate(ids) if entry_id in rows]
        if known and len(queries):
            result[:, known] = self._indexes[kind].similarities(queries, [rows[ids[at]] for at in known])
        return result

    def entry_ids(self, kind: str) -> list[int]:
        """Return the ids of all entries of a kind, ascending; those without vectors too."""
        return sorted(self._places[_known(kind)])

    def content_hashes(self, kind: str) -> dict[int, str]:
        """Return the content hash by id, to compare with the database."""
        return {entry_id: self.item(kind, entry_id).content_hash for entry_id in self.entry_ids(kind)}

    def languages(self, kind: str) -> dict[int, str]:
        """Return the language by id."""
        return {entry_id: self.item(kind, entry_id).lang for entry_id in self.entry_ids(kind)}

    def item(self, kind: str, entry_id: int) -> SegmentItem:
        """Return what is known of an entry beside its vectors. Raises KeyError for an id that is not in the
        index.
        """
        segment, row = self._places[_known(kind)][entry_id]
        return self.segments[segment][0].items[row]

    def chunks(self, kind: str, entry_id: int) -> Vectors:
        """Return the chunk vectors of an entry as the model gave them, (n_chunks, dim), read-only.

        Raises KeyError for an id that is not in the index.
        """
        item = self.item(kind, entry_id)
        return self._segment(kind, entry_id).vectors[item.start : item.middle]

    def sections(self, kind: str, entry_id: int) -> Vectors:
        """Return the section vectors of an entry, as `chunks` does those of its chunks."""
        item = self.item(kind, entry_id)
        return self._segment(kind, entry_id).vectors[item.middle : item.end]

    def entries(self) -> Iterator[IndexEntry]:
        """Yield every entry with its vectors, by kind and id."""
        for kind in KINDS:
            for entry_id in self.entry_ids(kind):
                item = self.item(kind, entry_id)
                grains = self.chunks(kind, entry_id), self.sections(kind, entry_id)
                yield IndexEntry(kind, entry_id, item.lang, item.content_hash, *grains)

    def _segment(self, kind: str, entry_id: int) -> LoadedSegment:
        return self.segments[self._places[_known(kind)][entry_id][0]][0]

    def _index(self, kind: str) -> None:
        """Put the document vectors of a kind, but for all-zero ones, into a flat index in the order of their
        ids.
        """
        ids = np.array(self.entry_ids(kind), np.int64)
        places = np.array([self._places[kind][int(entry_id)] for entry_id in ids], np.int64).reshape(-1, 2)
        vectors = np.zeros((len(ids), self.manifest.dim), np.float32)
        for at, (_, documents) in enumerate(self.segments):
            here = places[:, 0] == at
            vectors[here] = documents[places[here, 1]]
        found = vectors.any(axis=1)
        self._rows[kind] = {int(entry_id): row for row, entry_id in enumerate(ids[found])}
        self._indexes[kind] = VectorIndex(ids[found], vectors[found])


def _places(segments: Sequence[tuple[LoadedSegment, Vectors]]) -> dict[str, dict[int, tuple[int, int]]]:
    """Where each findable entry is, by kind and id: (segment, row). A later segment replaces and removes."""
    places: dict[str, dict[int, tuple[int, int]]] = {kind: {} for kind in KINDS}
    for at, (segment, _) in enumerate(segments):
        for kind, entry_id in segment.removed:
            places[kind].pop(entry_id, None)
        for row, item in enumerate(segment.items):
            places[item.kind][item.id] = (at, row)
    return places


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    return kind
