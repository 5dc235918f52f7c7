"""Sentences that say no: does a firm's statement refuse what a need asks for?

Refusal is read clause by clause and cautiously: the refused thing must be what is asked, the need must ask for it
without a "no" of its own ("不做人脸识别" agrees with "不做人脸识别"), offer no alternative ("A或B"), and the clause
must not be an exception, a condition or a promise that things go on all the same ("断网也能用").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from matcher.tokens import fold, query_words

MIN_SHARE_ASKED = 0.5
"""At least so much of what is refused must be asked for, else the clause speaks of something else."""

MIN_SHARED_WORDS = 2
"""One shared word ("视频", "data") is too little to say that the same thing is meant, unless it is a condition under
which the need must hold ("断网") or one of the things it lists ("普通话和粤语")."""

N_REMEMBERED = 20_000
"""Texts whose reading is remembered: a requirement meets every firm, a firm's sentence many requirements."""

_CLAUSE = re.compile(r"[，,；;。！？!?\n：:（）()]|\.(?=\s|$)|\s(?:and|but|while|so)\s")
_COMPARATOR = re.compile(
    r"不[低少小高大多短长晚]于|不超过|no more than|no less than|not (?:more|less) than|not below|no fewer than"
)
# Not the 不 of 不良 or 不同, the 无 of 无人机, the 未 of 未来, the 禁 of 门禁.
_NEGATIVE = re.compile(
    r"不(?![良同锈仅断限])|未(?!来)|无(?=[需须法关])|并非|[禁严]禁|禁止|勿|没|\b(?:no|not|never|without|cannot)\b|n't\b"
)
_ALTERNATIVE = re.compile(r"或|任一|\bor\b|either")

_REFUSAL = re.compile(
    r"[暂都还也均尚并]*(?:不支持|不提供|不做|不接|不识别|不处理|不包[括含]|不含|不可用|不能用?|不给|不懂|不测|不批|不评|不适用|不保证"
    r"|不承诺|做不了|用不了|无法|未做过?|没做过?|没有做过?|还没有|尚未|暂无|没有涉及|没有验证|(?<!有)没有(?!定位|应答|识别))"
    r"|\b(?:does not|do not|doesn't|don't|cannot|can not|can't|never|not|no|unable to|without)\b"
)
_GOES_ON = re.compile(r"也能|也可|仍|照常|照样|不影响|也不|都能|still|even (?:if|when|without)|anyway")
_EXCEPTION = re.compile(
    r"除|以外|之外|外都|如果|若|如需|未经|不得不|不是|如何|是否|^如|\bif\b|\bunless\b|except|other than|until|\bwhen\b"
)
_CONDITION = re.compile(r"断网|离线|夜间|雨天|雨中|白天|户外|室外|逆光|低照度|遮挡|offline|at night|outdoors")
_ABOUT = re.compile(r"^\W*(?:对|在)\S{2,}")
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been)\s*$")
_LIST_MARK = re.compile(r"[、和与及]|\s(?:and|or)\s|,")
_RELATIVE = re.compile(r"^[^，]{0,6}的")
_GENERIC = re.compile(
    r"系统|数据|识别|检测|标注|功能|目前|部分|情况|类型|其他|我方|我们|本身|暂时|直接|版本|[的了和与及或在是为等都也被把将从其]"
    r"|\b(?:we|it|they|system|data|feature|features|yet|is|are|be|been|there|have|has|the|a|an|any|our|its|of|to|for)\b"
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """words: of all that is asked; singles: those that suffice alone, being conditions or items of a list."""

    words: frozenset[str]
    singles: frozenset[str]


def refuses(required: str, statement: str) -> bool:
    """Whether some clause of the statement refuses what the need asks for."""
    return any(_is_refused(refused, _asked(required)) for refused in _refused_things(statement))


@lru_cache(maxsize=N_REMEMBERED)
def _refused_things(statement: str) -> tuple[frozenset[str], ...]:
    """What each refusing clause of a statement refuses."""
    found = (_refused_by(clause) for clause in _CLAUSE.split(fold(statement)))
    return tuple(refused for refused in found if refused)


@lru_cache(maxsize=N_REMEMBERED)
def _asked(required: str) -> _Asked:
    """What the clauses ask for; those that forbid or leave a choice ask for nothing."""
    clauses = [_COMPARATOR.sub(" ", clause) for clause in _CLAUSE.split(fold(required))]
    asking = [
        clause for clause in clauses if not _NEGATIVE.search(clause) and not _ALTERNATIVE.search(clause)
    ]
    items = (item.strip() for clause in asking for item in _LIST_MARK.split(clause))
    conditions = (match.group() for clause in asking for match in _CONDITION.finditer(clause))
    words = frozenset().union(*(_content_words(clause) for clause in asking))
    return _Asked(words, frozenset(conditions) | (frozenset(items) & words))


def _refused_by(clause: str) -> frozenset[str]:
    """The words of what a clause refuses; empty for a clause that refuses nothing."""
    plain = _COMPARATOR.sub(" ", clause)
    refusal = _REFUSAL.search(plain)
    if refusal is None or _GOES_ON.search(plain) or _EXCEPTION.search(plain):
        return frozenset()
    before, after = plain[: refusal.start()], plain[refusal.end() :]
    if _RELATIVE.search(after):
        return frozenset()  # "不支持的格式会提示": a relative clause, not a refusal
    return _refused_words(before, after)


def _is_refused(refused: frozenset[str], asked: _Asked) -> bool:
    shared = refused & asked.words
    if len(shared) < MIN_SHARE_ASKED * len(refused):
        return False
    return len(shared) >= MIN_SHARED_WORDS or refused <= asked.singles


def _refused_words(before: str, after: str) -> frozenset[str]:
    """What follows the refusal; what stands before it where nothing follows ("缺失和移位暂不支持"); else both."""
    refused = _content_words(after)
    if refused and not _ABOUT.search(before) and not _PASSIVE.search(before):
        return refused
    return refused | _content_words(before)


def _content_words(text: str) -> frozenset[str]:
    return frozenset(word for word in query_words(_GENERIC.sub(" ", text)) if len(word) > 1)
