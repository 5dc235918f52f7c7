"""Small events to plan, the best plan of each by trying everything, and the rules of a plan written a second time."""

from __future__ import annotations

import importlib.util
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import strategies as st

from matcher.meeting_grid import Grid, busy_masks, idle_gaps, make_grid
from matcher.meeting_instance import Instance, make_instance
from matcher.meeting_plan import MeetingPlan

SHARED_DATA = Path(os.environ.get("DUIJIE_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
EVENTS = SHARED_DATA / "events"
CHECKER = SHARED_DATA.parent / "tools" / "check_meeting_plan.py"


def make_event(**changes: Any) -> dict[str, Any]:
    """Three people, who all want to meet, three slots, two tables."""
    event: dict[str, Any] = {
        "name": "small",
        "n_tables": 2,
        "slots": [
            {"id": 1, "session": "morning"},
            {"id": 2, "session": "morning"},
            {"id": 3, "session": "afternoon"},
        ],
        "participants": [{"id": who} for who in "abc"],
        "meetings": [
            {"id": f"{one}{other}", "participants": [one, other]} for one, other in combinations("abc", 2)
        ],
    }
    return {**event, **changes}


def grid_of(**changes: Any) -> Grid:
    """The grid of such an event."""
    return make_grid(make_instance(make_event(**changes)))


@st.composite
def events(draw: st.DrawFn, n_people: int = 5, n_slots: int = 4, n_wishes: int = 6) -> dict[str, Any]:
    """Events with few tables, people who are away, limits, hosts, buffers, pinned and forbidden slots."""
    slots = [
        {"id": number, "session": draw(st.sampled_from(["morning", "afternoon"])), **times}
        for number, times in zip(draw(slot_ids(n_slots)), clock(draw(st.sampled_from([0, 10]))), strict=False)
    ]
    ids = [slot["id"] for slot in slots]
    n_tables = draw(st.integers(1, 2))
    for slot in slots:
        slot["closed_tables"] = draw(st.sampled_from([[], [], [], [1]]))
    people = [
        {
            "id": f"p{number}",
            "unavailable_slots": draw(st.lists(st.sampled_from(ids), max_size=2, unique=True)),
            "buffer_minutes": draw(st.sampled_from([0, 0, 10, 20])),
            "table": draw(st.sampled_from([None, None, None, 1])),
            **draw(st.sampled_from([{}, {}, {"max_meetings": 1}, {"max_meetings": 2}])),
        }
        for number in range(draw(st.integers(2, n_people)))
    ]
    pairs = [[one["id"], other["id"]] for one, other in combinations(people, 2)]
    wishes = [
        {
            "id": f"m{number}",
            "participants": pair,
            "weight": draw(st.sampled_from([1.0, 1.0, 2.0, 0.5])),
            "session": draw(st.sampled_from(["any", "any", "any", "morning", "afternoon"])),
            "forbidden_slots": draw(st.sampled_from([[], [], [ids[0]]])),
            "fixed_slot": draw(st.sampled_from([None, None, None, ids[-1]])),
        }
        for number, pair in enumerate(draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=n_wishes)))
    ]
    return {"name": "drawn", "n_tables": n_tables, "slots": slots, "participants": people, "meetings": wishes}


def slot_ids(n_slots: int) -> st.SearchStrategy[list[int]]:
    """Ascending ids, sometimes with one missing in between."""
    return st.lists(st.integers(1, n_slots + 1), min_size=1, max_size=n_slots, unique=True).map(sorted)


def clock(pause: int = 0) -> Iterator[dict[str, str]]:
    """Ten o'clock, then twenty minutes each, with a pause after each."""
    for start in range(600, 1200, 20 + pause):
        end = start + 20
        yield {"start": f"{start // 60:02d}:{start % 60:02d}", "end": f"{end // 60:02d}:{end % 60:02d}"}


