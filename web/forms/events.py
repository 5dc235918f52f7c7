"""What an organizer writes about an event; halls and times as lines of text, for keyboard and phone alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from models.errors import InvalidInput
from models.event import Event, EventRules, EventSetting, EventType
from models.i18n import N_
from models.timetable import Hall, Period, check_halls, check_periods, clock, cut, runs_of
from web.forms.parsing import Form, OptionalInt, filled, maybe, sentence

BREAKS = ("休息", "午休", "午餐", "茶歇", "break", "lunch", "tea")
"""A line that begins with one of these words is a break."""
MAX_LINES = 60
MAX_PEOPLE = 5000
"""As many as a planned event may have (matcher/meeting_instance.py)."""
CLOCK = r"(\d{1,2})\s*[:：]\s*([0-5]\d)"
PERIOD = re.compile(
    rf"(?P<name>\S.*?)[\s,，]+{CLOCK}\s*[-–—~～至到]+\s*{CLOCK}(?:[\s,，]+(?P<minutes>\d{{1,3}})\s*(?:分钟|分|min)?)?"
)
HALL = re.compile(r"(?P<name>\S.*?)[\s,，:：]+(?P<tables>\d{1,4})\s*(?:张桌子|张桌|张|桌|tables?)?")


def _lines(text: object) -> list[str]:
    lines = [line.strip() for line in str(text or "").splitlines()]
    found = [line for line in lines if line]
    if len(found) > MAX_LINES:
        raise sentence(N_("行数太多，最多 60 行。"))
    return found


def read_halls(text: object) -> tuple[Hall, ...]:
    """A hall a line: its name, then how many tables stand in it."""
    halls = []
    for line in _lines(text):
        found = HALL.fullmatch(line)
        if found is None or len(found["name"]) > 60:
            raise sentence(N_("每行写一个厅：名字，再写桌数，例如“主厅 12”。"))
        halls.append(Hall(found["name"], int(found["tables"])))
    _check(lambda: check_halls(halls))
    return tuple(halls)


def read_timetable(text: object) -> tuple[Period, ...]:
    """A stretch of time a line: session, start and end, and how long one meeting is; or a break."""
    periods: list[Period] = []
    for line in _lines(text):
        found = PERIOD.fullmatch(line)
        if found is None or len(found["name"]) > 60:
            raise sentence(N_("每行写一段时间，例如“上午 09:00-10:20 20”或“休息 10:20-10:40”。"))
        start, end = (60 * int(found[at]) + int(found[at + 1]) for at in (2, 4))
        periods += _stretch(found["name"], start, end, found["minutes"])
    _check(lambda: check_periods(periods))
    return tuple(periods)


def _stretch(name: str, start: int, end: int, typed: str | None) -> list[Period]:
    if name.lower().startswith(BREAKS):
        return [Period(start, end)]
    minutes = int(typed) if typed else end - start
    if end > start and (minutes == 0 or (end - start) % minutes):
        raise sentence(N_("有一段时间不能按这个时长分完。改起止时间，或者改每场的分钟数。"))
    return cut(start, end, minutes, name) if end > start else [Period(start, end, name)]


def _check(check: object) -> None:
    try:
        check()  # type: ignore[operator]
    except InvalidInput as error:
        raise sentence(error.message) from error


def halls_text(halls: Iterable[Hall]) -> str:
    """Halls as one writes them."""
    return "\n".join(f"{hall.name} {hall.n_tables}" for hall in halls)


def timetable_text(periods: Iterable[Period], *, break_word: str) -> str:
    """A day as one writes it: equal meetings that follow one another are one line."""
    return "\n".join(_line(run, break_word) for run in runs_of(periods))


def _line(run: list[Period], break_word: str) -> str:
    span = f"{clock(run[0].start)}-{clock(run[-1].end)}"
    return f"{break_word} {span}" if run[0].is_break else f"{run[0].session} {span} {run[0].minutes}"


class EventForm(Form):
    """An event as its page shows it, in the order of the page."""

    title: Annotated[str, filled(200)]
    title_en: Annotated[str, maybe(200)] = ""
    kind: EventType
    held_on: date
    place: Annotated[str, filled(300)]
    district_id: OptionalInt = None
    halls: Annotated[tuple[Hall, ...], BeforeValidator(read_halls)]
    timetable: Annotated[tuple[Period, ...], BeforeValidator(read_timetable)]
    max_meetings: Annotated[int, Field(gt=0, le=120)]
    min_meetings: Annotated[int, Field(ge=0, le=120)]
    buffer_minutes: Annotated[int, Field(ge=0, le=240)]

    capacity: OptionalInt = None

    @field_validator("min_meetings")
    @classmethod
    def fewest_within_most(cls, value: int, info: ValidationInfo) -> int:
        """The fewest are not more than the most."""
        most = info.data.get("max_meetings")
        if most is not None and value > most:
            raise sentence(N_("不能比最多的还多。"))
        return value

    @field_validator("capacity")
    @classmethod
    def room_for_somebody(cls, value: int | None) -> int | None:
        """At least one place, where there is a limit."""
        if value is not None and not 1 <= value <= MAX_PEOPLE:
            raise sentence(N_("要写 1 到 5000 之间的整数，或者不填。"))
        return value

    def setting(self) -> EventSetting:
        """All of it, as the event takes it over."""
        return EventSetting(
            title=self.title,
            title_en=self.title_en,
            kind=self.kind,
            district_id=self.district_id,
            place=self.place,
            held_on=self.held_on,
            halls=self.halls,
            timetable=self.timetable,
            rules=EventRules(self.max_meetings, self.min_meetings, self.buffer_minutes),
            capacity=self.capacity,
        )


def typed_event(event: Event, *, break_word: str) -> dict[str, str]:
    """An event as its form shows it."""
    return {
        "title": event.title,
        "title_en": event.title_en,
        "kind": event.kind.value,
        "held_on": event.held_on.isoformat(),
        "place": event.place,
        "district_id": "" if event.district_id is None else str(event.district_id),
        "halls": halls_text(seating.hall for seating in event.seatings),
        "timetable": timetable_text(event.periods, break_word=break_word),
        "max_meetings": str(event.max_meetings),
        "min_meetings": str(event.min_meetings),
        "buffer_minutes": str(event.buffer_minutes),
        "capacity": "" if event.capacity is None else str(event.capacity),
    }
