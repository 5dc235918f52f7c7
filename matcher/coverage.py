"""Requirement by requirement: met, partly, unmet or unknown, with the quote that says so.

Three sources, in order: the structured facts (where it runs, what is filed), the figures in the text, and the
likeness of meaning between the requirement and the firm's statements. Likeness alone can say met, partly or unknown,
never unmet: silence is not refusal. Unmet needs a contradiction that can be quoted: a worse figure of the same thing,
a refusal, or a place to run that rules out what is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from matcher.asked_facts import AskedFacts, asked_facts, has_filings, place_fits, stated_against_place
from matcher.chunks import split_sentences
from matcher.documents import Document, RequirementText
from matcher.figures import words_in
from matcher.quantities import Finding, Outcome, is_only_figures, weigh
from matcher.refusals import refuses

MET_STRENGTH = 2.6
"""Strength from which likeness of meaning counts as met; see docs/matching.md for how it was chosen."""

PARTLY_STRENGTH = 1.3
"""Strength from which likeness of meaning counts as partly."""

N_ALIKE = 3
"""So many statements, the most alike ones, are looked at for likeness of meaning."""

TOPIC_SHARE = 0.3
"""A capability that holds this share of the words of a need's title works in its field, so that its figures and
refusals count wherever they stand in the text. On the demo data suppliers of a need hold .38 or more, others less."""


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


@dataclass(frozen=True, slots=True)
class _Quote:
    """What is shown beside a requirement. lang is None for codes, which explanation.py words."""

    text: str
    source: str
    lang: str | None = None
    evidence_id: str | None = None


def cover(
    requirement: RequirementText, capability: Document, evidences: Sequence[Evidence], *, lang: str
) -> CoveredRequirement:
    """The verdict on one requirement. evidences: the firm's statements, most alike first; empty without any text.

    Of these the first N_ALIKE can meet the requirement by likeness; the others count where they prove or refute it and
    the firm works in the field of the need, because a bare "误报率不高于5%" is like no sentence in particular.
    lang is the requirement's. Facts decide first, where the requirement asks for nothing else; then figures; then
    likeness of meaning. A statement that satisfies the figures is quoted before one that is merely more alike, and
    counter-evidence is always the sentence that contradicts. Where the firm says both, it is partly met, with both.
    """
    asked = asked_facts(requirement.text)
    if asked is not None and asked.asks_for_place:
        refused = _refused_place(requirement, asked, capability, lang)
        if refused is not None:
            return refused
    facts = None if asked is None else _answer_of_facts(asked, capability)
    if asked is not None and facts is not None and asked.alone and _facts_fit(asked, capability):
        return _covered(requirement, lang, Verdict.MET, evidence=facts)
    in_field = _in_field(requirement, capability)
    told = _from_text(requirement, _speaking(requirement, evidences, in_field), lang, in_field=in_field)
    if facts is not None and told.verdict is Verdict.UNKNOWN:
        return _covered(requirement, lang, Verdict.PARTLY, evidence=facts)
    return told


def _facts_fit(asked: AskedFacts, capability: Document) -> bool:
    """Whether the ticked fields say yes to everything that is asked of them."""
    facts = capability.facts
    return has_filings(asked.filings, facts.filings) and (
        not asked.asks_for_place or place_fits(asked, facts.deployment) is True
    )


def _answer_of_facts(asked: AskedFacts, capability: Document) -> _Quote | None:
    """The ticked fields that answer what is asked, or part of it; None where none does."""
    facts = capability.facts
    if asked.asks_for_place and place_fits(asked, facts.deployment):
        return _Quote(",".join(facts.deployment), "deployment")
    filed = [code for code in facts.filings if any(has_filings([want], [code]) for want in asked.filings)]
    return _Quote(",".join(filed), "filings") if filed else None


def _refused_place(
    requirement: RequirementText, asked: AskedFacts, capability: Document, lang: str
) -> CoveredRequirement | None:
    """The verdict where the firm runs its product elsewhere only: unmet, or partly where its own fields disagree."""
    offered = capability.facts.deployment
    fits = place_fits(asked, offered)
    stated = stated_against_place(capability)
    if stated is None and fits is not False:
        return None
    if stated is None:
        return _covered(requirement, lang, Verdict.UNMET, counter=_Quote(",".join(offered), "deployment"))
    statement, sentence = stated
    counter = _Quote(sentence, statement.source, capability.lang)
    if fits and "saas" not in offered:
        evidence = _Quote(",".join(offered), "deployment")
        return _covered(requirement, lang, Verdict.PARTLY, evidence=evidence, counter=counter)
    return _covered(requirement, lang, Verdict.UNMET, counter=counter)


def _in_field(requirement: RequirementText, capability: Document) -> bool:
    """Whether the firm's words show that it works on what the whole need is about."""
    topic = words_in(requirement.topic)
    return bool(topic) and len(topic & words_in(capability.keyword_text)) >= TOPIC_SHARE * len(topic)


