"""Whether a capability says enough to be judged, and which field would help most.

Absent data must not read as agreement: below the floor the answer is "not enough information", never a weak match.
"""

from __future__ import annotations

from matcher.documents import Document
from models.capability import Capability

FLOOR_CHARACTERS = {"zh": 60, "en": 160}
"""Description and cases together. Below it a profile holds one or two general sentences, on which any verdict rests on
chance; a Chinese character carries about as much as two and a half letters."""


def described_characters(document: Document) -> int:
    """Characters that describe the capability: text and cases, not the title."""
    return sum(len(statement.text) for statement in document.statements if statement.source != "title")


def is_below_floor(document: Document) -> bool:
    """Whether the description is too short to judge."""
    return described_characters(document) < FLOOR_CHARACTERS[document.lang]


def missing_fields(document: Document, capability: Capability | None) -> list[str]:
    """Gap codes of what is not said, most helpful first. A pasted text is asked for nothing but length."""
    missing = ["text_too_short"] if is_below_floor(document) else []
    if capability is None:
        return missing
    if not capability.deployment:
        missing.append("deployment_unknown")
    if not capability.cases:
        missing.append("case_missing")
    return missing
