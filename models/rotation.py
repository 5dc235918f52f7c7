"""Rotation within a band: firms that are shown nearly everywhere give way to small and new ones that fit as well.

Bands and scores never change. In the bands that pages show unasked, a crowded firm goes down behind the last favoured
firm of its own band that scores within the margin of it; everybody else keeps the order among themselves. Who is
crowded and who is favoured is stored with the last market survey (models/market_survey.py), so that page, mail and
command show one order.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from models.match import Band

MARGIN = 0.2
"""Scores whose log odds are this close are nearly the same. In log odds a signal moves a score by as much anywhere on
the scale; this is a quarter of a standard deviation of relevance, less than one confirmed case weighs."""

ROTATED = (Band.STRONG, Band.POSSIBLE)
"""Bands that pages show unasked. Further down nobody is looked at, and turning near ties would be noise."""

CROWDED_SHARE = 0.1
"""A firm among the first of more than this share of the open scenarios gives way."""

MIN_CROWDED = 3
"""Nobody who is shown for fewer scenarios than this gives way, however few there are."""


class ExposurePolicy(StrEnum):
    """What is done about exposure: nothing, or rotation."""

    OFF = "off"
    ROTATE = "rotate"


class Move(StrEnum):
    """What rotation did to a firm in one list."""

    NONE = ""
    GAVE_WAY = "gave_way"
    MOVED_UP = "moved_up"


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who gives way to whom, as organisation ids; nobody is both."""

    crowded: frozenset[int] = frozenset()
    favoured: frozenset[int] = frozenset()
    margin: float = MARGIN


NO_ROTATION = Rotation()


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides the place of one firm in a list."""

    organisation_id: int
    band: Band
    score: float


Item = TypeVar("Item")


def rotate(
    items: Sequence[Item], standing: Callable[[Item], Standing], rotation: Rotation
) -> list[tuple[Item, Move]]:
    """The items, given best first, in their new order, each with what happened to it."""
    rows = [standing(item) for item in items]
    targets = [_target(at, rows, rotation) for at in range(len(rows))]
    order = sorted(range(len(rows)), key=lambda at: (targets[at], targets[at] != at, at))
    return [(items[at], _move(at, rows[at], targets, rotation)) for at in order]


def _target(at: int, rows: Sequence[Standing], rotation: Rotation) -> int:
    """The place behind which a firm goes: its own, or that of the last firm it gives way to."""
    own = rows[at]
    if own.organisation_id not in rotation.crowded or own.band not in ROTATED:
        return at
    return max(
        (
            place
            for place in range(at + 1, len(rows))
            if rows[place].organisation_id in rotation.favoured
            and rows[place].band is own.band
            and log_odds(own.score) - log_odds(rows[place].score) <= rotation.margin
        ),
        default=at,
    )


def log_odds(score: float) -> float:
    """A score on the scale on which relevance is measured, finite for 0 and 1 too."""
    inside = min(max(score, 1e-12), 1 - 1e-12)
    return math.log(inside / (1 - inside))


def _move(at: int, own: Standing, targets: Sequence[int], rotation: Rotation) -> Move:
    if targets[at] != at:
        return Move.GAVE_WAY
    if own.organisation_id not in rotation.favoured:
        return Move.NONE
    return Move.MOVED_UP if any(targets[above] >= at for above in range(at)) else Move.NONE
