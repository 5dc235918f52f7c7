"""Meeting plans of the events at hand: what is placed, what is proved, how many idle gaps are left, and in what time.

The yardstick of a gap count is greed: meetings in the order of the file, each in the first slot for it. The goals
are the best plans known before this solver was written, at a minute an event on two cores.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matcher.meeting_grid import idle_gaps, make_grid
from matcher.meeting_instance import Instance, make_instance
from matcher.meeting_placement import place_greedily
from matcher.meeting_plan import MeetingPlan
from matcher.meetings import PlanRequest, plan_meetings
from tests.bench.figures import Figure, watch
from tests.matcher.small_events import EVENTS

SECONDS, LARGE_SECONDS, REPLAN_SECONDS = 60.0, 90.0, 10.0
BEST_KNOWN = {
    "tic-12crafc": 0,
    "tic-13crafb": 0,
    "tic-13crafc": 5,
    "tic-14crafc": 3,
    "tic-14crafd": 0,
    "forum-13crafb": 8,
    "forum-13crafc": 3,
}
LARGE, LARGE_WEIGHT, LARGE_GAPS = "large-200x40x24", 1804, 474
NO_SHOWS = 10


def measure(_folder: Path) -> Iterator[Figure]:
    """Every event, then the large one, then the large one again after ten people did not come."""
    if not EVENTS.is_dir():
        yield Figure("shared/data/events is not at hand (DUIJIE_SHARED_DATA)", 0, "events")
        return
    for name, best in BEST_KNOWN.items():
        yield from plan_one(name, best, SECONDS)
    event = json.loads((EVENTS / f"{LARGE}.json").read_text(encoding="utf-8"))
    instance = make_instance({**event, "fairness_floor": 0})
    yield from large(instance, event)


def plan_one(name: str, best: int, seconds: float) -> Iterator[Figure]:
    """One event that can be placed in full."""
    instance = make_instance(json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8")))
    grid = make_grid(instance)
    greedy = place_greedily(grid, {})
    plan = plan_meetings(PlanRequest(instance, seconds=seconds))
    beside = f"greed: {len(greedy)} placed, {idle_gaps(grid, greedy)} gaps"
    note = (
        f"{len(plan.assignments)} of {grid.n_wishes} placed, {plan.status}; gaps at least {plan.gaps_bound}"
    )
    yield Figure(f"{name}: idle gaps", plan.idle_gaps, "gaps", beside, at_most=best, note=note)
    yield Figure(f"{name}: time", plan.seconds, "s", at_most=seconds)
    yield Figure(f"{name}: weight not placed", plan.weight_bound - plan.weight_placed, "", at_most=0)


def large(instance: Instance, event: dict[str, Any]) -> Iterator[Figure]:
    """1,500 wishes for 960 places."""
    plan = plan_meetings(PlanRequest(instance, seconds=LARGE_SECONDS))
    yield Figure(f"{LARGE}: bound / weight", plan.weight_bound / plan.weight_placed, "", at_most=1 / 0.99)
    yield Figure(f"{LARGE}: idle gaps", plan.idle_gaps, "gaps", at_most=1.1 * LARGE_GAPS)
    yield Figure(f"{LARGE}: time", plan.seconds, "s", at_most=LARGE_SECONDS)
    yield from replan(event, plan)


def replan(event: dict[str, Any], plan: MeetingPlan) -> Iterator[Figure]:
    """Every twentieth person does not come."""
    every = [slot["id"] for slot in event["slots"]]
    step = len(event["participants"]) // NO_SHOWS
    people = [
        {**person, "unavailable_slots": every} if number % step == 0 else person
        for number, person in enumerate(event["participants"])
    ]
    instance = make_instance({**event, "fairness_floor": 0, "participants": people})
    earlier = {each.meeting: (each.slot, each.table) for each in plan.assignments}
    started = time.monotonic()
    with watch() as taken:
        again = plan_meetings(PlanRequest(instance, seconds=REPLAN_SECONDS, earlier=earlier))
    what = f"{LARGE}, {NO_SHOWS} no-shows"
    if again.kept is not None:
        others = len(again.kept.stayed) + len(again.kept.moved)
        note = f"{len(again.kept.added)} new, {len(again.kept.dropped)} without one of the two"
        share = 100 * len(again.kept.moved) / others
        yield Figure(f"{what}: other meetings moved", share, "%", at_most=5, note=note)
    yield Figure(
        f"{what}: time",
        time.monotonic() - started,
        "s",
        at_most=REPLAN_SECONDS,
        note=f"cpu {taken.cpu:.1f} s",
    )
