"""Answers for the command line: the same payload as the pages show, as JSON or as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any

from sqlmodel import Session

from matcher.chunks import clean_text
from matcher.documents import DocumentKind
from matcher.explanation import counter_words, evidence_words, word
from matcher.next_steps import NO_AIDS, AidLookup, Aids, steps_for
from matcher.recommender import Recommender
from matcher.scoring import ScoredMatch
from matcher.workshop import Workshop

VERDICT_MARKS = {"met": "✓", "partly": "◐", "unmet": "✕", "unknown": "?"}
BAND_WORDS = {
    "strong": {"zh": "强", "en": "Strong"},
    "possible": {"zh": "可能", "en": "Possible"},
    "weak": {"zh": "弱", "en": "Weak"},
    "not_enough_information": {"zh": "信息不足", "en": "Not enough information"},
}

WEIGHTS_WORDS: dict[str, Callable[[int], str]] = {
    "zh": lambda serial: f"权重：第 {serial} 版" if serial else "权重：内置",
    "en": lambda serial: f"Weights: version {serial}" if serial else "Weights: built-in",
}


COUNTER_WORDS = {"zh": "反向证据：", "en": "Against: "}


@dataclass(frozen=True)
class Answer:
    """A question with its matches, ready to print.

    results: one dict a match, as in `match --json`. aids: what there is today for the gaps of each, in their order.
    """

    query: dict[str, Any]
    model: str
    index_version: str
    results: list[dict[str, Any]]
    aids: Sequence[Aids] = field(default=())
    weights_serial: int = 0

    def to_json(self) -> dict[str, Any]:
        """The document of `match --json`."""
        return {
            "query": self.query,
            "model": self.model,
            "index_version": self.index_version,
            "results": self.results,
        }

    def to_text(self, locale: str) -> str:
        """Lines for a terminal, in the reader's language."""
        lines: list[str] = []
        for result, aids in zip(self.results, self.aids, strict=True):
            lines += _result_lines(result, aids, locale)
        if not lines:
            return {"zh": "没有匹配。", "en": "No match."}[locale]
        return "\n".join([*lines, WEIGHTS_WORDS[locale](self.weights_serial)])


@dataclass(frozen=True)
class Question:
    """What `match` is asked: exactly one of the three. kind: what the text is, with a text only."""

    scenario_id: int | None = None
    capability_id: int | None = None
    text: str | None = None
    kind: DocumentKind | None = None

    @property
    def sought(self) -> DocumentKind:
        """What is looked for: the other side."""
        is_demand = self.scenario_id is not None or self.kind is DocumentKind.SCENARIO
        return DocumentKind.CAPABILITY if is_demand else DocumentKind.SCENARIO

    def to_json(self) -> dict[str, Any]:
        """The question as it is repeated in the answer; of a text, what can be printed of it."""
        if self.text is not None:
            side = "demand" if self.kind is DocumentKind.SCENARIO else "supply"
            return {"text": clean_text(self.text), "as": side}
        if self.scenario_id is not None:
            return {"scenario": self.scenario_id}
        return {"capability": self.capability_id}


def answer_match(workshop: Workshop, question: Question, *, k: int, zone: tzinfo) -> Answer:
    """Answer `match`; see Recommender for what is raised. zone: in which days begin (Settings.time_zone)."""
    recommender = workshop.recommender()
    matches = _matches(recommender, question, k)
    with workshop.reading() as session:
        lookup = _lookup(session, matches, on=workshop.today(), zone=zone)
        aids = [_aids_of(recommender, match, lookup) for match in matches]
    return _answer(recommender, question.to_json(), matches, aids, question.sought)


def _matches(recommender: Recommender, question: Question, k: int) -> list[ScoredMatch]:
    if question.scenario_id is not None:
        return recommender.match_scenario(question.scenario_id, k=k)
    if question.capability_id is not None:
        return recommender.match_capability(question.capability_id, k=k)
    if question.text is None or question.kind is None:
        raise ValueError("a question names a scenario, a capability, or a text and what it is")
    return recommender.match_text(question.text, question.kind, k=k)


