"""What a check is asked with (`Situation`) and what it answers (`Finding`): codes, values and ids, never
prose.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from models.funding_facts import FundingFacts


class Verdict(StrEnum):
    """met, unmet, or unknown. Missing data is always unknown."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Situation:
    """One question: these facts, this day, and the terms of the rule a check may refer to."""

    facts: FundingFacts
    on: date
    programme: str = ""
    stacking_group: str | None = None
    yearly_cap_fen: int | None = None
    window_from_on: date | None = None
    window_until_on: date | None = None

    def granted_this_year_fen(self) -> int | None:
        """What the applicant got from the programme in the year of `on`; None when nobody has said."""
        if self.facts.claims is None:
            return None
        return sum(
            claim.amount_fen
            for claim in self.facts.claims
            if claim.programme == self.programme and claim.year == self.on.year
        )


@dataclass(frozen=True)
class Finding:
    """The answer of one check.

    values: JSON values only (days as ISO text). evidence: ids of the documents it rests on, ascending.
    missing and where: for unknown answers, code of what is lacking and code of who can give it.
    """

    verdict: Verdict
    reason: str
    values: dict[str, Any] = field(default_factory=dict)
    evidence: tuple[int, ...] = ()
    missing: str | None = None
    where: str | None = None


class Check(BaseModel):
    """What every kind of condition is: frozen parameters and one pure question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def answer(self, at: Situation) -> Finding:
        """Answer for one situation. Pure: the same situation gives the same finding."""
        raise NotImplementedError


def judge(fits: bool, reason: str, **values: Any) -> Finding:
    """Met as `<reason>_fits` or unmet as `<reason>_fails`, so that a reason code alone tells which it was."""
    return met(f"{reason}_fits", **values) if fits else unmet(f"{reason}_fails", **values)


def met(reason: str, *, evidence: tuple[int, ...] = (), **values: Any) -> Finding:
    """The condition holds, for this reason."""
    return Finding(Verdict.MET, reason, _plain(values), evidence)


def unmet(reason: str, *, evidence: tuple[int, ...] = (), **values: Any) -> Finding:
    """The condition is known not to hold, for this reason."""
    return Finding(Verdict.UNMET, reason, _plain(values), evidence)


def unknown(
    reason: str, *, missing: str, where: str, evidence: tuple[int, ...] = (), **values: Any
) -> Finding:
    """It cannot be told; `missing` names what would tell and `where` who has it."""
    return Finding(Verdict.UNKNOWN, reason, _plain(values), evidence, missing, where)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
