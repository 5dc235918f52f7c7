"""Scenarios as the public list shows them: cards, and the boxes of the filters with their counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import g

from matcher import facets
from matcher.directory import Entry
from models.i18n import N_, gettext, name_of, ngettext
from models.place import District
from models.scenario import Scenario
from web.chips import Chip, deadline_chip
from web.labels import label
from web.replies import ReplyTime


@dataclass(frozen=True, slots=True)
class Card:
    """One scenario of the list. soon: the chip shown when three days or less are left, else None."""

    scenario: Scenario
    days_left: int | None
    soon: Chip | None
    is_open: bool
    reply: ReplyTime | None
    tags: Sequence[str]


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One box of a filter."""

    value: str
    words: str
    n: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetView:
    """One group of boxes."""

    name: str
    words: str
    choices: Sequence[ChoiceView]


GROUP_WORDS = {
    "domain": N_("行业领域"),
    "district": N_("区"),
    "budget": N_("预算"),
    "deadline": N_("截止"),
    "deployment": N_("部署"),
    "kind": N_("类型"),
    "state": N_("状态"),
}

# Groups whose choices are few and always the same are shown whole, also those that would show nothing.
FIXED = {
    "budget": {"known": N_("有明确预算"), "none": N_("没写预算")},
    "deadline": {"week": N_("7 天内"), "month": N_("30 天内"), "none": N_("没写截止")},
    "state": {"open": N_("征集中"), "ended": N_("已截止")},
}
CODED = {"domain": "domain", "deployment": "deployment", "kind": "scenario_kind"}
UNSAID = {"deployment": N_("没写部署"), "district": N_("全市")}


def facet_views(
    entries: Sequence[Entry], chosen: facets.Chosen, districts: Sequence[District]
) -> list[FacetView]:
    """Every group that offers more than one choice, its boxes with counts, most first."""
    names = {row.code: name_of(row, g.locale) for row in districts}
    counted = facets.count_choices(entries, chosen, g.today)
    views = []
    for group in facets.GROUPS:
        counts = counted[group]
        values = list(FIXED[group]) if group in FIXED else sorted(counts, key=lambda v: (-counts[v], v))
        boxes = [
            ChoiceView(
                value, _choice_words(group, value, names), counts.get(value, 0), value in chosen[group]
            )
            for value in values
        ]
        if len(boxes) > 1 or any(box.chosen for box in boxes):
            views.append(FacetView(group, gettext(g.locale, GROUP_WORDS[group]), boxes))
    return views


def chosen_words(chosen: facets.Chosen, districts: Sequence[District]) -> list[str]:
    """The words of all ticked choices, in the order of the groups; "taking answers", being the default, is none."""
    names = {row.code: name_of(row, g.locale) for row in districts}
    return [
        _choice_words(group, value, names)
        for group in facets.GROUPS
        for value in sorted(chosen.get(group, ()))
        if (group, value) != ("state", "open") and _is_known(group, value)
    ]


def _is_known(group: str, value: str) -> bool:
    return value in FIXED[group] if group in FIXED else value not in ("", "unsaid") or group in UNSAID


def _choice_words(group: str, value: str, district_names: dict[str, str]) -> str:
    if group in FIXED:
        return gettext(g.locale, FIXED[group][value])
    if value in ("", "unsaid"):
        return gettext(g.locale, UNSAID[group])
    if group == "district":
        return district_names.get(value, value)
    return label(CODED[group], value, g.locale)


def present_cards(
    rows: Sequence[Scenario],
    replies: dict[int, ReplyTime],
    interests: dict[int, int],
    locale: str,
    today: date,
) -> list[Card]:
    """The cards of one page, in the order of the rows."""
    return [
        Card(
            scenario=row,
            days_left=None if row.deadline_on is None else (row.deadline_on - today).days,
            soon=_soon(row, locale, today),
            is_open=row.is_open(today),
            reply=replies.get(row.organisation_id),
            tags=_tags(row, interests.get(row.key, 0), locale),
        )
        for row in rows
    ]


def _soon(row: Scenario, locale: str, today: date) -> Chip | None:
    if row.deadline_on is None or not row.is_open(today):
        return None
    chip = deadline_chip(row.deadline_on, locale, today=today)
    return chip if chip.turn == "soon" else None


def _tags(row: Scenario, n_interested: int, locale: str) -> list[str]:
    tags = [label("deployment", code, locale) for code in row.deployment]
    if n_interested:
        tags.append(ngettext(locale, "%(num)s 份意向", "%(num)s 份意向", n_interested))
    return tags
