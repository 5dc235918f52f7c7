"""What is vague in a need, by rules alone: words nobody can measure, missing figures, a product where a result belongs.

Each finding quotes the words it is about. No model and no randomness: the same text gives the same findings, in the
order of the fields. What to write instead is said by the page, per code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_CLAUSE = re.compile(r"[^，,、（）()：:]+")
_SENTENCE = re.compile(r"(?:[^。；;！？!?\n.]|\.(?!\s|$))+")
_FIGURE = re.compile(
    r"[0-9０-９]"
    r"|[一二两三四五六七八九十百千万半]+\s*(?:个|件|次|秒|分|小时|天|日|周|月|年|人|名|路|台|条|份|成|倍|公里|米|步|页|种|类|处)"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|fifty|hundred|thousand|half)\b",
    re.IGNORECASE,
)

UNMEASURABLE: dict[str, re.Pattern[str]] = {
    "vague_speed": re.compile(
        r"快速(?!路|公交|通道|道路)|迅速|尽快|尽早|(?:及|实)时性?(?!间|段|刻|期|代)|高效率?|秒级|毫秒级|第一时间|响应快"
        r"|\b(?:fast|quick(?:ly)?|rapid(?:ly)?|timely|promptly|as soon as possible|asap|efficient(?:ly)?"
        r"|real[- ]time|without delay|instant(?:ly)?)\b(?! food)",
        re.IGNORECASE,
    ),
    "vague_quality": re.compile(
        r"(?<!人工)智能化|智慧化|先进(?!制造|先出|先|入|行|门)|(?<![同统每某第])一流(?!程|域|动|向|量|转|水线|入|出)|领先(?!于)"
        r"|高精度(?!地图)|高准确率|高可靠性?|高性能|高质量|高水平|精准|精细化|稳定可靠|功能(?:强大|完善|齐全)"
        r"|大幅(?:度)?|显著|明显(?:改善|提升|提高|降低)"
        r"|切实|全方位|多维度|有效(?:提升|提高|改善|降低)"
        r"|\b(?:advanced(?! manufacturing)|intelligent|smart(?! (?:meter|card|phone|tv|city|grid|lock)s?\b)"
        r"|state[- ]of[- ]the[- ]art"
        r"|cutting[- ]edge|world[- ]class|leading|high[- ](?:accuracy|precision|quality|performance|reliability)"
        r"|accurate(?:ly)?|reliable|robust|powerful|significant(?:ly)?|substantial(?:ly)?|greatly|best[- ]in[- ]class"
        r"|innovative|next[- ]generation)\b",
        re.IGNORECASE,
    ),
    "vague_ease": re.compile(
        r"(?:操作|使用|界面)?(?:便捷|便利|方便|友好)(?!店)|简单易用|易用|易学|易操作|灵活(?!就业)|人性化"
        r"|\b(?:user[- ]friendly|easy to use|easy[- ]to[- ]use|intuitive|convenient(?:ly)?"
        r"|flexible|seamless(?:ly)?|simple to use)\b",
        re.IGNORECASE,
    ),
    "vague_amount": re.compile(
        r"大量|海量|若干|众多|大批|一定(?:数量|规模|程度|比例|的)|部分区域|适量|等等"
        r"|\b(?:large (?:number|amount|volume)s?|huge|massive|many|numerous|various|several"
        r"|a lot of|some kind of|etc)\b",
        re.IGNORECASE,
    ),
}
"""Words without a measure, by the kind of figure that belongs in their place."""

_PRODUCT = re.compile(
    r"(?:指定|限定|仅限|唯一|独家)(?:的)?(?:产品|品牌|厂商|厂家|供应商|型号|服务商|授权)"
    r"|(?:原厂|原装|同一?品牌|知名品牌|一线品牌|国际品牌|进口品牌)(?!不限)"
    r"|(?<!换)(?<!种)(?:品牌|型号|厂家|厂商|牌号)\s*(?:为|是|须为|应为|要求为?|限|：|:)\s*[^，。；,;\s]{1,24}"
    r"|(?:采用|使用|选用|采购|配备|配置|部署|基于|兼容)[^，。；,;、\n]{0,10}?(?:牌|品牌|公司(?:的)?(?:产品|平台|系统|软件|设备|模型))"
    r"|(?:采用|使用|选用|采购|配备|配置|型号)\s*(?!ISO|GB|GA|IEC|IEEE|IP|HTTP|SHA|AES|UTF|SQL|RFC|OFD|PDF|API|USB|H\.26)"
    r"[A-Z][A-Za-z]{0,8}[- ]?[0-9][A-Za-z0-9-]{1,}"
    r"|\b(?i:brand|make|model|manufacturer)\s*(?:must be|shall be|is|:|=)\s*[A-Z0-9][\w-]*(?: [A-Z0-9][\w-]*)?"
    r"|\b(?i:sole|single)[- ]source\b|\b(?i:brand)[- ]name\b|\b(?i:model) (?:no\.?|number)\s*:?\s*[A-Z0-9][\w-]+"
    r"|\b(?i:must|shall|should) (?:use|run|be based on|be built on)(?: the)? (?!ISO|IEC|GB|IP)[A-Z][\w-]+"
    r"(?: [A-Z][\w-]+)?(?: (?:software|platform|product|camera|system|suite)s?\b)?"
)
_OR_EQUAL = re.compile(
    r"同等|同类|相当于|或相当|不限|或以上性能|or equivalent|or equal|or similar|not limited", re.IGNORECASE
)

OR_EQUAL_WITHIN = 24
"""So many characters after a product "或同等产品" makes an example of it."""

TEXTS = ("text", "volume_note", "target", "requirement", "data_note", "acceptance")
"""Fields that are read for words; the others are only asked whether they say anything."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One vague place. field: of the form; position: of the requirement, 0 elsewhere; phrase: as written, or empty."""

    code: str
    field: str
    phrase: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a need, field by field; requirements in their order."""

    text: str = ""
    volume_note: str = ""
    metric: str = ""
    baseline: str = ""
    target: str = ""
    data_note: str = ""
    acceptance: str = ""
    requirements: tuple[str, ...] = ()


def find_vague(wording: Wording) -> list[Finding]:
    """Every vague place: first the figures that are missing, then the words, field by field in the form's order."""
    return [*_missing(wording), *_words(wording)]


