"""How strongly a need and an offer share words, against the offers there were at the last rebuild.

Rarity, mean length and spread are frozen with an index version. A document that came later is scored by those
standards and does not change them, so a pair has the same figure until the next rebuild, whatever else is listed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matcher.documents import Document
from matcher.lexical import LexicalIndex
from matcher.word_strengths import word_spread

Strengths = dict[int, float]
"""By capability id: standard deviations, above 0; who shares no word of the language is left out."""


class WordBackground:
    """The offers of the last rebuild, by words."""

    def __init__(self, frozen: LexicalIndex) -> None:
        self.frozen = frozen

    @classmethod
    def fit(cls, offers: Mapping[int, Document]) -> WordBackground:
        """From all offers, by id."""
        return cls(_index_of(offers))

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Arrays to be stored with an index."""
        return self.frozen.to_arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> WordBackground:
        """What `to_arrays` was called on. Raises IndexNotReady for arrays made with other tokens."""
        return cls(LexicalIndex.from_arrays(arrays))


class WordField:
    """The offers of the moment, by words: those of the background that stand as they stood, and those that are new."""

    def __init__(
        self, background: WordBackground, kept: frozenset[int], fresh: Mapping[int, Document]
    ) -> None:
        """kept: ids whose text is still the one in the background. fresh: all others, by id."""
        self._frozen = background.frozen
        self._kept = np.array(sorted(kept), np.int64)
        self._fresh = _index_of(fresh)

    def strengths(self, need: Document) -> Strengths:
        """How strongly each offer shares words with the need; nothing across languages."""
        text = need.keyword_text
        ids, scores = self._frozen.scores(text, lang=need.lang)
        spread = word_spread(scores, self._frozen.count(need.lang))
        stands = np.isin(ids, self._kept)
        new_ids, new_scores = self._fresh.scores_by(self._frozen, text, lang=need.lang)
        ids, scores = np.append(ids[stands], new_ids), np.append(scores[stands], new_scores)
        return dict(zip(ids.tolist(), (scores / spread).tolist(), strict=True)) if spread > 0 else {}

    def strength_of(self, need: Document, offer: Document) -> float:
        """How strongly one offer that is not among them shares words with the need; 0 for none."""
        _, background = self._frozen.scores(need.keyword_text, lang=need.lang)
        spread = word_spread(background, self._frozen.count(need.lang))
        _, scores = _index_of({1: offer}).scores_by(self._frozen, need.keyword_text, lang=need.lang)
        return float(scores[0]) / spread if scores.size and spread > 0 else 0.0


def _index_of(offers: Mapping[int, Document]) -> LexicalIndex:
    index = LexicalIndex()
    for offer_id, document in offers.items():
        index.add(offer_id, document.keyword_text, document.lang)
    return index
