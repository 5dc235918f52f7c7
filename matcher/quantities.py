"""Numbers in sentences: what a requirement demands, what evidence reports, and whether the one satisfies the other.

Only statements that speak of the same thing in the same unit are compared; everything else is left undecided, because a
wrong "not met" costs a firm its chance.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_AT_LEAST = r"不低于|不少于|不小于|大于等于|至少|达到|以上|高于|超过|≥|>=|at least|no less than|minimum|above|over|exceed(?:s|ing)?"
_AT_MOST = (
    r"不高于|不超过|不大于|小于等于|至多|最多|以内|之内|以下|低于|少于|控制在|缩短到|降到|降至|≤|<=|"
    r"at most|no more than|within|under|below|less than|maximum|up to"
)

# Unit as written -> (canonical unit, factor). Times in seconds, shares in percent, the rest as counts.
_UNITS: dict[str, tuple[str, float]] = {
    "%": ("percent", 1), "个百分点": ("percent", 1), "percent": ("percent", 1),
    "毫秒": ("second", 0.001), "ms": ("second", 0.001),
    "秒": ("second", 1), "s": ("second", 1), "seconds": ("second", 1), "second": ("second", 1),
    "分钟": ("second", 60), "minutes": ("second", 60), "minute": ("second", 60), "min": ("second", 60),
    "小时": ("second", 3600), "hours": ("second", 3600), "hour": ("second", 3600), "h": ("second", 3600),
    "天": ("second", 86400), "日": ("second", 86400), "days": ("second", 86400), "day": ("second", 86400),
    "微米": ("metre", 1e-6), "μm": ("metre", 1e-6), "um": ("metre", 1e-6),
    "毫米": ("metre", 1e-3), "mm": ("metre", 1e-3), "厘米": ("metre", 0.01), "cm": ("metre", 0.01),
}  # fmt: skip

# What a number can be about. A requirement and an evidence are comparable only within one of these.
_MEASURES: dict[str, tuple[str, ...]] = {
    "false_alarm": ("误报", "误检", "误判", "过杀", "虚警", "false alarm", "false positive", "overkill"),
    "miss": ("漏报", "漏检", "漏判", "missed", "false negative", "escape rate"),
    "recall": ("召回", "检出率", "recall", "detection rate"),
    "accuracy": ("准确率", "正确率", "准确度", "精确率", "字准", "识别率", "accuracy", "precision"),
    "latency": ("响应", "延迟", "时延", "耗时", "用时", "latency", "response time", "turnaround"),
}
_HIGHER_IS_BETTER = {"recall": True, "accuracy": True, "false_alarm": False, "miss": False, "latency": False}

_UNIT_PATTERN = "|".join(sorted((re.escape(unit) for unit in _UNITS), key=len, reverse=True))
_NUMBER = re.compile(rf"(?<![\d.A-Za-z])(\d+(?:\.\d+)?)\s*({_UNIT_PATTERN})(?![A-Za-z])")
_CLAUSE = re.compile(r"[，,；;。！？\n]|\.\s")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number about something. measure: key of _MEASURES; value in the canonical unit; at_most: a ceiling, not a floor."""

    measure: str
    value: float
    unit: str
    at_most: bool


def quantities(text: str) -> list[Quantity]:
    """The comparable numbers of a sentence, clause by clause, in order. A number without a known measure is left out.

    The direction is read from the clause ("不高于"); where it is silent, it is the good direction of the measure.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    found: list[Quantity] = []
    for clause in _CLAUSE.split(folded):
        measure = _measure_of(clause)
        if measure is None:
            continue
        for match in _NUMBER.finditer(clause):
            unit, factor = _UNITS[match[2]]
            found.append(Quantity(measure, float(match[1]) * factor, unit, _is_ceiling(clause, measure)))
    return found


def _measure_of(clause: str) -> str | None:
    """The measure whose word stands first in the clause, or None."""
    places = {
        measure: min((clause.find(word) for word in words if word in clause), default=-1)
        for measure, words in _MEASURES.items()
    }
    present = {measure: place for measure, place in places.items() if place >= 0}
    return min(present, key=lambda measure: present[measure]) if present else None


def _is_ceiling(clause: str, measure: str) -> bool:
    # "不低于" holds "低于" and "不超过" holds "超过": the longer, negated form is looked for first.
    if re.search(r"不低于|不少于|不小于|大于等于|no less than|at least", clause):
        return False
    if re.search(r"不高于|不超过|不大于|小于等于|no more than|at most", clause):
        return True
    if re.search(_AT_MOST, clause):
        return True
    if re.search(_AT_LEAST, clause):
        return False
    return not _HIGHER_IS_BETTER[measure]


def compare(required: str, evidence: str) -> bool | None:
    """Whether the evidence's figures satisfy the requirement's: True, False, or None where nothing is comparable.

    False as soon as one figure misses; True when at least one was comparable and none missed.
    """
    offered = quantities(evidence)
    verdicts = []
    for demand in quantities(required):
        values = [q.value for q in offered if q.measure == demand.measure and q.unit == demand.unit]
        if values:
            verdicts.append(max(values) <= demand.value if demand.at_most else min(values) >= demand.value)
    return all(verdicts) if verdicts else None


def has_quantity(text: str) -> bool:
    """Whether the sentence states a figure that evidence could be compared with."""
    return bool(quantities(text))
