"""Which sentences of a text state a need: chosen where a buyer wrote no list of requirements.

A sentence earns points for words of wanting and for bounds on figures, and loses them for telling how things are now,
for money, dates, the rules of a contest or a tender, and for asking the reader something. What only fills a form ("not
documented", "see above", 详见附件) is never chosen. Points only choose; the order stays the author's.
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
    r"|traditionally|is known that|according to|(?:has|have) (?:a|the|an? \w+) mission|(?:our|its|their) mission"
    r"|(?:is|are) responsible for)\b|承担[\u4e00-\u9fff]{0,12}职责|我[局委办区市县](?:负责|承担)",
    re.IGNORECASE,
)
_ADMINISTRATION = re.compile(
    r"预算|报名|截止|联系人|联系电话|咨询电话|附件|评审|评标|开标|中标|奖金|投标|报价|保证金|营业执照|资质证[明书]|复印件|公章"
    r"|授权委托书|响应文件|递交|采购(?:代理|公告|文件)|供应商(?:须|应|必须)(?:提供|具备|具有|提交)|法定代表人"
    r"|\b(?:webinar|deadline|prize|contest|winners?|award(?:s|ed)?|offerors?|proposals?|proposers|submission"
    r"|solicitation|itar|eligib\w+|register(?:ed)?|download|contact|funded|funding|phase i{1,3}|dual[- ]use"
    r"|technology areas?|keywords|references|foreign nationals|discussion board|faq|bid(?:s|ders?)|tender(?:s|ers?)?"
    r"|participants|competitors|contestants|entrants|(?:finalist )?teams (?:will|must|should|may)|submit(?:s|ted)?"
    r"|white papers?|(?:we need )?your help|hear from you|learn more|join us|apply (?:now|by|today))\b|https?://",
    re.IGNORECASE,
)
_MEANS = re.compile(
    r"如何|怎样|怎么[才能]|能否|能不能|可否"
    r"|\b(?:how (?:can|could|might|may|do|should)|(?:can|could) (?:you|we)|is it possible)\b",
    re.IGNORECASE,
)
"""A question that asks for a means states a need: "How can we count passengers?"; others talk to the reader."""

_FORM_WORD = (
    r"(?:outputs?|inputs?|purposes?|benefits?|information|details?|data|descriptions?|answers?|responses?|fields?"
    r"|features?|capabilit(?:y|ies)|tools?|systems?|projects?|pilots?|use cases?|this|it)"
)
_BE = r"(?:is|are|was|were|has been|have been)"
_LABEL = r"^(?:[\w ]{1,24}[:：] ?)?"
_FILLS_A_FORM = re.compile(
    # Nothing to say, or not yet.
    rf"\b{_FORM_WORD} (?:is|are|was|were|has|have)(?: not|n't)(?: yet)?(?: been)? "
    r"(?:documented|recorded|reported|specified|disclosed|determined|applicable|in use|provided or managed)\b"
    rf"|\bno {_FORM_WORD} (?:to (?:report|disclose)|{_BE} (?:available|known))\b"
    rf"|\b{_FORM_WORD} {_BE} (?:retired|discontinued|cancel(?:l)?ed|withdrawn|decommissioned)\b"
    rf"|{_LABEL}(?:n/?a|none|tb[da]|not applicable|to be (?:determined|decided|announced))\s*[.。]?$"
    rf"|{_LABEL}(?:无|暂无|没有|待定|待补充?|待确认|不适用|保密|另行通知|面议)[。；]?$"
    r"|(?:尚未|暂未|还未|未)(?:填写|填报|提供说明|明确)|(?:本|此|该)(?:栏目?|表|项)[\u4e00-\u9fff]{0,12}(?:填写|填报|勾选)"
    r"|^请[\u4e00-\u9fff]{0,10}(?:填写|填报|勾选)"
    # It stands elsewhere.
    r"|\b(?:see|refer to) (?:the )?(?:above|below|attach\w+|appendix|annex|section|field|previous|[\"“”'])"
    rf"|{_LABEL}(?:the )?same as (?:the )?(?:above|previous|before)\W*$|{_LABEL}(?:同上|见上文?)[。；]?$"
    r"|(?:详见|参见|见)(?:附件|附表|上文|前文|后附|采购文件|招标文件|官网|链接)"
    r"|以(?:附件|公告|招标文件|采购文件|合同)[\u4e00-\u9fff]{0,4}为准",
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
    # What fills a form is left out even where nothing else is chosen, unless there is nothing else at all.
    sentences = [each for each in sentences if not _FILLS_A_FORM.search(each)] or sentences
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
    points -= 2 * bool(_BACKGROUND.search(sentence)) + 3 * bool(_ADMINISTRATION.search(sentence))
    return points + (_question(sentence) if sentence.rstrip("\"'”’」』 ").endswith(("?", "？")) else 0)


def _question(sentence: str) -> int:
    return 2 if _MEANS.search(sentence) else -3
