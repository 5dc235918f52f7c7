"""The relevance of the pairs of one corpus: of a scenario to everything at once, or of one pair by itself.

Both ways give the same figure, bit for bit: vectors are on a grid (matcher/relevance.py), and what is compared with is
frozen in the baseline. So a pair's relevance is the same whichever side asks and whatever else is listed. What a firm
copied out of the need counts for nothing (matcher/own_part.py); where pairs are only
chosen, that is looked for from EXAMINED_FROM on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.choosing import strongest_settled
from matcher.copies import shares_phrases
from matcher.corpus import Corpus
from matcher.documents import Document, DocumentKind
from matcher.embedder import Vectors
from matcher.index_segment import Ids
from matcher.likeness import ChunkSet, Floats
from matcher.own_part import Reader, document_of, own_of
from matcher.passages import EncodedText
from matcher.relevance import NeedProfile, Offers, best_evidence, profile_need, relevance, relevances
from matcher.word_background import Strengths

EXACT_UP_TO = 20_000
"""Up to so many capabilities every one is measured; beyond, only those that can be near the top."""

N_NEAR = 2_000
N_MOST_WORDS = 500
"""Capabilities measured among more: the nearest as a whole, in each segment, and those that share most words."""

_MORE = 40
"""Rows read ahead beyond those that are wanted, because some may turn out to be copies."""

EXAMINED_FROM = 1.0
"""Among everything at once only a pair that stands out so far is examined for copies: below, it is called weak whatever
it rests on. A pair by itself always is, so that nobody rises among the weak by copying."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A need with its measures."""

    document: Document
    profile: NeedProfile


@dataclass(frozen=True)
class _Block:
    """The capabilities of one segment. at: for each its position in Gauge.ids, or -1 where it may not be matched."""

    offers: Offers
    at: Ids

    @cached_property
    def there(self) -> tuple[Ids | slice, Ids | slice]:
        """Which of them may be matched, and their positions in Gauge.ids; slices where that says the same."""
        rows = np.flatnonzero(self.at >= 0)
        return _as_slice(rows), _as_slice(self.at[rows])


def _as_slice(places: Ids) -> Ids | slice:
    """Places that follow one another as a slice, which copies many times faster."""
    if len(places) and (np.diff(places) == 1).all():
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


