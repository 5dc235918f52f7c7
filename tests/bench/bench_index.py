"""Time of a search beside bare FAISS in the same run: `python tests/bench/bench_index.py [n_vectors]`.

Six queries, the best 100 of each, over 40,000 vectors of 384 numbers: our index with ids, ties and rescoring
against IndexFlatIP alone, both on one thread and asked in turn; the ratio is the median of the pairs. Also
prints what opening an index of 10,000 documents with 40,000 chunks costs, and how long one changed document
takes to be findable.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import faiss
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # started as a file, not as a module

from matcher.index import VectorIndex
from matcher.index_segment import IndexEntry, Vectors
from matcher.index_store import IndexStore

DIM, N_BEST, N_PAIRS, CHUNKS_EACH = 384, 100, 40, 4


def make_vectors(rng: np.random.Generator, n: int) -> Vectors:
    """Clustered unit vectors with a common mean, as sentence models give them."""
    centres = rng.standard_normal((200, DIM))
    rows = (centres[rng.integers(0, 200, n)] + 0.7 * rng.standard_normal((n, DIM)) + 1.0).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def milliseconds(start: int) -> float:
    """Processor time of this thread since `start`."""
    return (time.thread_time_ns() - start) / 1e6


def compare(vectors: Vectors, queries: Vectors) -> None:
    """Print the medians of ours and bare FAISS, and their ratio."""
    bare = faiss.IndexFlatIP(DIM)
    bare.add(vectors)
    index = VectorIndex(range(len(vectors)), vectors)
    faiss.omp_set_num_threads(1)
    theirs, ours = [], []
    for _ in range(N_PAIRS):
        started = time.thread_time_ns()
        bare.search(queries, N_BEST)
        theirs.append(milliseconds(started))
        started = time.thread_time_ns()
        index.search(queries, n=N_BEST)
        ours.append(milliseconds(started))
    ratio = statistics.median(o / t for o, t in zip(ours, theirs, strict=True))
    print(f"{len(queries)} queries, {len(vectors)} vectors: ours {statistics.median(ours):.2f} ms, ", end="")
    print(f"IndexFlatIP {statistics.median(theirs):.2f} ms, ratio {ratio:.2f}")


def seconds(start: float) -> float:
    """Wall time since `start`."""
    return time.perf_counter() - start


def time_files(vectors: Vectors) -> None:
    """Print what writing, opening and changing an index costs."""
    now = datetime.now(UTC)
    documents = vectors.reshape(-1, CHUNKS_EACH, DIM)
    entries = [IndexEntry("capability", i, "zh", "0" * 64, block) for i, block in enumerate(documents)]
    with tempfile.TemporaryDirectory() as folder:
        store = IndexStore(Path(folder), model_key="bench", dim=DIM)
        started = time.perf_counter()
        store.write_base(entries, now=now)
        written = seconds(started)
        started = time.perf_counter()
        snapshot = store.open()
        opened = seconds(started)
        started = time.perf_counter()
        store.write_delta([entries[7]], now=now)
        changed = seconds(started)
        started = time.perf_counter()
        store.open(reuse=snapshot)
        reopened = seconds(started)
    print(f"{len(entries)} documents: write {written:.2f} s, open {opened:.2f} s; ", end="")
    print(f"one change: write {changed:.3f} s, open again {reopened:.3f} s")


def main() -> None:
    """Print all figures."""
    n_vectors = int(sys.argv[1]) if len(sys.argv) > 1 else 40_000
    rng = np.random.default_rng(7)
    vectors, queries = make_vectors(rng, n_vectors), make_vectors(rng, 6)
    compare(vectors, queries)
    compare(vectors, queries[:1])
    time_files(vectors)


if __name__ == "__main__":
    main()
