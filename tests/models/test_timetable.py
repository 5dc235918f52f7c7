"""Halls and times of an event: numbers of tables and slots, and days that cannot be."""

import pytest

from models.errors import InvalidInput
from models.timetable import (
    Hall,
    Period,
    Slot,
    as_json,
    check_halls,
    check_periods,
    clock,
    cut,
    read_periods,
    runs_of,
    seatings,
    slots_of,
)

MORNING = [Period(540, 560, "上午"), Period(560, 580, "上午"), Period(580, 600), Period(600, 630, "上午")]


def test_a_break_has_no_number_and_what_follows_it_goes_on_counting() -> None:
    assert slots_of(MORNING) == [
        Slot(1, Period(540, 560, "上午")),
        Slot(2, Period(560, 580, "上午")),
        Slot(3, Period(600, 630, "上午")),
    ]
    assert [period.is_break for period in MORNING] == [False, False, True, False]


def test_a_day_is_the_same_after_it_was_kept() -> None:
    assert read_periods(as_json(MORNING)) == MORNING


def test_equal_meetings_in_a_row_are_one_run() -> None:
    assert [len(run) for run in runs_of(MORNING)] == [2, 1, 1]
    apart = [Period(540, 560, "上午"), Period(570, 590, "上午")]
    assert [len(run) for run in runs_of(apart)] == [1, 1]


def test_a_stretch_is_cut_into_whole_meetings() -> None:
    assert cut(540, 605, 20, "上午") == [Period(at, at + 20, "上午") for at in (540, 560, 580)]


def test_table_numbers_run_through_all_halls() -> None:
    found = seatings([Hall("主厅", 3), Hall("侧厅", 2)])

    assert [(row.hall.name, list(row.tables)) for row in found] == [("主厅", [1, 2, 3]), ("侧厅", [4, 5])]


def test_times_are_written_with_two_digits() -> None:
    assert [clock(0), clock(545), clock(1440)] == ["00:00", "09:05", "24:00"]
    assert Period(540, 560).words == "09:00–09:20"


@pytest.mark.parametrize(
    ("periods", "says"),
    [
        ([Period(560, 540, "上午")], "不晚于"),
        ([Period(540, 540, "上午")], "不晚于"),
        ([Period(540, 560, "上午"), Period(555, 580, "上午")], "上一行结束之前"),
        ([Period(1430, 1450, "夜场")], "24:00"),
        ([Period(540, 560)], "至少要有一个会面时段"),
        ([], "至少要有一个会面时段"),
        (cut(0, 1440, 10, "整天"), "最多 120 个"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_a_sentence(periods: list[Period], says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_periods(periods)

    assert says in refused.value.fields["timetable"]


@pytest.mark.parametrize(
    ("halls", "says"),
    [
        ([], "至少要有一张桌子"),
        ([Hall("主厅", 0)], "至少要有一张桌子"),
        ([Hall("主厅", 3), Hall("侧厅", 0)], "至少要有一张桌子"),
        ([Hall("主厅", 400), Hall("侧厅", 101)], "最多 500 张"),
        ([Hall("主厅", 3), Hall("主厅", 2)], "名字一样"),
    ],
)
def test_halls_without_tables_or_with_one_name_are_refused(halls: list[Hall], says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_halls(halls)

    assert says in refused.value.fields["halls"]
