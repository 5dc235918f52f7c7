"""What a meeting plan is made from: slots, people, wishes and rules, as a file or a caller states them.

The file is JSON: {"name", "n_tables", "slots": [{"id", "session", "start"?, "end"?, "closed_tables"?}],
"participants": [{"id", "name"?, "unavailable_slots"?, "max_meetings"?, "min_meetings"?, "buffer_minutes"?, "table"?}],
"meetings": [{"id", "participants": [a, b], "weight"?, "session"?, "fixed_slot"?, "fixed_table"?, "forbidden_slots"?,
"min_minutes"?, "required"?}], "fairness_floor"?}. Whatever is wrong with it is one InvalidInput with one sentence.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from models.errors import InvalidInput

DEFAULT_FLOOR: Literal[1] = 1
"""Meetings everybody with a wish should get before anybody gets many."""

MAX_TABLES, MAX_SLOTS, MAX_PEOPLE, MAX_WISHES = 1_000, 300, 5_000, 50_000
MAX_WEIGHT = 1_000_000.0


def _clock_minutes(value: object) -> object:
    """`HH:MM` as minutes since midnight; a day of 24 hours, so `24:00` is its end."""
    hours, colon, minutes = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        raise PydanticCustomError("clock", "clock")
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > 24 * 60:
        raise PydanticCustomError("clock", "clock")
    return total


Clock = Annotated[int, BeforeValidator(_clock_minutes)]
Id = Annotated[str, Field(min_length=1, max_length=120)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
SlotId = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]


class _Part(BaseModel):
    """Strict: `true` is no number and `"3"` neither. Fields this version does not know are left alone."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Slot(_Part):
    """A time in which meetings are held. Ids say the order; start and end: minutes of the day, or both unknown."""

    id: SlotId
    session: Annotated[str, Field(max_length=60)] = "any"
    start: Clock | None = None
    end: Clock | None = None
    closed_tables: list[int] = []

    @property
    def minutes(self) -> int | None:
        """How long it is; None where the times are not given."""
        return None if self.start is None or self.end is None else self.end - self.start


class Person(_Part):
    """Somebody who meets others. table: the one this host never leaves. buffer_minutes: free before and after."""

    id: Id
    name: Annotated[str, Field(max_length=300)] = ""
    unavailable_slots: list[SlotId] = []
    max_meetings: Count | None = None
    min_meetings: Count = 0
    buffer_minutes: Count = 0
    table: Count | None = None


class Wish(_Part):
    """A meeting somebody wants. required: a plan without it is no plan. weight: what it is worth."""

    id: Id
    participants: Annotated[list[Id], Field(min_length=2, max_length=2)]
    weight: Annotated[float, Field(ge=0, le=MAX_WEIGHT, allow_inf_nan=False)] = 1.0
    session: Annotated[str, Field(max_length=60)] = "any"
    fixed_slot: SlotId | None = None
    fixed_table: Count | None = None
    forbidden_slots: list[SlotId] = []
    min_minutes: Count = 0
    required: bool = False


class Instance(_Part):
    """One event to plan, checked: ids are unique, whatever is named is there, slots are in order."""

    name: Annotated[str, Field(max_length=300)] = ""
    n_tables: Annotated[int, Field(ge=0, le=MAX_TABLES)]
    slots: Annotated[list[Slot], Field(max_length=MAX_SLOTS)]
    participants: Annotated[list[Person], Field(max_length=MAX_PEOPLE)]
    meetings: Annotated[list[Wish], Field(max_length=MAX_WISHES)]
    fairness_floor: Literal[0, 1, 2, 3, 4, 5] = DEFAULT_FLOOR

    def person_name(self, person_id: str) -> str:
        """What to call a person in a sentence: the name, else the id."""
        found = next((each.name for each in self.participants if each.id == person_id), "")
        return found or person_id


def read_instance(path: Path) -> Instance:
    """The event in a file. InvalidInput, with what and where, for anything but a well-formed event."""
    return make_instance(read_object(path))


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file; InvalidInput when it is not one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise InvalidInput(f"读不了 {path}：{err.strerror}。") from err
    except UnicodeDecodeError as err:
        raise InvalidInput(f"{path} 不是 UTF-8 文本。") from err
    except RecursionError as err:
        raise InvalidInput(f"{path} 嵌套太深，不是活动文件。") from err
    except ValueError as err:
        where = f"第 {err.lineno} 行" if isinstance(err, json.JSONDecodeError) else "其中的数太长"
        raise InvalidInput(f"{path} 不是 JSON：{where}写得不对。") from err
    if not isinstance(content, dict):
        raise InvalidInput(f"{path} 里应当是一个 JSON 对象。")
    return content


def make_instance(content: object) -> Instance:
    """A checked event from plain values. InvalidInput names the first thing that is wrong, and where."""
    try:
        instance = Instance.model_validate(content)
    except ValidationError as err:
        raise InvalidInput(_sentence(err.errors()[0])) from err
    _check_ids(instance)
    _check_slots(instance)
    _check_people(instance)
    _check_wishes(instance)
    return instance


