"""The words for funding clauses, missing proofs and amounts, in Chinese and English, for pages and mails
alike.

Records store codes and values; the sentence is made when somebody reads. No HTML. A value whose code has no
word (a kind of document an operator brought in) is shown as it is; a reason without words raises KeyError,
and a test sees to it that none exists.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

YUAN = 100
WAN = 10_000 * YUAN

# Reason code: (Chinese, English). Names in braces are values of the finding.
REASONS: dict[str, tuple[str, str]] = {
    "rule_in_force": ("政策在有效期内。", "The rule is in force."),
    "rule_expired": (
        "政策已于{valid_until_on}到期，要看有没有新政策接上。",
        "The rule ended on {valid_until_on}; look for one that follows it.",
    ),
    "rule_not_begun": ("政策从{valid_from_on}起施行。", "The rule applies from {valid_from_on}."),
    "rule_draft": (
        "没有查到施行日期，可能还是征求意见稿。",
        "No first day in force was found; it may still be a draft.",
    ),
    "scenario_unpublished": ("场景没有公开发布的记录。", "No publication of the scenario is on record."),
    "publisher_kind_fits": (
        "场景由{publisher_kind}于{published_on}公开发布。",
        "The scenario was published by {publisher_kind} on {published_on}.",
    ),
    "publisher_kind_fails": (
        "场景由{publisher_kind}发布，政策只认{kinds}发布的场景。",
        "The scenario was published by {publisher_kind}; the rule asks for {kinds}.",
    ),
    "scenario_kind_unknown": ("场景没有写明类别。", "The scenario's kind is not stated."),
    "scenario_kind_fits": ("属于{scenario_kind}。", "It is {scenario_kind}."),
    "scenario_kind_fails": (
        "属于{scenario_kind}，政策只支持{kinds}。",
        "It is {scenario_kind}; the rule supports {kinds} only.",
    ),
    "scenario_domain_unknown": ("场景没有写明领域。", "The scenario's field is not stated."),
    "scenario_domain_fits": (
        "场景领域是{scenario_domain}，在支持范围内。",
        "The scenario's field, {scenario_domain}, is covered.",
    ),
    "scenario_domain_fails": (
        "场景领域是{scenario_domain}，政策支持的是{domains}。",
        "The scenario's field is {scenario_domain}; the rule covers {domains}.",
    ),
    "publication_and_delivery_fits": (
        "{published_on}发布，{go_live_on}上线，先发布后交付。",
        "Published on {published_on}, live on {go_live_on}: published first.",
    ),
    "publication_and_delivery_fails": (
        "{go_live_on}已上线，{published_on}才发布场景。",
        "Live on {go_live_on}, before the scenario was published on {published_on}.",
    ),
    "go_live_unknown": ("还没有投入使用的记录。", "No go-live is on record."),
    "in_use": ("{go_live_on}起投入使用。", "In use since {go_live_on}."),
    "in_use_later": ("定于{go_live_on}投入使用，还没到。", "To go live on {go_live_on}, which lies ahead."),
    "pilot_stopped": ("试点已于{stopped_on}终止。", "The pilot was stopped on {stopped_on}."),
    "acceptance_unknown": ("还没有验收通过的记录。", "No acceptance is on record."),
    "accepted": ("{accepted_on}验收通过。", "Accepted on {accepted_on}."),
    "applicant_city_unknown": ("企业没有填所在区。", "The firm has not stated its district."),
    "applicant_city_fits": ("企业在{city}。", "The firm is in {city}."),
    "applicant_city_fails": (
        "企业在{city}，政策要求在{cities}。",
        "The firm is in {city}; the rule asks for {cities}.",
    ),
    "applicant_kind_unknown": ("申报主体的类型不明。", "What kind of applicant it is is not known."),
    "applicant_kind_fits": ("申报主体是{applicant_kind}。", "The applicant is {applicant_kind}."),
    "applicant_kind_fails": (
        "申报主体是{applicant_kind}，政策支持{kinds}。",
        "The applicant is {applicant_kind}; the rule supports {kinds}.",
    ),
    "founded_on_unknown": ("企业没有填成立日期。", "The firm has not stated when it was founded."),
    "founded_on_fits": (
        "{founded_on}成立，未超过{max_days}天。",
        "Founded on {founded_on}, no more than {max_days} days ago.",
    ),
    "founded_on_fails": (
        "{founded_on}成立，已超过{max_days}天。",
        "Founded on {founded_on}, more than {max_days} days ago.",
    ),
    "team_size_unknown": ("企业没有填团队人数。", "The firm has not stated its head count."),
    "team_size_fits": (
        "团队{team_size}人，要求至少{minimum}人。",
        "Team of {team_size}; at least {minimum} asked.",
    ),
    "team_size_fails": (
        "团队{team_size}人，要求至少{minimum}人，要先找到伙伴。",
        "Team of {team_size}; at least {minimum} asked. Find a partner first.",
    ),
    "leader_age_unknown": (
        "负责人年龄要求{years}岁以内（特定人群{years_special}岁以内），本站不收集年龄。",
        "The leader may be {years} at most ({years_special} for some groups); age is not asked here.",
    ),
    "leader_age_special": (
        "负责人超过{years}岁，要属于可放宽到{years_special}岁的人群。",
        "The leader is over {years}; only some groups may be up to {years_special}.",
    ),
    "leader_age_fits": ("负责人年龄在{years}岁以内。", "The leader is {years} or younger."),
    "leader_age_fails": ("负责人超过{years_special}岁。", "The leader is over {years_special}."),
    "evidence_present": ("已有核过的{document}。", "Checked and on file: {document}."),
    "evidence_missing": ("还没有{document}。", "Not on file: {document}."),
    "evidence_unchecked": ("{document}已上传，还没有人核过。", "Uploaded but not yet checked: {document}."),
    "evidence_expired": (
        "{document}已于{valid_until_on}过期。",
        "Ran out on {valid_until_on}: {document}.",
    ),
    "issued_by_owner": (
        "{document}由场景方出具，已核过。",
        "Issued by the scenario's owner and checked: {document}.",
    ),
    "issuer_not_owner": (
        "有{document}，但看不出是场景方出具的。",
        "On file, but not shown to come from the scenario's owner: {document}.",
    ),
    "filing_not_stated": ("能力清单里没有写{filing}。", "The capability does not state it: {filing}."),
    "spend_unknown": (
        "不知道{purpose}支出多少，要求至少{minimum_fen}。",
        "Spending on {purpose} is not known; at least {minimum_fen} asked.",
    ),
    "spend_so_far": (
        "已有凭证的{purpose}支出{spend_fen}，要求至少{minimum_fen}。",
        "Spending on {purpose} shown so far is {spend_fen}; at least {minimum_fen} asked.",
    ),
    "spend_fits": (
        "{purpose}支出{spend_fen}，达到{minimum_fen}。",
        "Spending on {purpose} is {spend_fen}, at least {minimum_fen}.",
    ),
    "spend_fails": (
        "{purpose}支出{spend_fen}，不到{minimum_fen}。",
        "Spending on {purpose} is {spend_fen}, less than {minimum_fen}.",
    ),
    "claims_unknown": (
        "不知道同一项目有没有申报别的同类资助。",
        "Whether the same project claims similar support elsewhere is not known.",
    ),
    "no_other_claim": (
        "同一项目没有申报同类资助。",
        "The same project claims no similar support elsewhere.",
    ),
    "claimed_elsewhere": (
        "同一项目已申报同类资助：{programmes}，不能重复享受。",
        "The same project already claims similar support: {programmes}.",
    ),
    "grants_unknown": (
        "不知道企业今年已获资助多少。",
        "What the firm was granted this year is not known.",
    ),
    "yearly_cap_fits": (
        "今年已获{granted_fen}，年度上限{yearly_cap_fen}。",
        "{granted_fen} granted this year, of {yearly_cap_fen} a year at most.",
    ),
    "yearly_cap_fails": (
        "今年已获{granted_fen}，达到年度上限{yearly_cap_fen}。",
        "{granted_fen} granted this year: the yearly cap of {yearly_cap_fen} is used up.",
    ),
    "window_unknown": ("没有申报通知，不知道何时受理。", "No call has been announced."),
    "window_end_unknown": (
        "{from_on}起受理，截止日期不明。",
        "Applications are taken from {from_on}; the last day is not known.",
    ),
    "window_not_open": ("{from_on}起才受理申报。", "Applications are taken from {from_on}."),
    "window_closed": (
        "申报已于{until_on}截止，等下一次通知。",
        "Applications closed on {until_on}; wait for the next call.",
    ),
    "window_open": (
        "正在受理，{from_on}至{until_on}。",
        "Applications are taken from {from_on} to {until_on}.",
    ),
    "basis_in_force": (
        "依据文件{document}有效至{until_on}。",
        "Its basis, {document}, holds until {until_on}.",
    ),
    "basis_lapsed": (
        "依据文件{document}已于{until_on}到期，是否延续要问主管部门。",
        "Its basis, {document}, ended on {until_on}; ask the office whether it goes on.",
    ),
    "officer_must_check": (
        "本站查不到，由主管部门认定。",
        "Nothing here can tell; the issuing office decides.",
    ),
}

# What a missing code names: a field, a document, an act.
MISSING: dict[str, tuple[str, str]] = {
    "publication": ("场景的公开发布记录", "the scenario's publication"),
    "scenario_kind": ("场景类别", "the scenario's kind"),
    "scenario_domain": ("场景领域", "the scenario's field"),
    "go_live": ("投入使用记录", "the go-live record"),
    "district": ("企业所在区", "the firm's district"),
    "applicant_kind": ("申报主体类型", "the kind of applicant"),
    "founded_on": ("成立日期", "the founding date"),
    "team_size": ("团队人数", "the head count"),
    "leader_age": ("负责人年龄证明", "proof of the leader's age"),
    "payments": ("支出凭证", "proof of spending"),
    "other_claims": ("其他资助情况说明", "a statement of other support"),
    "call": ("申报通知", "the call for applications"),
    "office_ruling": ("主管部门的认定", "a ruling of the issuing office"),
    "check": ("材料核对", "a check of the document"),
}

# Who can give what is missing.
PLACES: dict[str, tuple[str, str]] = {
    "scenario_owner": ("找场景方", "ask the scenario's owner"),
    "pilot_record": ("在试点页填写", "enter it on the pilot's page"),
    "firm_profile": ("在企业资料里填写", "enter it in the firm's profile"),
    "applicant": ("由企业提供", "the firm provides it"),
    "issuing_office": ("问主管部门", "ask the issuing office"),
    "checker": ("等场景方或资金管理核对", "the scenario's owner or a funding officer checks it"),
    "test_lab": ("找检测机构", "ask a test laboratory"),
    "auditor": ("找审计机构", "ask an auditor"),
    "credit_site": ("在信用网站下载", "download it from the public credit site"),
    "filing_office": ("找备案机关", "ask the filing office"),
}

# Codes that appear as values.
WORDS: dict[str, tuple[str, str]] = {
    "agency": ("政府部门", "a government agency"),
    "enterprise": ("行业企业", "an enterprise"),
    "startup": ("创业企业", "a startup"),
    "university": ("高校院所", "a university or institute"),
    "service_centre": ("服务机构", "a service centre"),
    "government": ("政务场景", "a government scenario"),
    "industry": ("产业场景", "an industry scenario"),
    "challenge": ("揭榜", "an open challenge"),
    "city_governance": ("城市治理", "city governance"),
    "public_service": ("公共服务", "public services"),
    "advanced_manufacturing": ("先进制造", "advanced manufacturing"),
    "modern_services": ("现代服务", "modern services"),
    "research": ("科学研究", "scientific research"),
    "test_report": ("测试报告", "test report"),
    "use_report": ("用户使用报告", "user's report"),
    "contract": ("合同", "contract"),
    "invoice": ("发票", "invoice"),
    "payment": ("付款凭证", "proof of payment"),
    "acceptance": ("验收材料", "acceptance papers"),
    "filing": ("备案材料", "filing papers"),
    "credit_report": ("信用报告", "credit report"),
    "audit_report": ("专项审计报告", "audit report"),
    "algorithm_filing": ("算法备案", "algorithm filing"),
    "model_filing": ("大模型备案", "model filing"),
    "security_assessment": ("安全评估", "security assessment"),
    "compute": ("算力", "compute"),
    "model": ("模型", "models"),
    "corpus": ("语料", "corpora"),
    "investment": ("项目实际投入", "the project"),
}


def word_clause(code: str, values: Mapping[str, Any], locale: str) -> str:
    """One sentence for a clause's reason code and values.

    locale: any tag; those that begin with "en" read English, all others Chinese. Raises KeyError for a reason
    without words, or when a value its sentence needs is absent.
    """
    return word_values(_pick(REASONS[code], locale), values, locale)


def word_values(sentence: str, values: Mapping[str, Any], locale: str) -> str:
    """The sentence with its places filled in: days, sums and codes as the reader writes them."""
    return sentence.format(**{name: _show(name, value, locale) for name, value in values.items()})


def word_missing(code: str, where_to_get: str, locale: str) -> str:
    """One line for what is missing and who has it."""
    what = _pick(MISSING.get(code) or WORDS.get(code) or (code, code), locale)
    where = _pick(PLACES[where_to_get], locale)
    return f"{what[:1].upper()}{what[1:]}: {where}." if _is_english(locale) else f"{what}：{where}。"


def word_amount(amount_min_fen: int | None, amount_max_fen: int | None, locale: str) -> str:
    """The range in words, never a promise: "up to" where nothing is sure but the ceiling."""
    if amount_min_fen is None or amount_max_fen is None:
        return "No sum can be estimated." if _is_english(locale) else "暂时估不出金额。"
    most = word_money(amount_max_fen, locale)
    if amount_max_fen == 0:
        return "Nothing is left this year." if _is_english(locale) else "今年额度已用完。"
    if amount_min_fen == 0:
        return f"Up to {most}" if _is_english(locale) else f"最高{most}"
    if amount_min_fen == amount_max_fen:
        return most
    least = word_money(amount_min_fen, locale)
    return f"{least} to {most}" if _is_english(locale) else f"{least}至{most}"


def word_money(fen: int, locale: str) -> str:
    """A sum: in 万元 where it is a whole number of them, else in yuan; fen only where there are any."""
    if _is_english(locale):
        return f"CNY {_yuan(fen)}"
    return f"{fen // WAN:,}万元" if fen and fen % WAN == 0 else f"{_yuan(fen)}元"


def _yuan(fen: int) -> str:
    whole, rest = divmod(fen, YUAN)
    return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"


def _show(name: str, value: Any, locale: str) -> str:
    """A value by its name's unit: a day, a sum, a list of codes, a code, or as it is."""
    if name.endswith("_on") and isinstance(value, str):
        day = date.fromisoformat(value)
        return f"{day.day} {day:%b %Y}" if _is_english(locale) else f"{day.year}年{day.month}月{day.day}日"
    if name.endswith("_fen") and isinstance(value, int):
        return word_money(value, locale)
    if isinstance(value, list | tuple):
        return (", " if _is_english(locale) else "、").join(_show("", item, locale) for item in value)
    return _pick(WORDS.get(value, (value, value)), locale) if isinstance(value, str) else str(value)


def _pick(pair: tuple[str, str], locale: str) -> str:
    return pair[1] if _is_english(locale) else pair[0]


def _is_english(locale: str) -> bool:
    return locale.lower().startswith("en")
