import json
from pathlib import Path
from typing import Any

import pytest

from matcher.meeting_instance import make_instance, read_instance
from models.errors import InvalidInput
from tests.matcher.small_events import make_event

SLOT = {"id": 1, "session": "morning"}
TIMED = {"id": 1, "session": "morning", "start": "09:00", "end": "09:20"}
PEOPLE = [{"id": "a"}, {"id": "b"}]
WISH = {"id": "m", "participants": ["a", "b"]}


def test_what_is_not_said_has_a_default() -> None:
    instance = make_instance(make_event())

    assert [wish.weight for wish in instance.meetings] == [1.0, 1.0, 1.0]
    assert instance.participants[0].max_meetings is None
    assert instance.fairness_floor == 1


def test_times_are_minutes_of_the_day() -> None:
    instance = make_instance(make_event(slots=[TIMED], meetings=[]))

    assert (instance.slots[0].start, instance.slots[0].end, instance.slots[0].minutes) == (540, 560, 20)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"n_tables": -1}, "n_tables：不能小于 0。"),
        ({"n_tables": True}, "n_tables：要写一个整数。"),
        ({"n_tables": 0}, "桌数是 0，排不了会面。至少要有一张桌子。"),
        ({"slots": []}, "没有时段，排不了会面。"),
        ({"slots": [SLOT, SLOT]}, "时段 1 出现了 2 次，每个只能有一个。"),
        ({"slots": [{"session": "morning"}]}, "slots[0].id：没有写。"),
        ({"slots": [{**TIMED, "end": "08:50"}]}, "时段 1 的结束时间不晚于开始时间。"),
        ({"slots": [{**TIMED, "end": None}]}, "时段 1 只写了一头的时间。"),
        ({"slots": [{**TIMED, "start": "9.00"}]}, "slots[0].start：要写成时:分，例如 09:30。"),
        ({"slots": [{**TIMED, "start": "23:61"}]}, "slots[0].start：要写成时:分，例如 09:30。"),
        ({"slots": [TIMED, {**SLOT, "id": 2}]}, "时段要么都写起止时间，要么都不写。"),
        ({"slots": [TIMED, {**TIMED, "id": 2}]}, "时段 2 在时段 1 结束之前就开始了。"),
        ({"slots": [{**SLOT, "closed_tables": [3]}]}, "时段 1写的桌子 3 不存在，桌子是 1 到 2。"),
        ({"participants": [*PEOPLE, {"id": "a"}]}, "参会人 a 出现了 2 次，每个只能有一个。"),
        ({"participants": [{"id": ""}]}, "participants[0].id：不能为空。"),
        ({"participants": [{"id": "a", "unavailable_slots": [9]}]}, "参会人 a 写的时段 9 不存在。"),
        ({"participants": [{"id": "a", "max_meetings": -1}]}, "participants[0].max_meetings：不能小于 0。"),
        (
            {"participants": [{"id": "a", "max_meetings": 1, "min_meetings": 2}]},
            "参会人 a 最多的场数比最少的还小。",
        ),
        (
            {"participants": [{"id": "a", "buffer_minutes": 5}]},
            "参会人 a 要留间隔，但时段没有写起止时间。",
        ),
        ({"participants": [{"id": "a", "table": 7}]}, "参会人 a 写的桌子 7 不存在，桌子是 1 到 2。"),
        ({"meetings": [WISH, WISH]}, "会面 m 出现了 2 次，每个只能有一个。"),
        ({"meetings": [{**WISH, "participants": ["a", "x"]}]}, "会面 m 的参会人 x 不在名单里。"),
        ({"meetings": [{**WISH, "participants": ["a", "a"]}]}, "会面 m 的两方是同一个人。"),
        ({"meetings": [{**WISH, "participants": ["a"]}]}, "meetings[0].participants：少于 2 项。"),
        ({"meetings": [{**WISH, "weight": float("nan")}]}, "meetings[0].weight：要写一个有限的数。"),
        ({"meetings": [{**WISH, "weight": "2"}]}, "meetings[0].weight：要写一个数。"),
        ({"meetings": [{**WISH, "session": "evening"}]}, "会面 m 要求的场次 evening 不存在。"),
        ({"meetings": [{**WISH, "fixed_slot": 8}]}, "会面 m 写的时段 8 不存在。"),
        ({"meetings": [{**WISH, "min_minutes": 20}]}, "会面 m 要求时长，但时段没有写起止时间。"),
        ({"meetings": "none"}, "meetings：要写一个列表。"),
        ({"fairness_floor": 9}, "fairness_floor：只能写 0, 1, 2, 3, 4 or 5 之一。"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_instance(make_event(**changes))

    assert refused.value.message == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "不是 JSON：第 1 行写得不对。"),
        (b"[]", "里应当是一个 JSON 对象。"),
        (b"\xff\xfe", "不是 UTF-8 文本。"),
        (b'{"a": ' + b"[" * 100_000, "嵌套太深，不是活动文件。"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "不是 JSON：其中的数太长写得不对。"),
    ],
)
def test_a_file_that_is_no_event_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "event.json"
    path.write_bytes(content)

    with pytest.raises(InvalidInput) as refused:
        read_instance(path)

    assert refused.value.message == f"{path} {sentence}"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="读不了"):
        read_instance(tmp_path / "none.json")


def test_a_file_reads_as_its_content(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(make_event()), encoding="utf-8")

    assert read_instance(path) == make_instance(make_event())