_WORDS = {
    "missing": "没有写",
    "int_type": "要写一个整数",
    "int_from_float": "要写一个整数",
    "float_type": "要写一个数",
    "finite_number": "要写一个有限的数",
    "string_type": "要写一段文字",
    "bool_type": "只能写 true 或 false",
    "list_type": "要写一个列表",
    "model_type": "要写一个对象",
    "model_attributes_type": "要写一个对象",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_too_short": "不能为空",
    "string_too_long": "太长，最多 {max_length} 个字",
    "too_short": "少于 {min_length} 项",
    "too_long": "多于 {max_length} 项",
    "literal_error": "只能写 {expected} 之一",
    "clock": "要写成时:分，例如 09:30",
}


def _sentence(error: ErrorDetails) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    words = _WORDS.get(error["type"], "写得不对").format_map(error.get("ctx", {}))
    return f"{where or '整个文件'}：{words}。"


def _refuse_repeats(what: str, ids: Iterable[object]) -> None:
    for each, n in Counter(ids).items():
        if n > 1:
            raise InvalidInput(f"{what} {each} 出现了 {n} 次，每个只能有一个。")


def _check_ids(instance: Instance) -> None:
    _refuse_repeats("时段", (slot.id for slot in instance.slots))
    _refuse_repeats("参会人", (person.id for person in instance.participants))
    _refuse_repeats("会面", (wish.id for wish in instance.meetings))
    if instance.meetings and not instance.slots:
        raise InvalidInput("没有时段，排不了会面。")
    if instance.meetings and instance.n_tables == 0:
        raise InvalidInput("桌数是 0，排不了会面。至少要有一张桌子。")


def _check_slots(instance: Instance) -> None:
    timed = [slot for slot in instance.slots if slot.minutes is not None]
    if timed and len(timed) != len(instance.slots):
        raise InvalidInput("时段要么都写起止时间，要么都不写。")
    for slot in instance.slots:
        if (slot.start is None) != (slot.end is None):
            raise InvalidInput(f"时段 {slot.id} 只写了一头的时间。")
        if slot.minutes is not None and slot.minutes <= 0:
            raise InvalidInput(f"时段 {slot.id} 的结束时间不晚于开始时间。")
        for table in slot.closed_tables:
            _check_table(instance, table, f"时段 {slot.id}")
    for earlier, later in pairwise(sorted(timed, key=lambda slot: slot.id)):
        if earlier.end is not None and later.start is not None and later.start < earlier.end:
            raise InvalidInput(f"时段 {later.id} 在时段 {earlier.id} 结束之前就开始了。")


def _check_table(instance: Instance, table: int, where: str) -> None:
    if not 1 <= table <= instance.n_tables:
        raise InvalidInput(f"{where}写的桌子 {table} 不存在，桌子是 1 到 {instance.n_tables}。")


def _check_people(instance: Instance) -> None:
    slot_ids = {slot.id for slot in instance.slots}
    timed = all(slot.minutes is not None for slot in instance.slots)
    for person in instance.participants:
        _check_slot_ids(slot_ids, person.unavailable_slots, f"参会人 {person.id}")
        if person.table is not None:
            _check_table(instance, person.table, f"参会人 {person.id} ")
        if person.max_meetings is not None and person.max_meetings < person.min_meetings:
            raise InvalidInput(f"参会人 {person.id} 最多的场数比最少的还小。")
        if person.buffer_minutes and not timed:
            raise InvalidInput(f"参会人 {person.id} 要留间隔，但时段没有写起止时间。")


def _check_wishes(instance: Instance) -> None:
    slot_ids = {slot.id for slot in instance.slots}
    sessions = {slot.session for slot in instance.slots} | {"any", "morning", "afternoon"}
    people = {person.id for person in instance.participants}
    timed = all(slot.minutes is not None for slot in instance.slots)
    for wish in instance.meetings:
        for who in wish.participants:
            if who not in people:
                raise InvalidInput(f"会面 {wish.id} 的参会人 {who} 不在名单里。")
        if wish.participants[0] == wish.participants[1]:
            raise InvalidInput(f"会面 {wish.id} 的两方是同一个人。")
        if wish.session not in sessions:
            raise InvalidInput(f"会面 {wish.id} 要求的场次 {wish.session} 不存在。")
        named = wish.forbidden_slots + ([] if wish.fixed_slot is None else [wish.fixed_slot])
        _check_slot_ids(slot_ids, named, f"会面 {wish.id}")
        if wish.fixed_table is not None:
            _check_table(instance, wish.fixed_table, f"会面 {wish.id} ")
        if wish.min_minutes and not timed:
            raise InvalidInput(f"会面 {wish.id} 要求时长，但时段没有写起止时间。")


def _check_slot_ids(known: set[int], named: Sequence[int], where: str) -> None:
    for slot_id in named:
        if slot_id not in known:
            raise InvalidInput(f"{where} 写的时段 {slot_id} 不存在。")
