"""Teams (联合体): the fewest firms that together cover the must requirements, the closest together first.

Pure: verdicts and places in, a proposal out. Covered means met, or, second best, partly; unmet and unknown never count.
What is optimised, in this order: fewest uncovered musts; fewest members, where one more is worth two musts met rather
than partly; most musts met; closest together, strongest relevance, smallest ids. docs/teams.md says what is proved and
what is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from matcher.coverage import Verdict
from matcher.covering import (
    Budget,
    Cover,
    Found,
    Piece,
    best_cover,
    cover_of_size,
    greedy_cover,
    lower_bound,
    undominated,
    union,
)
from models.team import Closeness

TEAM_VERSION = "2"
"""Goes up whenever the same inputs may give another team; proposals are then made anew."""

EXACT_MUSTS, EXACT_FIRMS = 24, 200
"""Up to so many musts, and firms that no other can stand in for, the search is exact unless it runs out of nodes."""

NODE_LIMIT = 20_000
"""Nodes one proposal may cost, well under a second; a scenario of six musts and 150 firms needs a few hundred."""

_GRAIN = 1_000_000  # strengths are added as integers, so that no order of addition changes a sum


@dataclass(frozen=True, slots=True)
class Contender:
    """A firm that may take a part. verdicts: by must's position, through its best capability for each; a missing one
    is unknown. strength: relevance to the whole need. Places are None, or empty, where they are not known.
    """

    firm_id: int
    verdicts: Mapping[int, Verdict]
    strength: float
    community_id: int | None = None
    district_id: int | None = None
    city: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A firm of the team. parts: the musts it takes, ascending; never empty."""

    firm_id: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProposedTeam:
    """The best team found.

    members: the largest part first. uncovered: musts that no contender covers. partly: musts the team covers in part
    only. conflicts: (firm, must) where a member contradicts what another one takes. lower_bound: the best team has no
    fewer members. is_exact: nothing ranks before it in any respect.
    """

    members: tuple[Member, ...]
    closeness: Closeness
    uncovered: tuple[int, ...] = ()
    partly: tuple[int, ...] = ()
    conflicts: tuple[tuple[int, int], ...] = ()
    lower_bound: int = 0
    is_exact: bool = True

    @property
    def gap(self) -> int:
        """Members above the proved lower bound; 0 means that no smaller team is as good."""
        return len(self.members) - self.lower_bound


@dataclass(frozen=True, slots=True)
class _Field:
    """The contenders as pieces, with the musts as bits. points: the musts that somebody covers."""

    musts: tuple[int, ...]
    contenders: Mapping[int, Contender]
    pieces: tuple[Piece, ...]
    points: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", union(self.pieces))


def propose_team(
    musts: Sequence[int], contenders: Iterable[Contender], *, node_limit: int = NODE_LIMIT
) -> ProposedTeam:
    """The best team for these musts, by position. ValueError when a firm is given twice.

    A team that covers everything anybody covers always exists; without any coverage it has no members.
    """
    market = _field(musts, contenders)
    cover, bound, is_exact = _best(market, Budget(node_limit))
    return _team(market, cover, bound, is_exact=is_exact)


def closeness_of(members: Sequence[Contender]) -> Closeness:
    """The closest place that all members are known to share."""
    if len(members) < 2:
        return Closeness.ALONE
    for closeness, places in zip(_LEVELS, zip(*map(_places, members), strict=True), strict=True):
        if places[0] and len(set(places)) == 1:
            return closeness
    return Closeness.APART


_LEVELS = (Closeness.SAME_COMMUNITY, Closeness.SAME_DISTRICT, Closeness.SAME_CITY)
_RANKS = {closeness: rank for rank, closeness in enumerate(Closeness)}


def _places(contender: Contender) -> tuple[object, ...]:
    return (contender.community_id, contender.district_id, contender.city)


def _field(musts: Sequence[int], contenders: Iterable[Contender]) -> _Field:
    wanted = tuple(sorted(set(musts)))
    given = sorted(contenders, key=lambda contender: contender.firm_id)
    by_id = {contender.firm_id: contender for contender in given}
    if len(by_id) < len(given):
        raise ValueError("a firm may be named once only")
    return _Field(wanted, by_id, tuple(_piece(wanted, contender) for contender in given))


def _piece(musts: Sequence[int], contender: Contender) -> Piece:
    met = partly = 0
    for at, position in enumerate(musts):
        verdict = contender.verdicts.get(position, Verdict.UNKNOWN)
        met |= (verdict is Verdict.MET) << at
        partly |= (verdict is Verdict.PARTLY) << at
    return Piece(contender.firm_id, met | partly, met, round(contender.strength * _GRAIN))


