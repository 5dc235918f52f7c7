"""Stand-ins for what lies outside the product: model weights, time, randomness. Nothing of ours is faked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from matcher.embedder import Progress, TextRole, Vectors

_WORDS = re.compile(r"[\u3400-\u9fff]|[a-z0-9]+")


class HashingEmbedder:
    """An Embedder without a model: words and pairs of characters are hashed into 64 numbers.

    Deterministic and instant, near for shared words, blind to meaning and to role. For tests in which the
    meaning of the text does not matter.
    """

    model_key = "hashing-64:1"
    dim = 64
    max_tokens = 500

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_WORDS.findall(text.lower())) for text in texts]

    def encode(self, texts: Sequence[str], *, role: TextRole, progress: Progress | None = None) -> Vectors:
        lengths = self.count_tokens(texts)
        if lengths and max(lengths) > self.max_tokens:
            raise ValueError(f"A text has {max(lengths)} tokens where {self.max_tokens} fit.")
        vectors = np.array([_hashed(text, self.dim) for text in texts], dtype=np.float32).reshape(
            -1, self.dim
        )
        if progress is not None:
            progress(len(texts), len(texts))
        return vectors


def _hashed(text: str, dim: int) -> Vectors:
    words = _WORDS.findall(text.lower())
    # The constant stands for what all texts share, as a real model's vectors share a direction.
    vector = np.full(dim, 0.25, dtype=np.float32)
    for term in [*words, *map("".join, pairwise(words))]:
        number = int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "little")
        vector[number % dim] += 1.0 if number & (1 << 40) else -1.0
    unit: Vectors = vector / np.linalg.norm(vector)
    return unit
