"""Funding rules as pages show them: terms in words, states as of a day, and what a change would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.funding_condition import Condition
from models.funding_rule import FundingKind, FundingRule, RuleStatus
from models.funding_rule_trial import Trial
from models.funding_wording import word_amount, word_clause, word_money
from models.i18n import N_, format_date, gettext
from web.chips import Chip
from web.forms.rules import percent
from web.labels import label
from web.presenters.funding import rule_title

TURNS = {
    RuleStatus.DRAFT: "idle",
    RuleStatus.IN_FORCE: "good",
    RuleStatus.EXPIRING: "soon",
    RuleStatus.EXPIRED: "end",
}

TERM_LABELS = {
    "programme": N_("项目代号"),
    "title": N_("名称"),
    "title_en": N_("英文名称"),
    "issuer": N_("发文单位"),
    "issuer_en": N_("发文单位（英文）"),
    "document_number": N_("文号"),
    "clause": N_("条款要点"),
    "clause_en": N_("条款要点（英文）"),
    "kind": N_("种类"),
    "target": N_("给谁"),
    "cap_fen": N_("每项上限（万元）"),
    "rate_bp": N_("比例（百分之几）"),
    "spend_purpose": N_("按什么支出算"),
    "tiers": N_("档次（万元）"),
    "stacking_group": N_("同类组"),
    "yearly_cap_fen": N_("每家每年上限（万元）"),
    "pool_fen": N_("全年总额（万元）"),
    "window_from_on": N_("受理首日"),
    "window_until_on": N_("受理末日"),
    "valid_from_on": N_("施行日期"),
    "valid_until_on": N_("有效期至"),
    "source": N_("出处"),
    "source_grade": N_("来源等级"),
    "checked_on": N_("查证日期"),
}
SHOWN_AS = {
    "cap_fen": N_("每项上限"),
    "rate_bp": N_("比例"),
    "tiers": N_("档次"),
    "yearly_cap_fen": N_("每家每年上限"),
    "pool_fen": N_("全年总额"),
}
"""Terms that are typed in a unit, and read in whichever one fits."""

CODED = {"kind": "funding_kind", "target": "funding_target", "spend_purpose": "spend_purpose"}


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One version in a list."""

    rule: FundingRule
    title: str
    chip: Chip
    most: str
    window: str
    unverified: bool


@dataclass(frozen=True, slots=True)
class TermLine:
    """One term. before: as the version it was written from has it; the same where nothing changed."""

    name: str
    words: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether it reads otherwise."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition. state: same, new, changed or gone. rate: the share that applies where it is met, in words."""

    code: str
    kind_words: str
    text: str
    grade: str
    unverified: bool
    rate: str
    state: str


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """One pilot in a dry run: both verdicts and sums, and each clause that reads otherwise."""

    pilot_id: int
    title: str
    firm: str
    before: tuple[str, str] | None
    after: tuple[str, str]
    clauses: Sequence[tuple[str, str]]


def rule_chip(rule: FundingRule, locale: str, *, on: date) -> Chip:
    """The state of a version as of a day."""
    status = rule.status_on(on)
    return Chip(TURNS[status], label("rule_status", status.value, locale))


def present_rule(rule: FundingRule, locale: str, *, on: date) -> RuleLine:
    """One version as a line."""
    return RuleLine(
        rule=rule,
        title=rule_title(rule, locale),
        chip=rule_chip(rule, locale, on=on),
        most=word_most(rule, locale),
        window=word_window(rule, locale, on=on),
        unverified=rule.unverified,
    )


def word_most(rule: FundingRule, locale: str) -> str:
    """What the rule gives at most: tiers, a share with its cap, or the cap."""
    if rule.kind is FundingKind.INFO:
        return gettext(locale, N_("只指路"))
    if rule.tiers:
        sums = [word_money(fen, locale) for fen in sorted(rule.tiers, reverse=True)]
        return (" / ").join(sums)
    cap = (
        "" if rule.cap_fen is None else gettext(locale, "最多 %(sum)s", sum=word_money(rule.cap_fen, locale))
    )
    if rule.rate_bp is None:
        return cap or gettext(locale, N_("没有金额"))
    purpose = label("spend_purpose", rule.spend_purpose or "", locale)
    share = gettext(locale, "%(purpose)s的 %(rate)s%%", purpose=purpose, rate=percent(rule.rate_bp))
    return f"{share}{'，' if locale == 'zh' else ', '}{cap}" if cap else share


