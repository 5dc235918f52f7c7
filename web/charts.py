"""Numbers for charts drawn by the server as SVG: shares of a width, never a style attribute."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.match import Band
from models.scenario import Scenario

# Room for a title beside a bar, in half-width characters.
TITLE_WIDTH = 46
SHOWN = (Band.STRONG, Band.POSSIBLE, Band.WEAK)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. share: of the longest, in [0, 1]."""

    name: str
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a stacked bar. start, share: of the whole width, in [0, 1]."""

    band: str
    n: int
    start: float
    share: float


@dataclass(frozen=True, slots=True)
class BandRow:
    """The firms of one scenario by band, as one stacked bar."""

    number: str
    title: str
    full_title: str
    n: int
    segments: Sequence[Segment]


def band_rows(scenarios: Sequence[Scenario], bands: Mapping[int, Mapping[Band, int]]) -> list[BandRow]:
    """One stacked bar per scenario, all on the scale of the longest; abstentions are no candidates and are left out."""
    longest = max((sum(bands[row.key].get(band, 0) for band in SHOWN) for row in scenarios), default=0) or 1
    return [_row(row, bands[row.key], longest) for row in scenarios]


def _row(scenario: Scenario, counts: Mapping[Band, int], longest: int) -> BandRow:
    segments, start = [], 0.0
    for band in SHOWN:
        n = counts.get(band, 0)
        if n:
            segments.append(Segment(band.value, n, start, n / longest))
            start += n / longest
    return BandRow(
        number=scenario.number or "",
        title=shorten(scenario.title, TITLE_WIDTH),
        full_title=scenario.title,
        n=sum(segment.n for segment in segments),
        segments=segments,
    )


def shorten(text: str, width: int) -> str:
    """The text cut to a width in half-width characters, where Chinese characters take two."""
    used = 0
    for position, character in enumerate(text):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > width:
            return text[: max(position - 1, 0)].rstrip() + "…"
    return text


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bar of the gap map. kind: met, partly, unsupplied, wanted or unwanted."""

    kind: str
    n: int
    start: float
    share: float


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """A domain: its requirements as one stacked bar, its capabilities as another, both on one scale."""

    domain: str
    demand: Sequence[Piece]
    supply: Sequence[Piece]
    n_requirements: int
    n_capabilities: int


def balance_rows(tallies: Sequence[Mapping[str, Any]]) -> list[BalanceRow]:
    """Two bars a domain, all on the scale of the longest. tallies: DomainTally as stored (matcher/gap_map.py)."""
    demand, supply = ("met", "partly", "unsupplied"), ("wanted", "unwanted")
    sums = [sum(tally[f"n_{kind}"] for kind in kinds) for tally in tallies for kinds in (demand, supply)]
    longest = max(sums, default=0) or 1
    return [
        BalanceRow(
            domain=tally["domain"],
            demand=_pieces(tally, demand, longest),
            supply=_pieces(tally, supply, longest),
            n_requirements=sum(tally[f"n_{kind}"] for kind in demand),
            n_capabilities=sum(tally[f"n_{kind}"] for kind in supply),
        )
        for tally in tallies
    ]


def _pieces(tally: Mapping[str, Any], kinds: Sequence[str], longest: int) -> list[Piece]:
    pieces, start = [], 0.0
    for kind in kinds:
        n = tally[f"n_{kind}"]
        if n:
            pieces.append(Piece(kind, n, start, n / longest))
            start += n / longest
    return pieces


def curve_points(points: Sequence[Sequence[float]], *, left: float, bottom: float, size: float) -> str:
    """The points of a curve in the unit square, as `points` of an SVG polyline in a square of `size`.

    >>> curve_points([(0, 0), (0.5, 0.25), (1, 1)], left=10, bottom=110, size=100)
    '10,110 60,85 110,10'
    """
    return " ".join(f"{left + size * x:g},{bottom - size * y:g}" for x, y in points)
