"""The relevance of the pairs of one corpus: of a scenario to everything at once, or of one pair by itself.

Both ways give the same figure, bit for bit: vectors are on a grid (matcher/relevance.py), and what is compared with is
frozen in the baseline. So a pair's relevance is the same whichever side asks and whatever else is listed.
"""

from __future__ import annotations

import numpy as np

from matcher.corpus import Corpus
from matcher.documents import DocumentKind
from matcher.embedder import Vectors
from matcher.relevance import ChunkSet, Floats, NeedProfile, Offers, profile_need, relevance
from matcher.word_background import Strengths


class Gauge:
    """Measures the pairs of one corpus; keeps what it has measured of single texts."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.ids = np.array(list(corpus.capabilities), np.int64)
        self._profiles: dict[int, NeedProfile] = {}
        self._all: Offers | None = None
        self._needs: Offers | None = None
        self._singles: dict[int, Offers] = {}
        self._words: tuple[int, Strengths] = (0, {})

    def profile(self, scenario_id: int) -> NeedProfile:
        """A scenario measured against the background."""
        if scenario_id not in self._profiles:
            vectors = self.corpus.centred(DocumentKind.SCENARIO, scenario_id)
            self._profiles[scenario_id] = self.profile_of(vectors)
        return self._profiles[scenario_id]

    def profile_of(self, vectors: Vectors) -> NeedProfile:
        """Any need measured against the background. vectors: (n_chunks, dim) centred."""
        return profile_need(vectors, self.corpus.baseline.background)

    def vectors(self, capability_id: int) -> Vectors:
        """The chunks of a capability as they are compared, (n_chunks, dim)."""
        return self.offer(capability_id).chunk_set.chunks

    def offer(self, capability_id: int) -> Offers:
        """A capability as the only offer."""
        if self._all is not None:
            return self._all.only(int(np.searchsorted(self.ids, capability_id)))
        if capability_id not in self._singles:
            vectors = self.corpus.centred(DocumentKind.CAPABILITY, capability_id)
            self._singles[capability_id] = self.offer_of(vectors)
        return self._singles[capability_id]

    def offer_of(self, vectors: Vectors) -> Offers:
        """Any text as the only offer. vectors: (n_chunks, dim) centred."""
        return self._offers([vectors])

    def words(self, scenario_id: int) -> Strengths:
        """How strongly each capability shares words with a scenario; kept until another scenario is asked about."""
        if self._words[0] != scenario_id:
            document = self.corpus.document(DocumentKind.SCENARIO, scenario_id)
            self._words = scenario_id, self.corpus.words.strengths(document)
        return self._words[1]

    def relevance(self, scenario_id: int, capability_id: int) -> float:
        """The relevance of a pair, in standard deviations."""
        words = self.words(scenario_id).get(capability_id, 0.0)
        return self.relevance_of(self.profile(scenario_id), self.offer(capability_id), words)

    def relevance_of(self, profile: NeedProfile, offer: Offers, words: float) -> float:
        """The relevance of any need and any single offer. words: from `words`, or WordField.strength_of."""
        return float(relevance(profile, offer, np.array([words])).total[0])

    def survey(self, scenario_id: int) -> Floats:
        """The relevance of each capability to a scenario, (n_capabilities,) in the order of `ids`."""
        return self.survey_of(self.profile(scenario_id), self.words(scenario_id))

    def survey_of(self, profile: NeedProfile, words: Strengths) -> Floats:
        """The same for any need."""
        by_words = np.zeros(len(self.ids))
        if words:
            sharing = np.fromiter(words, np.int64, len(words))
            by_words[np.searchsorted(self.ids, sharing)] = np.fromiter(words.values(), np.float64, len(words))
        return relevance(profile, self._everything(), by_words).total

    def needs_as_offers(self) -> Offers:
        """All open scenarios, in their order, as if they were offered: to find which of them ask for the same."""
        if self._needs is None:
            blocks = [self.corpus.centred(DocumentKind.SCENARIO, id_) for id_ in self.corpus.scenarios]
            self._needs = self._offers(blocks)
        return self._needs

    def _everything(self) -> Offers:
        """All capabilities, measured when they are first asked about at once."""
        if self._all is None:
            blocks = [self.corpus.centred(DocumentKind.CAPABILITY, int(id_)) for id_ in self.ids]
            self._all = self._offers(blocks)
        return self._all

    def _offers(self, blocks: list[Vectors]) -> Offers:
        return Offers(ChunkSet.of(blocks, self.corpus.dim), self.corpus.baseline.background)
