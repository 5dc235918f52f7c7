"""Whether a capability says enough to be judged, and which field would help most.

Absent data must not read as agreement: below the floor the answer is "not enough information", never a weak match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from matcher.documents import Document
from matcher.tokens import fold, is_stop_word
from models.capability import Capability

FLOOR_WORDS = 8.0
"""Content words a description needs, cases included, praise and invitations left out. With fewer it names a trade
("video analytics for many events") and nothing that a requirement could be held against. Set on the demo data: its
thin entries have at most 6, all others more than 24; of 4,824 real one-line descriptions two in three stay above."""

NEED_FLOOR_WORDS = 3.0
"""Content words a need must have, its title included: one word names a thing and asks for nothing."""

HAN_PER_WORD = 3.75
"""Han characters that say about as much as one English content word: 30 of them fill some 75 letters, which are about
8 content words of 12."""

OTHER_SHARE = 0.3
"""From this share of letters on that are neither Latin nor Han a text is in another language than the two that are
read: two thirds of a Japanese text are kana, all of a Russian one is Cyrillic."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_READ = re.compile(r"[a-z\u00c0-\u024f\u3400-\u9fff]")
_WORD = re.compile(r"[a-z][a-z0-9+-]+")
_PRAISE = re.compile(
    r"欢迎(?:联系|咨询|来电|洽谈)|详情面谈|按需定制|[业行国]?[内业]领先|世界领先|一流|效果好|精度高|速度快|性价比高|界面友好"
    r"|可先试|正在研发|研发中|开发中|筹备中|暂无数据|敬请期待"
    r"|contact us[^.]*|get in touch[^.]*|book a demo|(?:industry|world)[- ](?:leading|class)|best[- ]in[- ]class"
    r"|state[- ]of[- ]the[- ]art|cutting[- ]edge|award[- ]winning|coming soon|in development"
)


def substance(document: Document) -> float:
    """Content words in what the firm writes about the capability: text and cases, not the title."""
    return _content_words(statement.text for statement in document.statements if statement.source != "title")


def _content_words(texts: Iterable[str]) -> float:
    kept = _PRAISE.sub(" ", fold(" ".join(texts)))
    words = {word for word in _WORD.findall(kept) if not is_stop_word(word)}
    return len(_HAN.findall(kept)) / HAN_PER_WORD + len(words)


def is_below_floor(document: Document) -> bool:
    """Whether the description is too short to judge; adding text never puts it below."""
    return substance(document) < FLOOR_WORDS


def is_below_need_floor(document: Document) -> bool:
    """Whether a need asks for too little to hold anybody against it."""
    return _content_words(statement.text for statement in document.statements) < NEED_FLOOR_WORDS


def is_other_language(document: Document) -> bool:
    """Whether a text is written neither in Chinese nor in Latin letters; quotes and names in others are no matter."""
    letters = [mark for mark in fold(document.keyword_text) if mark.isalpha()]
    return bool(letters) and sum(not _READ.match(mark) for mark in letters) >= OTHER_SHARE * len(letters)


def missing_fields(document: Document, capability: Capability | None) -> list[str]:
    """Gap codes of what is not said, most helpful first. Of a pasted text only what can be read is asked."""
    missing = ["text_too_short"] if is_below_floor(document) else []
    missing += ["other_language"] if is_other_language(document) else []
    if capability is None:
        return missing
    absent = {
        "deployment_unknown": not capability.deployment,
        "case_missing": not capability.cases,
        "maturity_unknown": capability.maturity is None,
        "capacity_unknown": capability.capacity is None,
    }
    return missing + [code for code, is_absent in absent.items() if is_absent]