def has_figure(text: str) -> bool:
    """Whether a text names a number: digits, or Chinese and English number words with something to count."""
    return bool(_FIGURE.search(text))


def _missing(wording: Wording) -> Iterator[Finding]:
    problem = f"{wording.text}\n{wording.volume_note}".strip()
    if problem and not has_figure(problem):
        yield Finding("no_figure", "volume_note")
    if not wording.metric.strip():
        yield Finding("no_metric", "metric")
    for field, text in (("baseline", wording.baseline.strip()), ("target", wording.target.strip())):
        if not text:
            yield Finding(f"no_{field}", field)
        elif not has_figure(text):
            yield Finding(f"{field}_without_figure", field, text[:40])
    if not any(text.strip() for text in wording.requirements):
        yield Finding("no_requirements", "requirement")


def _words(wording: Wording) -> Iterator[Finding]:
    for field in TEXTS:
        texts: Sequence[str] = wording.requirements if field == "requirement" else (getattr(wording, field),)
        for at, text in enumerate(texts, 1):
            yield from _in_text(text, field, at if field == "requirement" else 0)


def _in_text(text: str, field: str, position: int) -> list[Finding]:
    """The findings of one text in reading order, each phrase once."""
    found = sorted([*_unmeasurable(text), *_products(text)])
    return list(dict.fromkeys(Finding(code, field, phrase, position) for _, code, phrase in found))


def _products(text: str) -> Iterator[tuple[int, str, str]]:
    """A product is named with its punctuation ("型号：X"), so it is looked for in the whole text."""
    for match in _PRODUCT.finditer(text):
        if not _OR_EQUAL.search(text[match.start() : match.end() + OR_EQUAL_WITHIN]):
            yield match.start(), "names_product", match.group().strip()


def _unmeasurable(text: str) -> Iterator[tuple[int, str, str]]:
    """(place, code, phrase) of each word without a figure in its clause or the ones beside it."""
    for sentence in _SENTENCE.finditer(text):
        clauses = [(sentence.start() + m.start(), m.group()) for m in _CLAUSE.finditer(sentence.group())]
        measured = [has_figure(clause) for _, clause in clauses]
        for at, (start, clause) in enumerate(clauses):
            if any(measured[max(0, at - 1) : at + 2]):
                continue
            for code, pattern in UNMEASURABLE.items():
                yield from ((start + m.start(), code, m.group()) for m in pattern.finditer(clause))
