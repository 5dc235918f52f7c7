"""The relevance of the pairs of one corpus: of a scenario to everything at once, or of one pair by itself.

Both ways give the same figure, bit for bit: vectors are on a grid (matcher/relevance.py), and what is compared with is
frozen in the baseline. So a pair's relevance is the same whichever side asks and whatever else is listed. What a firm
copied out of the need counts for nothing (matcher/own_part.py); at once, that is looked for from EXAMINED_FROM on only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.copies import shares_phrases
from matcher.corpus import Corpus
from matcher.documents import Document, DocumentKind
from matcher.embedder import Vectors
from matcher.own_part import Reader, document_of, own_of
from matcher.passages import EncodedText
from matcher.relevance import Floats, NeedProfile, Offers, best_evidence, profile_need, relevance
from matcher.word_background import Strengths

EXAMINED_FROM = 1.0
"""Among everything at once only a pair that stands out so far is examined for copies: below, it is called weak whatever
it rests on. A pair by itself always is, so that nobody rises among the weak by copying."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A need with its measures."""

    document: Document
    profile: NeedProfile


class Gauge:
    """Measures the pairs of one corpus; keeps what it has measured of single texts."""

    def __init__(self, corpus: Corpus, reader: Reader) -> None:
        """reader: asked only about texts that share phrases with a need."""
        self.corpus = corpus
        self._reader = reader
        self.ids = np.array(list(corpus.capabilities), np.int64)
        documents = (corpus.document(DocumentKind.CAPABILITY, id_) for id_ in corpus.capabilities)
        self._langs = np.array([document.lang for document in documents], np.str_)
        self._profiles: dict[int, NeedProfile] = {}
        self._all: Offers | None = None
        self._needs: Offers | None = None
        self._singles: dict[int, Offers] = {}
        self._words: tuple[int, Strengths] = (0, {})

    def profile(self, scenario_id: int) -> NeedProfile:
        """A scenario measured against the background."""
        if scenario_id not in self._profiles:
            text = self.corpus.centred(DocumentKind.SCENARIO, scenario_id)
            self._profiles[scenario_id] = self.profile_of(text)
        return self._profiles[scenario_id]

    def profile_of(self, text: EncodedText) -> NeedProfile:
        """Any need, centred, measured against the background."""
        return profile_need(text, self.corpus.baseline.background)

    def vectors(self, capability_id: int) -> Vectors:
        """The chunks of a capability as they are compared, (n_chunks, dim)."""
        return self.offer(capability_id).chunk_set.chunks

    def offer(self, capability_id: int) -> Offers:
        """A capability as the only offer."""
        if self._all is not None:
            return self._all.only(int(np.searchsorted(self.ids, capability_id)))
        if capability_id not in self._singles:
            text = self.corpus.centred(DocumentKind.CAPABILITY, capability_id)
            self._singles[capability_id] = self.offer_of(text)
        return self._singles[capability_id]

    def offer_of(self, text: EncodedText) -> Offers:
        """Any text, centred, as the only offer."""
        return self._offers([text])

    def words(self, scenario_id: int) -> Strengths:
        """How strongly each capability shares words with a scenario; kept until another scenario is asked about."""
        if self._words[0] != scenario_id:
            document = self.corpus.document(DocumentKind.SCENARIO, scenario_id)
            self._words = scenario_id, self.corpus.words.strengths(document)
        return self._words[1]

    def relevance(self, scenario_id: int, capability_id: int) -> float:
        """The relevance of a pair, in standard deviations."""
        document = self.corpus.document(DocumentKind.CAPABILITY, capability_id)
        asked = Asked(self.corpus.document(DocumentKind.SCENARIO, scenario_id), self.profile(scenario_id))
        words = self.words(scenario_id).get(capability_id, 0.0)
        return self.relevance_of(asked, document, self.offer(capability_id), words)

    def relevance_of(self, asked: Asked, document: Document, offer: Offers, words: float) -> float:
        """The relevance of any need and any single offer. words: from `words`, or WordField.strength_of."""
        return self._without_copies(asked, document, self._raw(asked, document, offer, words))

    def survey(self, scenario_id: int) -> Floats:
        """The relevance of each capability to a scenario, (n_capabilities,) in the order of `ids`."""
        asked = Asked(self.corpus.document(DocumentKind.SCENARIO, scenario_id), self.profile(scenario_id))
        return self.survey_of(asked, self.words(scenario_id))

    def survey_of(self, asked: Asked, words: Strengths) -> Floats:
        """The same for any need."""
        by_words = np.zeros(len(self.ids))
        if words:
            sharing = np.fromiter(words, np.int64, len(words))
            by_words[np.searchsorted(self.ids, sharing)] = np.fromiter(words.values(), np.float64, len(words))
        by_words[self._langs != asked.document.lang] = np.nan
        total = relevance(asked.profile, self._everything(), by_words).total
        for at in np.flatnonzero(total >= EXAMINED_FROM):
            id_ = int(self.ids[at])
            document = self.corpus.document(DocumentKind.CAPABILITY, id_)
            total[at] = self._without_copies(asked, document, float(total[at]))
        return total

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
        return best_evidence(self.profile(scenario_id), requirements, self._everything().chunk_set)

    def needs_as_offers(self) -> Offers:
        """All open scenarios, in their order, as if they were offered: to find which of them ask for the same."""
        if self._needs is None:
            texts = [self.corpus.centred(DocumentKind.SCENARIO, id_) for id_ in self.corpus.scenarios]
            self._needs = self._offers(texts)
        return self._needs

    def _everything(self) -> Offers:
        """All capabilities, measured when they are first asked about at once."""
        if self._all is None:
            texts = [self.corpus.centred(DocumentKind.CAPABILITY, int(id_)) for id_ in self.ids]
            self._all = self._offers(texts)
        return self._all

    def _offers(self, texts: list[EncodedText]) -> Offers:
        return Offers.of(texts, self.corpus.baseline.background, self.corpus.dim)
