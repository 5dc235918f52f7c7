"""BM25 scores in standard deviations, so that words can be added to likeness of meaning."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MIN_WORD_SPREAD = 0.1  # of the mean


def word_strengths(scores: Floats, n_documents: int) -> Floats:
    """BM25 scores in standard deviations over all documents of the language, those without a match included.

    scores: of the documents that share a term. No match stays 0, in every language: silence is no evidence either way.
    """
    spread = word_spread(scores, n_documents)
    return scores / spread if spread > 0 else np.zeros_like(scores)


def word_spread(scores: Floats, n_documents: int) -> float:
    """The standard deviation of BM25 scores over `n_documents`, all but the given at 0; 0 where it says nothing."""
    if not scores.size or n_documents < 2:
        return 0.0
    mean = float(scores.sum()) / n_documents
    variance = float((scores**2).sum()) / n_documents - mean**2
    # Where all documents score alike, rounding must not make a mountain of it.
    return max(float(np.sqrt(max(variance, 0.0))), _MIN_WORD_SPREAD * mean)
