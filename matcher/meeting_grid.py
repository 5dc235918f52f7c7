"""An event as numbers, for solvers: wishes, positions in time and resources are indices, and no solver sees an id.

A position is a slot, or the hole left by ids that are missing between two slots (nobody meets there, but whoever meets
before and after it has waited). A resource is what a meeting takes for its slot: each of its two people, and the table
it is bound to, if any. People come first, in the order of the instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from matcher.meeting_instance import Instance, Person, Slot, Wish

HOLE = -1
"""Slot id of a position that is no slot."""

Placement = Mapping[int, int]
"""Wish index → position, for those that are placed."""


@dataclass(frozen=True)
class Grid:
    """What solvers need.

    slot_ids: slot of each position, HOLE for none. capacity: open tables at each position. allowed: positions a wish
    may take, ascending. resources: what it takes. bound_table: the table it is bound to, or None. clashes: for each
    person, for each position, the bits of other positions too near to it. n_people: resources below it are people.
    most, least: meetings of a person; n_wishes: how many would be too many for nobody. floor: what everybody should
    get first, at most the number of wishes.
    """

    slot_ids: tuple[int, ...]
    capacity: tuple[int, ...]
    allowed: tuple[tuple[int, ...], ...]
    resources: tuple[tuple[int, ...], ...]
    bound_table: tuple[int | None, ...]
    weights: tuple[float, ...]
    required: frozenset[int]
    n_people: int
    n_resources: int
    most: tuple[int, ...]
    least: tuple[int, ...]
    floor: tuple[int, ...]
    clashes: tuple[tuple[int, ...], ...]

    @property
    def n_wishes(self) -> int:
        """How many meetings are wanted."""
        return len(self.weights)

    @property
    def n_positions(self) -> int:
        """How many positions there are, holes included."""
        return len(self.slot_ids)

    def people(self, wish: int) -> tuple[int, ...]:
        """The two people of a wish."""
        return self.resources[wish][:2]

    def weight(self, placement: Placement) -> float:
        """What is placed is worth."""
        return sum(self.weights[wish] for wish in sorted(placement))

    def served(self, placement: Placement) -> int:
        """Meetings that count towards the floor: of each person at most as many as the floor asks."""
        return sum(map(min, self.counts(placement), self.floor))

    def counts(self, placement: Placement) -> list[int]:
        """Meetings of each person."""
        found = [0] * self.n_people
        for wish in placement:
            for person in self.people(wish):
                found[person] += 1
        return found


def count_gaps(mask: int) -> int:
    """Idle gaps of whoever is busy at these bits: maximal runs of waiting between the first and the last."""
    return max((mask & ~(mask << 1)).bit_count() - 1, 0)


def busy_masks(grid: Grid, placement: Placement) -> list[int]:
    """For each person the positions taken, as bits."""
    masks = [0] * grid.n_people
    for wish, position in placement.items():
        for person in grid.people(wish):
            masks[person] |= 1 << position
    return masks


def idle_gaps(grid: Grid, placement: Placement) -> int:
    """Idle gaps of all people together."""
    return sum(map(count_gaps, busy_masks(grid, placement)))


def make_grid(instance: Instance) -> Grid:
    """The numbers of an event."""
    slots = _positions(instance.slots)
    numbers = {person.id: number for number, person in enumerate(instance.participants)}
    persons = {person.id: person for person in instance.participants}
    tables: dict[int, int] = {}
    bound = [_bound_table(wish, persons) for wish in instance.meetings]
    for table in bound:
        if table is not None:
            tables.setdefault(table, len(numbers) + len(tables))
    wanted = [0] * len(numbers)
    for wish in instance.meetings:
        for who in wish.participants:
            wanted[numbers[who]] += 1
    most = [
        n if person.max_meetings is None else min(n, person.max_meetings)
        for person, n in zip(instance.participants, wanted, strict=True)
    ]
    return Grid(
        slot_ids=tuple(HOLE if slot is None else slot.id for slot in slots),
        capacity=tuple(
            0 if slot is None else instance.n_tables - len(set(slot.closed_tables)) for slot in slots
        ),
        allowed=tuple(
            tuple(_allowed(wish, table, slots, persons))
            for wish, table in zip(instance.meetings, bound, strict=True)
        ),
        resources=tuple(
            (*(numbers[who] for who in wish.participants), *(() if table is None else (tables[table],)))
            for wish, table in zip(instance.meetings, bound, strict=True)
        ),
        bound_table=tuple(bound),
        weights=tuple(wish.weight for wish in instance.meetings),
        required=frozenset(index for index, wish in enumerate(instance.meetings) if wish.required),
        n_people=len(numbers),
        n_resources=len(numbers) + len(tables),
        most=tuple(most),
        least=tuple(person.min_meetings for person in instance.participants),
        floor=tuple(min(n, instance.fairness_floor) for n in most),
        clashes=tuple(_clashes(person, slots) for person in instance.participants),
    )


def _positions(slots: Iterable[Slot]) -> list[Slot | None]:
    """Slots by id, with one hole wherever ids are missing in between."""
    ordered = sorted(slots, key=lambda slot: slot.id)
    positions: list[Slot | None] = list(ordered[:1])
    for earlier, later in pairwise(ordered):
        if later.id - earlier.id > 1:
            positions.append(None)
        positions.append(later)
    return positions


def _bound_table(wish: Wish, persons: Mapping[str, Person]) -> int | None:
    """The table a meeting must take: its own, else that of its first host."""
    if wish.fixed_table is not None:
        return wish.fixed_table
    return next((table for who in wish.participants if (table := persons[who].table) is not None), None)


def _allowed(
    wish: Wish, table: int | None, slots: Iterable[Slot | None], persons: Mapping[str, Person]
) -> Iterable[int]:
    away = {slot for who in wish.participants for slot in persons[who].unavailable_slots}
    for position, slot in enumerate(slots):
        if slot is None or slot.id in away or slot.id in wish.forbidden_slots:
            continue
        if wish.fixed_slot not in (None, slot.id) or wish.session not in ("any", slot.session):
            continue
        if table in slot.closed_tables or (slot.minutes or 0) < wish.min_minutes:
            continue
        yield position


def _clashes(person: Person, slots: list[Slot | None]) -> tuple[int, ...]:
    """For each position the bits of others closer in time than this person's buffer."""
    if not person.buffer_minutes:
        return (0,) * len(slots)
    return tuple(
        sum(
            1 << there
            for there, other in enumerate(slots)
            if there != here and slot is not None and other is not None and _too_near(slot, other, person)
        )
        for here, slot in enumerate(slots)
    )


def _too_near(one: Slot, other: Slot, person: Person) -> bool:
    earlier, later = (one, other) if one.id < other.id else (other, one)
    if earlier.end is None or later.start is None:
        return False
    return later.start - earlier.end < person.buffer_minutes
