from typing import Any

import pytest
from hypothesis import given, settings

from matcher.meeting_grid import make_grid
from matcher.meeting_instance import make_instance
from matcher.meeting_placement import weight_bound
from matcher.meeting_plan import PlanStatus
from matcher.meetings import PlanRequest, Progress, plan_meetings
from tests.matcher.small_events import (
    assert_keeps_rules,
    best_rank,
    events,
    fewest_gaps,
    independent_checker,
    make_event,
    placement_of,
    shared_event,
)

EVENTS = (
    "tic-12crafc",
    "tic-13crafb",
    "tic-13crafc",
    "tic-14crafc",
    "tic-14crafd",
    "forum-13crafb",
    "forum-13crafc",
)


def planned(event: dict[str, Any], **asked: Any) -> Any:
    return plan_meetings(PlanRequest(make_instance(event), **{"work": 0.05, "seconds": None, **asked}))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(events())
def test_any_event_is_planned_as_well_as_trying_everything_would(event: dict[str, Any]) -> None:
    instance = make_instance(event)
    grid = make_grid(instance)

    plan = planned(event)

    assert_keeps_rules(instance, plan)
    assert plan.status is PlanStatus.OPTIMAL
    assert (plan.weight_placed, plan.fairness.served) == best_rank(grid)
    assert plan.weight_bound >= plan.weight_placed
    assert plan.gaps_bound <= fewest_gaps(grid, set(placement_of(grid, instance, plan)))


@pytest.mark.proof
@settings(max_examples=10_000, deadline=None)
@given(events())
def test_ten_thousand_events_keep_every_rule_and_bound(event: dict[str, Any]) -> None:
    instance = make_instance(event)
    grid = make_grid(instance)

    plan = planned(event)

    assert_keeps_rules(instance, plan)
    assert (plan.weight_placed, plan.fairness.served) == best_rank(grid)
    assert weight_bound(grid) >= plan.weight_placed
    assert plan.gaps_bound <= fewest_gaps(grid, set(placement_of(grid, instance, plan)))


@pytest.mark.slow
@pytest.mark.parametrize("name", EVENTS)
def test_every_event_at_hand_is_placed_in_full_and_proved(name: str) -> None:
    event = shared_event(name)

    plan = planned(event, work=2.0)

    assert plan.status is PlanStatus.OPTIMAL
    assert plan.unplaced == ()
    assert independent_checker()(event, plan.to_json("zh")) == []


def test_the_same_seed_and_work_give_the_same_plan() -> None:
    event = shared_event("tic-13crafb")

    plans = [planned(event, work=1.0, seed=5) for _ in range(2)]

    assert plans[0].assignments == plans[1].assignments
    assert plans[0].gaps_bound == plans[1].gaps_bound


def test_contradicting_rules_are_named_and_nothing_is_placed() -> None:
    people = [{"id": "a", "min_meetings": 3}, {"id": "b"}, {"id": "c"}]

    plan = planned(make_event(participants=people))

    assert plan.status is PlanStatus.INFEASIBLE
    assert plan.assignments == ()
    assert [each.code for each in plan.contradictions] == ["minimum_missed"]
    assert {each.cause["code"] for each in plan.unplaced} == {"rules_contradict"}


def test_people_below_the_floor_are_named() -> None:
    plan = planned(make_event(n_tables=1, slots=[{"id": 1, "session": "any"}]))

    assert len(plan.fairness.below) == 1
    assert plan.fairness.served == 2


def test_keeping_a_plan_moves_nobody_who_can_stay() -> None:
    event = shared_event("tic-13crafb")
    first = planned(event, work=1.0)
    earlier = {each.meeting: (each.slot, each.table) for each in first.assignments}
    absent = {**event["participants"][0], "unavailable_slots": [slot["id"] for slot in event["slots"]]}
    changed = {**event, "participants": [absent, *event["participants"][1:]]}

    again = planned(changed, work=1.0, earlier=earlier)

    assert again.kept is not None
    assert again.kept.moved == ()
    assert {each.meeting for each in again.unplaced} == set(again.kept.dropped)
    assert {each.meeting: (each.slot, each.table) for each in again.assignments}.items() <= earlier.items()
    assert_keeps_rules(make_instance(changed), again)


@settings(max_examples=60, deadline=None)
@given(events())
def test_planning_again_without_a_change_changes_nothing(event: dict[str, Any]) -> None:
    first = planned(event)
    earlier = {each.meeting: (each.slot, each.table) for each in first.assignments}

    again = planned(event, earlier=earlier)

    assert again.assignments == first.assignments


@pytest.mark.slow
def test_a_stop_gives_a_plan_that_keeps_the_rules() -> None:
    event = shared_event("large-200x40x24")
    seen: list[Progress] = []

    plan = plan_meetings(
        PlanRequest(
            make_instance(event), seconds=600, is_stopped=lambda: len(seen) > 20, on_progress=seen.append
        )
    )

    assert plan.was_stopped
    assert plan.weight_bound >= plan.weight_placed
    assert independent_checker()(event, plan.to_json("zh")) == []


def test_progress_tells_the_stages_in_order() -> None:
    seen: list[Progress] = []

    planned(make_event(), on_progress=seen.append)

    stages = list(dict.fromkeys(progress.stage for progress in seen))
    assert stages == ["placement", "gaps", "finishing"]


def test_a_hard_rule_stands_above_the_plan_to_keep() -> None:
    # One table, one slot; a and b have it, and now c must have a meeting.
    event = make_event(
        n_tables=1,
        slots=[{"id": 1, "session": "any"}],
        participants=[{"id": "a"}, {"id": "b"}, {"id": "c", "min_meetings": 1}],
    )

    plan = planned(event, earlier={"ab": (1, 1)})

    assert [each.meeting for each in plan.assignments] in (["ac"], ["bc"])
    assert plan.kept is not None
    assert plan.kept.dropped == ("ab",)


@pytest.mark.parametrize(
    "nobody", [{"meetings": []}, {"meetings": [], "participants": [], "slots": [], "n_tables": 0}]
)
def test_an_event_without_wishes_has_an_empty_plan(nobody: dict[str, Any]) -> None:
    plan = planned(make_event(**nobody))

    assert plan.status is PlanStatus.OPTIMAL
    assert (plan.assignments, plan.unplaced, plan.idle_gaps) == ((), (), 0)


def test_whoever_may_have_none_has_none() -> None:
    people = [{"id": "a", "max_meetings": 0}, {"id": "b"}, {"id": "c"}]

    plan = planned(make_event(participants=people))

    assert [each.meeting for each in plan.assignments] == ["bc"]
    assert {each.cause["code"] for each in plan.unplaced} == {"limit_reached"}