def _speaking(requirement: RequirementText, evidences: Sequence[Evidence], in_field: bool) -> list[Evidence]:
    """The statements that say something to the requirement: the alike ones, then those that prove or refute it."""
    alike = [evidence for evidence in evidences[:N_ALIKE] if evidence.strength >= PARTLY_STRENGTH]
    if not in_field:
        return alike
    others = [evidence for evidence in evidences if evidence not in alike]
    return alike + [evidence for evidence in others if _decides(requirement, evidence.text)]


def _decides(requirement: RequirementText, statement: str) -> bool:
    clear = (Outcome.SATISFIED, Outcome.MIXED, Outcome.MISSED)
    findings = weigh(requirement.text, [statement], topic=requirement.topic, in_field=True)
    return any(finding.outcome in clear for finding in findings) or refuses(requirement.text, statement)


def _from_text(
    requirement: RequirementText, usable: Sequence[Evidence], lang: str, *, in_field: bool
) -> CoveredRequirement:
    """The verdict from what the firm writes. usable: the statements that speak of the same thing, most alike first."""
    if not usable:
        return _covered(requirement, lang, Verdict.UNKNOWN)
    texts = [evidence.text for evidence in usable]
    findings = weigh(requirement.text, texts, topic=requirement.topic, in_field=in_field)
    proven = _proven(findings, usable)
    best = proven or usable[0]
    against = _missed(findings, usable)
    unmet = against is not None and proven is None
    if against is None:
        against = next((evidence for evidence in usable if refuses(requirement.text, evidence.text)), None)
        # A refusal decides unless another statement speaks for the firm at least as plainly.
        unmet = against is not None and (against is best or best.strength < MET_STRENGTH)
    if against is not None:
        counter = _Quote(
            _offending(requirement, against.text), against.source, against.lang, against.evidence_id
        )
        if unmet:
            return _covered(requirement, lang, Verdict.UNMET, counter=counter)
        # One sentence can do both ("粤语94%，潮汕话83%"); it is quoted once.
        shown = None if against is best else counter
        return _covered(requirement, lang, Verdict.PARTLY, evidence=_quote(best), counter=shown)
    met = _is_met(requirement, findings, usable)
    return _covered(requirement, lang, Verdict.MET if met else Verdict.PARTLY, evidence=_quote(best))


def _is_met(requirement: RequirementText, findings: Sequence[Finding], usable: Sequence[Evidence]) -> bool:
    if not all(_is_answered(finding, usable) for finding in findings):
        return False
    return usable[0].strength >= MET_STRENGTH or is_only_figures(requirement.text)


def _offending(requirement: RequirementText, statement: str) -> str:
    """The sentence of a statement that contradicts; short neighbours may have been joined to it."""
    sentences = split_sentences(statement)
    return next((sentence for sentence in sentences if _contradicts(requirement, sentence)), statement)


def _contradicts(requirement: RequirementText, sentence: str) -> bool:
    findings = weigh(requirement.text, [sentence], topic=requirement.topic)
    return any(finding.missed_by is not None for finding in findings) or refuses(requirement.text, sentence)


def _proven(findings: Sequence[Finding], usable: Sequence[Evidence]) -> Evidence | None:
    """The statement whose figure satisfies a demand; sure ones before likely ones."""
    for outcomes in ((Outcome.SATISFIED, Outcome.MIXED), (Outcome.LIKELY,)):
        for finding in findings:
            if (
                finding.supported_by is not None
                and finding.outcome in outcomes
                and _is_answered(finding, usable)
            ):
                return usable[finding.supported_by]
    return None


def _missed(findings: Sequence[Finding], usable: Sequence[Evidence]) -> Evidence | None:
    return next((usable[finding.missed_by] for finding in findings if finding.missed_by is not None), None)


def _is_answered(finding: Finding, usable: Sequence[Evidence]) -> bool:
    """Whether a demanded figure is answered well. A number of no named measure counts only in a sentence very alike."""
    if finding.outcome is Outcome.LIKELY and finding.supported_by is not None:
        return usable[finding.supported_by].strength >= MET_STRENGTH
    return finding.outcome in (Outcome.SATISFIED, Outcome.MIXED)


def _quote(evidence: Evidence) -> _Quote:
    return _Quote(evidence.text, evidence.source, evidence.lang, evidence.evidence_id)


def _covered(
    requirement: RequirementText,
    lang: str,
    verdict: Verdict,
    *,
    evidence: _Quote | None = None,
    counter: _Quote | None = None,
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
        cross_language=shown is not None and shown.lang not in (None, lang),
        counter=None if counter is None else counter.text,
    )


def share_covered(covered: Sequence[CoveredRequirement]) -> float | None:
    """How much is covered, in [0, 1]: met counts 1, partly one half; musts weigh double. None without requirements."""
    if not covered:
        return None
    weights = [2.0 if item.must else 1.0 for item in covered]
    credit = {Verdict.MET: 1.0, Verdict.PARTLY: 0.5}
    total = sum(w * credit.get(item.verdict, 0.0) for w, item in zip(weights, covered, strict=True))
    return total / sum(weights)
