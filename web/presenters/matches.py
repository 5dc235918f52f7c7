"""A scored pair as both its pages show it: band, coverage, reasons, gaps and the pairs of quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from matcher.explanation import counter_words, evidence_words, word
from matcher.next_steps import NO_AIDS, AidLookup, Aids
from matcher.ranking import MOVE_REASONS
from models.capability import Capability
from models.match import FIT_DISMISSALS, Match, MatchScore
from models.match_queries import ScoredPair
from models.organisation import Organisation
from models.rotation import Move
from models.scenario import Scenario
from web.chips import Chip, Side, match_chip
from web.wording import Sentence, StepLine, sentences, voice_of

VERDICTS = ("met", "partly", "unmet", "unknown")
PROMISING = ("strong", "possible")
# From facts a firm ticked off, not from a sentence it wrote: shown without quotation marks.
STRUCTURED = ("deployment", "filings")


@dataclass(frozen=True, slots=True)
class Step:
    """One square of the coverage bar."""

    position: int
    verdict: str
    must: bool


@dataclass(frozen=True, slots=True)
class QuotePair:
    """A requirement and what the firm says to it. evidence: None where nothing was found; counter: against it."""

    position: int
    must: bool
    derived: bool
    need: str
    need_lang: str
    verdict: str
    evidence: str | None
    evidence_lang: str | None
    is_quote: bool
    counter: str | None
    counter_is_quote: bool
    source: str | None
    cross_language: bool
    steps: Sequence[StepLine]


@dataclass(frozen=True, slots=True)
class MatchView:
    """One pair, for one side. rank is None where the band abstains. place_note: why it is not in order of score."""

    match: Match
    score: MatchScore
    scenario: Scenario
    firm: Organisation
    capability: Capability
    n_other_capabilities: int
    rank: int | None
    band: str
    steps: Sequence[Step]
    tally: Sequence[tuple[str, int]]
    reasons: Sequence[Sentence]
    gaps: Sequence[Sentence]
    pairs: Sequence[QuotePair]
    chip: Chip
    status: str
    has_pilot: bool
    place_note: str = ""

    @property
    def absent(self) -> list[Sentence]:
        """Gaps of the profile rather than of one requirement: what is missing before anybody can be judged."""
        return [gap for gap in self.gaps if gap.position is None]

    @property
    def scored_at(self) -> datetime:
        """When the machine last looked at the pair."""
        return self.score.created_at


def present_match(
    pair: ScoredPair,
    side: Side,
    locale: str,
    *,
    has_pilot: bool = False,
    lookup: AidLookup | None = None,
) -> MatchView:
    """A scored pair for one side, in the reader's language, without a rank.

    lookup: what partners and vouchers are named from; without it, none are.
    """
    score = pair.score
    aids = NO_AIDS if lookup is None else _aids(lookup, pair, side)
    reasons = sentences(score.reasons, side, locale, otherwise="met")
    gaps = sentences(score.gaps, side, locale, otherwise="unknown", aids=aids)
    return MatchView(
        match=pair.match,
        score=score,
        scenario=pair.match.scenario,
        firm=pair.match.organisation,
        capability=score.capability,
        n_other_capabilities=pair.n_other_capabilities,
        rank=None,
        band=score.band.value,
        steps=[Step(item["position"], item["verdict"], item["must"]) for item in score.coverage],
        tally=tally_of(score.coverage),
        reasons=reasons,
        gaps=gaps,
        pairs=[present_quote(item, gaps, locale) for item in score.coverage],
        chip=match_chip(pair.match, side, locale, has_pilot=has_pilot),
        status=pair.match.status.value,
        has_pilot=has_pilot,
        place_note="" if pair.move is Move.NONE else word(MOVE_REASONS[pair.move], {}, locale),
    )


def _aids(lookup: AidLookup, pair: ScoredPair, side: Side) -> Aids:
    return lookup.aids(pair.match.scenario, pair.score.capability, pair.score.gaps, voice_of(side))


def present_ranked(
    pairs: Sequence[ScoredPair],
    side: Side,
    locale: str,
    *,
    with_pilot: frozenset[int],
    lookup: AidLookup | None = None,
) -> list[MatchView]:
    """Scored pairs in order, numbered from 1; abstentions carry no number. with_pilot: ids of matches with a pilot.

    lookup: as in `present_match`.
    """
    views, rank = [], 0
    for pair in pairs:
        ranked = pair.score.band.value != "not_enough_information"
        rank += ranked
        has_pilot = pair.match.key in with_pilot
        view = present_match(pair, side, locale, has_pilot=has_pilot, lookup=lookup)
        views.append(replace(view, rank=rank if ranked else None))
    return views


def tally_of(coverage: Sequence[dict[str, Any]]) -> list[tuple[str, int]]:
    """How many requirements have each verdict, in the order of VERDICTS; none that is 0."""
    counts = Counter(item["verdict"] for item in coverage)
    return [(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]]


def present_quote(item: dict[str, Any], gaps: Sequence[Sentence], locale: str) -> QuotePair:
    """A stored row of coverage as a pair of quotes. gaps: of the same pair; their steps stand below the evidence."""
    quoted = item["evidence_source"] not in STRUCTURED
    return QuotePair(
        position=item["position"],
        must=item["must"],
        derived=item["derived"],
        need=item["text"],
        need_lang=item["lang"],
        verdict=item["verdict"],
        evidence=None if item["evidence"] is None else evidence_words(item, locale),
        evidence_lang=item["evidence_lang"],
        is_quote=quoted,
        counter=counter_words(item, locale),
        # Beside evidence, what speaks against is always a sentence of the firm's.
        counter_is_quote=quoted or item["evidence"] is not None,
        source=item["evidence_source"],
        cross_language=item["cross_language"],
        steps=[step for gap in gaps if gap.position == item["position"] for step in gap.steps],
    )


def days_left(scenario: Scenario, today: date) -> int | None:
    """Days until the last day on which answers are taken; None where there is none."""
    return None if scenario.deadline_on is None else (scenario.deadline_on - today).days


@dataclass(frozen=True, slots=True)
class RouteView:
    """A programme a scenario could lead to. cap_fen: at most so much; unverified: nobody has confirmed the terms."""

    words: str
    cap_fen: int | None
    unverified: bool


def present_routes(views: Sequence[MatchView], lookup: AidLookup, locale: str) -> dict[int, list[RouteView]]:
    """The programmes each scenario could lead to, by match, the largest sum first."""
    return {
        view.match.key: [
            RouteView(rule.title if locale == "zh" else rule.title_en, rule.cap_fen, rule.unverified)
            for rule in lookup.routes(view.scenario, view.capability)
        ]
        for view in views
    }


@dataclass(frozen=True, slots=True)
class PutAway:
    """What the firm put out of sight. reasons: (code, n) of those it answered; n_fit: told that they do not fit."""

    n_hidden: int
    reasons: Sequence[tuple[str, int]]
    n_fit: int


def put_away_effect(views: Sequence[MatchView]) -> PutAway:
    """What was put out of sight and how much of it says something of fit, which is what weights are learnt from."""
    reasons = Counter(
        view.match.dismiss_reason
        for view in views
        if view.status == "dismissed" and view.match.dismiss_reason
    )
    return PutAway(
        n_hidden=len(views) - sum(reasons.values()),
        reasons=[(reason.value, n) for reason, n in reasons.most_common()],
        n_fit=sum(n for reason, n in reasons.items() if reason in FIT_DISMISSALS),
    )


def worth_showing(views: Sequence[MatchView]) -> list[MatchView]:
    """What a list shows first: strong and possible pairs, and what people acted on; weak ones wait to be asked for."""
    return [view for view in views if view.band in PROMISING or view.status != "suggested"]


def nearest_of(views: Sequence[MatchView], n: int) -> list[MatchView]:
    """Where nothing is strong or possible: the first `n` that nobody has acted on; abstentions are none of them."""
    return [view for view in views if view.rank is not None and view.status == "suggested"][:n]
