"""How strongly a need and an offer share words, against the offers there were at the last rebuild.

Rarity, mean length and spread are frozen with an index version. A document that came later is scored by those
standards and does not change them, so a pair has the same figure until the next rebuild, whatever else is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.documents import Document
from matcher.lexical import LexicalIndex
from matcher.postings import Floats
from matcher.postings import Ints as Ids
from matcher.word_strengths import word_spread


@dataclass(frozen=True, slots=True)
class Strengths:
    """How strongly offers share words with a need.

    ids: ascending, of those that share any; values: in standard deviations, above 0.
    """

    ids: Ids
    values: Floats

    def of(self, offer_id: int) -> float:
        """The strength of one offer; 0 for one that shares no word."""
        at = int(np.searchsorted(self.ids, offer_id))
        return float(self.values[at]) if at < len(self.ids) and self.ids[at] == offer_id else 0.0

    def spread_over(self, ids: Ids) -> Floats:
        """(n,): the strength of each of these, in their order; they come ascending."""
        found = np.zeros(len(ids))
        if not len(ids):
            return found
        if ids[-1] - ids[0] == len(ids) - 1:  # without gaps, which says where each is
            there = (self.ids >= ids[0]) & (self.ids <= ids[-1])
            found[self.ids[there] - ids[0]] = self.values[there]
            return found
        at = np.minimum(np.searchsorted(ids, self.ids), len(ids) - 1)
        there = ids[at] == self.ids
        found[at[there]] = self.values[there]
        return found


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
        self,
        background: WordBackground,
        kept: Ids,
        fresh: frozenset[tuple[int, str]],
        read: Mapping[int, Document],
        *,
        before: WordField | None = None,
    ) -> None:
        """kept: ids whose text is still the one in the background, ascending. fresh: all others, with content hashes.

        read: the documents of those that `before` does not hold. before: an earlier one on the same background; its
        new words are taken over and brought in step, so it sees them too from then on.
        """
        self._frozen = background.frozen
        self._kept = kept
        known = before.fresh if before is not None else frozenset()
        self.fresh: frozenset[tuple[int, str]] = frozenset(
            pair for pair in fresh if pair in known or pair[0] in read
        )
        self._fresh: LexicalIndex = before._fresh if before is not None else LexicalIndex()
        for offer_id, _ in sorted(known - self.fresh):
            if offer_id in self._fresh:
                self._fresh.remove(offer_id)
        for offer_id, document in read.items():
            self._fresh.add(offer_id, document.keyword_text, document.lang)

    def strengths(self, need: Document) -> Strengths:
        """How strongly each offer shares words with the need; nothing across languages."""
        text = need.keyword_text
        ids, scores = self._frozen.scores(text, lang=need.lang)
        spread = word_spread(scores, self._frozen.count(need.lang))
        if spread <= 0:
            return Strengths(np.empty(0, np.int64), np.empty(0))
        stands = _among(ids, self._kept)
        ids, scores = ids[stands], scores[stands]
        if self.fresh:
            new_ids, new_scores = self._fresh.scores_by(self._frozen, text, lang=need.lang)
            ids, scores = np.append(ids, new_ids), np.append(scores, new_scores)
            order = np.argsort(ids, kind="stable")
            ids, scores = ids[order], scores[order]
        return Strengths(ids, scores / spread)

    def strength_of(self, need: Document, offer: Document) -> float:
        """How strongly one offer that is not among them shares words with the need; 0 for none."""
        _, background = self._frozen.scores(need.keyword_text, lang=need.lang)
        spread = word_spread(background, self._frozen.count(need.lang))
        _, scores = _index_of({1: offer}).scores_by(self._frozen, need.keyword_text, lang=need.lang)
        return float(scores[0]) / spread if scores.size and spread > 0 else 0.0


def _among(ids: Ids, kept: Ids) -> NDArray[np.bool_]:
    """Which of the ids are kept; both ascend."""
    if not len(kept):
        return np.zeros(len(ids), np.bool_)
    at = np.minimum(np.searchsorted(kept, ids), len(kept) - 1)
    found: NDArray[np.bool_] = kept[at] == ids
    return found


def _index_of(offers: Mapping[int, Document]) -> LexicalIndex:
    index = LexicalIndex()
    for offer_id, document in offers.items():
        index.add(offer_id, document.keyword_text, document.lang)
    return index