def _best(market: _Field, budget: Budget) -> tuple[Cover, int, bool]:
    """The cover, a lower bound of its size, and whether it is proved best in every respect."""
    everybody = undominated(market.pieces)
    if len(everybody) > EXACT_FIRMS or market.points.bit_count() > EXACT_MUSTS:
        return _by_greed(market, lower_bound(everybody, market.points))
    found = best_cover(everybody, market.points, budget)
    if found.best is None or not found.is_complete:
        return _given_up(market, found)
    return _closest(market, found.best, budget)


def _closest(market: _Field, best: Cover, budget: Budget) -> tuple[Cover, int, bool]:
    """Of the covers as small and as well met as `best`, the one closest together; place by place, level by level."""
    size, n_met = len(best.keys), best.met.bit_count()
    if size < 2:
        return best, size, True
    for groups in _groups(market):
        found = [
            cover_of_size(undominated(group), market.points, size=size, budget=budget, n_met=n_met)
            for group in groups
            if len(group) >= size and union(group) == market.points
        ]
        covers = [one.best for one in found if one.best is not None]
        is_complete = all(one.is_complete for one in found)
        if covers or not is_complete:
            return min([*covers] or [best], key=lambda cover: cover.rank), size, is_complete
    return best, size, True


def _groups(market: _Field) -> list[list[list[Piece]]]:
    """For each level, closest first, the pieces of each place."""
    levels = []
    for level in range(len(_LEVELS)):
        by_place: dict[object, list[Piece]] = {}
        for piece in market.pieces:
            place = _places(market.contenders[piece.key])[level]
            if place:
                by_place.setdefault(place, []).append(piece)
        levels.append(list(by_place.values()))
    return levels


def _given_up(market: _Field, found: Found) -> tuple[Cover, int, bool]:
    """What stands when the search ran out of nodes: the better of what it found and what greed finds."""
    greedy, _, _ = _by_greed(market, found.lower_bound)
    covers = [greedy] if found.best is None else [greedy, found.best]
    return min(covers, key=lambda cover: _full_rank(market, cover)), found.lower_bound, False


def _by_greed(market: _Field, bound: int) -> tuple[Cover, int, bool]:
    """The best of the greedy covers of every place and of all together."""
    groups = [group for level in _groups(market) for group in level]
    covers = [greedy_cover(undominated(group), market.points) for group in [*groups, list(market.pieces)]]
    best = min((cover for cover in covers if cover is not None), key=lambda cover: _full_rank(market, cover))
    return best, bound, False


def _full_rank(market: _Field, cover: Cover) -> tuple[object, ...]:
    cost, n_met, strength, keys = cover.rank
    closeness = closeness_of([market.contenders[key] for key in keys])
    return (cost, n_met, _RANKS[closeness], strength, keys)


def _team(market: _Field, cover: Cover, bound: int, *, is_exact: bool) -> ProposedTeam:
    members = [market.contenders[key] for key in cover.keys]
    takers = {
        position: _taker(position, members)
        for at, position in enumerate(market.musts)
        if market.points >> at & 1
    }
    parts = {
        member.firm_id: tuple(position for position, taker in takers.items() if taker is member)
        for member in members
    }
    order = sorted(members, key=lambda member: (-len(parts[member.firm_id]), member.firm_id))
    return ProposedTeam(
        members=tuple(Member(member.firm_id, parts[member.firm_id]) for member in order),
        closeness=closeness_of(members),
        uncovered=tuple(position for position in market.musts if position not in takers),
        partly=tuple(
            position for position, taker in takers.items() if taker.verdicts.get(position) is not Verdict.MET
        ),
        conflicts=tuple(
            (member.firm_id, position)
            for member in order
            for position in takers
            if member.verdicts.get(position) is Verdict.UNMET
        ),
        lower_bound=bound,
        is_exact=is_exact,
    )


def _taker(position: int, members: Sequence[Contender]) -> Contender:
    """Who takes a must: who meets it before who meets it partly, then the stronger one.

    In a cover without superfluous members each has a must that no other covers, or musts that no other meets, so nobody
    is left without a part.
    """
    value = {Verdict.MET: 0, Verdict.PARTLY: 1}
    return min(
        members,
        key=lambda member: (
            value.get(member.verdicts.get(position, Verdict.UNKNOWN), 2),
            -member.strength,
            member.firm_id,
        ),
    )
