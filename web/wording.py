"""Reasons and gaps as sentences, with what to do next.

The words are those of matcher/explanation.py and matcher/next_steps.py; here is only which mark stands before each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.explanation import Voice, word
from matcher.next_steps import NO_AIDS, Aids, steps_for
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
class StepLine:
    """What would move a gap. match_id: the pair of the firm it names, where the reader may open it."""

    words: str
    match_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One reason or gap as shown. tone: a verdict. position: of its requirement, or None. steps: what would move it."""

    code: str
    tone: str
    words: str
    position: int | None
    steps: Sequence[StepLine]

    @property
    def step(self) -> str:
        """The first step, or nothing."""
        return self.steps[0].words if self.steps else ""


def voice_of(side: Side) -> Voice:
    """In which voice a side is addressed."""
    return Voice.FIRM if side is Side.FIRM else Voice.AGENCY


def sentences(
    items: Iterable[dict[str, Any]], side: Side, locale: str, *, otherwise: str, aids: Aids = NO_AIDS
) -> list[Sentence]:
    """Stored reasons or gaps in the reader's language and voice.

    otherwise: the tone of codes without their own. aids: partners and vouchers there are today for this pair.
    """
    voice = voice_of(side)
    return [
        Sentence(
            code=item["code"],
            tone=_TONES.get(item["code"], otherwise),
            words=word(item["code"], item["values"], locale, voice),
            position=item["values"].get("position"),
            steps=_steps(item, side, locale, aids),
        )
        for item in items
    ]


def _steps(item: dict[str, Any], side: Side, locale: str, aids: Aids) -> list[StepLine]:
    """The agency may open the page of the firm that is named; a firm has no page of another's pair."""
    lines = []
    for step in steps_for(item, aids):
        partner = step.partner if side is Side.AGENCY else None
        words = step.words(locale, voice_of(side))
        lines.append(StepLine(words, None if partner is None else partner.match_id))
    return lines
