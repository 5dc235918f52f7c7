"""One pair judged: requirement by requirement with quotes, then score, band, reasons and gaps.

A need and an offer are a document with its chunks, their centred vectors, and, unless the text was only pasted, its
row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from matcher.completeness import is_below_floor, is_below_need_floor, is_other_language, missing_fields
from matcher.coverage import CoveredRequirement, Evidence, cover, share_covered
from matcher.documents import Document, RequirementText
from matcher.embedder import Vectors
from matcher.explanation import Reason, copied_gap, gaps_for, need_gap, reasons_for
from matcher.gates import Gate
from matcher.own_part import document_of, own_of
from matcher.passages import Passage
from matcher.relevance import NeedProfile, evidence_strengths
from matcher.scoring import (
    BUILT_IN,
    STRONG_STATEMENTS,
    ScoredMatch,
    Weighting,
    band_of,
    score_of,
    statements_quoted,
)
from matcher.signals import maturity, proven, same_district, unmet_musts
from models.capability import Capability
from models.match import Band
from models.scenario import Scenario


@dataclass(frozen=True)
class Need:
    """What is asked.

    rows: for each requirement the chunks of `profile` that say it. scenario: None for a pasted text.
    """

    document: Document
    profile: NeedProfile
    rows: tuple[tuple[int, ...], ...]
    scenario: Scenario | None = None

    @cached_property
    def says_enough(self) -> bool:
        """Whether enough is asked for anybody to be held against."""
        return not self.lacks

    @cached_property
    def lacks(self) -> str:
        """The code of the gap that keeps anybody from being judged by it; empty where there is none."""
        if is_other_language(self.document):
            return "need_other_language"
        return "need_too_short" if is_below_need_floor(self.document) else ""


@dataclass(frozen=True)
class Offer:
    """What is offered. vectors: (n_passages, dim) centred. capability: None for a pasted text."""

    document: Document
    passages: tuple[Passage, ...]
    vectors: Vectors
    capability: Capability | None = None

    @cached_property
    def says_enough(self) -> bool:
        """Whether the description is long enough to be judged, and in a language that is read."""
        return not is_below_floor(self.document) and not is_other_language(self.document)


class Judging(Protocol):
    """What `judge` and `judge_briefly` are."""

    def __call__(
        self,
        need: Need,
        offer: Offer,
        relevance: float,
        *,
        gates: Sequence[Gate] = (),
        weighting: Weighting = BUILT_IN,
    ) -> ScoredMatch:
        """Everything, or all but the words, that is said about a pair."""


def requirement_rows(document: Document, passages: Sequence[Passage]) -> tuple[tuple[int, ...], ...]:
    """For each requirement of a scenario the chunks that say it, by position; never empty where there are chunks.

    A written requirement is its own statement, perhaps cut in two; a derived one is a sentence inside some chunk.
    """
    return tuple(_rows_of(requirement, passages) for requirement in document.requirements)


def _rows_of(requirement: RequirementText, passages: Sequence[Passage]) -> tuple[int, ...]:
    wanted = _squeezed(requirement.text)
    texts = [_squeezed(passage.text) for passage in passages]
    inside = [at for at, text in enumerate(texts) if text in wanted and passages[at].source == "requirement"]
    if inside and not requirement.derived:
        return tuple(inside)
    around = [at for at, text in enumerate(texts) if wanted in text or text in wanted]
    if around:
        return tuple(around)
    # Merging of short neighbours can spread a sentence over two chunks: the one that shares most with it stands for it.
    shared = [len(set(text) & set(wanted)) for text in texts]
    return (int(np.argmax(shared)),) if shared else ()


def _squeezed(text: str) -> str:
    return "".join(text.split())


def judge(
    need: Need,
    offer: Offer,
    relevance: float,
    *,
    gates: Sequence[Gate] = (),
    weighting: Weighting = BUILT_IN,
) -> ScoredMatch:
    """Everything that is said about a pair. What the firm copied out of the need is named, and counts for nothing else.

    relevance: of the pair, in standard deviations. gates: those the pair fails; none is known of a pasted text.
    """
    own, quotes = _in_own_words(need, offer)
    judged = _judged(need, own, relevance, gates, weighting)
    missing = missing_fields(own.document, own.capability)
    first = [copied_gap(quotes)] if quotes else []
    if not need.says_enough:
        first.append(need_gap(need.lacks))
    elif judged.band is Band.POSSIBLE and _is_one_sentence_for_many(judged.coverage):
        missing = ["too_few_statements", *missing]
    return replace(
        judged,
        reasons=tuple(reasons_for(judged.coverage, _extra_reasons(own.capability))),
        gaps=tuple(first + gaps_for(judged.coverage, gates, missing)),
    )


def _is_one_sentence_for_many(covered: Sequence[CoveredRequirement]) -> bool:
    return statements_quoted(covered) < STRONG_STATEMENTS <= len(covered)


def judge_briefly(
    need: Need,
    offer: Offer,
    relevance: float,
    *,
    gates: Sequence[Gate] = (),
    weighting: Weighting = BUILT_IN,
) -> ScoredMatch:
    """The same score, band and coverage without reasons and gaps: for counting while somebody types."""
    own, _ = _in_own_words(need, offer)
    return _judged(need, own, relevance, gates, weighting)


def _judged(
    need: Need, offer: Offer, relevance: float, gates: Sequence[Gate], weighting: Weighting
) -> ScoredMatch:
    covered = cover_all(need, offer)
    signals = signals_of(need, offer, covered, relevance)
    band = band_of(
        relevance,
        covered,
        gates=gates,
        enough_information=need.says_enough and offer.says_enough,
        n_offers=need.profile.n_offers,
    )
    return ScoredMatch(
        scenario_id=need.document.id,
        capability_id=offer.document.id,
        organisation_id=0 if offer.capability is None else offer.capability.organisation_id,
        score=score_of(signals, weighting.weights),
        band=band,
        coverage=tuple(covered),
        signals=signals,
        weights_serial=weighting.serial,
    )


def _in_own_words(need: Need, offer: Offer) -> tuple[Offer, list[str]]:
    """The offer without what is copied out of the need, and the copies."""
    copied = own_of(need.document, offer.document, offer.passages).copies
    if not copied:
        return offer, []
    return _without(offer, copied), [offer.passages[at].text for at in copied]


def _without(offer: Offer, copied: Sequence[int]) -> Offer:
    kept = [at for at in range(len(offer.passages)) if at not in copied]
    passages = tuple(offer.passages[at] for at in kept)
    return replace(
        offer,
        document=document_of(offer.document, passages, [each.text for each in passages]),
        passages=passages,
        vectors=offer.vectors[kept],
    )


def cover_all(need: Need, offer: Offer) -> list[CoveredRequirement]:
    """Every requirement of the need with its verdict, in the scenario's order."""
    lang = need.document.lang
    return [
        cover(requirement, offer.document, _evidences(need, rows, offer), lang=lang)
        for requirement, rows in zip(need.document.requirements, need.rows, strict=True)
    ]


