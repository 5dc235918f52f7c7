"""Asking again (复算): a kept assessment made anew from the facts and the rule version it was made with.

What people write about themselves changes (head count, district, filings), so the rows of today cannot tell what was
known then: each record keeps its facts, and whether its rule had been confirmed. The rule version itself never changes.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from models.funding import Assessment, assess
from models.funding_facts import FundingFacts
from models.funding_record import FundingRecord
from models.funding_rule import FundingRule

_FACTS: TypeAdapter[FundingFacts] = TypeAdapter(FundingFacts)


@dataclass(frozen=True)
class Replay:
    """The answer given again. differs: what came out otherwise than it was kept; empty when it is the same."""

    assessment: Assessment
    differs: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the record says what its facts and its rule say."""
        return not self.differs


def replay(record: FundingRecord) -> Replay | None:
    """Assess the record's own facts by its own rule version as of its own day. None: it was kept without its facts."""
    if record.inputs is None:
        return None
    rule = as_known(record.rule, confirmed=bool(record.inputs["confirmed"]))
    again = assess(_FACTS.validate_python(record.inputs["facts"]), rule, record.assessed_on)
    return Replay(again, tuple(name for name, same in _compared(record, again).items() if not same))


def as_known(rule: FundingRule, *, confirmed: bool) -> FundingRule:
    """The version as it read then: confirming it later settles no doubt of the past. Not in any session."""
    then = FundingRule(**rule.model_dump())
    then.confirmed_at = rule.confirmed_at if confirmed else None
    return then


def _compared(record: FundingRecord, again: Assessment) -> dict[str, Any]:
    amount = None if record.amount_min_fen is None else (record.amount_min_fen, record.amount_max_fen)
    return {
        "verdict": record.verdict == again.verdict,
        "clauses": record.clauses == [clause.to_json() for clause in again.clauses],
        "missing": record.missing == [item.to_json() for item in again.missing],
        "amount": amount == again.amount_fen,
        "evidence": record.evidence == [{"id": id_, "file_hash": digest} for id_, digest in again.evidence],
        "inputs_hash": record.inputs_hash == again.inputs_hash,
    }
