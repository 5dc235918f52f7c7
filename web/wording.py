"""Reasons and gaps as sentences. The words are matcher/explanation.py's; here is only which mark stands before each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from matcher.explanation import Voice, word, word_step
from web.chips import Side

# The mark before a sentence is one of the four verdicts.
_TONES = {
    "requirement_partly": "partly",
    "requirement_disputed": "partly",
    "figure_mixed": "partly",
    "figure_missing": "partly",
    "rest_unknown": "partly",
    "copied_from_the_need": "partly",
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
    """One reason or gap as shown. tone: a verdict. position: of its requirement, or None. step: what would move it."""

    code: str
    tone: str
    words: str
    position: int | None
    step: str


def sentences(items: Iterable[dict[str, Any]], side: Side, locale: str, *, otherwise: str) -> list[Sentence]:
    """Stored reasons or gaps in the reader's language and voice. otherwise: the tone of codes without their own."""
    voice = Voice.FIRM if side is Side.FIRM else Voice.AGENCY
    return [
        Sentence(
            code=item["code"],
            tone=_TONES.get(item["code"], otherwise),
            words=word(item["code"], item["values"], locale, voice),
            position=item["values"].get("position"),
            step=word_step(item["step"], item["values"], locale, voice) if "step" in item else "",
        )
        for item in items
    ]
