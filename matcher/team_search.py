"""Who could take which part of a scenario: capabilities looked up must by must, then judged, then put together by firm.

A firm that covers one requirement well is usually not among the best for the whole need. So besides the best overall,
for each must those are looked at whose sentences, or ticked facts, stand out most for that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from matcher.asked_facts import AskedFacts, asked_facts, has_filings, place_fits
from matcher.choosing import Ids, strongest
from matcher.coverage import PARTLY_STRENGTH, CoveredRequirement, Verdict
from matcher.documents import Facts, RequirementText
from matcher.likeness import Floats
from matcher.scoring import ScoredMatch
from matcher.teams import Contender, ProposedTeam, propose_team
from models.match import Band
from models.scenario import Scenario

PER_MUST = 40
"""Capabilities looked at for one must, besides the best for the whole need."""

MEMBER_RELEVANCE = 2.0
"""From here on a capability has to do with the need at all. On needs joined from two or three of the demo's, the firms
written for the parts had 2.2 or more, most firms that met a must of a foreign need by a general phrase 1.9 or less
(docs/teams.md)."""

STRUCTURED = ("deployment", "filings")
"""Sources of evidence that are ticked fields, not sentences."""

FITTING = (Band.STRONG, Band.POSSIBLE)
"""Bands of a capability that works on what the whole need is about."""

_ORDER = {Verdict.MET: 0, Verdict.PARTLY: 1, Verdict.UNMET: 2, Verdict.UNKNOWN: 3}
"""Which of a firm's verdicts on one must stands. What it contradicts is not hidden behind what it does not mention."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a firm is, as far as it is known."""

    community_id: int | None
    district_id: int | None
    city: str


