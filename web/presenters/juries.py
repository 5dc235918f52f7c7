"""A panel as its pages show it: who stands where, and, once all marks are in, every mark beside its criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flask import g

from models.bid import Bid, scenario_bids
from models.i18n import N_, format_number, gettext
from models.jury import Juror, JurorStatus, Jury, JuryStatus, Mark, jury_marks
from models.jury_conflict import Conflict, ConflictKind
from models.jury_decision import results
from models.jury_scores import BidResult, CriterionResult
from models.rubric import Criterion
from web.chips import Chip


@dataclass(frozen=True, slots=True)
class MarkCell:
    """What one evaluator gave. mine: the reader's own."""

    name: str
    mark: Mark
    mine: bool


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion of one proposal with every mark. mean: in words."""

    position: int
    name: str
    weight: int
    anchors: Sequence[str]
    cells: Sequence[MarkCell]
    mean: str
    spread: int
    first_spread: int
    flagged: bool

    @property
    def own(self) -> Mark | None:
        """The reader's mark, where the reader gave one."""
        return next((cell.mark for cell in self.cells if cell.mine), None)


@dataclass(frozen=True, slots=True)
class ResultView:
    """How one proposal stands. points: of 100, in words."""

    bid: Bid
    rank: int
    points: str
    n_flagged: int
    criteria: Sequence[CriterionView]


def present_results(jury: Jury, *, reader_id: int) -> list[ResultView]:
    """Every proposal with its marks, best first; empty while marks are shut. reader_id: the person who reads."""
    ranked = results(g.session, jury)
    if not ranked:
        return []
    bids = {row.key: row for row in scenario_bids(g.session, jury.scenario_id)}
    marks = {(row.juror_id, row.bid_id, row.position): row for row in jury_marks(g.session, jury)}
    return [_result(row, bids[row.bid_id], jury, marks, reader_id) for row in ranked]


def _result(
    row: BidResult, bid: Bid, jury: Jury, marks: Mapping[tuple[int, int, int], Mark], reader_id: int
) -> ResultView:
    criteria = jury.rubric.lines
    lines = []
    for found in row.criteria:
        cells = [
            MarkCell(seat.user.name, marks[seat.key, bid.key, found.position], seat.user_id == reader_id)
            for seat in jury.acting
        ]
        lines.append(_line(found, criteria[found.position - 1], cells))
    return ResultView(bid, row.rank, points_words(row.tenths), row.n_flagged, lines)


def _line(found: CriterionResult, criterion: Criterion, cells: Sequence[MarkCell]) -> CriterionView:
    return CriterionView(
        position=found.position,
        name=criterion.name,
        weight=criterion.weight,
        anchors=criterion.anchors,
        cells=cells,
        mean=points_words(int(found.mean * 10 + Fraction(1, 2))),
        spread=found.spread,
        first_spread=found.first_spread,
        flagged=found.is_flagged,
    )


def points_words(tenths: int) -> str:
    """Points, given in tenths, in the reader's language: `81.7`."""
    return format_number(tenths / 10, g.locale)


_JURORS = {
    JurorStatus.APPOINTED: ("them", N_("等评委申报利益冲突")),
    JurorStatus.SCORING: ("them", N_("打分中")),
    JurorStatus.HANDED_IN: ("good", N_("已交分")),
    JurorStatus.RECUSED: ("end", N_("已回避")),
}

_SEATS = {
    JurorStatus.APPOINTED: ("you", N_("轮到你：申报利益冲突")),
    JurorStatus.SCORING: ("you", N_("轮到你：打分")),
    JurorStatus.HANDED_IN: ("them", N_("已交分，等其他评委")),
    JurorStatus.RECUSED: ("end", N_("已回避")),
}

_STEPS = {
    JuryStatus.CONSENSUS: ("live", N_("合议中")),
    JuryStatus.SETTLED: ("them", N_("已定稿，等需求方决定")),
    JuryStatus.DECIDED: ("good", N_("已决定")),
}


def juror_chip(seat: Juror) -> Chip:
    """Where a member stands, for the agency."""
    turn, words = _JURORS[seat.status]
    return Chip(turn, gettext(g.locale, words))


def seat_chip(seat: Juror) -> Chip:
    """Where a seat stands, for the member."""
    later = seat.status is JurorStatus.HANDED_IN and seat.jury.status in _STEPS
    turn, words = _STEPS[seat.jury.status] if later else _SEATS[seat.status]
    return Chip(turn, gettext(g.locale, words))


_CONFLICTS = {
    ConflictKind.OWN_FIRM: N_("你属于投标的%(firm)s"),
    ConflictKind.PARTNER: N_("你的机构是%(firm)s方案里的合作方"),
    ConflictKind.SAME_MAIL_DOMAIN: N_("你和%(firm)s的人用同一个邮箱域名"),
    ConflictKind.PILOT: N_("你的机构和%(firm)s做过试点"),
}


def conflict_words(found: Sequence[Conflict]) -> list[str]:
    """What was found, a sentence each."""
    return [gettext(g.locale, _CONFLICTS[row.kind], firm=row.firm) for row in found]


_PANELS = {
    JuryStatus.SCORING: ("live", N_("评委打分中")),
    JuryStatus.CONSENSUS: ("live", N_("合议中")),
    JuryStatus.SETTLED: ("them", N_("等需求方决定")),
    JuryStatus.DECIDED: ("good", N_("已决定")),
}


def panel_chip(jury: Jury | None, *, late: bool = False) -> Chip:
    """Where a panel stands, for who runs the market; None: it has not begun. late: the promised day is past."""
    turn, words = ("them", N_("等需求方组织评审")) if jury is None else _PANELS[jury.status]
    return Chip("late" if late else turn, gettext(g.locale, words))
