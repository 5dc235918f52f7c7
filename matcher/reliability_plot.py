"""The reliability of relevance as a picture: how often pairs are labelled, and how many labelled ones lie above.

Plain SVG, written by hand: two panels with one line a set, the limits of the bands as tinted columns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from matcher.calibration import RelevanceBin, Reliability
from matcher.scoring import POSSIBLE_RELEVANCE, STRONG_RELEVANCE

WIDTH, PANEL, LEFT, TOP, GAP = 800, 230, 100, 64, 56
"""Pixels: of the whole, of a panel's height, and of what is left free around them."""

LOWEST, HIGHEST = 0.0, 9.0
"""The part of the scale that is drawn, in standard deviations."""

LEAST_SHARE = 1e-4
COLOURS = ("#1d5fa8", "#b3471d", "#4b7a2b", "#6b4a9c")
_INK, _FAINT = "#24323f", "#c9d2da"
_TINTS = {"possible": "#eef3f7", "strong": "#dce8f2"}

_X = WIDTH - LEFT - 30


def drawn(measured: Sequence[Reliability]) -> str:
    """An SVG document. Above: the labelled share by relevance, on a logarithmic scale. Below: how many are found."""
    height = TOP + 2 * PANEL + GAP + 50
    upper, lower = TOP, TOP + PANEL + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="13">',
        "<title>Labelled pairs by relevance</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        *_legend(measured),
        *_panel(
            upper,
            "share of pairs that are labelled",
            [(10.0**-n, f"1 in {10**n:,}") for n in range(4, 0, -1)],
        ),
        *_panel(
            lower,
            "labelled pairs found from here on",
            [(s / 4, f"{25 * s} of 100") for s in range(5)],
            is_log=False,
        ),
    ]
    for at, each in enumerate(measured):
        colour = COLOURS[at % len(COLOURS)]
        parts += _line([(_middle(b), b.share) for b in each.bins if b.share], upper, colour)
        found = [(b.low, each.found_above(b.low)) for b in each.bins if b.low >= LOWEST]
        parts += _line(found, lower, colour, is_log=False)
    parts += _axis(lower + PANEL)
    return "\n".join([*parts, "</svg>", ""])


def _legend(measured: Sequence[Reliability]) -> list[str]:
    parts = []
    for at, each in enumerate(measured):
        x = LEFT + at * 330
        words = f"{each.name}: {each.n_queries:,} needs, {each.n_labelled:,} labelled pairs"
        parts.append(f'<circle cx="{x + 5}" cy="20" r="5" fill="{COLOURS[at % len(COLOURS)]}"/>')
        parts.append(_text(x + 16, 24, words))
    return parts


def _panel(top: int, name: str, marks: Sequence[tuple[float, str]], *, is_log: bool = True) -> list[str]:
    columns = (("possible", POSSIBLE_RELEVANCE, STRONG_RELEVANCE), ("strong", STRONG_RELEVANCE, HIGHEST))
    parts = [
        f'<rect x="{_x(low):.1f}" y="{top}" width="{_x(high) - _x(low):.1f}" height="{PANEL}" fill="{_TINTS[band]}"/>'
        for band, low, high in columns
    ]
    parts += [_text(_x(low) + 6, top + 16, band) for band, low, _ in columns]
    parts.append(_text(LEFT, top - 8, name, weight="600"))
    for value, label in marks:
        y = _y(value, top, is_log=is_log)
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + _X}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_FAINT}"/>')
        parts.append(_text(LEFT - 8, y + 4, label, anchor="end"))
    return parts


def _line(points: Sequence[tuple[float, float]], top: int, colour: str, *, is_log: bool = True) -> list[str]:
    shown = [(_x(x), _y(y, top, is_log=is_log)) for x, y in points if LOWEST <= x <= HIGHEST]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in shown)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in shown]
    return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>', *dots]


def _axis(y: int) -> list[str]:
    ticks = [_text(_x(n), y + 18, str(n), anchor="middle") for n in range(int(LOWEST), int(HIGHEST) + 1)]
    return [*ticks, _text(LEFT + _X / 2, y + 38, "relevance, in standard deviations", anchor="middle")]


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "400") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{_INK}">'
        f"{escape(words)}</text>"
    )


def _middle(found: RelevanceBin) -> float:
    """Where a bin is drawn; an open one half a deviation beyond its limit."""
    if math.isinf(found.high):
        return found.low + 0.5
    return found.high - 0.5 if math.isinf(found.low) else (found.low + found.high) / 2


def _x(relevance: float) -> float:
    return LEFT + _X * (relevance - LOWEST) / (HIGHEST - LOWEST)


def _y(value: float, top: int, *, is_log: bool) -> float:
    if not is_log:
        return top + PANEL * (1 - value)
    decades = -math.log10(LEAST_SHARE)
    return top + PANEL * min(1.0, -math.log10(max(value, LEAST_SHARE)) / decades)