class Gauge:
    """Measures the pairs of one corpus; keeps what it has measured of single texts."""

    def __init__(self, corpus: Corpus, reader: Reader) -> None:
        """reader: asked only about texts that share phrases with a need."""
        self.corpus = corpus
        self._reader = reader
        self.ids = corpus.capabilities.ids
        places = corpus.snapshot.places(DocumentKind.CAPABILITY.value)
        found = places.find(self.ids)
        self._segments, self._rows = places.segments[found], places.rows[found]
        self._blocks = [self._block(at) for at in range(len(corpus.snapshot.segments))]
        self._langs = corpus.snapshot.column(DocumentKind.CAPABILITY.value, "langs")[found]
        self._in_others: dict[str, NDArray[np.bool_]] = {}
        self._profiles: dict[int, NeedProfile] = {}
        self._needs: tuple[Ids, Offers] | None = None
        self._words: tuple[int, Strengths | None] = (0, None)

    def _block(self, segment: int) -> _Block:
        side = self.corpus.snapshot.segments[segment].side(DocumentKind.CAPABILITY.value)
        at = np.full(len(side), -1, np.int64)
        here = np.flatnonzero(self._segments == segment)
        at[self._rows[here]] = here
        return _Block(Offers.stored(side), at)

    # ------------------------------------------------------------------ single texts

    def profile(self, scenario_id: int) -> NeedProfile:
        """A scenario measured against the background. KeyError for one that is not in the index."""
        if scenario_id not in self._profiles:
            entry = self.corpus.snapshot.entry(DocumentKind.SCENARIO.value, scenario_id)
            self._profiles[scenario_id] = self.profile_of(EncodedText(entry.chunks, entry.sections))
        return self._profiles[scenario_id]

    def profile_of(self, text: EncodedText) -> NeedProfile:
        """Any need, centred, measured against the background."""
        return profile_need(text, self.corpus.baseline.background)

    def asked(self, scenario_id: int) -> Asked:
        """A scenario as it is asked."""
        return Asked(self.corpus.scenarios.document(scenario_id), self.profile(scenario_id))

    def vectors(self, capability_id: int) -> Vectors:
        """The chunks of a capability as they are compared, (n_chunks, dim)."""
        return self.offer(capability_id).chunk_set.chunks

    def offer(self, capability_id: int) -> Offers:
        """A capability as the only offer. KeyError for one that may not be matched."""
        at = int(np.searchsorted(self.ids, capability_id))
        if at == len(self.ids) or self.ids[at] != capability_id:
            raise KeyError(capability_id)
        block: _Block = self._blocks[int(self._segments[at])]
        return block.offers.only(int(self._rows[at]))

    def offer_of(self, text: EncodedText) -> Offers:
        """Any text, centred, as the only offer."""
        return Offers.of([text], self.corpus.baseline.background, self.corpus.dim)

    def words(self, scenario_id: int) -> Strengths:
        """How strongly each capability shares words with a scenario; kept until another scenario is asked about."""
        known = self._words
        if known[0] != scenario_id or known[1] is None:
            strengths = self.corpus.words.strengths(self.corpus.scenarios.document(scenario_id))
            self._words = scenario_id, strengths
            return strengths
        return known[1]

    # ------------------------------------------------------------------ one pair

    def relevance(self, scenario_id: int, capability_id: int) -> float:
        """The relevance of a pair, in standard deviations."""
        document = self.corpus.capabilities.document(capability_id)
        words = self.words(scenario_id).of(capability_id)
        return self.relevance_of(self.asked(scenario_id), document, self.offer(capability_id), words)

    def relevance_of(self, asked: Asked, document: Document, offer: Offers, words: float) -> float:
        """The relevance of any need and any single offer. words: from `words`, or WordField.strength_of."""
        return self._without_copies(asked, document, self._raw(asked, document, offer, words))

    # ------------------------------------------------------------------ one need and all offers

    def survey(self, scenario_id: int) -> Floats:
        """The relevance of each capability to a scenario, (n_capabilities,) in the order of `ids`.

        An upper bound where the firm may have copied out of the need: see `settle`.
        """
        return self.survey_of(self.asked(scenario_id), self.words(scenario_id))

    def survey_of(self, asked: Asked, words: Strengths) -> Floats:
        """The same for any need. words: from WordField.strengths."""
        by_words = self._by_words(asked, words)
        total = np.full(len(self.ids), -np.inf)
        for block in self._blocks:
            rows, at = block.there
            shared = np.zeros(len(block.at))
            shared[rows] = by_words[at]
            total[at] = relevance(asked.profile, block.offers, shared).total[rows]
        return total

    def surveys(self, scenario_ids: Sequence[int]) -> Floats:
        """(n_scenarios, n_capabilities): what `survey` gives one by one, in one pass over the capabilities for all."""
        asked = [self.asked(id_) for id_ in scenario_ids]
        return self.surveys_of(asked, [self.corpus.words.strengths(each.document) for each in asked])

    def surveys_of(self, asked: Sequence[Asked], words: Sequence[Strengths]) -> Floats:
        """The same for any needs."""
        by_words = np.stack([self._by_words(*each) for each in zip(asked, words, strict=True)])
        total = np.full((len(asked), len(self.ids)), -np.inf)
        for block in self._blocks:
            rows, at = block.there
            shared = np.zeros((len(asked), len(block.at)))
            shared[:, rows] = by_words[:, at]
            found = relevances([each.profile for each in asked], block.offers, shared)
            total[:, at] = found[:, rows]
        return total

    def survey_near(
        self,
        asked: Asked,
        words: Strengths,
        allowed: NDArray[np.bool_],
        *,
        exact_up_to: int = EXACT_UP_TO,
    ) -> Floats:
        """The same, -inf for whatever may not be in the answer or, among very many, cannot be near the top.

        allowed: (n_capabilities,). Up to `exact_up_to` capabilities nothing is left out. Beyond, only those that are
        nearest as a whole or share most words are measured: docs/performance.md says how often that misses one.
        """
        if len(self.ids) <= exact_up_to:
            return np.where(allowed, self.survey_of(asked, words), -np.inf)
        by_words = self._by_words(asked, words)
        kind = DocumentKind.CAPABILITY.value
        by_strength = self._most_words(by_words, allowed)
        total = np.full(len(self.ids), -np.inf)
        for segment, block in zip(self.corpus.snapshot.segments, self._blocks, strict=True):
            there = block.at >= 0
            there[there] = allowed[block.at[there]]
            rows = segment.nearest_rows(kind, asked.profile.document[None], N_NEAR, mask=there)
            rows = np.union1d(rows, np.flatnonzero(there & by_strength[block.at]))
            if len(rows):
                at = block.at[rows]
                total[at] = relevance(asked.profile, block.offers.at(rows), by_words[at]).total
        return total

    def _most_words(self, by_words: Floats, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(n_capabilities,): whether it is among those that share most words."""
        strengths = np.where(allowed & (by_words > 0), by_words, 0.0)
        if len(strengths) <= N_MOST_WORDS:
            return np.asarray(strengths > 0.0)
        edge = np.partition(strengths, -N_MOST_WORDS)[-N_MOST_WORDS]
        found: NDArray[np.bool_] = strengths > max(edge, 0.0)
        return found

    def settle(self, asked: Asked, *, examined_from: float = -np.inf) -> Callable[[int, float], float]:
        """(capability id, its figure in a survey) -> its relevance, without what it copied out of the need.

        -inf for a capability that turns out to have changed. examined_from: below, the figure stands as it is.
        """

        def settled(capability_id: int, bound: float) -> float:
            if bound < examined_from:
                return bound
            found = self.corpus.capabilities.load([capability_id])
            if not found:
                return -np.inf
            return self._without_copies(asked, found[capability_id][1], bound)

        return settled

    def strongest(self, asked: Asked, bounds: Floats, n: int) -> list[tuple[int, float]]:
        """The `n` most relevant capabilities with their relevance, best first. bounds: a survey, -inf where closed."""
        # What will be asked about is read at once.
        first = (
            np.argsort(-bounds, kind="stable")[: n + _MORE]
            if len(bounds) <= n + _MORE
            else (np.argpartition(-bounds, n + _MORE)[: n + _MORE])
        )
        self.corpus.capabilities.load(self.ids[first[bounds[first] > -np.inf]].tolist())
        found = strongest_settled(self.ids, bounds, n, self.settle(asked))
        return [(id_, strength) for id_, strength in found if strength > -np.inf]

    def _by_words(self, asked: Asked, words: Strengths) -> Floats:
        """(n_capabilities,): 0 where no word is shared, NaN in other languages."""
        by_words = words.spread_over(self.ids)
        by_words[self._foreign(asked.document.lang)] = np.nan
        return by_words

    def _foreign(self, lang: str) -> NDArray[np.bool_]:
        """(n_capabilities,): whether it is written in another language."""
        if lang not in self._in_others:
            self._in_others[lang] = np.asarray(self._langs != lang.encode())
        return self._in_others[lang]

    def _without_copies(self, asked: Asked, document: Document, raw: float) -> float:
        """The relevance of what the firm says in words of its own; `raw`, where nothing is copied, and at most that.

        Where nothing else is left but a title, there is nothing to measure: it is `raw`, and the pair is not judged
        (matcher/judge.py calls it short of information).
        """
        if not shares_phrases(asked.document.keyword_text, document.keyword_text):
            return raw
        passages = self._reader.cut(document)
        texts = own_of(asked.document, document, passages).texts
        says = [text for text, passage in zip(texts, passages, strict=True) if passage.source != "title"]
        if texts == tuple(passage.text for passage in passages) or not any(says):
            return raw
        own = document_of(document, passages, texts)
        offer = self.offer_of(self._reader.encode([text for text in texts if text], own.lang))
        words = self.corpus.words.strength_of(asked.document, own)
        return min(raw, self._raw(asked, own, offer, words))

    def _raw(self, asked: Asked, document: Document, offer: Offers, words: float) -> float:
        speaks = document.lang == asked.document.lang
        return float(relevance(asked.profile, offer, np.array([words if speaks else np.nan])).total[0])

    def survey_evidence(self, scenario_id: int, requirements: Sequence[Sequence[int]]) -> Floats:
        """How far the best sentence of each capability stands out for each requirement of a scenario.

        (n_capabilities, n_requirements) in the order of `ids`. requirements: the scenario's chunks that say each.
        """
        profile = self.profile(scenario_id)
        found = np.full((len(self.ids), len(requirements)), -np.inf)
        for block in self._blocks:
            rows, at = block.there
            found[at] = best_evidence(profile, requirements, block.offers.chunk_set)[rows]
        return found

    def needs_as_offers(self) -> tuple[Ids, Offers]:
        """All open scenarios, by id, as if they were offered: to find which of them ask for the same."""
        if self._needs is None:
            kind, ids = DocumentKind.SCENARIO.value, self.corpus.scenarios.ids
            entries = [self.corpus.snapshot.entry(kind, int(id_)) for id_ in ids]
            dim = self.corpus.dim
            chunk_set = ChunkSet.of([entry.chunks for entry in entries], dim)
            section_set = ChunkSet.of([entry.sections for entry in entries], dim)
            hubness = np.array([entry.hubness for entry in entries]).reshape(-1, 2)
            self._needs = ids, Offers(chunk_set, section_set, section_set.documents, hubness)
        return self._needs