def _evidences(need: Need, rows: tuple[int, ...], offer: Offer) -> list[Evidence]:
    """The offer's statements most alike to a requirement, best first; a title names a thing and describes nothing."""
    if not rows or not offer.passages:
        return []
    strengths = evidence_strengths(need.profile, rows, offer.vectors)
    order = np.lexsort((np.arange(len(strengths)), -strengths))
    found = [int(at) for at in order if offer.passages[at].source != "title"]
    return [_evidence(offer, at, float(strengths[at])) for at in found]


def _evidence(offer: Offer, at: int, strength: float) -> Evidence:
    passage = offer.passages[at]
    return Evidence(
        text=passage.text,
        lang=offer.document.lang,
        source=passage.source,
        evidence_id=f"capability:{offer.document.id}#{passage.position}",
        strength=strength,
    )


def signals_of(
    need: Need, offer: Offer, covered: Sequence[CoveredRequirement], relevance: float
) -> Mapping[str, float | None]:
    """The parts a score is made of; None where the data is missing."""
    signals: dict[str, float | None] = {
        "relevance": relevance,
        "coverage": share_covered(covered),
        "unmet_musts": unmet_musts(covered),
    }
    if offer.capability is not None:
        signals |= {"proven": proven(offer.capability), "maturity": maturity(offer.capability)}
    if offer.capability is not None and need.scenario is not None:
        signals["same_district"] = same_district(need.scenario, offer.capability)
    return signals


def _extra_reasons(capability: Capability | None) -> list[Reason]:
    if capability is None:
        return []
    confirmed = [case for case in capability.cases if case.confirmed_at is not None]
    reasons = [Reason("case_confirmed", {"customer": case.customer}) for case in confirmed[:1]]
    if capability.capacity:
        reasons.append(Reason("capacity_free", {"n": capability.capacity}))
    return reasons
