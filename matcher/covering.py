"""The best choice of pieces that together cover a set of points: exact by branch and bound, else greed and a bound.

Best is the cheapest: a piece costs as much as PIECE_COST points that are not covered well, so that one more is taken
where it makes that many points better, and not for less.

Points are bits of an integer. Everything is exact integer arithmetic and ordered by key, so the answer does not depend
on the order in which pieces are given. The problem is minimum set cover, which is NP-hard; the points here are the
requirements of one scenario, so instances are small, and the budget of nodes bounds the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

PIECE_COST = 2
"""Points that must become covered well for one more piece."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What may be chosen. cover: the points it covers; met: those of them it covers well; strength: more is better."""

    key: int
    cover: int
    met: int
    strength: int


@dataclass(frozen=True, slots=True)
class Cover:
    """A choice. keys: ascending. met: points that some piece covers well. strength: the sum."""

    keys: tuple[int, ...]
    met: int
    strength: int

    @property
    def cost(self) -> int:
        """Less is better among covers of the same points."""
        return PIECE_COST * len(self.keys) - self.met.bit_count()

    @property
    def rank(self) -> tuple[int, int, int, tuple[int, ...]]:
        """Sort key: cheapest, most points covered well, strongest, then keys."""
        return (self.cost, -self.met.bit_count(), -self.strength, self.keys)


@dataclass
class Budget:
    """How many nodes may still be looked at, over several searches."""

    left: int

    def spend(self) -> None:
        """Take one node. OutOfNodes when there is none left."""
        if self.left <= 0:
            raise OutOfNodes
        self.left -= 1


class OutOfNodes(Exception):
    """The search was given up; what it found so far stands, without proof that it is best."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. best: None when nothing covers, or nothing was found in time.

    lower_bound: the best choice has no fewer pieces. is_complete: `best` is proved best in every respect of its rank.
    """

    best: Cover | None
    lower_bound: int
    is_complete: bool


def union(pieces: Iterable[Piece]) -> int:
    """Every point that some piece covers."""
    points = 0
    for piece in pieces:
        points |= piece.cover
    return points