def answer_explain(workshop: Workshop, scenario_id: int, capability_id: int, *, zone: tzinfo) -> Answer:
    """Answer `explain` for one pair, whatever its rank. NotFound when either side may not be matched.

    zone: in which days begin (Settings.time_zone).
    """
    recommender = workshop.recommender()
    match = recommender.explain(scenario_id, capability_id)
    with workshop.reading() as session:
        lookup = _lookup(session, [match], on=workshop.today(), zone=zone)
        aids = [_aids_of(recommender, match, lookup)]
    query = {"scenario": scenario_id, "capability": capability_id}
    return _answer(recommender, query, [match], aids, DocumentKind.CAPABILITY)


def _lookup(session: Session, matches: Sequence[ScoredMatch], *, on: date, zone: tzinfo) -> AidLookup:
    return AidLookup(session, {match.scenario_id for match in matches}, on=on, zone=zone)


def _aids_of(recommender: Recommender, match: ScoredMatch, lookup: AidLookup) -> Aids:
    """What there is today for the gaps of a match, as an agency would read it; nothing for a pasted text."""
    scenarios = recommender.corpus.scenarios.load([match.scenario_id])
    capabilities = recommender.corpus.capabilities.load([match.capability_id])
    if not scenarios or not capabilities:
        return NO_AIDS
    scenario, capability = scenarios[match.scenario_id][0], capabilities[match.capability_id][0]
    return lookup.aids(scenario, capability, match.payload()["gaps"])


def _answer(
    recommender: Recommender,
    query: dict[str, Any],
    matches: Sequence[ScoredMatch],
    aids: Sequence[Aids],
    found: DocumentKind,
) -> Answer:
    pairs = zip(matches, aids, strict=True)
    return Answer(
        query=query,
        model=recommender.corpus.snapshot.manifest.model_key,
        index_version=recommender.index_version,
        results=[
            _result(recommender, match, rank, found, each)
            for rank, (match, each) in enumerate(pairs, start=1)
        ],
        aids=aids,
        weights_serial=recommender.weighting.serial,
    )


def _result(
    recommender: Recommender, match: ScoredMatch, rank: int, found: DocumentKind, aids: Aids
) -> dict[str, Any]:
    row: Any
    if found is DocumentKind.CAPABILITY:
        row = recommender.corpus.capabilities[match.capability_id]
    else:
        row = recommender.corpus.scenarios[match.scenario_id]
    payload = match.payload()
    return {
        "rank": rank,
        "id": row.key,
        "external_id": row.external_id,
        "title": row.title,
        "score": round(match.score, 6),
        "band": str(match.band),
        "requirements": payload["coverage"],
        "reasons": payload["reasons"],
        "gaps": payload["gaps"],
        "next_steps": [step.to_json() for gap in payload["gaps"] for step in steps_for(gap, aids)],
        "signals": payload["signals"],
        "weights": match.weights_serial,
    }


def _result_lines(result: dict[str, Any], aids: Aids, locale: str) -> list[str]:
    """A match as the agency's page has it: band, every requirement with its quotes and steps, reasons, gaps."""
    lines = [f"{result['rank']:>3}  {BAND_WORDS[result['band']][locale]}  #{result['id']} {result['title']}"]
    for item in result["requirements"]:
        lines += _requirement_lines(item, locale)
        gaps = [gap for gap in result["gaps"] if gap["values"].get("position") == item["position"]]
        steps = [step.words(locale) for gap in gaps for step in steps_for(gap, aids)]
        lines += [f"           → {step}" for step in steps]
    for sign, name in (("+", "reasons"), ("-", "gaps")):
        lines += [f"     {sign} {word(entry['code'], entry['values'], locale)}" for entry in result[name]]
    return lines


def _requirement_lines(item: Mapping[str, Any], locale: str) -> list[str]:
    evidence = None if item["evidence"] is None else evidence_words(item, locale)
    counter = counter_words(item, locale)
    lines = [f"       {VERDICT_MARKS[item['verdict']]} {item['position']}. {item['text']}"]
    if evidence is not None:
        lines.append(f"           {evidence}")
    if counter is not None:
        lines.append(f"           {COUNTER_WORDS[locale]}{counter}")
    return lines
