"""Working days: Monday to Friday without the holidays an installation names. Terms of answers are counted in them."""

from collections.abc import Collection
from datetime import date, timedelta

SATURDAY = 5


def is_working_day(on: date, *, holidays: Collection[date] = ()) -> bool:
    """Whether offices are open on that day."""
    return on.weekday() < SATURDAY and on not in holidays


def working_days_after(start: date, n: int, *, holidays: Collection[date] = ()) -> date:
    """The n-th working day after a day, which itself does not count; the day itself for n = 0."""
    on = start
    for _ in range(n):
        on += timedelta(days=1)
        while not is_working_day(on, holidays=holidays):
            on += timedelta(days=1)
    return on
