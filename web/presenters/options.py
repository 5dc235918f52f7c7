"""Routes to money as a firm reads them: clauses, what is missing and where to get it, and how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.funding_condition import Condition
from models.funding_finding import Verdict
from models.funding_options import Option
from models.funding_rule import FundingRule
from models.funding_wording import word_amount, word_clause, word_missing
from models.i18n import N_, gettext
from web.chips import Chip
from web.forms.rules import percent
from web.labels import label
from web.presenters.funding import VERDICTS, rule_title
from web.presenters.rules import rule_chip, word_most, word_window

GUIDED = frozenset({"filing"})
"""What service centres help with, when it is missing."""


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """One clause: its verdict, what it asks, and why."""

    verdict: str
    asks: str
    why: str
    unverified: bool


@dataclass(frozen=True, slots=True)
class OptionView:
    """One route. days_left: until applications close. missing: lines, each with whether a service centre helps."""

    rule: FundingRule
    title: str
    chip: Chip
    pilot_id: int | None
    pilot_title: str
    verdict: str
    tally: Sequence[tuple[str, int]]
    clauses: Sequence[ClauseLine]
    missing: Sequence[tuple[str, bool]]
    amount: str
    amount_why: str
    window: str
    days_left: int | None
    ends_on: date | None
    conflicts: Sequence[str]
    unverified: bool


def present_option(option: Option, locale: str, *, on: date) -> OptionView:
    """One route with its words."""
    rule, found = option.rule, option.assessment
    counts = Counter(clause.verdict.value for clause in found.clauses)
    return OptionView(
        rule=rule,
        title=rule_title(rule, locale),
        chip=rule_chip(rule, locale, on=on),
        pilot_id=None if option.pilot is None else option.pilot.key,
        pilot_title="" if option.pilot is None else option.pilot.title,
        verdict=found.verdict.value,
        tally=[(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]],
        clauses=_clauses(option, locale),
        missing=_missing(option, locale),
        amount=word_amount(*(found.amount_fen or (None, None)), locale),
        amount_why=word_reason(option, locale),
        window=word_window(rule, locale, on=on),
        days_left=option.days_left(on),
        ends_on=rule.valid_until_on,
        conflicts=[rule_title(other, locale) for other in option.conflicts],
        unverified=found.unverified,
    )


def _clauses(option: Option, locale: str) -> list[ClauseLine]:
    """The clauses, those that stand in the way first, then the open ones."""
    conditions = (
        *option.rule.typed_conditions,
        *(item.condition for item in option.rule.typed_alternatives),
    )
    asks: dict[str, Condition] = {condition.code: condition for condition in conditions}
    order = {Verdict.UNMET: 0, Verdict.UNKNOWN: 1, Verdict.MET: 2}
    return [
        ClauseLine(
            verdict=clause.verdict.value,
            asks=asks[clause.code].text(locale)
            if clause.code in asks
            else gettext(locale, N_("政策在有效期内")),
            why=word_clause(clause.reason, clause.values, locale),
            unverified=clause.unverified,
        )
        for clause in sorted(option.assessment.clauses, key=lambda clause: order[clause.verdict])
    ]


def _missing(option: Option, locale: str) -> list[tuple[str, bool]]:
    """What is missing, each once, in the order of the clauses; rulings that only the office can give come last."""
    items = sorted(option.assessment.missing, key=lambda item: item.code == "office_ruling")
    words = {word_missing(item.code, item.where_to_get, locale): item.code in GUIDED for item in items}
    return list(words.items())


def word_reason(option: Option, locale: str) -> str:
    """Why the range is what it is."""
    rule, amount = option.rule, option.assessment.amount_fen
    if option.assessment.verdict is Verdict.UNMET:
        return gettext(locale, N_("有条款没有满足，现在领不到。"))
    if rule.tiers:
        return gettext(locale, N_("分档，评审定哪一档，还要看年度预算。"))
    if rule.rate_bp is not None:
        purpose = label("spend_purpose", rule.spend_purpose or "", locale)
        if amount is None:
            return gettext(
                locale,
                "按%(purpose)s支出的 %(rate)s%% 算，还没有支出凭证，估不出。",
                purpose=purpose,
                rate=percent(rule.rate_bp),
            )
        return gettext(locale, "按已有凭证的%(purpose)s支出算，不超过上限。", purpose=purpose)
    if rule.cap_fen is not None:
        return gettext(locale, "只知道上限：%(most)s。", most=word_most(rule, locale))
    return gettext(locale, N_("这一条只指路，没有写金额。"))
