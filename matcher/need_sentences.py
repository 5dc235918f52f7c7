"""Which sentences of a text state a need: chosen where a buyer wrote no list of requirements.

A sentence earns points for words of wanting and for bounds on figures, and loses them for telling how things are now,
for money, dates and the rules of a contest. Points only choose; the order stays the author's.
"""

from __future__ import annotations

import re

from matcher.chunks import clean_text, detect_lang, split_sentences
from matcher.quantities import has_quantity

MAX_SENTENCES = 8
"""At most so many requirements are derived: a buyer reads no more."""

MIN_SENTENCES = 3
"""Fewer sentences with points are filled up with neutral ones: those after the first that has points, since a need goes
on where it was begun; where none has points, the first ones."""

MIN_CHARACTERS = {"zh": 8, "en": 24}
"""Shorter sentences ("背景", "Overview") state nothing that a firm could meet."""

_WANTS = re.compile(
    r"希望|期望|需要|需[能可在支对与将把]|须|必须|应当|应[能可在支]|要求|拟|目标是|旨在|用于|实现|能够|支持|自动|不得|不应"
    r"|征集|寻求"
    r"|\b(?:must|shall|should|need(?:s|ed)?|requires?|required|requirements?|wants?|would like|looking for"
    r"|seek(?:s|ing)?|solicits?|objective|goal|aims?|purpose|able to|capable of|designed to|used to|intended to|so that"
    r"|(?:develop|design|create|build|demonstrate|provide|detect|identify|predict|automate|improve|reduce|enable|support)"
    r"(?:s|ing)?)\b",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"希望|须|必须|要求|不得|\b(?:must|shall|objective|seeks?|solicits|looking for|the goal)\b", re.IGNORECASE
)
_BACKGROUND = re.compile(
    r"目前|现在|现有[\u4e00-\u9fff]{0,6}(?:名|人|台|套|个)|去年|上年|近年|长期以来|背景|现状|主要靠|主要依靠|经常|受理"
    r"|辖区|平均要|我们[已有]|厂里|车间有"
    r"|\b(?:currently|at present|today|in recent years|historically|background|has been|have been|was founded|last year"
    r"|traditionally|is known that|according to)\b",
    re.IGNORECASE,
)
_ADMINISTRATION = re.compile(
    r"预算|报名|截止|联系人|联系电话|附件|评审|奖金|投标|报价"
    r"|\b(?:webinar|deadline|prize|contest|winners?|award(?:s|ed)?|offerors?|proposals?|proposers|submission"
    r"|solicitation|itar|eligib\w+|register(?:ed)?|download|contact|funded|funding|phase i{1,3}|dual[- ]use"
    r"|technology areas?|keywords|references|foreign nationals|discussion board|faq)\b|https?://",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^[^。.!?！？]{0,40}[:：]$")


def need_sentences(text: str) -> list[str]:
    """At most MAX_SENTENCES sentences that state a need, in their order; the first neutral ones where few do."""
    floor = MIN_CHARACTERS[detect_lang(text)]
    sentences = [
        sentence
        for sentence in dict.fromkeys(split_sentences(clean_text(text)))
        if len(sentence) >= floor and not _HEADING.match(sentence)
    ]
    points = [_points(sentence) for sentence in sentences]
    stating = sorted((at for at, n in enumerate(points) if n > 0), key=lambda at: (-points[at], at))[
        :MAX_SENTENCES
    ]
    begun = min(stating, default=0)
    neutral = [at for at, n in enumerate(points) if n == 0 and at >= begun]
    chosen = stating + neutral[: max(0, MIN_SENTENCES - len(stating))]
    # A text of nothing but background is still the only thing there is to answer.
    return [sentences[at] for at in sorted(chosen)] or sentences[:MIN_SENTENCES]


def _points(sentence: str) -> int:
    points = 2 * bool(_STRONG.search(sentence)) + bool(_WANTS.search(sentence)) + bool(has_quantity(sentence))
    return points - 2 * bool(_BACKGROUND.search(sentence)) - 3 * bool(_ADMINISTRATION.search(sentence))
