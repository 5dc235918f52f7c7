"""Which hard rules cannot be kept together: the fewest that would have to give, each with why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from matcher.linear_program import Limits, maximise
from matcher.meeting_causes import explain_unplaced
from matcher.meeting_grid import Grid, make_grid
from matcher.meeting_instance import Instance
from matcher.meeting_placement import make_columns
from matcher.meeting_words import CONTRADICTIONS


@dataclass(frozen=True)
class Contradiction:
    """A rule that cannot be kept beside the others. values: what its sentence is filled with."""

    code: str
    values: dict[str, Any]

    def words(self, locale: str) -> str:
        """One line for the reader."""
        return CONTRADICTIONS[self.code][locale].format_map(self.values)


def find_contradictions(instance: Instance, limits: Limits, locale: str) -> list[Contradiction]:
    """The fewest rules to give up, in the order of the instance. Empty where none has to, or none was found in time."""
    grid = make_grid(instance)
    free = replace(grid, required=frozenset(), least=(0,) * grid.n_people)
    columns = make_columns(free, weigh=False)
    own: dict[int, list[int]] = {}
    for column, (wish, _) in columns.where.items():
        own.setdefault(wish, []).append(column)
    for wish in sorted(grid.required):
        dropped = columns.program.add_column(-1.0)
        columns.program.add_row([(dropped, 1.0), *((each, 1.0) for each in own.get(wish, []))], lower=1)
    for person, least in enumerate(grid.least):
        if least:
            lacking = columns.program.add_column(-1.0, upper=least)
            held = [(each, 1.0) for each in columns.of_person[person]]
            columns.program.add_row([(lacking, 1.0), *held], lower=least)
    placement = columns.placement(maximise(columns.program, limits))
    return [] if placement is None else _name(instance, grid, placement, locale)


def _name(instance: Instance, grid: Grid, placement: dict[int, int], locale: str) -> list[Contradiction]:
    left_out = [wish for wish in sorted(grid.required) if wish not in placement]
    found = []
    for wish, unplaced in zip(
        left_out, explain_unplaced(instance, grid, placement, locale, which=left_out), strict=True
    ):
        one, other = (instance.person_name(who) for who in instance.meetings[wish].participants)
        found.append(
            Contradiction(
                "required_left_out",
                {"meeting": unplaced.meeting, "one": one, "other": other, "reason": unplaced.words(locale)},
            )
        )
    for person, n in enumerate(grid.counts(placement)):
        if n < grid.least[person]:
            name = instance.participants[person].name or instance.participants[person].id
            found.append(
                Contradiction("minimum_missed", {"who": name, "least": grid.least[person], "possible": n})
            )
    return found
