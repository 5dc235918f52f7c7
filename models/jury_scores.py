"""Sums and spreads of a panel's marks: pure, exact, and the same for page, document and record."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from models.jury import Mark
from models.rubric import TOP_SCORE, Criterion

SPREAD_LIMIT = 2
"""From so many steps between two evaluators on they do not mean the same: half of what the scale has, and more."""


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """How one proposal stands by one criterion. first: scores as handed in, by juror; final: those that count."""

    position: int
    first: dict[int, int]
    final: dict[int, int]

    @property
    def mean(self) -> Fraction:
        """The mean of the scores that count."""
        return Fraction(sum(self.final.values()), len(self.final))

    @property
    def spread(self) -> int:
        """Steps between the highest and the lowest score that counts."""
        return max(self.final.values()) - min(self.final.values())

    @property
    def first_spread(self) -> int:
        """The same as handed in, before anybody had read the others."""
        return max(self.first.values()) - min(self.first.values())

    @property
    def is_flagged(self) -> bool:
        """Whether evaluators are so far apart that they should talk."""
        return self.spread >= SPREAD_LIMIT


@dataclass(frozen=True, slots=True)
class BidResult:
    """How one proposal stands. points: of 100, exact. rank: from 1, equal points share one."""

    bid_id: int
    criteria: Sequence[CriterionResult]
    points: Fraction
    rank: int

    @property
    def n_flagged(self) -> int:
        """Criteria on which evaluators are far apart."""
        return sum(row.is_flagged for row in self.criteria)

    @property
    def tenths(self) -> int:
        """The points in tenths, rounded half up, as they are shown."""
        return int(self.points * 10 + Fraction(1, 2))


def results_of(marks: Iterable[Mark], criteria: Sequence[Criterion]) -> list[BidResult]:
    """How each proposal stands, best first, equal ones by id. marks: complete, as jury_marks gives them.

    A criterion gives its weight times the mean score over the top score.
    """
    by_bid: dict[int, dict[int, list[Mark]]] = defaultdict(lambda: defaultdict(list))
    for mark in marks:
        by_bid[mark.bid_id][mark.position].append(mark)
    unranked = [(bid_id, _lines(found)) for bid_id, found in by_bid.items()]
    points = {bid_id: points_of(lines, criteria) for bid_id, lines in unranked}
    rows = [
        BidResult(bid_id, lines, points[bid_id], 1 + sum(other > points[bid_id] for other in points.values()))
        for bid_id, lines in unranked
    ]
    return sorted(rows, key=lambda row: (row.rank, row.bid_id))


def _lines(found: dict[int, list[Mark]]) -> list[CriterionResult]:
    return [
        CriterionResult(
            position,
            {mark.juror_id: mark.score for mark in marks},
            {mark.juror_id: mark.final for mark in marks},
        )
        for position, marks in sorted(found.items())
    ]


def points_of(lines: Iterable[CriterionResult], criteria: Sequence[Criterion]) -> Fraction:
    """Points of 100, as exact as they are."""
    weighted = (criteria[line.position - 1].weight * line.mean / TOP_SCORE for line in lines)
    return sum(weighted, Fraction(0))