def undominated(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces, by key, without those that another can stand in for: it covers and meets no less and ranks before.

    No best cover is lost: with both, one is superfluous; with the lesser alone, the better makes it rank no lower.
    """
    ordered = sorted(pieces, key=lambda piece: (-piece.strength, piece.key))
    kept: list[Piece] = []
    for piece in ordered:
        if piece.cover and not any(
            piece.cover & ~other.cover == 0 and piece.met & ~other.met == 0 for other in kept
        ):
            kept.append(piece)
    return sorted(kept, key=lambda piece: piece.key)


def lower_bound(pieces: Sequence[Piece], points: int) -> int:
    """So many pieces at least cover all points: by size, and by points of which no two share a piece."""
    largest = max(((piece.cover & points).bit_count() for piece in pieces), default=0)
    if not largest:
        return 0
    by_size = -(-points.bit_count() // largest)
    return max(by_size, _n_independent(pieces, points))


def _n_independent(pieces: Sequence[Piece], points: int) -> int:
    reach = {point: union(piece for piece in pieces if piece.cover & point) for point in bits(points)}
    n, blocked = 0, 0
    for point in sorted(reach, key=lambda point: (reach[point].bit_count(), point)):
        if not point & blocked:
            n, blocked = n + 1, blocked | reach[point]
    return n


def bits(points: int) -> list[int]:
    """The single points, lowest first."""
    return [1 << at for at in range(points.bit_length()) if points >> at & 1]


def greedy_cover(pieces: Sequence[Piece], points: int) -> Cover | None:
    """A cover by taking what covers most of the rest, again and again, then leaving out what became superfluous and
    adding what makes enough points better.
    """
    if points & ~union(pieces):
        return None
    chosen: list[Piece] = []
    rest = points
    while rest:
        taken = max(
            pieces,
            key=lambda p: ((p.cover & rest).bit_count(), (p.met & rest).bit_count(), p.strength, -p.key),
        )
        chosen.append(taken)
        rest &= ~taken.cover
    return cover_of(_pruned(_improved(chosen, pieces, points), points), points)


def _improved(chosen: Sequence[Piece], pieces: Sequence[Piece], points: int) -> list[Piece]:
    """The choice with whatever pays for itself by points that become covered well."""
    better = list(chosen)
    while pieces:
        met = cover_of(better, points).met
        added = max(pieces, key=lambda p: ((p.met & points & ~met).bit_count(), p.strength, -p.key))
        if (added.met & points & ~met).bit_count() < PIECE_COST:
            break
        better.append(added)
    return better


def _pruned(chosen: Sequence[Piece], points: int) -> list[Piece]:
    """The choice without those that do not pay for themselves any more."""
    kept = list(chosen)
    for piece in chosen:
        others = [other for other in kept if other is not piece]
        if points & ~union(others) == 0 and cover_of(others, points).cost < cover_of(kept, points).cost:
            kept = others
    return kept


def cover_of(pieces: Iterable[Piece], points: int) -> Cover:
    """The choice of exactly these pieces, seen on these points."""
    chosen = sorted(pieces, key=lambda piece: piece.key)
    met = 0
    for piece in chosen:
        met |= piece.met
    return Cover(tuple(piece.key for piece in chosen), met & points, sum(piece.strength for piece in chosen))


def best_cover(pieces: Sequence[Piece], points: int, budget: Budget) -> Found:
    """The cover that ranks first. Sizes are tried upwards, so every size that fails raises the lower bound; once there
    is a cover, a larger one is looked for as long as it could pay.
    """
    size = lower_bound(pieces, points)
    if not points or points & ~union(pieces):
        return Found(Cover((), 0, 0) if not points else None, size, is_complete=True)
    found = cover_of_size(pieces, points, size=size, budget=budget)
    while found.best is None and found.is_complete:
        size += 1
        found = cover_of_size(pieces, points, size=size, budget=budget)
    if found.best is None or not found.is_complete:
        return Found(found.best, size, is_complete=False)
    return _best_of_larger(pieces, points, found.best, budget)


def _best_of_larger(pieces: Sequence[Piece], points: int, best: Cover, budget: Budget) -> Found:
    """The best of the smallest cover and of those larger ones that are worth their pieces."""
    smallest, size = len(best.keys), len(best.keys) + 1
    reachable = cover_of(pieces, points).met.bit_count()
    while (n_met := size * PIECE_COST - best.cost) <= reachable:
        found = cover_of_size(pieces, points, size=size, budget=budget, n_met=n_met)
        if not found.is_complete:
            return Found(found.best or best, smallest, is_complete=False)
        best = found.best or best
        size += 1
    return Found(best, len(best.keys), is_complete=True)


def cover_of_size(
    pieces: Sequence[Piece], points: int, *, size: int, budget: Budget, n_met: int = 0
) -> Found:
    """The cover of at most this size, with at least `n_met` points covered well, that ranks first.

    size: no smaller cover has so many. is_complete: also when the search shows that there is none.
    """
    search = _Search(pieces, points, size, n_met, budget)
    try:
        search.descend(_Node(points))
    except OutOfNodes:
        return Found(search.best, size, is_complete=False)
    return Found(search.best, size, is_complete=True)


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a choice. rest: points still open; banned: keys that were tried in its place already; settled:
    points that shall not be covered better than they are.
    """

    rest: int
    chosen: tuple[Piece, ...] = ()
    met: int = 0
    strength: int = 0
    banned: frozenset[int] = frozenset()
    settled: int = 0


@dataclass
class _Search:
    """One depth-first search for covers of one size."""

    pieces: Sequence[Piece]
    points: int
    size: int
    n_met: int
    budget: Budget
    best: Cover | None = None
    _any_met: int = field(init=False)
    _strongest: int = field(init=False)

    def __post_init__(self) -> None:
        self._any_met = cover_of(self.pieces, self.points).met
        self._strongest = max((piece.strength for piece in self.pieces), default=0)

    def descend(self, node: _Node) -> None:
        """Look at everything that begins with this choice, unless nothing in it can rank first."""
        self.budget.spend()
        n_left = self.size - len(node.chosen)
        if not node.rest:
            self._offer(cover_of(node.chosen, self.points))
        if not n_left or self._is_hopeless(node, n_left):
            return
        if node.rest:
            self._try_each(node, self._branch(node, n_left))
        else:
            self._improve(node)

    def _try_each(self, node: _Node, choices: Iterable[Piece]) -> None:
        banned = node.banned
        for piece in choices:
            self.descend(
                replace(
                    node,
                    rest=node.rest & ~piece.cover,
                    chosen=(*node.chosen, piece),
                    met=node.met | piece.met,
                    strength=node.strength + piece.strength,
                    banned=banned,
                )
            )
            # Choices with this piece have all been seen.
            banned |= {piece.key}

    def _improve(self, node: _Node) -> None:
        """Everything is covered: take what covers the next point well, each in turn, then leave that point as it is."""
        open_points = bits(self._any_met & ~node.met & ~node.settled)
        if not open_points:
            return
        point = open_points[0]
        better = [p for p in self.pieces if p.met & point and p.key not in node.banned]
        self._try_each(
            node, sorted(better, key=lambda p: (-(p.met & ~node.met).bit_count(), -p.strength, p.key))
        )
        self.descend(
            replace(node, settled=node.settled | point, banned=node.banned | {p.key for p in better})
        )

    def _branch(self, node: _Node, left: int) -> list[Piece]:
        """The pieces that can cover the open point with the fewest of them, the most promising first."""
        usable = [p for p in self.pieces if p.cover & node.rest and p.key not in node.banned]
        if left == 1:
            choices = [p for p in usable if node.rest & ~p.cover == 0]
        elif self._needed(usable, node.rest) > left:
            return []
        else:
            of_point = [[p for p in usable if p.cover & point] for point in bits(node.rest)]
            choices = min(of_point, key=len)
        return sorted(
            choices,
            key=lambda p: (-(p.cover & node.rest).bit_count(), -p.met.bit_count(), -p.strength, p.key),
        )

    def _needed(self, usable: Sequence[Piece], rest: int) -> int:
        largest = max(((piece.cover & rest).bit_count() for piece in usable), default=0)
        return -(-rest.bit_count() // largest) if largest else self.size + 1

    def _is_hopeless(self, node: _Node, n_left: int) -> bool:
        if self.best is None and not self.n_met:
            return False
        n_met = self._reachable(node, n_left)
        if n_met < self.n_met or self.best is None:
            return n_met < self.n_met
        reachable = (n_met, node.strength + n_left * self._strongest)
        return reachable < (self.best.met.bit_count(), self.best.strength)

    def _reachable(self, node: _Node, n_left: int) -> int:
        """No choice that begins with this one covers more points well: each piece adds at most what it covers well."""
        missing = self._any_met & ~node.met & ~node.settled
        gains = sorted(
            ((p.met & missing).bit_count() for p in self.pieces if p.key not in node.banned), reverse=True
        )
        return (node.met & self.points).bit_count() + min(missing.bit_count(), sum(gains[:n_left]))

    def _offer(self, cover: Cover) -> None:
        if cover.met.bit_count() < self.n_met:
            return
        if self.best is None or cover.rank < self.best.rank:
            self.best = cover
