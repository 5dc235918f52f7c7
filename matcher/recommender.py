"""The whole chain, one method per question asked: who fits this scenario, which scenarios fit this firm, why this pair.

    index + words → relevance of every document → gates → the best → coverage with quotes → score, band, reasons

A pair has one truth: relevance is always measured from the scenario to the capability, whichever side asks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matcher.choosing import Choice, Ids, strongest
from matcher.corpus import Corpus
from matcher.documents import Document, DocumentKind, RequirementText, text_document
from matcher.embedder import Embedder, TextRole, Vectors, VectorStore
from matcher.gates import blocking_gates, closed_gates, failed_gates
from matcher.gauge import EXAMINED_FROM, Asked, Gauge
from matcher.grid import unit_rows
from matcher.judge import Judging, Need, Offer, judge, requirement_rows
from matcher.likeness import Floats
from matcher.pair_inputs import PairInputs, digest
from matcher.passages import ROLE_OF, EncodedText, Passage, encode_documents, encode_texts, passages_of
from matcher.ranking import rank
from matcher.relevance import Offers
from matcher.scoring import BUILT_IN, ScoredMatch, Weighting, engine_tag
from matcher.team_search import (
    Place,
    TeamAnswer,
    TeamPool,
    answers_by_facts,
    choose_candidates,
    put_together,
    worth_a_part,
)
from matcher.teams import TEAM_VERSION
from models.capability import Capability
from models.errors import IndexNotReady, InvalidInput, NotFound
from models.rotation import NO_ROTATION, Rotation
from models.scenario import Scenario

SHORTLIST = 60
"""Pairs that are covered requirement by requirement for one question: more than any page shows."""

SCENARIOS_AT_ONCE = 64
"""Scenarios compared with all capabilities in one pass: products of larger matrices take less time a figure."""

OFFERS_KEPT = 2_000
"""Capabilities that stay taken apart, the latest ones judged; taking one apart again costs some milliseconds."""

N_SCENARIOS = 400
"""Scenarios measured in full for one capability: the nearest by topic, where there are more."""


class Recommender:
    """Answers for one moment: the rows of one session, one generation of the index, one day.

    Making it loads the rows that may be matched, not the model; the model is loaded to cut texts for quotes, and to
    encode a text that is not in the index.
    """

    def __init__(  # noqa: PLR0913  (what one moment is made of)
        self,
        corpus: Corpus,
        *,
        make_embedder: Callable[[], Embedder],
        make_store: Callable[[Embedder], VectorStore],
        on: date,
        rotation: Rotation = NO_ROTATION,
        weighting: Weighting = BUILT_IN,
    ) -> None:
        self.corpus = corpus
        self.weighting = weighting
        self.rotation = rotation
        self.gauge = Gauge(corpus, self)
        self._make_embedder = make_embedder
        self._make_store = make_store
        self._on = on
        self._needs: dict[int, Need] = {}
        self._made_offers: OrderedDict[int, Offer] = OrderedDict()
        self._inputs = PairInputs(corpus)
        self._pool = ""

    @property
    def index_version(self) -> str:
        """Version of the frozen statistics: scores with the same one compare."""
        return self.corpus.baseline.version

    # ------------------------------------------------------------------ questions

    def match_scenario(self, scenario_id: int, *, k: int) -> list[ScoredMatch]:
        """The best `k` capabilities for a scenario, best first. NotFound when it is not open."""
        asked = self.gauge.asked(self.scenario(scenario_id).key)
        allowed = self._may_meet(self.scenario(scenario_id).organisation_id)
        bounds = self.gauge.survey_near(asked, self.gauge.words(scenario_id), allowed)
        best = self.gauge.strongest(asked, bounds, max(SHORTLIST, k))
        judged = (self._judged(scenario_id, id_, relevance) for id_, relevance in best)
        return rank(judged, n=k, rotation=self.rotation)

    def match_capability(self, capability_id: int, *, k: int) -> list[ScoredMatch]:
        """The best `k` open scenarios for a capability, best first. NotFound when it is not listed."""
        capability = self.capability(capability_id)
        rows = self._near_scenarios(self.gauge.offer(capability_id))
        near = [id_ for id_, (row, _) in rows.items() if not closed_gates(row, capability, on=self._on)]
        relevance = {id_: self.gauge.relevance(id_, capability_id) for id_ in near}
        best = strongest(np.array(near, np.int64), np.array(list(relevance.values())), max(SHORTLIST, k))
        return rank((self._judged(id_, capability_id, relevance[id_]) for id_ in best), n=k)

    def match_text(self, text: str, kind: DocumentKind, *, k: int) -> list[ScoredMatch]:
        """The best `k` counterparts of a pasted text; only the vectors of its sentences are kept.

        InvalidInput when there is nothing to read in it.
        """
        document = text_document(text, kind=kind)
        if not document.statements:
            raise InvalidInput("这段文字是空的，写几句再试。")
        if kind is DocumentKind.SCENARIO:
            return self.match_need(self.need_of(document), k=k)
        return self.match_offer(document, k=k)

    def need_of(self, document: Document, scenario: Scenario | None = None) -> Need:
        """A need that is not in the index, encoded: a pasted text, or a draft with its `scenario`."""
        passages = passages_of(document, self._make_embedder())
        profile = self.gauge.profile_of(self._encoded(document))
        return Need(document, profile, requirement_rows(document, passages), scenario)

    def match_need(self, need: Need, *, k: int, judging: Judging = judge) -> list[ScoredMatch]:
        """The best `k` capabilities for such a need, best first, as they would be if it were published.

        judging: `judge`, or `judge_briefly` where nobody reads the reasons.
        """
        asked, words = Asked(need.document, need.profile), self.corpus.words.strengths(need.document)
        owner = None if need.scenario is None else need.scenario.organisation_id
        bounds = self.gauge.survey_near(asked, words, self._may_meet(owner))

        def judged(id_: int, relevance: float) -> ScoredMatch:
            scenario, capability = need.scenario, self.corpus.capabilities[id_]
            gates = () if scenario is None else blocking_gates(scenario, capability)
            return judging(need, self._stored_offer(id_), relevance, gates=gates, weighting=self.weighting)

        best = self.gauge.strongest(asked, bounds, max(SHORTLIST, k))
        return rank((judged(id_, relevance) for id_, relevance in best), n=k)

    def match_offer(
        self, document: Document, capability: Capability | None = None, *, k: int
    ) -> list[ScoredMatch]:
        """The best `k` open scenarios for an offer that is not in the index: a pasted text, or a draft with its row."""
        passages = tuple(passages_of(document, self._make_embedder()))
        single = self.gauge.offer_of(self._encoded(document))
        offer = Offer(document, passages, single.chunk_set.chunks, capability)
        owner = None if capability is None else capability.organisation_id
        rows = {id_: row for id_, (row, _) in self._near_scenarios(single).items()}
        found = {
            id_: self._relevance_to(id_, offer, single)
            for id_, row in rows.items()
            if row.organisation_id != owner
        }
        ids: Ids = np.fromiter(found, np.int64, len(found))
        best = strongest(ids, np.fromiter(found.values(), np.float64, len(found)), max(SHORTLIST, k))

        def judged(id_: int) -> ScoredMatch:
            gates = () if capability is None else blocking_gates(rows[id_], capability)
            return judge(self._stored_need(id_), offer, found[id_], gates=gates, weighting=self.weighting)

        return rank((judged(id_) for id_ in best), n=k)

    def explain(self, scenario_id: int, capability_id: int) -> ScoredMatch:
        """One pair, whatever its rank. NotFound when either side may not be matched."""
        self.scenario(scenario_id)
        self.capability(capability_id)
        return self.judge(scenario_id, capability_id)

    def choose_pairs(self) -> dict[int, set[int]]:
        """The pairs worth keeping: each scenario's best, and each firm's best, as capability ids by scenario id."""
        choice = Choice(self.gauge.ids, self.corpus.firms.tolist())
        ids = list(self.corpus.scenarios)
        for first in range(0, len(ids), SCENARIOS_AT_ONCE):
            scenarios = [
                row for row, _ in self.corpus.scenarios.load(ids[first : first + SCENARIOS_AT_ONCE]).values()
            ]
            surveys = self.gauge.surveys([scenario.key for scenario in scenarios]) if scenarios else ()
            for scenario, survey in zip(scenarios, surveys, strict=True):
                bounds = np.where(self._may_meet(scenario.organisation_id), survey, -np.inf)
                asked = self.gauge.asked(scenario.key)
                # What is going to be examined is read at once, not row by row.
                self.corpus.capabilities.load(self.gauge.ids[bounds >= EXAMINED_FROM].tolist())
                choice.add(scenario.key, bounds, self.gauge.settle(asked, examined_from=EXAMINED_FROM))
        return choice.finish()

    def best_of_firms(self, scenario_id: int, firms: Iterable[int]) -> set[int]:
        """For each of these firms the capability that suits a scenario best, gates not asked; none for who has none."""
        wanted = list(firms)
        if not wanted:
            return set()
        asked, bounds = self.gauge.asked(scenario_id), self.gauge.survey(scenario_id)
        best = (
            self.gauge.strongest(asked, np.where(self.corpus.firms == firm, bounds, -np.inf), 1)
            for firm in wanted
        )
        return {id_ for found in best for id_, _ in found}

    # ------------------------------------------------------------------ teams

    def musts(self, scenario_id: int) -> list[RequirementText]:
        """What a solution of this scenario must do, in its order; empty where nobody wrote any must."""
        document = self.corpus.document(DocumentKind.SCENARIO, scenario_id)
        return [requirement for requirement in document.requirements if requirement.must]

    def propose_team(self, scenario_id: int, *, without: Collection[int]) -> TeamAnswer:
        """The fewest firms that together cover a scenario's musts. without: firms that may not be part of it.

        NotFound when the scenario is not open.
        """
        return self.team_of(scenario_id, self.team_pool(scenario_id, without=without))

    def team_pool(self, scenario_id: int, *, without: Collection[int]) -> TeamPool:
        """The capabilities that a team is chosen from: those that stand out overall, or for one must."""
        strengths = self._taking_part(scenario_id, without)
        musts, need = self.musts(scenario_id), self._stored_need(scenario_id)
        rows = [need.rows[need.document.requirements.index(must)] for must in musts]
        facts = self.corpus.facts()
        chosen = choose_candidates(
            self.gauge.ids,
            strengths,
            self.gauge.survey_evidence(scenario_id, rows),
            [answers_by_facts(must, facts) for must in musts],
            n_best=SHORTLIST,
        )
        return TeamPool(tuple(chosen), len(set(self.corpus.firms[strengths > -np.inf].tolist())))

    def team_of(self, scenario_id: int, pool: TeamPool) -> TeamAnswer:
        """The best team out of these capabilities."""
        capabilities = self.corpus.capabilities
        return put_together(
            self.scenario(scenario_id),
            self.musts(scenario_id),
            [self.judge(scenario_id, id_) for id_ in pool.candidates],
            {row.organisation_id: self._place(row) for row in map(capabilities.__getitem__, pool.candidates)},
            n_available=pool.n_available,
        )

    def team_pool_hash(self, scenario_id: int, *, without: Collection[int]) -> str:
        """SHA-256 over all that a team may be chosen from; needs neither the model nor any comparison."""
        if not self._pool:
            sides = [[side, asdict(self._place(row))] for row, side in self._inputs.capabilities()]
            self._pool = digest([TEAM_VERSION, engine_tag(self.weighting), self.index_version, *sides])
        return digest([self._pool, self._inputs.scenario(scenario_id), sorted(without)])

    def team_inputs_hash(self, scenario_id: int, pool: TeamPool) -> str:
        """SHA-256 over the candidates as they are judged and where their firms are: equal ones give equal teams."""
        rows = self.corpus.capabilities.load(pool.candidates)
        sides = [
            [self.inputs_hash(scenario_id, id_), asdict(self._place(row))] for id_, (row, _) in rows.items()
        ]
        return digest([TEAM_VERSION, pool.n_available, *sides])

    def _taking_part(self, scenario_id: int, without: Collection[int]) -> Floats:
        """How strongly each capability stands out; -inf where it may not be part of a team, whatever the reason."""
        scenario = self.scenario(scenario_id)
        strengths = worth_a_part(self._allowed(scenario))
        strengths[np.isin(self.corpus.firms, list(without))] = -np.inf
        settle = self.gauge.settle(self.gauge.asked(scenario_id))
        left = np.flatnonzero(strengths > -np.inf)
        rows = self.corpus.capabilities.load(self.gauge.ids[left].tolist())
        for at in left:
            id_ = int(self.gauge.ids[at])
            if id_ not in rows or failed_gates(scenario, rows[id_][0], on=self._on):
                strengths[at] = -np.inf
            else:
                strengths[at] = settle(id_, float(strengths[at]))
        return worth_a_part(strengths)

    def _place(self, capability: Capability) -> Place:
        firm = capability.organisation
        city = "" if firm.district_id is None else self.corpus.cities[firm.district_id]
        return Place(firm.community_id, firm.district_id, city)

    # ------------------------------------------------------------------ parts

    def scenario(self, scenario_id: int) -> Scenario:
        """An open, indexed scenario; NotFound otherwise."""
        found = self.corpus.scenarios.load([scenario_id])
        if not found:
            raise NotFound("没有这个场景，或者它不在征集中，或者索引还没有更新。")
        return found[scenario_id][0]

    def capability(self, capability_id: int) -> Capability:
        """A listed, indexed capability; NotFound otherwise."""
        found = self.corpus.capabilities.load([capability_id])
        if not found:
            raise NotFound("没有这项能力，或者它没有入库，或者索引还没有更新。")
        return found[capability_id][0]

    def judge(self, scenario_id: int, capability_id: int) -> ScoredMatch:
        """A pair with its coverage, score and band; a closed gate, such as a firm without room, is among the gaps."""
        return self._judged(scenario_id, capability_id, self.gauge.relevance(scenario_id, capability_id))

    def _judged(self, scenario_id: int, capability_id: int, relevance: float) -> ScoredMatch:
        need, offer = self._stored_need(scenario_id), self._stored_offer(capability_id)
        scenario, capability = self.corpus.scenarios[scenario_id], self.corpus.capabilities[capability_id]
        gates = failed_gates(scenario, capability, on=self._on)
        return judge(need, offer, relevance, gates=gates, weighting=self.weighting)

    def requirement_vectors(self, scenario_id: int) -> Vectors:
        """(n_requirements, dim) unit rows: each requirement half by its own words, half by what the scenario is about.

        By themselves most requirements are about anything: "误报率不高于5%". KeyError for a scenario not in the corpus.
        """
        need = self._stored_need(scenario_id)
        own = [need.profile.vectors[list(rows)].sum(axis=0, keepdims=True) for rows in need.rows]
        own_rows = np.concatenate([np.empty((0, self.corpus.dim), np.float32), *own])
        return unit_rows(unit_rows(own_rows) + need.profile.document)

    def capability_vector(self, capability_id: int) -> Vectors:
        """(dim,), a capability as a whole; zeros for one without text. KeyError for one not in the corpus."""
        vector: Vectors = self.gauge.offer(capability_id).documents[0]
        return vector

    def inputs_hash(self, scenario_id: int, capability_id: int) -> str:
        """SHA-256 over all that a view of a pair rests on: both texts, the facts about them, and the versions.

        Pairs with the same hash have the same score, coverage, reasons and gaps, whatever else is listed.
        """
        sides = self._inputs.scenario(scenario_id), self._inputs.capability(capability_id)
        return digest([engine_tag(self.weighting), self.index_version, *sides])

    def _allowed(self, scenario: Scenario) -> Floats:
        """How strongly each capability stands out for a scenario; -inf where a closed gate is between them."""
        allowed = self._may_meet(scenario.organisation_id)
        return np.where(allowed, self.gauge.survey(scenario.key), -np.inf)

    def _may_meet(self, owner: int | None) -> NDArray[np.bool_]:
        """(n_capabilities,): whether it may be in a list of a need of this organisation."""
        # Every scenario of the corpus is open, so what is left of the closed gates are these two.
        found: NDArray[np.bool_] = self.corpus.has_room & (self.corpus.firms != owner)
        return found

    def _near_scenarios(self, offer: Offers) -> dict[int, tuple[Scenario, Document]]:
        scenarios = self.corpus.scenarios
        if len(scenarios) <= N_SCENARIOS:
            return scenarios.load(scenarios)
        kind = DocumentKind.SCENARIO.value
        hits = self.corpus.snapshot.search(kind, offer.documents, N_SCENARIOS, allowed=scenarios.ids)
        return scenarios.load(hit.id for hit in hits[0])

    def _stored_need(self, scenario_id: int) -> Need:
        if scenario_id not in self._needs:
            document = self.corpus.document(DocumentKind.SCENARIO, scenario_id)
            profile = self.gauge.profile(scenario_id)
            rows = requirement_rows(document, self._passages(document, profile.vectors))
            self._needs[scenario_id] = Need(document, profile, rows, self.corpus.scenarios[scenario_id])
        return self._needs[scenario_id]

    def _stored_offer(self, capability_id: int) -> Offer:
        if capability_id in self._made_offers:
            self._made_offers.move_to_end(capability_id)
        else:
            document = self.corpus.document(DocumentKind.CAPABILITY, capability_id)
            vectors = self.gauge.vectors(capability_id)
            passages = tuple(self._passages(document, vectors))
            capability = self.corpus.capabilities[capability_id]
            self._made_offers[capability_id] = Offer(document, passages, vectors, capability)
            if len(self._made_offers) > OFFERS_KEPT:
                self._made_offers.popitem(last=False)
        return self._made_offers[capability_id]

    def _passages(self, document: Document, vectors: Vectors) -> list[Passage]:
        """The chunks that were encoded. IndexNotReady when the text is cut differently now: quotes would be wrong."""
        passages = passages_of(document, self._make_embedder())
        if len(passages) != len(vectors):
            raise IndexNotReady("索引和现在的切分方式不一致，先运行 python -m matcher index rebuild。")
        return passages

    def cut(self, document: Document) -> list[Passage]:
        """A capability's passages."""
        return passages_of(document, self._make_embedder())

    def encode(self, texts: Sequence[str], lang: str) -> EncodedText:
        """The centred vectors of a capability that consists of these chunks; they are remembered."""
        embedder = self._make_embedder()
        raw = encode_texts([texts], embedder, self._make_store(embedder), role=TextRole.SUPPLY)[0]
        return self.corpus.baseline.centring.apply(raw, role=TextRole.SUPPLY, lang=lang)

    # ------------------------------------------------------------------ pasted texts

    def _encoded(self, document: Document) -> EncodedText:
        embedder = self._make_embedder()
        raw = encode_documents([document], embedder, self._make_store(embedder))[0]
        return self.corpus.baseline.centring.apply(raw, role=ROLE_OF[document.kind], lang=document.lang)

    def _relevance_to(self, scenario_id: int, offer: Offer, single: Offers) -> float:
        document = self.corpus.document(DocumentKind.SCENARIO, scenario_id)
        words = self.corpus.words.strength_of(document, offer.document)
        asked = Asked(document, self.gauge.profile(scenario_id))
        return self.gauge.relevance_of(asked, offer.document, single, words)
