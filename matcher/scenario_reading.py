"""A paragraph about a need read for the fields of a scenario, each proposal with the sentence it rests on.

Rules over sentences, nothing generated: a proposal repeats what is written, or names a code that is spoken of.
An officer confirms each; the text itself is kept as it is, without the lines that say whom to call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from matcher.asked_facts import PLACES
from matcher.chunks import split_sentences
from matcher.profile_reading import HOSTED, INDUSTRIES, Proposed, Sentence, title_of
from matcher.tokens import fold
from models.paragraph import Paragraph

MAX_REQUIREMENTS = 20
MAX_QUOTED = 300
"""Characters of a sentence that a short field takes over."""

_WISH = re.compile(r"希望|拟|需要|计划|寻求|求解|\bwe (?:want|need|seek)\b|looking for")
_TODAY = re.compile(
    r"目前|现在|现有|当前|每[天日月年周]|[日月年]均|全年|currently"
    r"|\b(?:per|a) (?:day|week|month|year)\b"
)
_ACCEPTANCE = re.compile(r"验收|acceptance")
_DATA = re.compile(
    r"(?:数据|录像|台账|录音|图像|影像|记录|样本|工单|病历|日志)[^，。；]{0,20}(?:提供|开放|可用|已有|积累|约|共|万|条|张|小时|份)"
    r"|(?:提供|开放|已有|积累|现有)[^，。；]{0,20}(?:数据|录像|台账|录音|图像|影像|记录|样本|日志)|\bdata\b[^.;]{0,40}(?:available|provided|records)"
)
_ACCESS = re.compile(
    r"(?:数据|录像|资料|图像)[^，。；]{0,16}(?:不出|不得带出|不得导出|脱敏|签[^，。；]{0,6}协议|现场)"
    r"|脱敏后|保密协议|data may not leave"
)
_SECURITY = re.compile(
    r"涉密|保密|隐私|个人信息|不得外传|等保|网络安全|personal (?:data|information)|confidential"
)
_SITE = re.compile(
    r"试点(?:地点|单位|区域|范围)|(?:先|首批)在|在[^，。；]{2,24}(?:先行|开展|进行)?试点"
    r"|\bpilot(?:ed)? (?:at|in)\b"
)
_PROCUREMENT = re.compile(r"采购|招标|政府购买|直接委托|续签|procure|tender")
_BUDGET = re.compile(r"预算|经费|资金|出资|费用|\bbudget\b")
_DEADLINE = re.compile(r"截止|截至|之前(?:提交|报名|回复)|前(?:提交|报名|回复|反馈)|deadline|\bby\b")
_PILOT = re.compile(r"试点(?:期|时间|周期|从|自|于)?|试运行|\bpilot\b")
_DEMAND = re.compile(
    r"要求|必须|须|应当|应能|需支持|需能|不低于|不少于|不高于|不超过|不大于|以内|支持|能够|可以?自动|最好|优先"
    r"|\b(?:must|shall|should)\b|at least|no more than|within"
)
_SHOULD = re.compile(r"最好|优先|宜|可选|如能|\bshould\b|preferabl|ideally")
_CHALLENGE = re.compile(r"揭榜|\bchallenge\b")
_INDUSTRY = re.compile(r"我司|本公司|我们公司|我厂|本厂|我店|our (?:company|plant|factory)")
_CONTACT = re.compile(r"联系人|联系电话|联系方式|邮箱|电话[：:]|\S+@\S+\.\S+|contact[：:]")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_NAME = re.compile(
    r"联系人\s*[：:为是]?\s*([\u3400-\u9fff·]{2,6}?)(?=[，,；;。\s（(：:]|电话|手机|邮箱|$)"
    r"|(?i:contact)\s*[：:]\s*([A-Z][\w.'-]+(?: [A-Z][\w.'-]+){0,2})"
)

_AMOUNT = r"(\d+(?:\.\d+)?)"
_UNIT = r"(亿元?|万元?|元)"
_RANGE = re.compile(rf"{_AMOUNT}\s*{_UNIT}?\s*(?:-|—|–|~|～|至|到)\s*{_AMOUNT}\s*{_UNIT}")
_ONE = re.compile(rf"{_AMOUNT}\s*{_UNIT}")
_WAN = {"亿": Decimal(10_000), "万": Decimal(1), "元": Decimal(1) / 10_000}
_DAY = re.compile(
    r"(?:(20\d\d)\s*[年./-]\s*)?(1[0-2]|0?[1-9])\s*[月./-]\s*(3[01]|[12]\d|0?[1-9])(?:\s*[日号]|(?!\d))"
)
_CHANGE = re.compile(
    r"(?P<metric>[^，。；：,;:]{2,40}?)(?:从|由)\s*(?P<before>[^，。；,;]{1,24}?)\s*"
    r"(?:降低|下降|缩短|减少|压缩|提升|提高|增加|升|降|减)\s*(?:到|至|为)\s*(?P<after>[^，。；,;是]{1,30})"
    r"|(?P<metric_en>[^.;,]{2,60}?) from (?P<before_en>[^.;,]{1,30}?) to (?P<after_en>[^.;,]{1,30})"
)
_LEAD = re.compile(
    r"^(?:(?:希望|力争|目标是?|要求|把|将|使|让|实现)+"
    r"|(?:we )?(?:want|need|aim) to (?:reduce|cut|raise|increase|lower|shorten) (?:the )?)",
    re.IGNORECASE,
)
_CLOUD = re.compile(r"政务(?:云|外网)")
_CLAUSE = re.compile(r"(?<=[，,；;])")


@dataclass(frozen=True, slots=True)
class ProposedScenario:
    """A need as its text has it. text: to be kept as written. fields: what else it says, in the order of the form."""

    title: str
    text: str
    fields: tuple[Proposed, ...]


def propose_scenario(paragraphs: Sequence[Paragraph], *, today: date) -> ProposedScenario | None:
    """The need that a text describes; None where it says nothing. today: dates without a year are the next such day."""
    sentences = [
        Sentence(text, paragraph.place)
        for paragraph in paragraphs
        if not paragraph.heading
        for text in split_sentences(paragraph.text)
    ]
    if not sentences:
        return None
    kept = [each for each in sentences if not _CONTACT.search(fold(each.text))]
    headings = [paragraph.text for paragraph in paragraphs if paragraph.heading]
    wish = next((each for each in kept if _WISH.search(fold(each.text))), (kept or sentences)[0])
    return ProposedScenario(
        title=title_of(headings[0] if headings else _LEAD.sub("", wish.text)),
        text="".join(each.text if each.text[-1] > "\u2e80" else f"{each.text} " for each in kept).strip(),
        fields=tuple(_fields(sentences, today)),
    )


def _fields(sentences: Sequence[Sentence], today: date) -> Iterator[Proposed]:
    yield from _codes(sentences)
    yield from _quoted("volume_note", _TODAY, [each for each in sentences if re.search(r"\d", each.text)])
    outcome = _outcome(sentences)
    yield from outcome
    yield from _quoted("acceptance", _ACCEPTANCE, sentences)
    yield from _requirements(sentences, outcome)
    yield from _quoted("data_note", _DATA, sentences)
    yield from _clauses("data_access", _ACCESS, sentences)
    yield from _clauses("security_note", _SECURITY, sentences)
    yield from _places(sentences)
    yield from _clauses("site", _SITE, sentences)
    yield from _budget(sentences)
    yield from _clauses("procurement_note", _PROCUREMENT, sentences)
    yield from _days(sentences, today)
    yield from _contact(sentences)


def _codes(sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    for code, pattern in (("challenge", _CHALLENGE), ("industry", _INDUSTRY)):
        found = _first(pattern, sentences)
        if found is not None:
            yield Proposed("kind", {"kind": code}, found.text, found.place)
            break
    said = {
        code: [each for each in sentences if pattern.search(_CLOUD.sub("", fold(each.text)))]
        for code, pattern in INDUSTRIES
    }
    # The field that most sentences speak of; of equal ones, the first of the list.
    code = max(said, key=lambda each: len(said[each]))
    if said[code]:
        yield Proposed("domain", {"domain": code}, said[code][0].text, said[code][0].place)


def _first(pattern: re.Pattern[str], sentences: Sequence[Sentence]) -> Sentence | None:
    return next((each for each in sentences if pattern.search(fold(each.text))), None)


def _quoted(name: str, pattern: re.Pattern[str], sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    """A field that takes the first sentence that speaks of it as it stands."""
    found = _first(pattern, sentences)
    if found is not None:
        yield Proposed(name, {name: found.text[:MAX_QUOTED]}, found.text, found.place)


def _clauses(name: str, pattern: re.Pattern[str], sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    """A field that takes the clauses of that sentence which speak of it."""
    found = _first(pattern, sentences)
    if found is not None:
        spoken = [clause for clause in _CLAUSE.split(found.text) if pattern.search(fold(clause))]
        words = "".join(spoken or [found.text]).strip("，,；;。. ")
        yield Proposed(name, {name: words[:MAX_QUOTED]}, found.text, found.place)


def _outcome(sentences: Sequence[Sentence]) -> list[Proposed]:
    """The first figure that is to change: what it measures, what it is, what it shall be."""
    for each in sentences:
        found = _CHANGE.search(each.text)
        if found is None or not re.search(r"\d", found.group()):
            continue
        parts = found.groupdict()
        metric = _LEAD.sub("", (parts["metric"] or parts["metric_en"]).strip())
        values = {
            "metric": metric,
            "baseline": (parts["before"] or parts["before_en"]).strip(),
            "target": (parts["after"] or parts["after_en"]).strip(),
        }
        return [Proposed("outcome", values, each.text, each.place)]
    return []


def _requirements(sentences: Sequence[Sentence], outcome: Sequence[Proposed]) -> Iterator[Proposed]:
    """Sentences that ask for something; those about money, days, people and acceptance are fields of their own."""
    elsewhere = {each.source for each in outcome}
    asked = [
        each
        for each in sentences
        if _DEMAND.search(fold(each.text))
        and each.text not in elsewhere
        and not any(
            other.search(fold(each.text))
            for other in (_ACCEPTANCE, _BUDGET, _CONTACT, _DATA, _DEADLINE, _PROCUREMENT)
        )
    ]
    for each in asked[:MAX_REQUIREMENTS]:
        must = "should" if _SHOULD.search(fold(each.text)) else "must"
        yield Proposed("requirement", {"req_1": each.text[:500], "must_1": must}, each.text, each.place)


def _places(sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    for code, pattern in (*PLACES, ("saas", HOSTED)):
        found = _first(pattern, sentences)
        if found is not None:
            yield Proposed("deployment", {"deployment": code}, found.text, found.place)


def _budget(sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    """In 万元, as the form has it. One amount is the most."""
    for each in sentences:
        if not _BUDGET.search(fold(each.text)):
            continue
        both, one = _RANGE.search(each.text), _ONE.search(each.text)
        if both is not None:
            low, unit, high, last = both.groups()
            values = {"budget_min_fen": _wan(low, unit or last), "budget_max_fen": _wan(high, last)}
        elif one is not None:
            values = {"budget_max_fen": _wan(*one.groups())}
        else:
            continue
        yield Proposed("budget", values, each.text, each.place)
        return


def _wan(amount: str, unit: str) -> str:
    return f"{(Decimal(amount) * _WAN[unit[0]]).normalize():f}"


def _days(sentences: Sequence[Sentence], today: date) -> Iterator[Proposed]:
    for each in sentences:
        days = _days_in(each.text, today)
        if days and _DEADLINE.search(fold(each.text)):
            yield Proposed("deadline_on", {"deadline_on": days[-1].isoformat()}, each.text, each.place)
            break
    for each in sentences:
        days = _days_in(each.text, today)
        if len(days) == 2 and days[0] < days[1] and _PILOT.search(fold(each.text)):
            values = {"pilot_from_on": days[0].isoformat(), "pilot_to_on": days[1].isoformat()}
            yield Proposed("pilot", values, each.text, each.place)
            break


def _days_in(text: str, today: date) -> list[date]:
    """The days a sentence names, in its order; one without a year is the next such day, or follows the one before."""
    found: list[date] = []
    for year, month, day in _DAY.findall(text):
        earliest = found[-1] if found else today
        try:
            on = date(int(year) if year else earliest.year, int(month), int(day))
            if not year and on < earliest:
                on = on.replace(year=on.year + 1)
        except ValueError:
            continue  # 2月30日
        found.append(on)
    return found


def _contact(sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    for each in sentences:
        name, email = _NAME.search(each.text), _EMAIL.search(each.text)
        values = {}
        if name is not None:
            values["contact_name"] = name.group(1) or name.group(2)
        if email is not None:
            values["contact_email"] = email.group()
        if values:
            yield Proposed("contact", values, each.text, each.place)
            return
