"""Is a pilot fundable? One pure function: facts, a rule and a day in; clauses, what is missing and a range
out.

The verdict is the system's own view, shown beside an officer's decision and never instead of it. Amounts
are integers in fen and say what the rule would allow at most (or which fixed sums it knows), never what
will be paid.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from models.funding_condition import Condition, SourceGrade
from models.funding_facts import FundingFacts
from models.funding_finding import Finding, Situation, Verdict, met, unknown, unmet
from models.funding_rule import FundingRule, RuleStatus

VALIDITY = "rule_in_force"
"""Code of the clause every rule has: that it applies on the day asked about."""

BASIS_POINTS = 10_000


@dataclass(frozen=True)
class Clause:
    """One condition with its answer. `decides` is false for those that only change the sum, not the
    verdict.
    """

    code: str
    kind: str
    verdict: Verdict
    reason: str
    values: dict[str, Any]
    evidence: tuple[int, ...]
    source_grade: SourceGrade
    unverified: bool
    decides: bool = True

    def to_json(self) -> dict[str, Any]:
        """The clause as stored and as pages read it."""
        return {
            "code": self.code,
            "kind": self.kind,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "values": self.values,
            "evidence": list(self.evidence),
            "source_grade": self.source_grade.value,
            "unverified": self.unverified,
            "decides": self.decides,
        }


@dataclass(frozen=True)
class Missing:
    """What would turn an unknown clause into an answer, and who has it; both are codes."""

    code: str
    where_to_get: str
    clause: str

    def to_json(self) -> dict[str, str]:
        """The entry as stored and as pages read it."""
        return {"code": self.code, "where_to_get": self.where_to_get, "clause": self.clause}


@dataclass(frozen=True)
class Assessment:
    """The answer for one pilot, one rule version and one day.

    amount_fen: (least, most), or None when it is unmet or a sum cannot be formed from what is known.
    evidence: (id, SHA-256) of every document a clause rests on. inputs_hash: SHA-256 over the rule version
    and all that the clauses rest on, so that it stays the same from day to day while nothing that matters
    changes. facts, confirmed: what it was asked with, so that it can be asked again.
    """

    pilot_id: int
    programme: str
    rule_id: int | None
    rule_version: int
    as_of: date
    verdict: Verdict
    clauses: tuple[Clause, ...]
    missing: tuple[Missing, ...]
    amount_fen: tuple[int, int] | None
    evidence: tuple[tuple[int, str], ...]
    unverified: bool
    inputs_hash: str
    facts: FundingFacts
    confirmed: bool


def assess(facts: FundingFacts, rule: FundingRule, on: date) -> Assessment:
    """Judge the facts by the rule as of a day. Pure: the same arguments give an equal assessment.

    The verdict is unmet when any deciding clause is, else unknown when any is, else met.
    """
    at = _situation(facts, rule, on)
    answers = [_validity(rule, on), *(_ask(item, rule, at) for item in rule.typed_conditions)]
    rates = [(item, _ask(item.condition, rule, at, decides=False)) for item in rule.typed_alternatives]
    answers += [answer for _, answer in rates]
    clauses = tuple(clause for clause, _ in answers)
    verdict = _overall(clause.verdict for clause in clauses if clause.decides)
    shares = [item.rate_bp for item, (clause, _) in rates if clause.verdict is not Verdict.UNMET]
    amount = None if verdict is Verdict.UNMET else _amount(rule, at, shares)
    evidence = _evidence(facts, clauses)
    return Assessment(
        pilot_id=facts.pilot_id,
        programme=rule.programme,
        rule_id=rule.id,
        rule_version=rule.version,
        as_of=on,
        verdict=verdict,
        clauses=clauses,
        missing=_missing(answers),
        amount_fen=amount,
        evidence=evidence,
        unverified=rule.unverified,
        inputs_hash=_hash(rule, clauses, amount, evidence),
        facts=facts,
        confirmed=rule.confirmed_at is not None,
    )


def _situation(facts: FundingFacts, rule: FundingRule, on: date) -> Situation:
    return Situation(
        facts=facts,
        on=on,
        programme=rule.programme,
        stacking_group=rule.stacking_group,
        yearly_cap_fen=rule.yearly_cap_fen,
        window_from_on=rule.window_from_on,
        window_until_on=rule.window_until_on,
    )


def _validity(rule: FundingRule, on: date) -> tuple[Clause, Finding]:
    """Whether the rule itself applies on that day, as the first clause of every assessment."""
    finding = _validity_finding(rule, on)
    doubtful = rule.confirmed_at is None and rule.source_grade is not SourceGrade.A
    return _clause(VALIDITY, VALIDITY, finding, rule.source_grade, unverified=doubtful), finding


def _validity_finding(rule: FundingRule, on: date) -> Finding:
    # A draft without a first day cannot be judged: nobody knows whether and when it will apply.
    status = rule.status_on(on)
    if status is RuleStatus.EXPIRED:
        return unmet("rule_expired", valid_until_on=rule.valid_until_on)
    if status is not RuleStatus.DRAFT:
        return met("rule_in_force", valid_from_on=rule.valid_from_on, valid_until_on=rule.valid_until_on)
    if rule.valid_from_on is None:
        return unknown("rule_draft", missing="office_ruling", where="issuing_office")
    return unmet("rule_not_begun", valid_from_on=rule.valid_from_on)


def _ask(
    condition: Condition, rule: FundingRule, at: Situation, *, decides: bool = True
) -> tuple[Clause, Finding]:
    finding = condition.check.answer(at)
    clause = _clause(
        condition.code,
        condition.kind,
        finding,
        condition.source_grade,
        unverified=rule.doubts(condition),
    )
    return replace(clause, decides=decides), finding


def _clause(code: str, kind: str, finding: Finding, grade: SourceGrade, *, unverified: bool) -> Clause:
    return Clause(
        code=code,
        kind=kind,
        verdict=finding.verdict,
        reason=finding.reason,
        values=finding.values,
        evidence=finding.evidence,
        source_grade=grade,
        unverified=unverified,
    )


def _overall(verdicts: Iterable[Verdict]) -> Verdict:
    seen = set(verdicts)
    if Verdict.UNMET in seen:
        return Verdict.UNMET
    return Verdict.UNKNOWN if Verdict.UNKNOWN in seen else Verdict.MET


def _missing(answers: list[tuple[Clause, Finding]]) -> tuple[Missing, ...]:
    return tuple(
        Missing(finding.missing, finding.where, clause.code)
        for clause, finding in answers
        if finding.missing is not None and finding.where is not None
    )


def _evidence(facts: FundingFacts, clauses: tuple[Clause, ...]) -> tuple[tuple[int, str], ...]:
    used = {id_ for clause in clauses for id_ in clause.evidence}
    return tuple(sorted((item.id, item.file_hash) for item in facts.evidence if item.id in used))


def _amount(rule: FundingRule, at: Situation, other_rates: list[int]) -> tuple[int, int] | None:
    """Fixed sums as their range; a share of the known spend or a bare cap as "from nothing to". None:
    cannot tell.

    other_rates: alternative shares not ruled out; the range must hold the true sum, so an unknown one counts.
    The cap, and what is left of the yearly cap, bound both ends. Shares round down to a fen.
    """
    if rule.tiers:
        least, most = min(rule.tiers), max(rule.tiers)
    elif rule.rate_bp is not None:
        spend = at.facts.spend_fen.get(rule.spend_purpose or "")
        if spend is None:
            return None
        least, most = 0, spend.amount_fen * max(rule.rate_bp, *other_rates, 0) // BASIS_POINTS
    elif rule.cap_fen is not None:
        least, most = 0, rule.cap_fen
    else:
        return None
    bound = _bound(rule, at)
    return (least, most) if bound is None else (min(least, bound), min(most, bound))


def _bound(rule: FundingRule, at: Situation) -> int | None:
    bounds = [] if rule.cap_fen is None else [rule.cap_fen]
    granted = at.granted_this_year_fen()
    if rule.yearly_cap_fen is not None:
        bounds.append(max(0, rule.yearly_cap_fen - (granted or 0)))
    return min(bounds, default=None)


def _hash(
    rule: FundingRule,
    clauses: tuple[Clause, ...],
    amount: tuple[int, int] | None,
    evidence: tuple[tuple[int, str], ...],
) -> str:
    """SHA-256 of the canonical JSON of what the verdict rests on; the day itself is not part of it."""
    inputs = {
        "rule": [rule.programme, rule.version],
        "clauses": [clause.to_json() for clause in clauses],
        "amount_fen": amount,
        "evidence": evidence,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
