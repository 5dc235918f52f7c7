"""Candidates side by side: one line a requirement, one column a firm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from web.presenters.matches import MatchView, QuotePair


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement. cells: what each firm says to it, in the order of the columns; None where it was not judged."""

    position: int
    need: str
    need_lang: str
    must: bool
    cells: Sequence[QuotePair | None]


def matrix(views: Sequence[MatchView]) -> list[Line]:
    """Every requirement that any of the views was judged by, in order of position.

    Views of different texts of the scenario (it was changed by an import, and not all are judged anew yet) may differ
    in a requirement of the same position: then each text has a line of its own.
    """
    needs = {(pair.position, pair.need): pair for view in views for pair in view.pairs}
    return [
        Line(
            position=position,
            need=need,
            need_lang=needs[position, need].need_lang,
            must=needs[position, need].must,
            cells=[_cell(view, position, need) for view in views],
        )
        for position, need in sorted(needs)
    ]


def _cell(view: MatchView, position: int, need: str) -> QuotePair | None:
    return next((pair for pair in view.pairs if (pair.position, pair.need) == (position, need)), None)
