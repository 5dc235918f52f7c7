"""What organizers type about an event: lines of halls and times, read and written back."""

from __future__ import annotations

import pytest

from models.errors import InvalidInput
from models.timetable import Hall, Period, cut
from tests.factories import make_event
from web.forms.events import EventForm, timetable_text, typed_event
from web.forms.parsing import parse

EVENT = {
    "title": "冬季对接会",
    "kind": "matchmaking",
    "held_on": "2026-12-20",
    "place": "市民中心",
    "halls": "主厅 12\n侧厅：8 张桌",
    "timetable": "上午 09:00-10:00 20\n茶歇 10:00–10:15\n上午，10：15至10：45，30 分钟\n下午 14:00-14:45",
    "max_meetings": "6",
    "min_meetings": "1",
    "buffer_minutes": "0",
    "capacity": "",
}


def test_halls_and_times_are_read_as_people_write_them() -> None:
    form = parse(EventForm, EVENT)

    assert form.halls == (Hall("主厅", 12), Hall("侧厅", 8))
    assert list(form.timetable) == [
        *cut(540, 600, 20, "上午"),
        Period(600, 615),
        Period(615, 645, "上午"),
        Period(840, 885, "下午"),
    ]
    assert form.setting().rules.max_meetings == 6


def test_what_is_kept_is_written_back_as_it_was_typed(session) -> None:
    event = make_event(session)
    event.set_up(parse(EventForm, EVENT).setting())

    typed = typed_event(event, break_word="休息")

    assert typed["timetable"] == (
        "上午 09:00-10:00 20\n休息 10:00-10:15\n上午 10:15-10:45 30\n下午 14:00-14:45 45"
    )
    assert parse(EventForm, typed) == parse(EventForm, EVENT)


def test_breaks_are_known_in_both_languages() -> None:
    form = parse(EventForm, {**EVENT, "timetable": "Morning 9:00-10:00 20\nLunch 12:00-13:00"})

    assert form.timetable[-1].is_break
    assert timetable_text(form.timetable, break_word="Break").endswith("Break 12:00-13:00")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"halls": ""}, "至少要有一张桌子"),
        ({"halls": "主厅"}, "每行写一个厅"),
        ({"halls": "主厅 0"}, "至少要有一张桌子"),
        ({"halls": "主厅 3\n主厅 4"}, "名字一样"),
        ({"halls": "厅 1\n" * 61}, "行数太多"),
        ({"timetable": ""}, "至少要有一个会面时段"),
        ({"timetable": "上午"}, "每行写一段时间"),
        ({"timetable": "上午 9点-10点 20"}, "每行写一段时间"),
        ({"timetable": "上午 10:00-09:00 20"}, "不晚于"),
        ({"timetable": "上午 09:00-10:00 25"}, "不能按这个时长分完"),
        ({"timetable": "上午 09:00-10:00 0"}, "不能按这个时长分完"),
        ({"timetable": "上午 09:00-10:00 20\n上午 09:30-10:30 20"}, "上一行结束之前"),
        ({"timetable": "夜场 23:00-25:00 20"}, "24:00"),
        ({"max_meetings": "0"}, "大于 0"),
        ({"min_meetings": "7"}, "比最多的还多"),
        ({"held_on": "明天"}, "日期"),
        ({"capacity": "0"}, "1 到 5000"),
        ({"capacity": "许多"}, "整数"),
        ({"kind": "party"}, "选一项"),
        ({"buffer_minutes": "1e9"}, "整数"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(changes: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(EventForm, {**EVENT, **changes})

    assert list(refused.value.fields) == list(changes)
    assert says in next(iter(refused.value.fields.values()))
