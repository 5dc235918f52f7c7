"""Reasons and gaps: codes with values, and the sentence for each code in the reader's language.

Codes are stored, hence for ever: spell them twice. No HTML here, and no language in what is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matcher.coverage import CoveredRequirement, Verdict
from matcher.gates import Gate

MAX_REASONS = 3
"""Reasons shown before the table of requirements is opened."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason or gap. code: key of SENTENCES; values: what the sentence needs, quotes included."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as stored and printed."""
        return {"code": self.code, "values": self.values}


SENTENCES: dict[str, dict[str, str]] = {
    "requirement_met": {
        "zh": "第 {position} 条有依据：“{quote}”",
        "en": "Requirement {position} is backed by: “{quote}”",
    },
    "requirement_partly": {
        "zh": "第 {position} 条有相近依据：“{quote}”",
        "en": "Requirement {position} is partly backed by: “{quote}”",
    },
    "deployment_offered": {"zh": "可部署在{places}", "en": "Runs in: {places}"},
    "filing_present": {"zh": "已登记备案或测评：{filings}", "en": "Filings on record: {filings}"},
    "case_confirmed": {"zh": "有客户确认的案例：{customer}", "en": "A customer confirmed a case: {customer}"},
    "capacity_free": {"zh": "还能接 {n} 个试点", "en": "Can take {n} more pilots"},
    "same_district": {"zh": "与需求方同在{district}", "en": "In the same district: {district}"},
    "requirement_unmet": {
        "zh": "第 {position} 条未满足，对方写的是：“{quote}”",
        "en": "Requirement {position} is not met; they write: “{quote}”",
    },
    "requirement_unknown": {
        "zh": "第 {position} 条没有提到，可以向对方发问",
        "en": "Requirement {position} is not mentioned; ask them",
    },
    "figure_missing": {
        "zh": "第 {position} 条要求有数，对方没有写数，可请对方补测试结果",
        "en": "Requirement {position} asks for a figure and none is given; ask for test results",
    },
    "deployment_unmet": {
        "zh": "第 {position} 条的部署方式对方不提供，对方只写了：{places}",
        "en": "Requirement {position} asks for a deployment they do not offer; they offer: {places}",
    },
    "filing_unmet": {
        "zh": "第 {position} 条的备案对方没有登记",
        "en": "Requirement {position} asks for a filing that is not on record",
    },
    "deployment_conflict": {
        "zh": "部署方式不合：需要{wanted}，对方提供{offered}",
        "en": "Deployment does not fit: wanted {wanted}, offered {offered}",
    },
    "deployment_unknown": {
        "zh": "对方没有写部署方式，补上后才能判断",
        "en": "Deployment is not stated; add it to be judged",
    },
    "case_missing": {"zh": "没有案例，可请对方补一个用过的地方", "en": "No case yet; ask where it has been used"},
    "text_too_short": {
        "zh": "能力描述太短，写清做什么、用什么数据、测到多少",
        "en": "The description is too short: say what it does, on what data, with what figures",
    },
    "scenario_closed": {"zh": "场景已结束征集", "en": "The scenario takes no more answers"},
    "capability_unlisted": {"zh": "能力已下架", "en": "The capability was taken down"},
    "firm_inactive": {"zh": "企业尚未入驻或已停用", "en": "The firm is not active"},
    "same_organisation": {"zh": "需求方与供给方是同一家", "en": "Both sides are the same organisation"},
    "firm_full": {"zh": "企业暂时接不了新的试点", "en": "The firm cannot take another pilot now"},
}

CODE_WORDS: dict[str, dict[str, str]] = {
    "gov_cloud": {"zh": "政务云", "en": "government cloud"},
    "on_premise": {"zh": "本地机房", "en": "on premises"},
    "edge": {"zh": "端侧", "en": "edge device"},
    "saas": {"zh": "SaaS", "en": "SaaS"},
    "any": {"zh": "不限", "en": "any"},
    "algorithm_filing": {"zh": "算法备案", "en": "algorithm filing"},
    "model_filing": {"zh": "大模型备案", "en": "model filing"},
    "security_assessment": {"zh": "安全测评", "en": "security assessment"},
    "mlps_2": {"zh": "等保二级", "en": "MLPS level 2"},
    "mlps_3": {"zh": "等保三级", "en": "MLPS level 3"},
}


def word(code: str, values: dict[str, Any], locale: str) -> str:
    """The sentence for a stored reason or gap. KeyError for a code or locale that does not exist.

    Lists of codes are worded too: ["gov_cloud"] becomes 政务云 / government cloud.
    """
    shown = {name: _shown(value, locale) for name, value in values.items()}
    return SENTENCES[code][locale].format(**shown)


def word_codes(codes: Sequence[str], locale: str) -> str:
    """Codes of places or filings as words; a code nobody knows is shown as it is."""
    separator = "、" if locale == "zh" else ", "
    return separator.join(CODE_WORDS.get(code, {}).get(locale, code) for code in codes)


def _shown(value: Any, locale: str) -> Any:
    return word_codes(value, locale) if isinstance(value, list) else value


def evidence_words(item: dict[str, Any], locale: str) -> str | None:
    """The quoted evidence or counter-evidence of a stored coverage row; structured facts are worded, quotes kept."""
    text = item["evidence"] or item["counter"]
    if text is None:
        return None
    return word_codes(text.split(","), locale) if item["evidence_source"] in ("deployment", "filings") else text


def reasons_for(covered: Sequence[CoveredRequirement], extra: Sequence[Reason] = ()) -> list[Reason]:
    """What speaks for the pair, strongest first: met musts, met shoulds, partly musts, then the extras."""
    order = sorted(
        (item for item in covered if item.verdict in (Verdict.MET, Verdict.PARTLY)),
        key=lambda item: (item.verdict is not Verdict.MET, not item.must, item.position),
    )
    return [_reason(item) for item in order] + list(extra)


def _reason(item: CoveredRequirement) -> Reason:
    if item.evidence_source == "deployment":
        return Reason("deployment_offered", {"position": item.position, "places": _codes(item.evidence)})
    if item.evidence_source == "filings":
        return Reason("filing_present", {"position": item.position, "filings": _codes(item.evidence)})
    code = "requirement_met" if item.verdict is Verdict.MET else "requirement_partly"
    return Reason(code, {"position": item.position, "quote": item.evidence})


def gaps_for(
    covered: Sequence[CoveredRequirement], gates: Sequence[Gate] = (), missing: Sequence[str] = ()
) -> list[Reason]:
    """What stands in the way, hardest first: gates, unmet musts, unmet shoulds, unknowns, then missing fields.

    missing: gap codes of absent fields of the capability, e.g. deployment_unknown.
    """
    order = {Verdict.UNMET: 0, Verdict.PARTLY: 1, Verdict.UNKNOWN: 2}
    short = sorted(
        (item for item in covered if item.verdict is not Verdict.MET),
        key=lambda item: (order[item.verdict], not item.must, item.position),
    )
    gaps = [Reason(gate.code, gate.values) for gate in gates]
    gaps += [gap for item in short if (gap := _gap(item)) is not None]
    return gaps + [Reason(code) for code in missing]


def _gap(item: CoveredRequirement) -> Reason | None:
    at = {"position": item.position}
    if item.verdict is Verdict.UNMET:
        if item.evidence_source == "deployment":
            return Reason("deployment_unmet", {**at, "places": _codes(item.counter)})
        if item.evidence_source == "filings":
            return Reason("filing_unmet", at)
        return Reason("requirement_unmet", {**at, "quote": item.counter})
    if item.verdict is Verdict.UNKNOWN:
        return Reason("requirement_unknown", at)
    return Reason("figure_missing", at) if _asks_for_figure(item) else None


def _asks_for_figure(item: CoveredRequirement) -> bool:
    return any(c.isdigit() for c in item.text) and not any(c.isdigit() for c in item.evidence or "")


def _codes(text: str | None) -> list[str]:
    return text.split(",") if text else []
