"""From relevance, coverage and signals to a score and a band.

The score is a number in [0, 1] for order only. The band is what readers see: strong, possible, weak, or not enough
information; its limits are on relevance, which is measured in standard deviations against a stored background and so
means the same for every need (docs/matching.md: how they were chosen).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from matcher.coverage import CoveredRequirement, Verdict, share_covered
from matcher.explanation import Reason
from matcher.gates import Gate
from models.match import Band

ENGINE_VERSION = "3"
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


STRONG_RELEVANCE = 3.5
"""From here on relevance allows strong."""

POSSIBLE_RELEVANCE = 2.4
"""From here on relevance allows possible."""

STRONG_SHARE = 0.5
"""A strong pair has at least this share of its requirements covered."""

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


def band_of(
    relevance: float,
    covered: Sequence[CoveredRequirement],
    *,
    gates: Sequence[Gate] = (),
    enough_information: bool = True,
) -> Band:
    """The band of a pair.

    Strong needs relevance, no contradicted must, no failed gate, and half of what is asked covered; possible needs
    relevance and not most musts contradicted. What is not known is not covered, so a firm that takes away what speaks
    for it cannot rise.
    """
    if not enough_information:
        return Band.NOT_ENOUGH_INFORMATION
    if gates or relevance < POSSIBLE_RELEVANCE or _mostly_contradicted(covered):
        return Band.WEAK
    share = share_covered(covered)
    contradicted = any(item.must and item.verdict is Verdict.UNMET for item in covered)
    if relevance >= STRONG_RELEVANCE and not contradicted and share is not None and share >= STRONG_SHARE:
        return Band.STRONG
    return Band.POSSIBLE


def _mostly_contradicted(covered: Sequence[CoveredRequirement]) -> bool:
    musts = [item for item in covered if item.must]
    return bool(musts) and sum(item.verdict is Verdict.UNMET for item in musts) * 2 > len(musts)