@dataclass(frozen=True, slots=True)
class TeamPool:
    """What a team is chosen from. candidates: capabilities to judge, by id. n_available: firms with room that have to
    do with the need at all; more than the candidates' where the look-up was cut.
    """

    candidates: tuple[int, ...]
    n_available: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """One must as a firm stands to it, through its best capability for it. fits: that one's band is in FITTING."""

    capability_id: int
    row: CoveredRequirement
    fits: bool

    @property
    def counts(self) -> bool:
        """Whether the firm may take this must in a team.

        Met by a sentence of its own counts for anybody: that is what a specialist is. Partly, and ticked fields such as
        where its product runs, count only where the capability fits the whole need: half-likeness of a firm from
        another field is chance, and where its product runs says nothing about the others'. Without this rule the demo's
        gaps were filled with bin sensors and fall detectors.
        """
        if self.row.verdict is Verdict.MET and self.row.evidence_source not in STRUCTURED:
            return True
        return self.fits and self.row.verdict in (Verdict.MET, Verdict.PARTLY)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as stored and printed: a row of coverage and the capability."""
        return {**self.row.to_json(), "capability_id": self.capability_id}


@dataclass(frozen=True, slots=True)
class TeamAnswer:
    """The best team for a scenario with what it rests on.

    musts: in the scenario's order. coverage: of each member, by firm, must by must. n_unmet: by must, the firms looked
    at that contradict it. n_examined: firms judged; n_available: firms with room that have to do with the need at all.
    """

    scenario_id: int
    lang: str
    musts: tuple[RequirementText, ...]
    team: ProposedTeam
    coverage: Mapping[int, tuple[Coverage, ...]]
    n_unmet: Mapping[int, int]
    n_examined: int
    n_available: int

    @property
    def capability_ids(self) -> set[int]:
        """The capabilities through which the members cover or contradict any must."""
        return {item.capability_id for rows in self.coverage.values() for item in rows}

    def values(self) -> dict[str, Any]:
        """The columns of a stored proposal that tell what was found."""
        return {
            "closeness": self.team.closeness,
            "lower_bound": self.team.lower_bound,
            "is_exact": self.team.is_exact,
            "n_examined": self.n_examined,
            "n_available": self.n_available,
            "musts": [self._must(must) for must in self.musts],
        }

    def members(self) -> list[tuple[int, list[dict[str, Any]]]]:
        """Each member with its coverage as stored, the largest part first."""
        return [
            (member.firm_id, [item.to_json() for item in self.coverage[member.firm_id]])
            for member in self.team.members
        ]

    def _must(self, must: RequirementText) -> dict[str, Any]:
        taker = next((m.firm_id for m in self.team.members if must.position in m.parts), None)
        verdict = Verdict.UNMET if self.n_unmet[must.position] else Verdict.UNKNOWN
        if taker is not None:
            verdict = Verdict.PARTLY if must.position in self.team.partly else Verdict.MET
        return {
            "position": must.position,
            "text": must.text,
            "lang": self.lang,
            "derived": must.derived,
            "verdict": verdict.value,
            "taken_by": taker,
            "n_unmet": self.n_unmet[must.position],
        }


def choose_candidates(
    ids: Ids, strengths: Floats, evidence: Floats, answering: Iterable[Iterable[int]], *, n_best: int
) -> list[int]:
    """Capabilities worth judging for a team, by id.

    strengths: (n,) relevance to the whole need, -inf for those that may not take part (see `worth_a_part`). evidence:
    (n, n_musts) how far the best sentence stands out for each must. answering: for each must, the capabilities whose
    ticked facts answer it.
    """
    chosen = set(strongest(ids, strengths, n_best))
    allowed = strengths > -np.inf
    for column in evidence.T:
        speaking = np.where(allowed & (column >= PARTLY_STRENGTH), column, -np.inf)
        chosen.update(strongest(ids, speaking, PER_MUST))
    for found in answering:
        answers = np.where(np.isin(ids, list(found)), strengths, -np.inf)
        chosen.update(strongest(ids, answers, PER_MUST))
    return sorted(chosen)


def worth_a_part(strengths: Floats) -> Floats:
    """The same strengths with -inf for whatever has nothing to do with the need."""
    return np.where(strengths >= MEMBER_RELEVANCE, strengths, -np.inf)


def answers_by_facts(must: RequirementText, facts: Mapping[int, Facts]) -> list[int]:
    """The capabilities whose ticked fields answer a must, or a part of it. facts: by capability."""
    asked = asked_facts(must.text)
    if asked is None:
        return []
    return [id_ for id_, stated in facts.items() if _answers(asked, stated)]


def _answers(asked: AskedFacts, stated: Facts) -> bool:
    if asked.asks_for_place and place_fits(asked, stated.deployment):
        return True
    return any(has_filings([wanted], stated.filings) for wanted in asked.filings)


def put_together(
    scenario: Scenario,
    musts: Sequence[RequirementText],
    judged: Sequence[ScoredMatch],
    places: Mapping[int, Place],
    *,
    n_available: int,
) -> TeamAnswer:
    """The best team out of what was judged. places: of each firm. Whoever says too little to be judged is left out."""
    by_firm: dict[int, list[ScoredMatch]] = {}
    for match in sorted(judged, key=lambda match: (-match.score, match.capability_id)):
        if match.band is not Band.NOT_ENOUGH_INFORMATION:
            by_firm.setdefault(match.organisation_id, []).append(match)
    coverage = {firm_id: _best_rows(musts, matches) for firm_id, matches in by_firm.items()}
    contenders = [
        _contender(firm_id, coverage[firm_id], matches, places[firm_id])
        for firm_id, matches in by_firm.items()
    ]
    team = propose_team([must.position for must in musts], contenders)
    unmet = [
        item.row.position for rows in coverage.values() for item in rows if item.row.verdict is Verdict.UNMET
    ]
    return TeamAnswer(
        scenario_id=scenario.key,
        lang=scenario.lang,
        musts=tuple(musts),
        team=team,
        coverage={member.firm_id: coverage[member.firm_id] for member in team.members},
        n_unmet={must.position: unmet.count(must.position) for must in musts},
        n_examined=len({match.organisation_id for match in judged}),
        n_available=n_available,
    )


def _best_rows(musts: Sequence[RequirementText], matches: Sequence[ScoredMatch]) -> tuple[Coverage, ...]:
    """For each must the best verdict of a firm's capabilities; of equal ones, that of the best capability."""
    rows = [{row.position: row for row in match.coverage} for match in matches]
    best = []
    for must in musts:
        found = [
            Coverage(match.capability_id, row[must.position], match.band in FITTING)
            for match, row in zip(matches, rows, strict=True)
        ]
        # The first of equal ones is that of the best capability.
        best.append(min(found, key=lambda item: (not item.counts, _ORDER[item.row.verdict])))
    return tuple(best)


def _contender(
    firm_id: int, rows: Sequence[Coverage], matches: Sequence[ScoredMatch], place: Place
) -> Contender:
    covering = {item.capability_id for item in rows if item.counts}
    relevances = {match.capability_id: match.signals["relevance"] or 0.0 for match in matches}
    return Contender(
        firm_id=firm_id,
        verdicts={
            item.row.position: item.row.verdict
            for item in rows
            if item.counts or item.row.verdict is Verdict.UNMET
        },
        strength=max(relevances[id_] for id_ in covering or relevances),
        **asdict(place),
    )
