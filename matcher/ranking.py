"""The order in which matches are shown: band, then score, then id, so that equal input gives an equal page.

Where rotation is on, near ties of one band change places (models/rotation.py); those that did say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from matcher.explanation import Reason
from matcher.scoring import ScoredMatch
from models.match_queries import BAND_ORDER
from models.rotation import NO_ROTATION, Move, Rotation, Standing, rotate

MOVE_REASONS = {Move.GAVE_WAY: "rotation_gave_way", Move.MOVED_UP: "rotation_moved_up"}
"""The code whose sentence says what rotation did to a place in a list."""


def rank(
    matches: Iterable[ScoredMatch], *, n: int | None = None, rotation: Rotation = NO_ROTATION
) -> list[ScoredMatch]:
    """The matches best first, at most `n`. Abstentions come last: they are not ranked against the others.

    rotation: for the list of one scenario only. A match it moved has one more reason, about its place and not about the
    pair; band and score stay.
    """
    ordered = sorted(matches, key=rank_key)
    moved = [_told(match, move) for match, move in rotate(ordered, _standing, rotation)]
    return moved if n is None else moved[:n]


def rank_key(match: ScoredMatch) -> tuple[int, float, int, int]:
    """Sort key of one match; ties by scenario, then capability."""
    return (BAND_ORDER[match.band], -match.score, match.scenario_id, match.capability_id)


def _standing(match: ScoredMatch) -> Standing:
    return Standing(match.organisation_id, match.band, match.score)


def _told(match: ScoredMatch, move: Move) -> ScoredMatch:
    return (
        match if move is Move.NONE else replace(match, reasons=(*match.reasons, Reason(f"rotation_{move}")))
    )
