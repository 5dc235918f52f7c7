"""A firm's own document read for the fields of its capabilities, each proposal with the sentence it rests on.

Rules over sentences, nothing generated: a proposal repeats what is written, or names a box that the sentence ticks. A
person confirms each. Headings of products make several capabilities; what stands under headings about the firm as a
whole is proposed for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from matcher.asked_facts import FILINGS, PLACES
from matcher.chunks import split_sentences
from matcher.tokens import fold
from models.paragraph import Paragraph

MAX_CAPABILITIES = 12
MIN_PRODUCT = 30
"""Characters under a heading from which it names a product and is no mere line of a list."""

MAX_TITLE = 60
MAX_CASES = 6

_WHOLE_FIRM = re.compile(
    r"简介|关于我们|公司介绍|企业介绍|企业概况|团队|创始人|荣誉|资质|奖项|联系|合作|愿景|案例|客户|价格|报价|收费|备案|部署|交付|目录|说明$"
    r"|\b(?:about|team|contact|awards?|cases?|customers?|clients?|pricing|deployment|filings?|contents)\b"
)
_FIRM = re.compile(r"公司$|工作室$|（.*）$|\b(?:Ltd|Inc|LLC)\.?$")
_CONTACT = re.compile(
    r"(?:电话|手机|邮箱|联系人|微信|传真|地址)(?:号码?)?\s*[：:]|(?:e-?mail|phone)\s*[：:]|联系电话|\S+@\S+\.\S+|(?<!\d)1[3-9]\d{9}(?!\d)"
)
_NO = re.compile(
    r"不支持|不提供|暂不|尚未|未完成|没有|正在(?:办理|申请|进行)|计划|拟|准备|待|\b(?:not|no|without|planned|pending)\b"
)
_CLAUSE = re.compile(r"[，,；;。！？]|\.(?=\s|$)")
_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．]|[（(]?[\d一二三四五六七八九十]{1,2}[)）.．、]|产品[\d一二三四五六][：:])\s*"
)

HOSTED = re.compile(r"saas|公有云|云端(?:订阅|服务|使用)|hosted|in the cloud")
_MATURITY = (
    (
        "commercial",
        re.compile(r"商用|正式(?:上线|投产|运行|使用)|规模(?:化)?应用|付费客户|commercial|in production"),
    ),
    ("pilot", re.compile(r"试用|试点|试运行|\bpilot|\btrial")),
    ("prototype", re.compile(r"样机|原型|\bprototype|\bdemo\b")),
    ("idea", re.compile(r"构想|概念阶段|\bidea stage|\bconcept\b")),
)
_TECHNOLOGIES = (
    "大语言模型", "大模型", "智能体", "计算机视觉", "机器视觉", "图像识别", "视频分析", "语音识别", "语音合成",
    "自然语言处理", "知识图谱", "检索增强", "文字识别", "OCR", "边缘计算", "毫米波雷达", "无人机", "数字孪生",
    "强化学习", "联邦学习", "多模态", "LLM", "RAG", "computer vision", "speech recognition", "edge computing",
    "knowledge graph",
)  # fmt: skip
INDUSTRIES = (
    ("city_governance", re.compile(r"城市治理|城管|市政|应急|公共安全|交通|井盖|河道|city governance")),
    ("public_service", re.compile(r"政务|公共服务|热线|教育|养老|社区服务|文旅|public service")),
    ("advanced_manufacturing", re.compile(r"制造|工厂|产线|质检|manufactur")),
    ("modern_services", re.compile(r"金融|物流|法律|零售|酒店|logistics|retail|finance")),
    ("research", re.compile(r"科研|实验室|research lab")),
    ("agriculture", re.compile(r"农业|农田|养殖|agricultur")),
    ("healthcare", re.compile(r"医疗|医院|病历|影像诊断|health ?care|hospital")),
)
"""Words that tell of a domain, by its code."""

_HAN_NUMBER = {word: n for n, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_N = r"(\d{1,3}|[一二两三四五六七八九十])"
_WEEKS = re.compile(
    rf"{_N}\s*(个月|周|weeks?|months?)[^，。；]{{0,8}}(?:交付|上线|部署|完成|deliver|live)"
    rf"|(?:交付|上线|部署|实施)[^，。；\d]{{0,8}}{_N}\s*(个月|周)|deliver\w*[^.;\d]{{0,20}}{_N}\s*(weeks?|months?)"
)
_CAPACITY = re.compile(
    rf"(?:同时|还能|还可|可再|最多)[^，。；\d]{{0,8}}?(?:承接|接|做|服务|支持)?[^，。；\d]{{0,2}}?{_N}\s*个?(?:试点|项目)"
    rf"|(?:take|run|serve)[^.;\d]{{0,20}}{_N}\s*(?:more )?(?:pilots?|projects?)"
)
_PRICE = re.compile(
    r"\d\s*(?:元|万元)|收费|报价|按[^，。]{1,8}(?:计费|收费)|免费试用|订阅费|per (?:month|year|seat)|pricing"
)
_DATA = re.compile(
    r"需要?(?:对方|客户|甲方|贵方|用户)?(?:提供|接入|给)|所需数据|needs? (?:access to|your)|requires? (?:access|data)"
)
_URL = re.compile(r"https?://[^\s，。；）)\"'>]+")
_FILED = re.compile(r"[\u3400-\u9fff]{2,6}备案")
_LABEL = re.compile(r"[\s：:]|网址|官网|website")
_USED = re.compile(
    r"(?:已|目前|曾)?(?:在|为|服务)[^，。；]{2,40}(?:使用|应用|部署|上线|落地|试用|试点|运行|采用)|案例[：:]|客户[：:]"
    r"|used (?:by|in)|deployed (?:at|in)"
)
_CUSTOMER = re.compile(
    r"(?:在|为|服务于?|客户[：:]|案例[：:])\s*([\u3400-\u9fffA-Za-z0-9（）()·]{1,24}?(?:局|委|街道(?:办(?:事处)?)?|社区|医院|学校|大学|公司|集团|园区|银行|工厂|中心|区政府|法院|馆|站))"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the page it stands on."""

    text: str
    place: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """Fields of the form that one sentence fills. kind: which field, to be named to a reader. values: as typed."""

    kind: str
    values: Mapping[str, str]
    source: str
    place: int


