"""What a requirement asks of structured facts (where it runs, which filings), and what the facts or the text answer.

Facts are ticked boxes and sure; they meet a requirement only where it asks for nothing else. They contradict only in
the one clear case: everything must stay inside, and only SaaS is offered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from matcher.chunks import split_sentences
from matcher.documents import Document, Statement
from matcher.gates import deployment_fits
from matcher.quantities import has_quantity
from matcher.tokens import fold

PLACES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("gov_cloud", re.compile(r"政务云|政务外网|government cloud")),
    (
        "on_premise",
        re.compile(
            r"本地化?部署|私有化|本地服务器|[馆行院厂所]内(?:机房|服务器|部署|运行)|部署在[厂馆行院所]内"
            r"|(?:本地|园区|单位|部门|学校|自有)机房|内网|专网|on[- ]premises?|own servers?|in-house servers?"
        ),
    ),
    (
        "edge",
        re.compile(r"端侧|边缘|设备本地|本地(?:分析|识别|推理)|edge (?:device|box|computing)|on[- ]device"),
    ),
)
"""Words by which a requirement asks for a place to run, and the code of that place."""

_INSIDE = re.compile(
    r"不出[\u4e00-\u9fff]{0,4}?(?:域|院|厂|馆|行|所|园区|网|车间)|不上(?:传)?公网|不接互联网|不联网|不外呼公网|不调用公网|不外传"
    r"|在[\u4e00-\u9fff]{1,4}内处理"
    r"|never leaves?|must not leave|stays? (?:on|in)(?: our)? (?:site|premises|house)"
)
"""Words that keep data inside without naming a place."""

FILINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("algorithm_filing", re.compile(r"算法[^，。；]{0,4}备案|algorithm (?:filing|registration)")),
    (
        "model_filing",
        re.compile(r"模型[^，。；]{0,8}备案|model (?:filing|registration|has (?:completed|passed) filing)"),
    ),
    ("security_assessment", re.compile(r"安全(?:评估|测评)|security assessment")),
    ("mlps_3", re.compile(r"等保三级|三级等保|等级保护三级|等保3级|mlps(?: level)? 3")),
    ("mlps_2", re.compile(r"等保二级|二级等保|等级保护二级|等保2级|mlps(?: level)? 2")),
)
"""Words by which a text names a filing, and the code of the filing."""

N_REMEMBERED = 10_000
"""Requirements and firms whose reading is remembered while one meets the other."""

_AT_LEAST_AS_GOOD = {"mlps_2": {"mlps_2", "mlps_3"}}
_CLAUSE = re.compile(r"[，,；;。：:]|\.(?=\s|$)")
_AND_MORE = re.compile(r"并|且|同时|、|对接|\band\b")

_ONLY_HOSTED = re.compile(
    r"[仅只](?:提供|支持|能|限|有)?\s*(?:saas|公有云|云端)|不支持(?:本地|私有)化?部署|没有本地(?:部署|版)"
    r"|hosted only|only hosted|saas only|cloud[- ]only"
    r"|no (?:private|local|on[- ]premises?) (?:installation|deployment|version)"
)
_LEAVES = re.compile(
    r"(?:上传|传|送|存|发|保存)[到至在往][^，。；]{0,10}公有云|(?:数据|图像|图片|视频|录音|语音|文字)[^，。；]{0,4}(?:在|到)公有云"
    r"|(?:go(?:es)?|sent) to a hosted"
)


@dataclass(frozen=True, slots=True)
class AskedFacts:
    """What a requirement asks of the facts.

    places: any of them will do. inside: data may not leave. filings: all are needed. alone: it asks for nothing else,
    so the facts can meet it.
    """

    places: tuple[str, ...]
    inside: bool
    filings: tuple[str, ...]
    alone: bool

    @property
    def asks_for_place(self) -> bool:
        """Whether it says anything about where the solution runs."""
        return bool(self.places) or self.inside


@lru_cache(maxsize=N_REMEMBERED)
def asked_facts(required: str) -> AskedFacts | None:
    """What a requirement asks of the facts; None where it asks for none."""
    text = fold(required)
    asked = AskedFacts(
        places=tuple(code for code, pattern in PLACES if pattern.search(text)),
        inside=_INSIDE.search(text) is not None,
        filings=asked_filings(text),
        alone=not has_quantity(required)
        and all(_is_about_facts(clause) for clause in _CLAUSE.split(text) if clause.strip()),
    )
    return asked if asked.asks_for_place or asked.filings else None


def asked_filings(required: str) -> tuple[str, ...]:
    """Codes of the filings a requirement names, in a fixed order."""
    text = fold(required)
    return tuple(code for code, pattern in FILINGS if pattern.search(text))


def _is_about_facts(clause: str) -> bool:
    """Whether a clause asks only where it runs or what is filed ("部署在政务云", not "部署后与ERP对接")."""
    patterns = [_INSIDE, *(pattern for _, pattern in (*PLACES, *FILINGS))]
    if not any(pattern.search(clause) for pattern in patterns):
        return False
    rest = clause
    for pattern in patterns:
        rest = pattern.sub("", rest)
    return _AND_MORE.search(rest) is None


def has_filings(asked: Sequence[str], filed: Sequence[str]) -> bool:
    """Whether every filing asked for is on record; a higher level of protection counts for a lower one."""
    return all(_AT_LEAST_AS_GOOD.get(code, {code}) & set(filed) for code in asked)


def place_fits(asked: AskedFacts, offered: Sequence[str]) -> bool | None:
    """Whether what is offered suits where it must run: True, False where it clearly does not, None where unknown."""
    if not offered:
        return None
    if set(offered) == {"saas"}:
        return False
    if asked.places:
        # A box at the edge may still be installed in the buyer's room: not being ticked is no refusal.
        return True if deployment_fits(asked.places, offered) else None
    return True if {"on_premise", "edge", "any"} & set(offered) else None


def stated_against_place(capability: Document) -> tuple[Statement, str] | None:
    """The first sentence by which the firm itself says that it is hosted only, with the statement it stands in.

    Sentences that say where the data goes count only where nothing but hosting is offered, or nothing is said.
    """
    inside_offered = {"on_premise", "gov_cloud", "any"} & set(capability.facts.deployment)
    return _first_hosted_only(capability.statements, told_by_data=not inside_offered)


@lru_cache(maxsize=N_REMEMBERED)
def _first_hosted_only(
    statements: tuple[Statement, ...], *, told_by_data: bool
) -> tuple[Statement, str] | None:
    for statement in statements:
        for sentence in split_sentences(statement.text):
            text = fold(sentence)
            if _ONLY_HOSTED.search(text) or (told_by_data and _LEAVES.search(text)):
                return statement, sentence
    return None
