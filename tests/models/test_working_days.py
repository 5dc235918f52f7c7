from datetime import date

import pytest

from models.working_days import is_working_day, working_days_after

FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("n", "holidays", "end"),
    [
        (0, (), FRIDAY),
        (1, (), date(2026, 11, 30)),
        (5, (), date(2026, 12, 4)),
        (1, (date(2026, 11, 30),), date(2026, 12, 1)),
        (6, (), date(2026, 12, 7)),
    ],
)
def test_weekends_and_holidays_do_not_count(n: int, holidays: tuple[date, ...], end: date) -> None:
    assert working_days_after(FRIDAY, n, holidays=holidays) == end


def test_from_a_weekend_the_first_working_day_is_monday() -> None:
    assert working_days_after(date(2026, 11, 28), 1) == date(2026, 11, 30)
    assert not is_working_day(date(2026, 11, 29))
    assert not is_working_day(FRIDAY, holidays=[FRIDAY])
