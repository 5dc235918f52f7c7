from typing import Any

import pytest
from hypothesis import given, settings

from matcher.linear_program import Limits
from matcher.meeting_board import Board
from matcher.meeting_causes import explain_unplaced
from matcher.meeting_grid import make_grid
from matcher.meeting_instance import make_instance
from matcher.meeting_placement import place
from tests.matcher.small_events import clock, events, make_event

ONE_SLOT = [{"id": 1, "session": "morning"}]
TIMED = [
    {"id": number, "session": "morning", **times} for number, times in zip((1, 2), clock(), strict=False)
]


def told(placement: dict[int, int], **changes: Any) -> str:
    """What is said of the only meeting that has no place."""
    instance = make_instance(make_event(**changes))
    (unplaced,) = explain_unplaced(instance, make_grid(instance), placement, "zh")
    return unplaced.words("zh")


@pytest.mark.parametrize(
    ("placement", "changes", "sentence"),
    [
        (
            {},
            {
                "participants": [
                    {"id": "a", "unavailable_slots": [1]},
                    {"id": "b", "unavailable_slots": [2, 3]},
                ],
                "meetings": [{"id": "ab", "participants": ["a", "b"]}],
            },
            "a和b没有共同的时段；a若 时段 1 能来就能排上",
        ),
        (
            {},
            {
                "slots": ONE_SLOT,
                "meetings": [{"id": "ab", "participants": ["a", "b"], "session": "afternoon"}],
            },
            "没有一个时段符合这场会面自己的要求（场次、时长、固定或排除的时段、桌子）；"
            "不限场次和时段的话，可以排在 时段 1",
        ),
        (
            {0: 0, 2: 1},
            {"participants": [{"id": "a", "name": "李工", "max_meetings": 1}, {"id": "b"}, {"id": "c"}]},
            "李工最多 1 场，已经排满；把李工的上限改为 2 场就能排在 时段 3",
        ),
        (
            {0: 0},
            {
                "n_tables": 1,
                "slots": ONE_SLOT,
                "participants": [{"id": who} for who in "abcd"],
                "meetings": [
                    {"id": "ab", "participants": ["a", "b"]},
                    {"id": "cd", "participants": ["c", "d"]},
                ],
            },
            "时段 1 桌子已满；时段 1 多开一张桌就能排上",
        ),
        (
            {0: 0},
            {
                "slots": ONE_SLOT,
                "meetings": [
                    {"id": "ab", "participants": ["a", "b"]},
                    {"id": "ac", "participants": ["a", "c"]},
                ],
            },
            "a能来的 1 个时段都已有会面；放弃a和b的会面（ab）就能排在 时段 1",
        ),
        (
            {0: 0, 1: 1},
            {
                "slots": [{"id": 1, "session": "any"}, {"id": 2, "session": "any"}],
                "participants": [{"id": who} for who in "abcd"],
                "meetings": [
                    {"id": "ab", "participants": ["a", "b"]},
                    {"id": "cd", "participants": ["c", "d"]},
                    {"id": "ac", "participants": ["a", "c"]},
                ],
            },
            "a和c空着的时段对不上；放弃a和b的会面（ab）就能排在 时段 1",
        ),
        (
            {0: 0},
            {
                "slots": TIMED,
                "participants": [{"id": "a", "buffer_minutes": 15}, {"id": "b"}, {"id": "c"}],
                "meetings": [
                    {"id": "ab", "participants": ["a", "b"]},
                    {"id": "ac", "participants": ["a", "c"], "forbidden_slots": [1]},
                ],
            },
            "a要留 15 分钟间隔，剩下的时段都太近；只改一处还排不上",
        ),
        (
            {0: 0},
            {
                "slots": ONE_SLOT,
                "participants": [{"id": who} for who in "abcd"],
                "meetings": [
                    {"id": "ab", "participants": ["a", "b"], "fixed_table": 1},
                    {"id": "cd", "participants": ["c", "d"], "fixed_table": 1},
                ],
            },
            "时段 1 第 1 桌已有会面，这场只能在这张桌；放弃a和b的会面（ab）就能排在 时段 1",
        ),
    ],
)
def test_the_cause_is_told_in_the_readers_terms(
    placement: dict[int, int], changes: dict[str, Any], sentence: str
) -> None:
    assert told(placement, **changes) == sentence


@settings(max_examples=60, deadline=None)
@given(events())
def test_giving_up_what_is_named_makes_the_place(event: dict[str, Any]) -> None:
    instance = make_instance(event)
    grid = make_grid(instance)
    placement = place(grid, Limits()).placement or {}
    numbers = {wish.id: number for number, wish in enumerate(instance.meetings)}

    for unplaced in explain_unplaced(instance, grid, placement, "en"):
        if unplaced.change["code"] == "give_up":
            without = {
                wish: at for wish, at in placement.items() if wish != numbers[unplaced.change["meeting"]]
            }
            board = Board(grid, without)
            wish = numbers[unplaced.meeting]
            found = [board.exchange(wish, position) for position in grid.allowed[wish]]
            assert any(each is not None and each.out < 0 for each in found)


@settings(max_examples=60, deadline=None)
@given(events())
def test_raising_the_limit_that_is_named_makes_the_place(event: dict[str, Any]) -> None:
    instance = make_instance(event)
    grid = make_grid(instance)
    placement = place(grid, Limits()).placement or {}

    for unplaced in explain_unplaced(instance, grid, placement, "en"):
        if unplaced.change["code"] == "raise_limit":
            people = [
                {**person, "max_meetings": unplaced.change["n"]}
                if person["id"] == unplaced.change["who"]
                else person
                for person in event["participants"]
            ]
            wider = make_grid(make_instance({**event, "participants": people}))
            wish = next(n for n, each in enumerate(instance.meetings) if each.id == unplaced.meeting)
            found = [Board(wider, placement).exchange(wish, position) for position in wider.allowed[wish]]
            assert any(each is not None and each.out < 0 for each in found)
