"""The sentences of a plan in both languages: why a meeting has no place, what would give it one, which rules clash.

Codes stand in plan files and are for ever. Placeholders are the values beside the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from matcher.meeting_instance import Slot

CAUSES: dict[str, dict[str, str]] = {
    "no_common_slot": {
        "zh": "{one}和{other}没有共同的时段",
        "en": "{one} and {other} have no common slot",
    },
    "no_fitting_slot": {
        "zh": "没有一个时段符合这场会面自己的要求（场次、时长、固定或排除的时段、桌子）",
        "en": "no slot meets what this meeting asks for (session, length, fixed or excluded slots, table)",
    },
    "limit_reached": {
        "zh": "{who}最多 {n} 场，已经排满",
        "en": "{who} has the most meetings allowed, {n}",
    },
    "slots_used": {
        "zh": "{who}能来的 {n} 个时段都已有会面",
        "en": "all {n} slots that {who} could use have a meeting",
    },
    "tables_full": {"zh": "{when} 桌子已满", "en": "tables are full {when}"},
    "table_taken": {
        "zh": "{when} 第 {table} 桌已有会面，这场只能在这张桌",
        "en": "table {table}, to which it is bound, is taken {when}",
    },
    "too_close": {
        "zh": "{who}要留 {minutes} 分钟间隔，剩下的时段都太近",
        "en": "{who} needs {minutes} minutes between meetings; the slots left are too close",
    },
    "never_free_together": {
        "zh": "{one}和{other}空着的时段对不上",
        "en": "{one} and {other} are never free at the same time",
    },
    "rules_contradict": {
        "zh": "硬性规则互相矛盾，没有排",
        "en": "the hard rules contradict each other, so nothing was planned",
    },
}

CHANGES: dict[str, dict[str, str]] = {
    "raise_limit": {
        "zh": "把{who}的上限改为 {n} 场就能排在 {when}",
        "en": "a limit of {n} for {who} would place it {when}",
    },
    "add_table": {"zh": "{when} 多开一张桌就能排上", "en": "one more table {when} would place it"},
    "come_at": {"zh": "{who}若 {when} 能来就能排上", "en": "it would be placed if {who} could come {when}"},
    "give_up": {
        "zh": "放弃{one}和{other}的会面（{meeting}）就能排在 {when}",
        "en": "giving up the meeting of {one} and {other} ({meeting}) would place it {when}",
    },
    "let_it_move": {
        "zh": "不限场次和时段的话，可以排在 {when}",
        "en": "without its own restrictions on session and slot it would fit {when}",
    },
    "none": {"zh": "只改一处还排不上", "en": "no single change would place it"},
}

CONTRADICTIONS: dict[str, dict[str, str]] = {
    "required_left_out": {
        "zh": "必须举行的会面 {meeting}（{one}和{other}）排不上：{reason}",
        "en": "meeting {meeting} ({one} and {other}) must be held but cannot: {reason}",
    },
    "minimum_missed": {
        "zh": "{who}至少要 {least} 场，最多只能排 {possible} 场",
        "en": "{who} must have at least {least} meetings and can have {possible}",
    },
}


def slot_words(slots: Iterable[Slot], locale: str) -> str:
    """Slots in words, neighbours joined: `10:00–11:00、13:20–13:40`, or by number where times are not given."""
    ordered = sorted(slots, key=lambda slot: slot.id)
    groups = [
        [slot for _, slot in group]
        for _, group in groupby(enumerate(ordered), key=lambda pair: pair[1].id - pair[0])
    ]
    return ("、" if locale == "zh" else ", ").join(_span(group, locale) for group in groups)


def _span(group: list[Slot], locale: str) -> str:
    first, last = group[0], group[-1]
    if first.start is not None and last.end is not None:
        return f"{_clock(first.start)}–{_clock(last.end)}"
    numbers = f"{first.id}" if first is last else f"{first.id}–{last.id}"
    if locale == "zh":
        return f"时段 {numbers}"
    return f"in slot {numbers}" if first is last else f"in slots {numbers}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def reason_words(cause: Mapping[str, object], change: Mapping[str, object], locale: str) -> str:
    """Why, and what would help: one line."""
    why = CAUSES[str(cause["code"])][locale].format_map(cause)
    if not change:
        return why
    help_ = CHANGES[str(change["code"])][locale].format_map(change)
    return f"{why}；{help_}" if locale == "zh" else f"{why}; {help_}"