@dataclass(frozen=True, slots=True)
class ProposedCapability:
    """One capability as the document has it. fields: what else it says, in the order of the form."""

    title: str
    text: str
    place: int
    fields: tuple[Proposed, ...]


@dataclass(frozen=True, slots=True)
class _Section:
    heading: str
    place: int
    sentences: tuple[Sentence, ...]

    @property
    def is_product(self) -> bool:
        enough = sum(len(sentence.text) for sentence in self.sentences) >= MIN_PRODUCT
        return bool(self.heading) and enough and not _WHOLE_FIRM.search(fold(self.heading))


def propose_capabilities(paragraphs: Sequence[Paragraph]) -> list[ProposedCapability]:
    """The capabilities a document describes; empty where it says nothing. At most MAX_CAPABILITIES are read."""
    sections = [section for section in _sections(paragraphs) if section.sentences or section.heading]
    products = [section for section in sections if section.is_product][:MAX_CAPABILITIES]
    if len(products) > 1:
        rest = [sentence for section in sections if section not in products for sentence in section.sentences]
        found = [_capability(section.heading, section.sentences, rest) for section in products]
        return [each for each in found if each.text]
    everything = [sentence for section in sections for sentence in section.sentences]
    if not everything:
        return []
    # A document of one product often begins with the name of the firm, which is no capability.
    named = [
        section.heading
        for section in sections
        if section.heading
        and not _WHOLE_FIRM.search(fold(section.heading))
        and not _FIRM.search(section.heading)
    ]
    whole = _capability(named[0] if named else "", everything, ())
    return [whole] if whole.text else []


def _sections(paragraphs: Sequence[Paragraph]) -> Iterator[_Section]:
    heading, place = "", 1
    found: list[Sentence] = []
    for paragraph in paragraphs:
        if paragraph.heading:
            yield _Section(heading, place, tuple(found))
            heading, place, found = _NUMBERED.sub("", paragraph.text), paragraph.place, []
        else:
            found += [Sentence(text, paragraph.place) for text in split_sentences(paragraph.text)]
    yield _Section(heading, place, tuple(found))


