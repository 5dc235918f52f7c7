"""From relevance, coverage and signals to a score and a band.

The score is a number in [0, 1] for order only. The band is what readers see: strong, possible, weak, or not enough
information. Its limits are on relevance, which is measured in standard deviations against a stored background and so
means the same for every need; besides it takes statements of the firm's own, because one sentence that sounds like the
need is a slogan and no answer (docs/matching.md: how the limits were chosen, and what they let through).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from matcher.coverage import CoveredRequirement, Verdict, share_covered
from matcher.explanation import Reason
from matcher.gates import Gate
from matcher.relevance import MIN_BACKGROUND, N_OFFERS
from models.match import Band

ENGINE_VERSION = "4"
"""Goes up whenever the same inputs may give another score or band; scores are then appended anew."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What moves a score, in standard deviations of relevance.

    The signals are small against relevance on purpose: they settle near ties. A contradiction of a must is not small.
    Coverage weighs nothing of itself, because relevance speaks of the same texts; what people decide may show otherwise
    (docs/learning.md).
    """

    unmet_musts: float = -2.0
    proven: float = 0.3
    maturity: float = 0.15
    same_district: float = 0.05
    coverage: float = 0.0


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Weighting:
    """Weights and the serial under which scores name them (models/weight_version.py)."""

    serial: int
    weights: Weights


BUILT_IN = Weighting(0, WEIGHTS)


def engine_tag(weighting: Weighting) -> str:
    """The engine with a weighting: equal tags give equal scores for equal inputs. With its own weights, its version."""
    return ENGINE_VERSION if weighting == BUILT_IN else f"{ENGINE_VERSION}w{weighting.serial}"


STRONG_RELEVANCE = 5.5
"""From here on relevance allows strong: on long needs every second pair above is labelled."""

POSSIBLE_RELEVANCE = 4.0
"""From here on relevance allows possible: on long needs nine labelled pairs of ten lie above, eight pairs a need."""

STRONG_SHARE = 0.5
"""A strong pair has at least this share of its requirements covered."""

STRONG_STATEMENTS, POSSIBLE_STATEMENTS = 2, 1
"""So many different statements of the firm's own answer what is asked, at least. One sentence that answers everything
is a slogan, and a need of a single sentence is too little to call anybody strong."""

_CENTRE = 2.4  # where the score is one half: display order does not need it

SPREAD = 1.2
"""Deviations of relevance that move the log odds of a score by one; display order does not need it either."""


@dataclass(frozen=True, slots=True)
class ScoredMatch:
    """A scenario and a capability with everything that is said about the pair; recomputable from its parts."""

    scenario_id: int
    capability_id: int
    organisation_id: int
    score: float
    band: Band
    coverage: tuple[CoveredRequirement, ...] = ()
    reasons: tuple[Reason, ...] = ()
    gaps: tuple[Reason, ...] = ()
    signals: Mapping[str, float | None] = field(default_factory=dict)
    weights_serial: int = BUILT_IN.serial

    def payload(self) -> dict[str, Any]:
        """Coverage, reasons, gaps and signals as plain values, as stored and printed."""
        return {
            "coverage": [item.to_json() for item in self.coverage],
            "reasons": [reason.to_json() for reason in self.reasons],
            "gaps": [gap.to_json() for gap in self.gaps],
            "signals": dict(self.signals),
        }


def score_of(signals: Mapping[str, float | None], weights: Weights = WEIGHTS) -> float:
    """The score in [0, 1] from the stored signals; `relevance` must be among them. A missing signal moves nothing."""
    moved = moved_relevance(signals, weights)
    # The same as 1 / (1 + e^-x), without its overflow far below.
    return (1.0 + math.tanh((moved - _CENTRE) / SPREAD / 2)) / 2


def moved_relevance(signals: Mapping[str, float | None], weights: Weights) -> float:
    """Relevance and what the signals add to it, in standard deviations: what a score and a choice go by."""
    relevance = signals["relevance"]
    if relevance is None:
        raise ValueError("a score needs relevance")
    added: float = sum(weight * (signals.get(name) or 0.0) for name, weight in asdict(weights).items())
    return relevance + added


def limit_at(limit: float, n_offers: int) -> float:
    """A limit on relevance where the background has `n_offers` offers.

    A pair of a small market belongs to its own background: the more it stands out, the wider it makes the spread it is
    measured by. The limits are those of a full
    background; below, they are lowered to what the same pair would reach, as an outlier is judged against the others
    alone (the externally studentized residual).
    """
    if not MIN_BACKGROUND <= n_offers < N_OFFERS:
        return limit
    alone = limit * math.sqrt((N_OFFERS - 2) / (N_OFFERS - 1 - limit * limit))
    return alone * math.sqrt((n_offers - 1) / (n_offers - 2 + alone * alone))


def band_of(
    relevance: float,
    covered: Sequence[CoveredRequirement],
    *,
    gates: Sequence[Gate] = (),
    enough_information: bool = True,
    n_offers: int = N_OFFERS,
) -> Band:
    """The band of a pair.

    Strong needs relevance, no contradicted must, no failed gate, half of what is asked covered, and that by different
    statements; possible needs relevance, a statement, and not most musts contradicted. What is not known is not
    covered, so a firm that takes away what speaks for it cannot rise. n_offers: of the background relevance is
    measured against.
    """
    if not enough_information:
        return Band.NOT_ENOUGH_INFORMATION
    n_statements = statements_quoted(covered)
    is_near = relevance >= limit_at(POSSIBLE_RELEVANCE, n_offers) and n_statements >= POSSIBLE_STATEMENTS
    if gates or not is_near or _mostly_contradicted(covered):
        return Band.WEAK
    if relevance < limit_at(STRONG_RELEVANCE, n_offers) or n_statements < STRONG_STATEMENTS:
        return Band.POSSIBLE
    share = share_covered(covered)
    contradicted = any(item.must and item.verdict is Verdict.UNMET for item in covered)
    return Band.STRONG if share is not None and share >= STRONG_SHARE and not contradicted else Band.POSSIBLE


def statements_quoted(covered: Sequence[CoveredRequirement]) -> int:
    """How many different statements of the firm's own meet a requirement, wholly or in part; ticked fields are none."""
    answering = (item for item in covered if item.verdict in (Verdict.MET, Verdict.PARTLY))
    return len({item.evidence_id for item in answering if item.evidence_id is not None})


def _mostly_contradicted(covered: Sequence[CoveredRequirement]) -> bool:
    musts = [item for item in covered if item.must]
    return bool(musts) and sum(item.verdict is Verdict.UNMET for item in musts) * 2 > len(musts)
