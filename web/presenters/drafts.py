"""The sections of a scenario's form, how far each is filled, and its lines of requirements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import g

from models.i18n import N_, gettext
from models.scenario import Scenario

_REQUIREMENT = re.compile(r"req_([1-9][0-9]?)\Z")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the form. labels: of its fields, by name. needed: those that must be filled to publish."""

    name: str
    title: str
    labels: Mapping[str, str]
    needed: Sequence[str]


SECTIONS = (
    Section(
        "problem",
        N_("要解决什么"),
        {
            "title": N_("标题"),
            "kind": N_("类型"),
            "domain": N_("领域"),
            "text": N_("要解决的问题"),
            "volume_note": N_("现在怎么做，多大量"),
        },
        ("title", "text"),
    ),
    Section(
        "outcome",
        N_("怎么算成"),
        {
            "metric": N_("成效指标"),
            "baseline": N_("现在是多少"),
            "target": N_("想做到多少"),
            "acceptance": N_("怎么验收"),
        },
        ("metric", "baseline", "target", "acceptance"),
    ),
    Section("requirements", N_("逐条要求"), {}, ("requirements",)),
    Section(
        "conditions",
        N_("数据和部署"),
        {
            "data_note": N_("有什么数据"),
            "data_access": N_("数据怎么拿"),
            "security_note": N_("安全要求"),
            "deployment": N_("部署在哪里"),
            "site": N_("试点地点"),
        },
        ("data_note", "deployment"),
    ),
    Section(
        "terms",
        N_("钱和时间"),
        {
            "budget_min_fen": N_("预算下限（万元）"),
            "budget_max_fen": N_("预算上限（万元）"),
            "procurement_note": N_("后续怎么采购"),
            "opens_on": N_("征集开始"),
            "deadline_on": N_("征集截止"),
            "pilot_from_on": N_("试点开始"),
            "pilot_to_on": N_("试点结束"),
        },
        ("deadline_on",),
    ),
    Section(
        "contact",
        N_("联系人"),
        {"contact_name": N_("联系人姓名"), "contact_email": N_("联系邮箱")},
        ("contact_name", "contact_email"),
    ),
)

FIELD_LABELS = {name: words for section in SECTIONS for name, words in section.labels.items()}
"""Of every field of the form."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a section is: n_filled of n_needed fields that publication asks for."""

    name: str
    title: str
    n_filled: int
    n_needed: int

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing for publication."""
        return self.n_filled == self.n_needed


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement of the form. number: that of its fields, from 1."""

    number: int
    text: str
    must: bool


def progress_of(draft: Scenario) -> list[Progress]:
    """Every section of the form with what is filled, in the form's order."""
    return [
        Progress(
            section.name,
            gettext(g.locale, section.title),
            sum(bool(getattr(draft, name)) for name in section.needed),
            len(section.needed),
        )
        for section in SECTIONS
    ]


def shown_lines(typed: Mapping[str, str]) -> list[Line]:
    """The requirements as typed, and one empty line after them to go on with."""
    numbers = sorted(int(found.group(1)) for name in typed if (found := _REQUIREMENT.match(name)))
    lines = [Line(n, typed[f"req_{n}"], typed.get(f"must_{n}", "must") != "should") for n in numbers]
    if not lines or lines[-1].text.strip():
        lines.append(Line(numbers[-1] + 1 if numbers else 1, "", True))
    return lines
