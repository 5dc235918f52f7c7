"""What an officer should see before a rule is approved (提醒): overlaps, missing ends, sums that do not fit.

Codes and values; `word_flag` makes the sentence, in Chinese or English. A flag that refuses keeps the change from being
submitted, all others only speak.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.funding_condition import SourceGrade
from models.funding_rule import FundingKind, FundingRule
from models.funding_wording import word_values

FLAGS: dict[str, tuple[str, str]] = {
    "no_conditions": (
        "一个条件也没有：这样谁都符合。至少写一条。",
        "It has no condition, so everybody would meet it. Write at least one.",
    ),
    "tier_over_cap": (
        "最高一档{tier_fen}超过了每项上限{cap_fen}。",
        "The highest tier, {tier_fen}, is above the cap of {cap_fen} per claim.",
    ),
    "yearly_below_cap": (
        "年度上限{yearly_cap_fen}比每项上限{cap_fen}还低。",
        "The yearly cap of {yearly_cap_fen} is below the cap of {cap_fen} per claim.",
    ),
    "pool_below_cap": (
        "全年总额{pool_fen}不够付一项的上限{cap_fen}。",
        "The yearly pool of {pool_fen} does not cover one claim of {cap_fen}.",
    ),
    "no_beginning": (
        "没有施行日期：批准后只存作草案，不参与预审。",
        "No first day in force: once approved it is kept as a draft and judges nothing.",
    ),
    "no_end": (
        "没有截止日期：到期不会有提醒，请在文件里找有效期。",
        "No last day in force: nobody will be warned before it lapses. Look for the term in the document.",
    ),
    "over": ("有效期已于{until_on}结束。", "It ended on {until_on}."),
    "no_amount": (
        "没有上限、比例或档次：估不出金额。",
        "No cap, share or tiers: no sum can be estimated.",
    ),
    "window_outside": (
        "申报受理期不在有效期之内。",
        "The application window lies outside the time it is in force.",
    ),
    "weak_source": (
        "来源是转述或抄录：没有对照正式文本，页面会一直标“待核”。",
        "The source restates or copies: pages mark it as unverified until it was compared with the official text.",
    ),
    "takes_over": (
        "从{from_on}起接替第{version}版；此后第{version}版不再适用。",
        "From {from_on} it takes over from version {version}, which no longer applies then.",
    ),
    "overlaps": (
        "和《{title}》同组，{from_on}起同时有效：同一项目只能享受一项。",
        "In one group with “{title_en}”, in force together from {from_on}: a project gets only one of them.",
    ),
    "same_document": (
        "《{title}》也依据{document}，种类和对象相同，有效期重叠：核对是不是同一条录了两遍。",
        "“{title_en}” rests on {document} too, is of the same kind and overlaps: is it the same rule twice?",
    ),
}
REFUSING = frozenset({"no_conditions", "tier_over_cap", "yearly_below_cap", "pool_below_cap"})


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to see. refuses: it cannot be submitted like that."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def refuses(self) -> bool:
        """Whether it must be mended first."""
        return self.code in REFUSING


def find_flags(rule: FundingRule, stored: Sequence[FundingRule], on: date) -> list[Flag]:
    """What to see in a version that is not stored yet, the refusing ones first. stored: every version there is."""
    found = [*_sums(rule), *_days(rule, on), *_others(rule, stored)]
    return sorted(found, key=lambda flag: not flag.refuses)


def word_flag(flag: Flag, locale: str) -> str:
    """Its sentence; locales that begin with "en" read English."""
    pair = FLAGS[flag.code]
    return word_values(pair[1] if locale.startswith("en") else pair[0], flag.values, locale)


def _sums(rule: FundingRule) -> Iterator[Flag]:
    cap = rule.cap_fen
    if not rule.conditions:
        yield Flag("no_conditions")
    if cap is not None and rule.tiers and max(rule.tiers) > cap:
        yield Flag("tier_over_cap", {"tier_fen": max(rule.tiers), "cap_fen": cap})
    if cap is not None and rule.yearly_cap_fen is not None and rule.yearly_cap_fen < cap:
        yield Flag("yearly_below_cap", {"yearly_cap_fen": rule.yearly_cap_fen, "cap_fen": cap})
    if cap is not None and rule.pool_fen is not None and rule.pool_fen < cap:
        yield Flag("pool_below_cap", {"pool_fen": rule.pool_fen, "cap_fen": cap})
    if rule.kind is not FundingKind.INFO and cap is None and rule.rate_bp is None and not rule.tiers:
        yield Flag("no_amount")


def _days(rule: FundingRule, on: date) -> Iterator[Flag]:
    if rule.valid_from_on is None:
        yield Flag("no_beginning")
    if rule.valid_until_on is None:
        yield Flag("no_end")
    elif rule.valid_until_on < on:
        yield Flag("over", {"until_on": rule.valid_until_on.isoformat()})
    window = (rule.window_from_on or rule.window_until_on, rule.window_until_on or rule.window_from_on)
    if window[0] is not None and window[1] is not None and not _contains(rule, window[0], window[1]):
        yield Flag("window_outside")
    if rule.source_grade is not SourceGrade.A:
        yield Flag("weak_source")


def _contains(rule: FundingRule, first: date, last: date) -> bool:
    begins, ends = _validity(rule)
    return begins <= first and last <= ends


def _others(rule: FundingRule, stored: Sequence[FundingRule]) -> Iterator[Flag]:
    """Versions it would stand beside; a draft without a first day stands beside none."""
    if rule.valid_from_on is None:
        return
    for other in stored:
        if other.valid_from_on is None or not _overlap(rule, other):
            continue
        since = max(rule.valid_from_on, other.valid_from_on).isoformat()
        if other.programme == rule.programme:
            if rule.replaces_earlier:
                begins = rule.valid_from_on.isoformat()
                yield Flag("takes_over", {"from_on": begins, "version": other.version})
        elif rule.stacking_group is not None and other.stacking_group == rule.stacking_group:
            yield Flag("overlaps", {**_titles(other), "from_on": since})
        elif rule.document_number != "" and (
            other.document_number,
            other.kind,
            other.target,
            other.cap_fen,
        ) == (rule.document_number, rule.kind, rule.target, rule.cap_fen):
            yield Flag("same_document", {**_titles(other), "document": rule.document_number})


def _titles(rule: FundingRule) -> dict[str, str]:
    return {"title": rule.title, "title_en": rule.title_en}


def _overlap(one: FundingRule, other: FundingRule) -> bool:
    (begins, ends), (other_begins, other_ends) = _validity(one), _validity(other)
    return begins <= other_ends and other_begins <= ends


def _validity(rule: FundingRule) -> tuple[date, date]:
    return rule.valid_from_on or date.min, rule.valid_until_on or date.max
