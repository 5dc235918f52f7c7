"""Answers for the command line: the same payload as the pages show, as JSON or as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matcher.chunks import clean_text
from matcher.documents import DocumentKind
from matcher.explanation import evidence_words, word
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


@dataclass(frozen=True)
class Answer:
    """A question with its matches, ready to print. results: one dict a match, as in `match --json`."""

    query: dict[str, Any]
    model: str
    index_version: str
    results: list[dict[str, Any]]

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
        for result in self.results:
            lines += _result_lines(result, locale)
        return "\n".join(lines) if lines else {"zh": "没有匹配。", "en": "No match."}[locale]


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


def answer_match(workshop: Workshop, question: Question, *, k: int) -> Answer:
    """Answer `match`; see Recommender for what is raised."""
    recommender = workshop.recommender()
    return _answer(recommender, question.to_json(), _matches(recommender, question, k), question.sought)


def _matches(recommender: Recommender, question: Question, k: int) -> list[ScoredMatch]:
    if question.scenario_id is not None:
        return recommender.match_scenario(question.scenario_id, k=k)
    if question.capability_id is not None:
        return recommender.match_capability(question.capability_id, k=k)
    if question.text is None or question.kind is None:
        raise ValueError("a question names a scenario, a capability, or a text and what it is")
    return recommender.match_text(question.text, question.kind, k=k)


def answer_explain(workshop: Workshop, scenario_id: int, capability_id: int) -> Answer:
    """Answer `explain` for one pair, whatever its rank. NotFound when either side may not be matched."""
    recommender = workshop.recommender()
    match = recommender.explain(scenario_id, capability_id)
    query = {"scenario": scenario_id, "capability": capability_id}
    return _answer(recommender, query, [match], DocumentKind.CAPABILITY)


def _answer(
    recommender: Recommender, query: dict[str, Any], matches: Sequence[ScoredMatch], found: DocumentKind
) -> Answer:
    results = [_result(recommender, match, rank, found) for rank, match in enumerate(matches, start=1)]
    return Answer(query, recommender.corpus.snapshot.manifest.model_key, recommender.index_version, results)


def _result(recommender: Recommender, match: ScoredMatch, rank: int, found: DocumentKind) -> dict[str, Any]:
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
        "signals": payload["signals"],
    }


def _result_lines(result: dict[str, Any], locale: str) -> list[str]:
    lines = [f"{result['rank']:>3}  {BAND_WORDS[result['band']][locale]}  #{result['id']} {result['title']}"]
    for item in result["requirements"]:
        quote = evidence_words(item, locale)
        lines.append(f"       {VERDICT_MARKS[item['verdict']]} {item['position']}. {item['text']}")
        if quote is not None:
            lines.append(f"           {quote}")
    for sign, name in (("+", "reasons"), ("-", "gaps")):
        lines += [f"     {sign} {word(entry['code'], entry['values'], locale)}" for entry in result[name]]
    return lines
