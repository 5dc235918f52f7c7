"""A vector search beside bare FAISS in the same run, and what the files of an index cost.

Six queries, the best 100 of each, over 40,000 vectors of 384 numbers: our index with ids, ties and rescoring against
IndexFlatIP alone, both on one thread. The vectors are synthetic, in clusters, as sentence models give them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import faiss
import numpy as np

from matcher.index import VectorIndex
from matcher.index_segment import IndexEntry, Vectors
from matcher.index_store import IndexStore
from tests.bench.figures import Figure, in_turn, watch

DIM, N_VECTORS, N_BEST, N_PAIRS, CHUNKS_EACH = 384, 40_000, 100, 30, 4


def measure(_folder: Path) -> Iterator[Figure]:
    """Searches with six queries and with one, then the files."""
    rng = np.random.default_rng(7)
    vectors, queries = make_vectors(rng, N_VECTORS), make_vectors(rng, 6)
    yield compare(vectors, queries, at_most=1.0)
    yield compare(vectors, queries[:1], at_most=1.2)
    yield from time_files(vectors, _folder)


def make_vectors(rng: np.random.Generator, n: int) -> Vectors:
    """Clustered unit vectors with a common mean, as sentence models give them."""
    centres = rng.standard_normal((200, DIM))
    rows = (centres[rng.integers(0, 200, n)] + 0.7 * rng.standard_normal((n, DIM)) + 1.0).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def compare(vectors: Vectors, queries: Vectors, *, at_most: float) -> Figure:
    """Ours beside bare FAISS."""
    bare = faiss.IndexFlatIP(DIM)
    bare.add(vectors)
    index = VectorIndex(range(len(vectors)), vectors)
    faiss.omp_set_num_threads(1)
    pairs = in_turn(
        lambda _: index.search(queries, n=N_BEST), lambda _: bare.search(queries, N_BEST), N_PAIRS
    )
    return Figure(
        f"search, {len(queries)} queries, {len(vectors):,} vectors",
        pairs.median,
        "ms",
        yardstick=f"faiss IndexFlatIP: {pairs.their_median:.2f} ms",
        ratio=pairs.ratio,
        at_most=at_most,
        note="the answers are checked to be the same in the tests",
    )


def time_files(vectors: Vectors, folder: Path) -> Iterator[Figure]:
    """What writing, opening and changing an index costs; 10,000 documents with four chunks each."""
    now = datetime.now(UTC)
    documents = vectors.reshape(-1, CHUNKS_EACH, DIM)
    entries = [IndexEntry("capability", i, "zh", "0" * 64, block) for i, block in enumerate(documents)]
    store = IndexStore(folder, model_key="bench", dim=DIM)
    with watch() as written:
        store.write_base(entries, now=now)
    with watch() as opened:
        snapshot = store.open()
    with watch() as changed:
        store.write_delta([entries[7]], now=now)
        store.open(reuse=snapshot)
    size = f"{len(entries):,} documents, {len(vectors):,} chunks"
    yield Figure(f"write an index, {size}", written.wall, "s", note="wall, forced to disk and read again")
    yield Figure("open it", opened.wall, "s", note="wall")
    yield Figure("one changed document until findable", changed.wall, "s", note="wall, encoding left out")
