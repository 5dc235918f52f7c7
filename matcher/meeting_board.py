"""A plan being changed: who meets when, kept so that one change costs microseconds and never books anybody twice.

The basic change swaps two positions along a chain: to move a meeting from one position to another, whatever its people
(and its bound table) have at the other one moves back, and so on until nobody is booked twice. Those inside a chain are
busy at both positions before and after, so only its ends change what they wait.
"""

from __future__ import annotations

from dataclasses import dataclass

from matcher.meeting_grid import Grid, Placement, busy_masks, count_gaps

UNPLACED = -1
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Chain:
    """A swap of two positions. wishes: all that move; ends: people busy at one of the two only; net: how many more
    leave `here` than arrive.
    """

    here: int
    there: int
    wishes: list[int]
    ends: list[int]
    net: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """An unplaced wish takes a position, and the wish that was in its way, if any, loses its own. waits: idle gaps
    more; served: meetings more that count towards the floor.
    """

    wish: int
    position: int
    out: int
    gain: float
    waits: int
    served: int


class Board:
    """Mutable state of one plan. Tables are counted, not named; `overflow` counts meetings without one."""

    def __init__(self, grid: Grid, placement: Placement) -> None:
        self.grid = grid
        self.position = [placement.get(wish, UNPLACED) for wish in range(grid.n_wishes)]
        self.at = [[NOBODY] * grid.n_positions for _ in range(grid.n_resources)]
        self.load = [0] * grid.n_positions
        for wish, position in placement.items():
            self.load[position] += 1
            for resource in grid.resources[wish]:
                self.at[resource][position] = wish
        self.mask = busy_masks(grid, placement)
        self.n_meetings = grid.counts(placement)
        self.gaps = sum(map(count_gaps, self.mask))
        self.overflow = sum(max(n - room, 0) for n, room in zip(self.load, grid.capacity, strict=True))
        self._fits = [sum(1 << position for position in allowed) for allowed in grid.allowed]
        self._spaced = any(any(clashes) for clashes in grid.clashes)
        self._seen = [0] * grid.n_wishes
        self._stamp = 0

    def placement(self) -> dict[int, int]:
        """The plan as it stands."""
        return {wish: position for wish, position in enumerate(self.position) if position != UNPLACED}

    def chain(self, wish: int, there: int) -> Chain | None:
        """The swap that moves this placed wish there; None where somebody or something forbids a part of it."""
        position, at, resources = self.position, self.at, self.grid.resources
        fits, seen = self._fits, self._seen
        here = position[wish]
        self._stamp += 1
        stamp = seen[wish] = self._stamp
        wishes, ends, net, n_people = [wish], [], 1, self.grid.n_people
        for each in wishes:
            other = there if position[each] == here else here
            for resource in resources[each]:
                met = at[resource][other]
                if met < 0:
                    if resource < n_people:
                        ends.append(resource)
                elif seen[met] != stamp:
                    if not fits[met] >> (here if other == there else there) & 1:
                        return None
                    seen[met] = stamp
                    wishes.append(met)
                    net += 1 if other == here else -1
        if not ends or (self._spaced and self._crowds(here, there, ends)):
            return None
        return Chain(here, there, wishes, ends, net)

    def _crowds(self, here: int, there: int, ends: list[int]) -> bool:
        """Whether the swap brings two meetings of somebody closer together than the buffer."""
        both = 1 << here | 1 << there
        for person in ends:
            taken = there if self.mask[person] >> here & 1 else here
            if self.mask[person] & ~both & self.grid.clashes[person][taken]:
                return True
        return False

    def waits(self, chain: Chain) -> int:
        """How many idle gaps more there would be."""
        both, mask, more = 1 << chain.here | 1 << chain.there, self.mask, 0
        for person in chain.ends:
            before = mask[person]
            after = before ^ both
            more += (after & ~(after << 1)).bit_count() - (before & ~(before << 1)).bit_count()
        return more

    def crowding(self, chain: Chain) -> int:
        """How many meetings more would have no table."""
        here, there, net = chain.here, chain.there, chain.net
        if not net:
            return 0
        load, room = self.load, self.grid.capacity
        before = max(load[here] - room[here], 0) + max(load[there] - room[there], 0)
        return max(load[here] - net - room[here], 0) + max(load[there] + net - room[there], 0) - before

    def swap(self, chain: Chain, *, waits: int, crowding: int) -> None:
        """Do it. The two figures are those of waits() and crowding(), which the caller has."""
        here, there, position, resources = chain.here, chain.there, self.position, self.grid.resources
        for wish in chain.wishes:
            for resource in resources[wish]:
                self.at[resource][position[wish]] = NOBODY
        for wish in chain.wishes:
            moved = position[wish] = there if position[wish] == here else here
            for resource in resources[wish]:
                self.at[resource][moved] = wish
        both = 1 << here | 1 << there
        for person in chain.ends:
            self.mask[person] ^= both
        self.load[here] -= chain.net
        self.load[there] += chain.net
        self.gaps += waits
        self.overflow += crowding

    def exchange(self, wish: int, position: int) -> Exchange | None:
        """Putting an unplaced wish there, at the cost of at most one other; None where a rule forbids it."""
        grid = self.grid
        in_way = {met for resource in grid.resources[wish] if (met := self.at[resource][position]) >= 0}
        if len(in_way) > 1 or (not in_way and self.load[position] >= grid.capacity[position]):
            return None
        out = in_way.pop() if in_way else UNPLACED
        if out in grid.required:
            return None
        left = grid.people(out) if out >= 0 else ()
        come = [person for person in grid.people(wish) if person not in left]
        gone = [person for person in left if person not in grid.people(wish)]
        if not self._may(come, gone, position):
            return None
        return Exchange(
            wish=wish,
            position=position,
            out=out,
            gain=grid.weights[wish] - (grid.weights[out] if out >= 0 else 0.0),
            waits=self._waits_of(come, gone, 1 << position),
            served=sum(self.n_meetings[person] < grid.floor[person] for person in come)
            - sum(self.n_meetings[person] <= grid.floor[person] for person in gone),
        )

    def _may(self, come: list[int], gone: list[int], position: int) -> bool:
        """Whether the limits and buffers of those who come and the minimum of those who go allow it."""
        grid, n_meetings = self.grid, self.n_meetings
        for person in come:
            if n_meetings[person] >= grid.most[person] or self.mask[person] & grid.clashes[person][position]:
                return False
        return all(n_meetings[person] > grid.least[person] for person in gone)

    def _waits_of(self, come: list[int], gone: list[int], bit: int) -> int:
        mask = self.mask
        more = sum(count_gaps(mask[person] | bit) - count_gaps(mask[person]) for person in come)
        return more + sum(count_gaps(mask[person] & ~bit) - count_gaps(mask[person]) for person in gone)

    def take(self, exchange: Exchange) -> None:
        """Do it."""
        if exchange.out >= 0:
            self._lift(exchange.out)
        self.position[exchange.wish] = exchange.position
        self.load[exchange.position] += 1
        for resource in self.grid.resources[exchange.wish]:
            self.at[resource][exchange.position] = exchange.wish
        for person in self.grid.people(exchange.wish):
            self.mask[person] |= 1 << exchange.position
            self.n_meetings[person] += 1
        self.gaps += exchange.waits

    def _lift(self, wish: int) -> None:
        position = self.position[wish]
        self.position[wish] = UNPLACED
        self.load[position] -= 1
        for resource in self.grid.resources[wish]:
            self.at[resource][position] = NOBODY
        for person in self.grid.people(wish):
            self.mask[person] &= ~(1 << position)
            self.n_meetings[person] -= 1
