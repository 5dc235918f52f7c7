"""Requirement by requirement: met, partly, unmet or unknown, with the quote that says so.

Three sources, in order: the structured facts (where it runs, what is filed), the figures in the text, and the likeness of
meaning between the requirement and the firm's statements. Likeness alone can say met, partly or unknown, never unmet:
silence is not refusal. Unmet needs a contradiction that can be quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from matcher.documents import Document, RequirementText
from matcher.gates import deployment_fits
from matcher.quantities import compare, has_quantity

MET_STRENGTH = 2.6
"""Strength from which likeness of meaning counts as met; see docs/matching.md for how it was chosen."""

PARTLY_STRENGTH = 1.3
"""Strength from which likeness of meaning counts as partly."""


class Verdict(StrEnum):
    """How a requirement stands."""

    MET = "met"
    PARTLY = "partly"
    UNMET = "unmet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The statement of a capability most like a requirement. strength: in standard deviations above chance."""

    text: str
    lang: str
    source: str
    evidence_id: str
    strength: float


@dataclass(frozen=True, slots=True)
class CoveredRequirement:
    """A requirement with its verdict; the same shape on pages, in mails and on the command line."""

    position: int
    text: str
    must: bool
    derived: bool
    lang: str
    verdict: Verdict
    evidence: str | None = None
    evidence_lang: str | None = None
    evidence_source: str | None = None
    evidence_id: str | None = None
    cross_language: bool = False
    counter: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, as stored and printed."""
        return asdict(self)


# Words by which a requirement asks for a place to run, and the code of that place.
_PLACES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("gov_cloud", re.compile(r"政务云|政务外网|government cloud", re.I)),
    ("on_premise", re.compile(r"本地部署|私有化|本地机房|内网部署|不出域|不出院|不出厂|不出园区|不上公网|on[- ]premises?", re.I)),
    ("edge", re.compile(r"端侧|边缘端|边缘盒|边缘设备|本地盒子|edge (?:device|box|computing)|on[- ]device", re.I)),
)
_FILINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("algorithm_filing", re.compile(r"算法.{0,4}备案|algorithm filing", re.I)),
    ("model_filing", re.compile(r"模型.{0,6}备案|model filing", re.I)),
    ("security_assessment", re.compile(r"安全(?:评估|测评)|security assessment", re.I)),
    ("mlps_3", re.compile(r"等保三级|三级等保|等级保护三级|MLPS level 3", re.I)),
    ("mlps_2", re.compile(r"等保二级|二级等保|等级保护二级|MLPS level 2", re.I)),
)
_REFUSAL = re.compile(
    r"不支持|暂不|不提供|无法|尚未|还没有|未做|没做过|不能|不做|仅支持|只支持|仅提供|只提供|"
    r"does not|do not|cannot|can not|not supported|not support|no support for|not yet|unable to",
    re.I,
)
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9+-]{1,}|[\u4e00-\u9fff]")


def cover(
    requirement: RequirementText, capability: Document, evidences: Sequence[Evidence], *, lang: str
) -> CoveredRequirement:
    """The verdict on one requirement. evidences: the few most alike statements, best first; empty without any text.

    A statement that satisfies the requirement's figures is quoted before one that is merely more alike; a statement
    that contradicts is the quote of an unmet requirement. Where statements disagree, the requirement is partly met.
    """
    structured = _from_facts(requirement, capability, lang)
    if structured is not None:
        return structured
    usable = [evidence for evidence in evidences if evidence.strength >= PARTLY_STRENGTH]
    if not usable:
        return _covered(requirement, Verdict.UNKNOWN, lang)
    against = next((evidence for evidence in usable if _contradicts(requirement.text, evidence.text)), None)
    proven = next((evidence for evidence in usable if compare(requirement.text, evidence.text)), None)
    if against is not None and proven is None:
        return _covered(requirement, Verdict.UNMET, lang, counter=against)
    best = proven or usable[0]
    verdict = Verdict.PARTLY if against is not None else _verdict_of(requirement, best, proven is not None)
    return _covered(requirement, verdict, lang, evidence=best, counter=against)


def _contradicts(requirement: str, evidence: str) -> bool:
    return compare(requirement, evidence) is False or _refuses(requirement, evidence)


def _verdict_of(requirement: RequirementText, evidence: Evidence, proven: bool) -> Verdict:
    if evidence.strength < MET_STRENGTH:
        return Verdict.PARTLY
    # A requirement with a figure is met only by evidence with a figure.
    return Verdict.PARTLY if has_quantity(requirement.text) and not proven else Verdict.MET


def _from_facts(requirement: RequirementText, capability: Document, lang: str) -> CoveredRequirement | None:
    """A verdict from structured fields alone, where the requirement asks for nothing else that they cannot tell."""
    for code, pattern in _FILINGS:
        if pattern.search(requirement.text) and code in capability.facts.filings:
            return _from_field(requirement, Verdict.MET, lang, "filings", capability.facts.filings)
    places = [code for code, pattern in _PLACES if pattern.search(requirement.text)]
    if not places:
        return None
    fits = deployment_fits(places, capability.facts.deployment)
    if fits is None:
        return None
    verdict = Verdict.MET if fits else Verdict.UNMET
    return _from_field(requirement, verdict, lang, "deployment", capability.facts.deployment)


def _from_field(
    requirement: RequirementText, verdict: Verdict, lang: str, source: str, codes: Sequence[str]
) -> CoveredRequirement:
    # Codes, not prose: explanation.py words them in the reader's language.
    text = ",".join(codes)
    return CoveredRequirement(
        position=requirement.position,
        text=requirement.text,
        must=requirement.must,
        derived=requirement.derived,
        lang=lang,
        verdict=verdict,
        evidence=None if verdict is Verdict.UNMET else text,
        evidence_source=source,
        counter=text if verdict is Verdict.UNMET else None,
    )


def _covered(
    requirement: RequirementText,
    verdict: Verdict,
    lang: str,
    *,
    evidence: Evidence | None = None,
    counter: Evidence | None = None,
) -> CoveredRequirement:
    # evidence_* describe the quote that is shown first: the evidence, or without one the counter-evidence.
    shown = evidence or counter
    return CoveredRequirement(
        position=requirement.position,
        text=requirement.text,
        must=requirement.must,
        derived=requirement.derived,
        lang=lang,
        verdict=verdict,
        evidence=None if evidence is None else evidence.text,
        evidence_lang=None if shown is None else shown.lang,
        evidence_source=None if shown is None else shown.source,
        evidence_id=None if shown is None else shown.evidence_id,
        cross_language=shown is not None and shown.lang != lang,
        counter=None if counter is None else counter.text,
    )


def _refuses(requirement: str, evidence: str) -> bool:
    """Whether the evidence says no to what the requirement asks: a refusal in the clause that shares its words."""
    wanted = set(_WORDS.findall(requirement.lower()))
    for clause in re.split(r"[，,；;。！？]|\. ", evidence):
        refusal = _REFUSAL.search(clause)
        if refusal is None:
            continue
        refused = set(_WORDS.findall(clause[refusal.end() :].lower()))
        # Half of what is refused must be what was asked for, else the clause speaks of something else.
        if len(refused) >= 2 and len(refused & wanted) >= len(refused) / 2:
            return True
    return False


def share_covered(covered: Sequence[CoveredRequirement]) -> float | None:
    """How much is covered, in [0, 1]: met counts 1, partly one half; musts weigh double. None without requirements."""
    if not covered:
        return None
    weights = [2.0 if item.must else 1.0 for item in covered]
    credit = {Verdict.MET: 1.0, Verdict.PARTLY: 0.5}
    total = sum(w * credit.get(item.verdict, 0.0) for w, item in zip(weights, covered, strict=True))
    return total / sum(weights)
