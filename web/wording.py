"""Reasons and gaps as sentences. The words are matcher/explanation.py's; here is only which mark stands before each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from matcher.explanation import word

# The mark before a sentence is one of the four verdicts; a gap that is no refusal is unknown.
_TONES = {
    "requirement_met": "met",
    "requirement_partly": "partly",
    "requirement_unmet": "unmet",
    "deployment_unmet": "unmet",
    "filing_unmet": "unmet",
    "deployment_conflict": "unmet",
    "scenario_closed": "unmet",
    "capability_unlisted": "unmet",
    "firm_inactive": "unmet",
    "same_organisation": "unmet",
    "firm_full": "unmet",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One reason or gap as shown. tone: met, partly, unmet or unknown. position: the requirement it is about, or None."""

    code: str
    tone: str
    words: str
    position: int | None


def sentences(items: Iterable[dict[str, Any]], locale: str, *, otherwise: str) -> list[Sentence]:
    """Stored reasons or gaps in the reader's language. otherwise: the tone of codes that have none of their own."""
    return [
        Sentence(
            code=item["code"],
            tone=_TONES.get(item["code"], otherwise),
            words=word(item["code"], item["values"], locale),
            position=item["values"].get("position"),
        )
        for item in items
    ]
