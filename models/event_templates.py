"""Two kinds of day that organizers begin from, with figures that fit each other; everything may be changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.event import EventRules, EventType
from models.i18n import N_
from models.timetable import Hall, Period, cut


class TemplateName(StrEnum):
    """The templates, as addresses name them."""

    HALF_DAY = "half_day"
    FULL_DAY = "full_day"


@dataclass(frozen=True, slots=True)
class EventTemplate:
    """A day to begin from. words: what it is for."""

    title: str
    words: str
    kind: EventType
    halls: tuple[tuple[str, int], ...]
    timetable: tuple[tuple[str, int, int, int], ...]
    rules: EventRules

    def made_halls(self, names: Mapping[str, str]) -> tuple[Hall, ...]:
        """The halls; names: the reader's word for each."""
        return tuple(Hall(names[name], n) for name, n in self.halls)

    def made_periods(self, names: Mapping[str, str]) -> tuple[Period, ...]:
        """The day; a row of minutes 0 is a break, any other is cut into meetings of so many minutes."""
        found: list[Period] = []
        for session, start, end, minutes in self.timetable:
            found += cut(start, end, minutes, names[session]) if minutes else [Period(start, end)]
        return tuple(found)


MORNING, AFTERNOON, BREAK = N_("上午"), N_("下午"), ""
HALL, SIDE_HALL = N_("主厅"), N_("侧厅")
NAMES = (MORNING, AFTERNOON, HALL, SIDE_HALL)
"""Words that templates use; the page hands them over in the reader's language."""

TEMPLATES: Mapping[TemplateName, EventTemplate] = {
    TemplateName.HALF_DAY: EventTemplate(
        title=N_("半天供需对接"),
        words=N_("一个厅 12 张桌，上午 8 轮、每轮 20 分钟，中间歇 20 分钟。一人公司也排得下。"),
        kind=EventType.MATCHMAKING,
        halls=((HALL, 12),),
        timetable=((MORNING, 540, 620, 20), (BREAK, 620, 640, 0), (MORNING, 640, 720, 20)),
        rules=EventRules(max_meetings=6, min_meetings=1),
    ),
    TemplateName.FULL_DAY: EventTemplate(
        title=N_("一天揭榜会"),
        words=N_("两个厅 20 张桌，上午每轮 20 分钟，下午每轮 30 分钟谈方案，中午休息。"),
        kind=EventType.CHALLENGE,
        halls=((HALL, 12), (SIDE_HALL, 8)),
        timetable=(
            (MORNING, 540, 600, 20),
            (BREAK, 600, 620, 0),
            (MORNING, 620, 720, 20),
            (BREAK, 720, 840, 0),
            (AFTERNOON, 840, 930, 30),
            (BREAK, 930, 945, 0),
            (AFTERNOON, 945, 1035, 30),
        ),
        rules=EventRules(max_meetings=8, min_meetings=1, buffer_minutes=0),
    ),
}
