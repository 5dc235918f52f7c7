"""Vectors remembered in this process only: the newest so many, by key; no text, and nothing on disk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from matcher.embedder import Vectors

N_VECTORS = 8192
"""About 12 MB at 384 numbers; a long draft has some sixty sentences."""


class VectorMemory:
    """A VectorStore that forgets what was asked for longest ago; safe to share between threads."""

    def __init__(self, n_vectors: int = N_VECTORS) -> None:
        self._n_vectors = n_vectors
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._vectors)

    def get_many(self, keys: Sequence[str]) -> dict[str, Vectors]:
        """The (dim,) vectors of those keys that are known; asking keeps them."""
        with self._lock:
            found = {key: self._vectors[key] for key in keys if key in self._vectors}
            for key in found:
                self._vectors.move_to_end(key)
        return found

    def put_many(self, vectors: Mapping[str, Vectors]) -> None:
        """Remember vectors, and forget the oldest beyond the limit."""
        with self._lock:
            for key, vector in vectors.items():
                self._vectors[key] = vector.copy()
                self._vectors.move_to_end(key)
            while len(self._vectors) > self._n_vectors:
                self._vectors.popitem(last=False)
