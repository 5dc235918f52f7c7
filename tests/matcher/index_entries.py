"""Entries and stores for the tests of the vector index."""

from datetime import UTC, datetime

import numpy as np

from matcher.grid import on_grid
from matcher.index_segment import IndexEntry
from matcher.index_store import IndexStore

DIM = 8
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def unit_rows(n, *, seed=0):
    rows = np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)
    return on_grid(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def make_entry(entry_id, *, kind="capability", version=1, n_chunks=2, lang="zh"):
    seed = entry_id * 1_000 + version
    chunks = unit_rows(n_chunks, seed=seed)
    sections = unit_rows((n_chunks + 1) // 2, seed=seed + 500)
    return IndexEntry(kind, entry_id, lang, f"{kind}{entry_id}v{version}", chunks, sections)


def make_store(folder, **options):
    return IndexStore(folder, **{"model_key": "model", "dim": DIM, **options})


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def hashes(snapshot):
    return {kind: snapshot.content_hashes(kind) for kind in ("scenario", "capability")}