def _capability(heading: str, own: Sequence[Sentence], shared: Sequence[Sentence]) -> ProposedCapability:
    cases = list(_cases([*own, *shared]))
    apart = {case.source for case in cases}
    kept = [
        sentence
        for sentence in own
        if sentence.text not in apart
        and not _CONTACT.search(fold(sentence.text))
        and not _is_only_link(sentence.text)
    ]
    kept = kept or [sentence for sentence in own if not _CONTACT.search(fold(sentence.text))]
    title = heading or (title_of(kept[0].text) if kept else "")
    return ProposedCapability(
        title=title[:300],
        text="".join(_spaced(sentence.text) for sentence in kept).strip(),
        place=own[0].place if own else 1,
        fields=(*_facts([*own, *shared]), *cases),
    )


def _facts(sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    yield from _ticks("industries", INDUSTRIES, sentences)
    yield from _technologies(sentences)
    yield from _ticks("deployment", [*PLACES, ("saas", HOSTED)], sentences)
    yield from _ticks("filings", FILINGS, sentences)
    yield from _maturity(sentences)
    yield from _numbers(sentences)
    for kind, pattern in (("data_needed", _DATA), ("price_note", _PRICE)):
        found = next((each for each in sentences if pattern.search(fold(each.text))), None)
        if found is not None:
            yield Proposed(kind, {kind: found.text}, found.text, found.place)
    for each in sentences:
        link = _URL.search(each.text)
        if link is not None:
            yield Proposed("url", {"url": link.group().rstrip(".,")}, each.text, each.place)
            break


def _technologies(sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    seen: set[str] = set()
    for sentence in sentences:
        # What is filed is no product: 大模型备案 tells of a filing.
        text = _FILED.sub("", sentence.text).lower()
        here = [word for word in _TECHNOLOGIES if word.lower() in text]
        # The longer word says it: of 大语言模型 and 大模型 in it, one.
        here = [word for word in here if not any(word != other and word in other for other in here)]
        for word in here:
            if word not in seen:
                seen.add(word)
                yield Proposed("technologies", {"technologies": word}, sentence.text, sentence.place)


def _ticks(
    kind: str, known: Iterable[tuple[str, re.Pattern[str]]], sentences: Sequence[Sentence]
) -> Iterator[Proposed]:
    """Boxes that a clause ticks, each by the first sentence that does; a clause that says no or not yet ticks none."""
    for code, pattern in known:
        for sentence in sentences:
            clauses = _CLAUSE.split(fold(sentence.text))
            if any(pattern.search(clause) and not _NO.search(clause) for clause in clauses):
                yield Proposed(kind, {kind: code}, sentence.text, sentence.place)
                break


def _maturity(sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    """The furthest stage that a sentence claims."""
    told = [each for each in sentences if not _CAPACITY.search(fold(each.text))]
    yield from list(_ticks("maturity", _MATURITY, told))[:1]


def _numbers(sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    for kind, pattern in (("capacity", _CAPACITY), ("weeks", _WEEKS)):
        for sentence in sentences:
            found = pattern.search(fold(sentence.text))
            if found is not None:
                parts = [part for part in found.groups() if part]
                n = _HAN_NUMBER.get(parts[0]) or int(parts[0])
                months = kind == "weeks" and parts[1].startswith(("个月", "month"))
                weeks = -(-n * 52 // 12) if months else n
                yield Proposed(kind, {kind: str(weeks)}, sentence.text, sentence.place)
                break


def _cases(sentences: Sequence[Sentence]) -> Iterator[Proposed]:
    found = [each for each in sentences if _USED.search(fold(each.text)) and not _NO.search(fold(each.text))]
    for n, sentence in enumerate(found[:MAX_CASES], start=1):
        customer = _CUSTOMER.search(sentence.text)
        values = {
            f"case_text_{n}": sentence.text,
            f"case_customer_{n}": customer.group(1) if customer else "",
        }
        yield Proposed("case", values, sentence.text, sentence.place)


def _is_only_link(text: str) -> bool:
    return not _LABEL.sub("", _URL.sub("", text))


def title_of(text: str) -> str:
    """The first clause of a sentence, as a title."""
    return _CLAUSE.split(text)[0].strip()[:MAX_TITLE]


def _spaced(text: str) -> str:
    return text if text[-1] > "\u2e80" else f"{text} "
