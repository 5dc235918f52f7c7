"""When and where an event meets: times of any length in sessions, breaks between them, halls with numbered tables.

They are kept as JSON with the event: none of them means anything without it, and all are changed together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from models.errors import InvalidInput
from models.i18n import N_

MAX_MINUTES = 24 * 60
MAX_TABLES = 500
"""As many as a planned event may have (matcher/meeting_instance.py)."""
MAX_SLOTS = 120


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the day, in minutes since midnight. Without a session it is a break, and nobody meets in it."""

    start: int
    end: int
    session: str = ""

    @property
    def is_break(self) -> bool:
        """Whether nobody meets in it."""
        return not self.session

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.end - self.start

    @property
    def words(self) -> str:
        """`09:00–09:20`."""
        return f"{clock(self.start)}–{clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Slot:
    """A period in which meetings are held. number: 1 for the first of the day; breaks have none."""

    number: int
    period: Period


@dataclass(frozen=True, slots=True)
class Hall:
    """A room with tables."""

    name: str
    n_tables: int


@dataclass(frozen=True, slots=True)
class Seating:
    """The tables of a hall: their numbers run through all halls of the event, so that one number is one table."""

    hall: Hall
    tables: range


def clock(minutes: int) -> str:
    """`09:05`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def cut(start: int, end: int, minutes: int, session: str) -> list[Period]:
    """Equal meetings from start to end; what is left at the end, shorter than one meeting, is nobody's."""
    return [Period(at, at + minutes, session) for at in range(start, end - minutes + 1, minutes)]


def as_json(parts: Iterable[Period | Hall]) -> list[dict[str, Any]]:
    """Periods or halls as the column keeps them."""
    return [asdict(part) for part in parts]


def read_periods(rows: Iterable[Mapping[str, Any]]) -> list[Period]:
    """The periods of a column, in the order of the day."""
    return [Period(**row) for row in rows]


def slots_of(periods: Iterable[Period]) -> list[Slot]:
    """The times in which meetings are held, numbered from 1; a break for everybody is nobody's waiting."""
    meeting = [period for period in periods if not period.is_break]
    return [Slot(number, period) for number, period in enumerate(meeting, start=1)]


def runs_of(periods: Iterable[Period]) -> list[list[Period]]:
    """The day with equal meetings that follow one another together; each break alone."""
    runs: list[list[Period]] = []
    for period in periods:
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and not period.is_break
            and (last.session, last.minutes, last.end) == (period.session, period.minutes, period.start)
        ):
            runs[-1].append(period)
        else:
            runs.append([period])
    return runs


def seatings(halls: Iterable[Hall]) -> list[Seating]:
    """Which tables stand in which hall."""
    found, first = [], 1
    for hall in halls:
        found.append(Seating(hall, range(first, first + hall.n_tables)))
        first += hall.n_tables
    return found


def check_periods(periods: Sequence[Period]) -> None:
    """InvalidInput at `timetable` for what cannot be a day: wrong order, overlaps, no time to meet."""
    wrong = _wrong_with(periods)
    if wrong is not None:
        raise InvalidInput(wrong, fields={"timetable": wrong})


def _wrong_with(periods: Sequence[Period]) -> str | None:
    if any(period.end <= period.start for period in periods):
        return N_("有一行的结束时间不晚于开始时间。")
    if any(period.end > MAX_MINUTES or period.start < 0 for period in periods):
        return N_("时间只能在 00:00 到 24:00 之间。")
    if any(later.start < earlier.end for earlier, later in pairwise(periods)):
        return N_("有一行在上一行结束之前就开始了。")
    n_slots = len(slots_of(periods))
    if n_slots == 0:
        return N_("至少要有一个会面时段。")
    return N_("会面时段太多，最多 120 个。") if n_slots > MAX_SLOTS else None


def check_halls(halls: Sequence[Hall]) -> None:
    """InvalidInput at `halls` where there is no table, where two halls have one name, or where there are too many."""
    total = sum(hall.n_tables for hall in halls)
    wrong = None
    if any(hall.n_tables < 1 for hall in halls) or total == 0:
        wrong = N_("每个厅至少要有一张桌子。")
    elif total > MAX_TABLES:
        wrong = N_("桌子太多，最多 500 张。")
    elif len({hall.name for hall in halls}) < len(halls):
        wrong = N_("有两个厅的名字一样。")
    if wrong is not None:
        raise InvalidInput(wrong, fields={"halls": wrong})