def word_window(rule: FundingRule, locale: str, *, on: date) -> str:
    """When applications are taken, and how long still."""
    first, last = rule.window_from_on, rule.window_until_on
    if first is None:
        return gettext(locale, N_("没有公布"))
    if on < first:
        return gettext(locale, "%(day)s 起受理", day=format_date(first, locale, today=on))
    if last is None:
        return gettext(locale, "%(day)s 起受理，截止不明", day=format_date(first, locale, today=on))
    if on > last:
        return gettext(locale, "%(day)s 已截止", day=format_date(last, locale, today=on))
    return gettext(locale, "受理中，还有 %(days)s 天", days=(last - on).days)


def term_lines(before: Mapping[str, Any] | None, after: Mapping[str, Any], locale: str) -> list[TermLine]:
    """Every term of `after` beside the same of `before`; with no version before, both sides are alike."""
    base = after if before is None else before
    return [
        TermLine(
            name,
            gettext(locale, SHOWN_AS.get(name, words)),
            word_term(name, base.get(name), locale),
            word_term(name, after.get(name), locale),
        )
        for name, words in TERM_LABELS.items()
        if name != "programme"
    ]


def word_term(name: str, value: Any, locale: str) -> str:
    """One term in words; nothing where there is none."""
    if value in (None, "", []):
        return ""
    if name == "tiers":
        return (" / ").join(word_money(fen, locale) for fen in sorted(value, reverse=True))
    if name.endswith("_fen"):
        return word_money(value, locale)
    if name == "rate_bp":
        return f"{percent(value)}%"
    return label(CODED[name], value, locale) if name in CODED else str(value)


def condition_lines(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], locale: str
) -> list[ConditionLine]:
    """The conditions of `after`, and those of `before` that are gone; in the order of the rule."""
    old = {} if before is None else _by_code(before)
    new = _by_code(after)
    lines = []
    for code, (item, rate) in {
        **new,
        **{code: pair for code, pair in old.items() if code not in new},
    }.items():
        condition = Condition.model_validate(item)
        state = "gone" if code not in new else "same" if before is None else "new" if code not in old else ""
        state = state or ("same" if old[code] == new[code] else "changed")
        lines.append(
            ConditionLine(
                code=code,
                kind_words=label("condition_kind", condition.kind, locale),
                text=condition.text(locale),
                grade=condition.source_grade.value,
                unverified=condition.unverified or condition.source_grade.value != "A",
                rate="" if rate is None else f"{percent(rate)}%",
                state=state,
            )
        )
    return lines


def _by_code(terms: Mapping[str, Any]) -> dict[str, tuple[dict[str, Any], int | None]]:
    found: dict[str, tuple[dict[str, Any], int | None]] = {
        item["code"]: (item, None) for item in terms.get("conditions", [])
    }
    for item in terms.get("alternative_rates", []):
        found[item["condition"]["code"]] = (item["condition"], item["rate_bp"])
    return found


def shift_lines(trial: Trial, terms: Mapping[str, Any], locale: str) -> list[ShiftLine]:
    """The pilots that would be judged otherwise. terms: of the new version, whose conditions name the clauses."""
    asks = {code: Condition.model_validate(item).text(locale) for code, (item, _) in _by_code(terms).items()}
    lines = []
    for shift in trial.shifts:
        before = shift.before
        clauses = [
            (
                asks.get(new.code, gettext(locale, N_("政策在有效期内"))),
                word_clause(new.reason, new.values, locale),
            )
            for _, new in shift.clauses
            if new is not None
        ]
        lines.append(
            ShiftLine(
                pilot_id=shift.pilot.key,
                title=shift.pilot.title,
                firm=shift.pilot.organisation.name,
                before=None
                if before is None
                else (before.verdict.value, word_amount(*(before.amount_fen or (None, None)), locale)),
                after=(
                    shift.after.verdict.value,
                    word_amount(*(shift.after.amount_fen or (None, None)), locale),
                ),
                clauses=clauses,
            )
        )
    return lines
