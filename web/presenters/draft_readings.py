"""What was read from a paragraph about a need, as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask import g

from matcher.scenario_reading import ProposedScenario
from models.i18n import N_, format_money_range, gettext
from web.forms.parsing import FEN_PER_WAN
from web.labels import label
from web.presenters.drafts import FIELD_LABELS
from web.presenters.profile_imports import Proposal, Wording, present_field

LABELS = FIELD_LABELS | {
    "outcome": N_("成效指标"),
    "requirement": N_("要求"),
    "budget": N_("预算"),
    "pilot": N_("试点时间"),
    "contact": N_("联系人"),
}
CODED = {"kind": "scenario_kind", "domain": "domain", "deployment": "deployment"}


def present_reading(found: ProposedScenario) -> Proposal:
    """The need with its fields ticked: each repeats what is written, and the draft is seen by its own unit only."""
    fields = [present_field(n, each, WORDING, ticked=True) for n, each in enumerate(found.fields)]
    return Proposal(number=0, title=found.title, text=found.text, ticked=True, fields=fields)


def _label(kind: str) -> str:
    return gettext(g.locale, LABELS[kind]) if kind in LABELS else kind


def _words(kind: str, values: Mapping[str, str]) -> str:
    if kind in CODED:
        return label(CODED[kind], values.get(kind, ""), g.locale)
    if kind == "requirement":
        must = N_("必须") if values.get("must_1") == "must" else N_("最好")
        return f"{values.get('req_1', '')} ({gettext(g.locale, must)})"
    if kind == "outcome":
        return f"{values.get('metric', '')} {values.get('baseline', '')} → {values.get('target', '')}"
    if kind == "budget":
        amounts = (_fen(values, "budget_min_fen"), _fen(values, "budget_max_fen"))
        return format_money_range(*amounts, g.locale) or ""
    return " – ".join(value for value in values.values() if value)


def _fen(values: Mapping[str, str], name: str) -> int | None:
    try:
        return int(Decimal(values[name]) * FEN_PER_WAN)
    except (KeyError, ArithmeticError):
        return None


WORDING: Wording = (_label, _words)
