"""The whole chain, one method per question asked: who fits this scenario, which scenarios fit this firm, why this pair.

    index + words → relevance of every document → gates → the best → coverage with quotes → score, band, reasons

A pair has one truth: relevance is always measured from the scenario to the capability, whichever side asks.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property

import numpy as np

from matcher.corpus import Corpus
from matcher.documents import Document, DocumentKind, text_document
from matcher.embedder import Embedder, Vectors, VectorStore
from matcher.gates import closed_gates
from matcher.judge import Need, Offer, judge, requirement_rows
from matcher.passages import ROLE_OF, encode_documents, passages_of
from matcher.ranking import rank
from matcher.relevance import (
    Background,
    ChunkSet,
    Floats,
    NeedProfile,
    Offers,
    profile_need,
    relevance,
    word_strengths,
)
from matcher.scoring import ENGINE_VERSION, ScoredMatch
from models.capability import Capability
from models.errors import InvalidInput, NotFound
from models.scenario import Scenario

STORED_PER_SCENARIO = 50
STORED_PER_FIRM = 20
"""How many of a scenario's best pairs are kept in the database, and how many of a firm's."""

SHORTLIST = 60
"""Pairs that are covered requirement by requirement for one question: more than any page shows."""

N_SCENARIOS = 400
"""Scenarios measured in full for one capability: the nearest by topic, where there are more."""

Strengths = dict[int, float]


class Recommender:
    """Answers for one moment: the rows of one session, one generation of the index, one day.

    Making it loads the rows that may be matched, not the model; the model is loaded to cut texts for quotes, and to
    encode a text that is not in the index.
    """

    def __init__(
        self,
        corpus: Corpus,
        *,
        make_embedder: Callable[[], Embedder],
        make_store: Callable[[Embedder], VectorStore],
        on: date,
    ) -> None:
        self.corpus = corpus
        self._make_embedder = make_embedder
        self._make_store = make_store
        self._on = on
        self._background = Background.from_arrays(corpus.snapshot.extras["background"])
        self._ids = list(corpus.capabilities)
        self._profiles: dict[int, NeedProfile] = {}
        self._needs: dict[int, Need] = {}
        self._made_offers: dict[int, Offer] = {}

    @property
    def index_version(self) -> str:
        """Version of the frozen statistics: scores with the same one compare."""
        return self.corpus.index_version

    @cached_property
    def _offers(self) -> Offers:
        blocks = [self._centred(DocumentKind.CAPABILITY, id_) for id_ in self._ids]
        return Offers(ChunkSet.of(blocks, self.corpus.dim), self._background)

    # ------------------------------------------------------------------ questions

    def match_scenario(self, scenario_id: int, *, k: int) -> list[ScoredMatch]:
        """The best `k` capabilities for a scenario, best first. NotFound when it is not open."""
        scenario = self.scenario(scenario_id)
        strengths = self.scenario_strengths(scenario_id)
        allowed = {id_: value for id_, value in strengths.items() if self.may_meet(scenario, id_)}
        return rank(
            (self.judge(scenario_id, id_, value) for id_, value in best_of(allowed, max(SHORTLIST, k))), n=k
        )

    def match_capability(self, capability_id: int, *, k: int) -> list[ScoredMatch]:
        """The best `k` open scenarios for a capability, best first. NotFound when it is not listed."""
        self.capability(capability_id)
        offers = Offers(
            ChunkSet.of([self._centred(DocumentKind.CAPABILITY, capability_id)], self.corpus.dim),
            self._background,
        )
        strengths = {
            id_: self._one_strength(id_, offers, self._word_strengths(id_).get(capability_id, 0.0))
            for id_ in self._near_scenarios(offers)
            if self.may_meet(self.corpus.scenarios[id_], capability_id)
        }
        return rank(
            (self.judge(id_, capability_id, value) for id_, value in best_of(strengths, max(SHORTLIST, k))),
            n=k,
        )

    def match_text(self, text: str, kind: DocumentKind, *, k: int) -> list[ScoredMatch]:
        """The best `k` counterparts of a pasted text; only the vectors of its sentences are kept.

        InvalidInput when there is nothing to read in it.
        """
        document = text_document(text, kind=kind)
        if not document.statements:
            raise InvalidInput("这段文字是空的，写几句再试。")
        vectors = self._encoded(document)
        if kind is DocumentKind.SCENARIO:
            return self._match_need(self._need(document, vectors), k=k)
        return self._match_offer(document, vectors, k=k)

    def explain(self, scenario_id: int, capability_id: int) -> ScoredMatch:
        """One pair, whatever its rank. NotFound when either side may not be matched."""
        self.scenario(scenario_id)
        self.capability(capability_id)
        return self.judge(scenario_id, capability_id, self.scenario_strengths(scenario_id)[capability_id])

    def choose_pairs(self) -> dict[int, Strengths]:
        """The pairs worth keeping: each scenario's best, and each firm's best, by scenario, with their relevance."""
        chosen: dict[int, Strengths] = {}
        firms: dict[int, list[tuple[float, int, int]]] = {}
        for scenario_id, scenario in self.corpus.scenarios.items():
            strengths = self.scenario_strengths(scenario_id)
            open_to = {id_: value for id_, value in strengths.items() if self.may_meet(scenario, id_)}
            chosen[scenario_id] = dict(best_of(open_to, STORED_PER_SCENARIO))
            for id_, value in open_to.items():
                best = firms.setdefault(self.corpus.capabilities[id_].organisation_id, [])
                heapq.heappush(best, (value, -scenario_id, id_))
                if len(best) > STORED_PER_FIRM:
                    heapq.heappop(best)
        for best in firms.values():
            for value, scenario_id, id_ in best:
                chosen[-scenario_id][id_] = value
        return chosen

    # ------------------------------------------------------------------ parts

    def scenario(self, scenario_id: int) -> Scenario:
        """An open, indexed scenario; NotFound otherwise."""
        if scenario_id not in self.corpus.scenarios:
            raise NotFound("没有这个场景，或者它不在征集中，或者索引还没有更新。")
        return self.corpus.scenarios[scenario_id]

    def capability(self, capability_id: int) -> Capability:
        """A listed, indexed capability; NotFound otherwise."""
        if capability_id not in self.corpus.capabilities:
            raise NotFound("没有这项能力，或者它没有入库，或者索引还没有更新。")
        return self.corpus.capabilities[capability_id]

    def may_meet(self, scenario: Scenario, capability_id: int) -> bool:
        """Whether no closed gate stands between the two."""
        return not closed_gates(scenario, self.corpus.capabilities[capability_id], on=self._on)

    def scenario_strengths(self, scenario_id: int) -> Strengths:
        """Relevance of every capability to a scenario, by id, gates not asked yet."""
        document = self.corpus.document(DocumentKind.SCENARIO, scenario_id)
        return self._strengths(self._profile(scenario_id), document)

    def judge(self, scenario_id: int, capability_id: int, strength: float) -> ScoredMatch:
        """A pair with its coverage, score and band, given its relevance."""
        return judge(self._stored_need(scenario_id), self._stored_offer(capability_id), strength)

    def inputs_hash(self, scenario_id: int, capability_id: int) -> str:
        """SHA-256 over all that a stored view of a pair rests on: both texts, the facts about them, and the versions.

        The rarity of words drifts with every document and is left out; it is taken up at the next rebuild.
        """
        scenario, capability = self.corpus.scenarios[scenario_id], self.corpus.capabilities[capability_id]
        parts = [
            ENGINE_VERSION,
            self.index_version,
            self.corpus.document(DocumentKind.SCENARIO, scenario_id).content_hash,
            self.corpus.document(DocumentKind.CAPABILITY, capability_id).content_hash,
            [scenario.deployment, scenario.district_id, capability.capacity, capability.maturity],
            [capability.organisation.district_id, [case.confirmed_at is not None for case in capability.cases]],
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

    def _strengths(self, profile: NeedProfile, document: Document) -> Strengths:
        measured = relevance(profile, self._offers, self._words(document))
        return dict(zip(self._ids, (float(value) for value in measured.total), strict=True))

    def _words(self, document: Document) -> Floats:
        by_id = self._word_scores(document)
        return np.array([by_id.get(id_, 0.0) for id_ in self._ids])

    def _word_scores(self, document: Document) -> Strengths:
        ids, scores = self.corpus.words.scores(document.keyword_text, lang=document.lang)
        strengths = word_strengths(scores, self.corpus.words.count(document.lang))
        return dict(zip(ids.tolist(), strengths.tolist(), strict=True))

    def _word_strengths(self, scenario_id: int) -> Strengths:
        return self._word_scores(self.corpus.document(DocumentKind.SCENARIO, scenario_id))

    def _one_strength(self, scenario_id: int, offers: Offers, words: float) -> float:
        return float(relevance(self._profile(scenario_id), offers, np.array([words])).total[0])

    def _near_scenarios(self, offers: Offers) -> Iterable[int]:
        if len(self.corpus.scenarios) <= N_SCENARIOS:
            return self.corpus.scenarios
        kind = DocumentKind.SCENARIO.value
        hits = self.corpus.snapshot.search(
            kind, offers.documents, N_SCENARIOS, allowed=set(self.corpus.scenarios)
        )
        return [hit.id for hit in hits[0]]

    def _profile(self, scenario_id: int) -> NeedProfile:
        if scenario_id not in self._profiles:
            vectors = self._centred(DocumentKind.SCENARIO, scenario_id)
            self._profiles[scenario_id] = profile_need(vectors, self._background)
        return self._profiles[scenario_id]

    def _centred(self, kind: DocumentKind, row_id: int) -> Vectors:
        raw = self.corpus.snapshot.chunks(kind.value, row_id)
        lang = self.corpus.document(kind, row_id).lang
        return self.corpus.means.apply(raw, role=ROLE_OF[kind], lang=lang)

    def _stored_need(self, scenario_id: int) -> Need:
        if scenario_id not in self._needs:
            document = self.corpus.document(DocumentKind.SCENARIO, scenario_id)
            rows = requirement_rows(document, passages_of(document, self._make_embedder()))
            scenario = self.corpus.scenarios[scenario_id]
            self._needs[scenario_id] = Need(document, self._profile(scenario_id), rows, scenario)
        return self._needs[scenario_id]

    def _stored_offer(self, capability_id: int) -> Offer:
        if capability_id not in self._made_offers:
            document = self.corpus.document(DocumentKind.CAPABILITY, capability_id)
            passages = tuple(passages_of(document, self._make_embedder()))
            vectors = self._centred(DocumentKind.CAPABILITY, capability_id)
            capability = self.corpus.capabilities[capability_id]
            self._made_offers[capability_id] = Offer(document, passages, vectors, capability)
        return self._made_offers[capability_id]

    # ------------------------------------------------------------------ pasted texts

    def _encoded(self, document: Document) -> Vectors:
        embedder = self._make_embedder()
        raw = encode_documents([document], embedder, self._make_store(embedder))[0]
        return self.corpus.means.apply(raw, role=ROLE_OF[document.kind], lang=document.lang)

    def _need(self, document: Document, vectors: Vectors) -> Need:
        rows = requirement_rows(document, passages_of(document, self._make_embedder()))
        return Need(document, profile_need(vectors, self._background), rows)

    def _match_need(self, need: Need, *, k: int) -> list[ScoredMatch]:
        best = best_of(self._strengths(need.profile, need.document), max(SHORTLIST, k))
        return rank((judge(need, self._stored_offer(id_), value) for id_, value in best), n=k)

    def _match_offer(self, document: Document, vectors: Vectors, *, k: int) -> list[ScoredMatch]:
        passages = tuple(passages_of(document, self._make_embedder()))
        offer = Offer(document, passages, vectors)
        offers = Offers(ChunkSet.of([vectors], self.corpus.dim), self._background)
        # The text takes part in the word index for the time of the question only.
        self.corpus.words.add(document.id, document.keyword_text, document.lang)
        try:
            strengths = {
                id_: self._one_strength(id_, offers, self._word_strengths(id_).get(document.id, 0.0))
                for id_ in self._near_scenarios(offers)
            }
        finally:
            self.corpus.words.remove(document.id)
        best = best_of(strengths, max(SHORTLIST, k))
        return rank((judge(self._stored_need(id_), offer, value) for id_, value in best), n=k)


def best_of(strengths: Strengths, n: int) -> list[tuple[int, float]]:
    """The `n` strongest as (id, strength), best first, equal ones by id."""
    return sorted(strengths.items(), key=lambda item: (-item[1], item[0]))[:n]
