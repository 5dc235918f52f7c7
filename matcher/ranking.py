"""The order in which matches are shown: band, then score, then id, so that equal input gives an equal page."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.scoring import ScoredMatch
from models.match_queries import BAND_ORDER


def rank(matches: Iterable[ScoredMatch], *, n: int | None = None) -> list[ScoredMatch]:
    """The matches best first, at most `n`. Abstentions come last: they are not ranked against the others."""
    ordered = sorted(matches, key=rank_key)
    return ordered if n is None else ordered[:n]


def rank_key(match: ScoredMatch) -> tuple[int, float, int, int]:
    """Sort key of one match; ties by scenario, then capability."""
    return (BAND_ORDER[match.band], -match.score, match.scenario_id, match.capability_id)