def all_placements(grid: Grid) -> Iterator[dict[int, int]]:
    """Every placement that keeps the rules, by trying everything."""

    def extend(wish: int, placement: dict[int, int]) -> Iterator[dict[int, int]]:
        if wish == grid.n_wishes:
            if grid.required <= placement.keys() and enough(grid, placement):
                yield dict(placement)
            return
        yield from extend(wish + 1, placement)
        for position in grid.allowed[wish]:
            if fits(grid, placement, wish, position):
                placement[wish] = position
                yield from extend(wish + 1, placement)
                del placement[wish]

    return extend(0, {})


def enough(grid: Grid, placement: dict[int, int]) -> bool:
    return all(n >= least for n, least in zip(grid.counts(placement), grid.least, strict=True))


def fits(grid: Grid, placement: dict[int, int], wish: int, position: int) -> bool:
    """The rules once more, in the slowest and plainest way."""
    there = [other for other, at in placement.items() if at == position]
    if len(there) >= grid.capacity[position]:
        return False
    if any(set(grid.resources[wish]) & set(grid.resources[other]) for other in there):
        return False
    counts, masks = grid.counts(placement), busy_masks(grid, placement)
    return all(
        counts[person] < grid.most[person] and not masks[person] & grid.clashes[person][position]
        for person in grid.people(wish)
    )


def best_rank(grid: Grid) -> tuple[float, int]:
    """Weight and served of the best plan there is."""
    return max((grid.weight(each), grid.served(each)) for each in all_placements(grid))


def fewest_gaps(grid: Grid, wishes: set[int]) -> int:
    """The least idle gaps of any plan that holds exactly these meetings."""
    return min(idle_gaps(grid, each) for each in all_placements(grid) if each.keys() == wishes)


def placement_of(grid: Grid, instance: Instance, plan: MeetingPlan) -> dict[int, int]:
    """A plan as numbers."""
    numbers = {wish.id: number for number, wish in enumerate(instance.meetings)}
    positions = {slot: at for at, slot in enumerate(grid.slot_ids)}
    return {numbers[each.meeting]: positions[each.slot] for each in plan.assignments}


def assert_keeps_rules(instance: Instance, plan: MeetingPlan) -> None:
    """Nobody twice, no table twice, nothing where it may not be, every figure right."""
    grid = make_grid(instance)
    placement: dict[int, int] = {}
    for wish, position in placement_of(grid, instance, plan).items():
        assert position in grid.allowed[wish]
        assert fits(grid, placement, wish, position)
        placement[wish] = position
    assert max(Counter((each.slot, each.table) for each in plan.assignments).values(), default=0) <= 1
    closed = {slot.id: slot.closed_tables for slot in instance.slots}
    bound = {wish.id: table for wish, table in zip(instance.meetings, grid.bound_table, strict=True)}
    for each in plan.assignments:
        assert 1 <= each.table <= instance.n_tables
        assert each.table not in closed[each.slot]
        assert bound[each.meeting] in (None, each.table)
    assert plan.weight_placed == pytest.approx(grid.weight(placement))
    assert plan.idle_gaps == idle_gaps(grid, placement)
    assert {each.meeting for each in plan.unplaced} == {wish.id for wish in instance.meetings} - {
        each.meeting for each in plan.assignments
    }
    assert all(each.words(locale) for each in plan.unplaced for locale in ("zh", "en"))


def independent_checker() -> Callable[[dict[str, Any], dict[str, Any]], list[str]]:
    """The checker of shared/tools; skips where it is not."""
    if not CHECKER.is_file():
        pytest.skip("shared/data and its tools/check_meeting_plan.py are not at hand (DUIJIE_SHARED_DATA)")
    spec = importlib.util.spec_from_file_location("check_meeting_plan", CHECKER)
    assert spec is not None and spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    checker: Callable[[dict[str, Any], dict[str, Any]], list[str]] = module.check
    return checker


def shared_event(name: str) -> dict[str, Any]:
    """One of the events of shared/data; skips where they are not."""
    path = EVENTS / f"{name}.json"
    if not path.is_file():
        pytest.skip("shared/data/events is not at hand (DUIJIE_SHARED_DATA)")
    event: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return event
