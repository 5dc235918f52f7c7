"""What a number in a sentence can be about, in which unit, and which words bound it: the vocabulary of quantities.py.

Data only, in Chinese and English, for texts folded to lower case and half width. Add a word here and a sentence with
it to tests/matcher/test_quantities.py. Chinese numerals (三种) are left out on purpose: 一 is far more often an article
or an idiom than a count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PERCENT = "percent"
SECOND = "second"
METRE = "metre"

UNITS: dict[str, tuple[str, float]] = {
    "%": (PERCENT, 1), "percent": (PERCENT, 1), "per cent": (PERCENT, 1), "ppm": (PERCENT, 1e-4),
    "毫秒": (SECOND, 1e-3), "ms": (SECOND, 1e-3), "milliseconds": (SECOND, 1e-3),
    "秒钟": (SECOND, 1), "秒": (SECOND, 1), "s": (SECOND, 1), "seconds": (SECOND, 1), "second": (SECOND, 1),
    "分钟": (SECOND, 60), "minutes": (SECOND, 60), "minute": (SECOND, 60), "min": (SECOND, 60),
    "个小时": (SECOND, 3600), "小时": (SECOND, 3600), "hours": (SECOND, 3600), "hour": (SECOND, 3600),
    "个工作日": (SECOND, 86400), "天": (SECOND, 86400), "days": (SECOND, 86400), "day": (SECOND, 86400),
    "周": (SECOND, 604800), "weeks": (SECOND, 604800), "week": (SECOND, 604800),
    "个月": (SECOND, 2629800), "months": (SECOND, 2629800), "年": (SECOND, 31557600), "years": (SECOND, 31557600),
    "微米": (METRE, 1e-6), "μm": (METRE, 1e-6), "um": (METRE, 1e-6),
    "micrometres": (METRE, 1e-6), "micrometers": (METRE, 1e-6),
    "毫米": (METRE, 1e-3), "mm": (METRE, 1e-3), "millimetres": (METRE, 1e-3), "millimeters": (METRE, 1e-3),
    "厘米": (METRE, 1e-2), "cm": (METRE, 1e-2), "米": (METRE, 1), "公里": (METRE, 1e3), "km": (METRE, 1e3),
    "度": ("degree", 1), "degrees": ("degree", 1), "分贝": ("decibel", 1), "瓦": ("watt", 1), "元": ("yuan", 1),
}  # fmt: skip
"""Unit as written -> (canonical unit, factor). Shares in percent, times in seconds, lengths in metres."""

COUNTERS: dict[str, str] = {
    "种": "kinds", "类": "kinds", "次": "times", "times": "times", "页": "pages", "pages": "pages",
    "路": "streams", "件": "items", "张": "sheets", "条": "entries", "名": "people", "人": "people", "people": "people",
    "false alarms": "times", "false alarm": "times", "false findings": "times",
    "通": "calls", "calls": "calls", "个工位": "stations", "工位": "stations",
}  # fmt: skip
"""Words that count things. 万 and 千 before them multiply; "每天" in the same clause makes a rate of them."""

MAGNITUDES = {"万": 10_000.0, "千": 1_000.0, "k": 1_000.0, "": 1.0}


@dataclass(frozen=True, slots=True)
class Measure:
    """Something a number can be about, in one of `units`.

    higher_is_better: its good direction, or None where the sentence must say. about_an_object: the word says little
    alone (accuracy of what?), so the two sides must not name different objects.
    """

    key: str
    pattern: re.Pattern[str]
    units: frozenset[str]
    higher_is_better: bool | None
    about_an_object: bool = False


_SHARE = frozenset({PERCENT})
_SHARE_OR_TIMES = frozenset({PERCENT, "times"})
_TIME = frozenset({SECOND})
_LENGTH = frozenset({METRE})
_ANY_SIZE = frozenset({PERCENT, SECOND, METRE, "degree"})

MEASURES: tuple[Measure, ...] = (
    # Before false_alarm: "误报滤除率" praises, "误报率" blames.
    Measure(
        "filtered",
        re.compile(r"误报.{0,4}(?:过滤|滤除|消除|剔除)率|过滤率|滤除率"),
        _SHARE,
        higher_is_better=True,
    ),
    Measure(
        "false_alarm",
        re.compile(
            r"(?<!错)误[报检判警]率?|过[杀判]率?|虚警率?"
            r"|false[- ]alarms?(?: rate)?|false positives?(?: rate)?|overkill|false findings?"
        ),
        _SHARE_OR_TIMES,
        higher_is_better=False,
    ),
    Measure("false_stop", re.compile(r"误停机?率?"), _SHARE_OR_TIMES, higher_is_better=False),
    Measure("false_block", re.compile(r"误拦率?|误阻率?"), _SHARE_OR_TIMES, higher_is_better=False),
    Measure(
        "miss",
        re.compile(
            r"漏报率?|漏检率?|漏判率?|漏识率?|漏放率?|放过(?:真缺陷)?(?:的?比例|率)?"
            r"|miss(?:es|ed)?(?: rate)?|false negatives?(?: rate)?|escape rate"
        ),
        _SHARE,
        higher_is_better=False,
    ),
    Measure(
        "recall",
        re.compile(r"召回率?|查全率|检出率|查出率|recall|detection rate"),
        _SHARE,
        higher_is_better=True,
    ),
    Measure(
        "accuracy",
        re.compile(r"准确率|正确率|精确率|准确度|查准率|字准率?|accuracy|precision"),
        _SHARE,
        higher_is_better=True,
        about_an_object=True,
    ),
    Measure(
        "agreement", re.compile(r"一致率|agreement"), _SHARE, higher_is_better=True, about_an_object=True
    ),
    Measure("error", re.compile(r"误差|errors?"), _ANY_SIZE, higher_is_better=False, about_an_object=True),
    Measure(
        "cycle",
        re.compile(r"节拍|[单每][件片张个](?:检测|判定|判断)(?:节拍|时间|耗时)?|cycle time"),
        _TIME,
        higher_is_better=False,
    ),
    Measure(
        "latency", re.compile(r"响应时间|延迟|时延|latency|response time"), _TIME, higher_is_better=False
    ),
    Measure("changeover", re.compile(r"换型号?|换规格|换模具?"), _TIME, higher_is_better=False),
    Measure(
        "smallest",
        re.compile(r"最小(?:可[见检]|可分辨)?|可检|可分辨|smallest"),
        _LENGTH,
        higher_is_better=False,
        about_an_object=True,
    ),
)
"""In the order in which they are looked for; a word taken by one is not looked at by the next."""

OTHER_SHARE = re.compile(r"[\u4e00-\u9fff]{2}率")
"""Any other 率 (完成率, 命中率) is a measure of its own: comparable with the same word, where a bound is stated."""

UNCLEAR_SHARES = frozenset({"识别率"})
"""May mean recall or accuracy: too unclear to contradict anything."""

THROUGHPUT = re.compile(r"单台|单机|单卡|一台|一张卡|每台|per server|per machine")
THROUGHPUT_UNITS = frozenset({"pages", "streams", "items", "sheets", "entries", "calls", "stations"})
"""A count per machine or per day is a measure too ("单台服务器接80路"); more is better."""

# Words directly before or after a number. "不低于" holds "低于" and "不超过" holds "超过": the negated form is
# looked for first.
AT_LEAST_BEFORE = re.compile(
    r"(?:不低于|不少于|不小于|不短于|大于等于|至少|≥|>=|at least|no less than|not less than|no fewer than|not below"
    r"|minimum(?: of)?|(?<!不)(?:高于|超过|大于)|(?<!no )(?<!not )more than|>|above|over|exceed(?:s|ing)?)\s*$"
)
AT_MOST_BEFORE = re.compile(
    r"(?:不高于|不超过|不大于|不多于|不长于|不晚于|小于等于|至多|最多|控制在|≤|<=|at most|no more than|not more than"
    r"|up to|maximum(?: of)?|within|(?<!不)(?:低于|少于|小于)|(?<!no )(?<!not )less than|<|under"
    r"|(?<!not )below|fewer than)\s*$"
)
AT_LEAST_AFTER = re.compile(r"^\s*(?:及?以上|or more|or better|or above|and above)")
AT_MOST_AFTER = re.compile(r"^\s*(?:以内|之内|及?以下|内(?![存部网])|or less|or fewer|or below)")
STRICTLY_BELOW = re.compile(
    r"(?:未达到?|没有?达到|达不到|不足|不到|(?<!不)(?:低于|小于|少于)|<|(?<!not )below|under|(?<!no )less than)\s*$"
)
"""Words that put the value itself outside: 不足90% is under 90%."""

RISES_TO = re.compile(r"(?:达到|升到|升至|提高到|提升到|达)\s*$")
FALLS_TO = re.compile(r"(?:降到|降至|降低到|缩短到|缩短至|减少到|压到)\s*$")
"""A level that is reached: a bound in a need, a plain value in evidence."""

CHANGE_BEFORE = re.compile(
    r"(?:下降|降低|减少|提高|提升|上升|增加|节省|节约|缩短|[降升省增减多少高低])[了约近]*\s*$"
    r"|(?:\bup|\bdown|\bby|\bcut|\bfell|\brose|\breduced?)(?: by)?\s*$"
)
"""Before a number these make it a change, not a level: 误报率下降80% does not tell how many are left."""

NOT_ACHIEVED = re.compile(
    r"目标|计划|预计|预期|力争|有望|争取|原来|原先|此前|以前|之前|过去|传统|改造前|上线前"
    r"|target|expect|\baim|goal|plan to|will be|previously|\bbefore |used to"
)
"""A clause with one of these tells of hopes or of the time before, not of what the firm reaches."""

NIGHT = re.compile(r"夜间|夜里|夜晚|晚上|夜班|at night|night(?:-time|time)?")
DAY = re.compile(r"白天|日间|白班|daytime|by day|in daylight")

PER = re.compile(
    r"每[个一]?(工位|路口|千米|公里|小时|分钟|人次|车次|台|路|户|床|班|月|天|周|年|日|秒|人|部|件|点|篇|辆|条)"
    r"|(日均)|/\s*(天|日|月|年|小时|分钟|秒|班|台|户|路)|(?:\bper|\ba) ([a-z]+)"
)
PER_WORDS = {
    "日": "天", "日均": "天", "day": "天", "month": "月", "hour": "小时", "minute": "分钟", "year": "年", "week": "周",
    "shift": "班", "crossing": "路口", "household": "户", "home": "户", "machine": "台",
}  # fmt: skip
"""Spellings of what a rate is per, so that 次/天 and times a day are one unit."""

GENERIC = re.compile(
    r"一[件片张个台次]|区分|给出|支持|自动|处理|平均|综合|总体|整体|实测|系统|算法|模型|识别|检测|判断|达到|可达|大约|其中|分别|只有|左右|最多|保持|掉到|升到|降到"
    r"|降至|之间|[总达约为是在的了能可均对仅有按和与时从到]"
    r"|\b(?:average|mean|overall|about|around|rate|is|was|were|of|our|the|and|with|on|in|by|an|a|to|only|we|per|from)\b"
)
"""Words that name no object; what a figure is about is what is left of its clause without them."""
