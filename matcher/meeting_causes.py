"""Why a meeting has no place, and the one change that would give it one, checked against the plan as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matcher.meeting_board import Board
from matcher.meeting_grid import HOLE, Grid, Placement
from matcher.meeting_instance import Instance, Slot, Wish
from matcher.meeting_words import reason_words, slot_words


@dataclass(frozen=True)
class Unplaced:
    """A meeting without a place. cause, change: codes with their values, ready to be worded; change is empty where the
    cause is no single one's fault.
    """

    meeting: str
    cause: Mapping[str, Any]
    change: Mapping[str, Any]

    def words(self, locale: str) -> str:
        """One line for the reader."""
        return reason_words(self.cause, self.change, locale)


def explain_unplaced(
    instance: Instance, grid: Grid, placement: Placement, locale: str, *, which: list[int] | None = None
) -> list[Unplaced]:
    """One entry for each wish that is not placed, in the order of the instance."""
    inquiry = _Inquiry(instance, grid, placement, locale)
    wanted = [wish for wish in range(grid.n_wishes) if wish not in placement] if which is None else which
    return [inquiry.explain(wish) for wish in wanted]


class _Inquiry:
    """Questions to one plan."""

    def __init__(self, instance: Instance, grid: Grid, placement: Placement, locale: str) -> None:
        self.instance, self.grid, self.locale = instance, grid, locale
        self.board = Board(grid, placement)
        self.slots = {slot.id: slot for slot in instance.slots}
        self.names = [person.name or person.id for person in instance.participants]
        self.away = [frozenset(person.unavailable_slots) for person in instance.participants]

    def explain(self, wish: int) -> Unplaced:
        """The cause and the change for one wish."""
        cause = next(self._causes(wish))
        change = next(self._changes(wish), {"code": "none"})
        return Unplaced(self.instance.meetings[wish].id, cause, change)

    def _slot(self, position: int) -> Slot:
        return self.slots[self.grid.slot_ids[position]]

    def _when(self, positions: list[int]) -> str:
        return slot_words([self._slot(position) for position in positions], self.locale)

    def _free(self, person: int, position: int) -> bool:
        return not self.board.mask[person] >> position & 1

    def _spaced(self, person: int, position: int) -> bool:
        return not self.board.mask[person] & self.grid.clashes[person][position]

    def _has_room(self, position: int) -> bool:
        return self.board.load[position] < self.grid.capacity[position]

    def _table_free(self, wish: int, position: int) -> bool:
        return all(self.board.at[table][position] < 0 for table in self.grid.resources[wish][2:])

    def _below_limit(self, person: int) -> bool:
        return self.board.n_meetings[person] < self.grid.most[person]

    def _causes(self, wish: int) -> Iterator[dict[str, Any]]:
        one, other = self.grid.people(wish)
        names = {"one": self.names[one], "other": self.names[other]}
        if not self.grid.allowed[wish]:
            lonely = any(self._suits(self.instance.meetings[wish], slot) for slot in self.instance.slots)
            yield {"code": "no_common_slot", **names} if lonely else {"code": "no_fitting_slot"}
        for person in (one, other):
            if not self._below_limit(person):
                yield {"code": "limit_reached", "who": self.names[person], "n": self.grid.most[person]}
        for person in (one, other):
            if not any(self._free(person, position) for position in self.grid.allowed[wish]):
                yield {"code": "slots_used", "who": self.names[person], "n": len(self.grid.allowed[wish])}
        yield from self._causes_in_free_slots(wish, one, other)
        yield {"code": "never_free_together", **names}

    def _causes_in_free_slots(self, wish: int, one: int, other: int) -> Iterator[dict[str, Any]]:
        free = [at for at in self.grid.allowed[wish] if self._free(one, at) and self._free(other, at)]
        for person in (one, other):
            near = self.instance.participants[person].buffer_minutes
            if free and not any(self._spaced(person, at) for at in free):
                yield {"code": "too_close", "who": self.names[person], "minutes": near}
        full = [at for at in free if not self._has_room(at)]
        if full:
            yield {"code": "tables_full", "when": self._when(full)}
        if free:
            table = self.grid.bound_table[wish]
            yield {"code": "table_taken", "when": self._when(free), "table": table}

    def _suits(self, wish: Wish, slot: Slot) -> bool:
        """Whether a slot is what the meeting itself asks for, whoever can come."""
        return (
            slot.id not in wish.forbidden_slots
            and wish.fixed_slot in (None, slot.id)
            and wish.session in ("any", slot.session)
            and (slot.minutes or 0) >= wish.min_minutes
        )

    def _changes(self, wish: int) -> Iterator[dict[str, Any]]:
        yield from self._raise_limit(wish)
        yield from self._add_table(wish)
        yield from self._come_at(wish)
        yield from self._give_up(wish)
        yield from self._let_it_move(wish)

    def _fits(self, wish: int, position: int) -> bool:
        """Whether both are free, with the time between, and the bound table is."""
        return self._table_free(wish, position) and all(
            self._free(person, position) and self._spaced(person, position)
            for person in self.grid.people(wish)
        )

    def _raise_limit(self, wish: int) -> Iterator[dict[str, Any]]:
        full = [person for person in self.grid.people(wish) if not self._below_limit(person)]
        if len(full) != 1:
            return
        for position in self.grid.allowed[wish]:
            if self._fits(wish, position) and self._has_room(position):
                more = self.grid.most[full[0]] + 1
                yield {
                    "code": "raise_limit",
                    "who": self.names[full[0]],
                    "n": more,
                    "when": self._when([position]),
                }

    def _limits_allow(self, wish: int) -> bool:
        return all(self._below_limit(person) for person in self.grid.people(wish))

    def _add_table(self, wish: int) -> Iterator[dict[str, Any]]:
        for position in self.grid.allowed[wish] if self._limits_allow(wish) else ():
            if self._fits(wish, position) and not self._has_room(position):
                yield {"code": "add_table", "when": self._when([position])}

    def _open_positions(self, wish: int) -> Iterator[tuple[int, list[int]]]:
        """Positions outside the allowed ones where it would fit, each with the people who are away then."""
        if not self._limits_allow(wish):
            return
        for position, slot_id in enumerate(self.grid.slot_ids):
            if slot_id == HOLE or position in self.grid.allowed[wish]:
                continue
            if self.grid.bound_table[wish] in self._slot(position).closed_tables:
                continue
            if self._fits(wish, position) and self._has_room(position):
                yield position, [who for who in self.grid.people(wish) if slot_id in self.away[who]]

    def _come_at(self, wish: int) -> Iterator[dict[str, Any]]:
        for position, away in self._open_positions(wish):
            if len(away) == 1 and self._suits(self.instance.meetings[wish], self._slot(position)):
                yield {"code": "come_at", "who": self.names[away[0]], "when": self._when([position])}

    def _give_up(self, wish: int) -> Iterator[dict[str, Any]]:
        found = [self.board.exchange(wish, position) for position in self.grid.allowed[wish]]
        cheapest = sorted(
            (each for each in found if each is not None and each.out >= 0),
            key=lambda each: (-each.gain, each.position),
        )
        for each in cheapest:
            one, other = self.grid.people(each.out)
            yield {
                "code": "give_up",
                "one": self.names[one],
                "other": self.names[other],
                "meeting": self.instance.meetings[each.out].id,
                "when": self._when([each.position]),
            }

    def _let_it_move(self, wish: int) -> Iterator[dict[str, Any]]:
        for position, away in self._open_positions(wish):
            if not away:
                yield {"code": "let_it_move", "when": self._when([position])}
