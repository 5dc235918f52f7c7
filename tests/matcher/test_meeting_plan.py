import json
from pathlib import Path
from typing import Any

import pytest

from matcher.meeting_instance import make_instance
from matcher.meeting_plan import read_assignments, write_plan
from matcher.meetings import PlanRequest, plan_meetings
from models.errors import InvalidInput
from tests.matcher.small_events import independent_checker, make_event

INSTANCE = make_instance(make_event())
ROW = {"meeting": "ab", "slot": 1, "table": 2}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({}, "不是排期文件：没有 assignments 列表。"),
        ({"assignments": [{"meeting": "ab"}]}, "的第 1 条安排缺会面、时段或桌子。"),
        ({"assignments": ["ab"]}, "的第 1 条安排缺会面、时段或桌子。"),
        ({"assignments": [{**ROW, "slot": True}]}, "的第 1 条安排写得不对。"),
        ({"assignments": [ROW, ROW]}, "把会面 ab 安排了两次。"),
        ({"assignments": [{**ROW, "meeting": "zz"}]}, "是另一个活动的排期：其中没有一场会面在这个活动里。"),
    ],
)
def test_what_is_no_earlier_plan_is_refused(tmp_path: Path, content: Any, sentence: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(InvalidInput) as refused:
        read_assignments(path, INSTANCE)

    assert refused.value.message.removeprefix(f"{path} ") == sentence


def test_meetings_wanted_no_more_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"assignments": [ROW, {**ROW, "meeting": "zz"}]}), encoding="utf-8")

    assert read_assignments(path, INSTANCE) == {"ab": (1, 2)}


def test_a_plan_written_and_read_is_the_same(tmp_path: Path) -> None:
    plan = plan_meetings(PlanRequest(INSTANCE, work=0.05, seconds=None))
    path = tmp_path / "plan.json"

    write_plan(path, plan.to_json("zh"))

    assert read_assignments(path, INSTANCE) == {
        each.meeting: (each.slot, each.table) for each in plan.assignments
    }
    assert [each.name for each in tmp_path.iterdir()] == ["plan.json"]


def test_the_independent_checker_agrees() -> None:
    plan = plan_meetings(PlanRequest(make_instance(make_event(n_tables=1)), work=0.05, seconds=None))

    assert independent_checker()(make_event(n_tables=1), plan.to_json("en")) == []


@pytest.mark.parametrize(
    ("locale", "words"), [("zh", "已证明最优：3/3 场"), ("en", "proved optimal: 3/3 meetings")]
)
def test_the_text_says_status_and_figures(locale: str, words: str) -> None:
    plan = plan_meetings(PlanRequest(INSTANCE, work=0.05, seconds=None))

    assert words in plan.to_text(locale)
