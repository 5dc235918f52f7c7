"""Funding records as lists and pages show them: clauses in words, what is missing, sums as ranges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from models.funding_record import FundingRecord
from models.funding_rule import FundingRule
from models.funding_wording import word_amount, word_clause, word_missing
from models.i18n import N_, gettext, name_of
from web.labels import label

VERDICTS = ("met", "unmet", "unknown")
ORDER = {"met": 0, "unknown": 1, "unmet": 2}


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record in a list."""

    id: int
    programme: str
    title: str
    firm: str
    pilot_id: int
    pilot_title: str
    verdict: str
    tally: Sequence[tuple[str, int]]
    amount: str
    as_of: date
    recorded_at: datetime
    rule_version: int
    unverified: bool


@dataclass(frozen=True, slots=True)
class ClauseView:
    """One clause: what it asks, what the system thinks and why, on which documents, how good the source is."""

    number: int
    asks: str
    verdict: str
    why: str
    evidence_ids: Sequence[int]
    grade: str
    unverified: bool
    decides: bool


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record in full."""

    line: RecordLine
    rule: FundingRule
    rule_words: str
    clauses: Sequence[ClauseView]
    missing: Sequence[tuple[str, Sequence[int]]]
    tiers: Sequence[int]
    rule_status: str
    status_words: str


def present_lines(records: Sequence[FundingRecord], locale: str) -> list[RecordLine]:
    """Records as lines, the most promising first; rule, pilot and firm must be loaded."""
    return sorted((present_line(row, locale) for row in records), key=_promise)


def _promise(line: RecordLine) -> tuple[int, int, int, str]:
    """Sort key: what is not ruled out first, then by clauses met, newer pilots first."""
    met = dict(line.tally).get("met", 0)
    return (ORDER[line.verdict], -met, -line.pilot_id, line.programme)


def present_line(row: FundingRecord, locale: str) -> RecordLine:
    """One record as a line."""
    counts = Counter(clause["verdict"] for clause in row.clauses)
    return RecordLine(
        id=row.key,
        programme=row.programme,
        title=rule_title(row.rule, locale),
        firm=name_of(row.pilot.organisation, locale),
        pilot_id=row.pilot_id,
        pilot_title=row.pilot.title,
        verdict=row.verdict.value,
        tally=[(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]],
        amount=word_amount(row.amount_min_fen, row.amount_max_fen, locale),
        as_of=row.assessed_on,
        recorded_at=row.created_at,
        rule_version=row.rule_version,
        unverified=row.unverified,
    )


def rule_title(rule: FundingRule, locale: str) -> str:
    """The rule's title in the reader's language."""
    return rule.title if locale == "zh" else rule.title_en


def present_record(row: FundingRecord, locale: str, *, today: date) -> RecordView:
    """One record with its clauses worded."""
    status = row.rule.status_on(today)
    asks = {condition.code: condition.text(locale) for condition in row.rule.typed_conditions}
    asks |= {item.condition.code: item.condition.text(locale) for item in row.rule.typed_alternatives}
    in_force = gettext(locale, N_("政策在有效期内"))
    return RecordView(
        line=present_line(row, locale),
        rule=row.rule,
        rule_words=row.rule.clause if locale == "zh" else row.rule.clause_en or row.rule.clause,
        clauses=[
            ClauseView(
                number=number,
                asks=asks.get(clause["code"], in_force),
                verdict=clause["verdict"],
                why=word_clause(clause["reason"], clause["values"], locale),
                evidence_ids=clause["evidence"],
                grade=clause["source_grade"],
                unverified=clause["unverified"],
                decides=clause["decides"],
            )
            for number, clause in enumerate(row.clauses, start=1)
        ],
        missing=_missing(row, locale),
        tiers=sorted(row.rule.tiers, reverse=True),
        rule_status=status.value,
        status_words=label("rule_status", status.value, locale),
    )


def _missing(row: FundingRecord, locale: str) -> list[tuple[str, list[int]]]:
    """What is missing and who has it, each once, with the numbers of the clauses that wait for it."""
    numbers = {clause["code"]: number for number, clause in enumerate(row.clauses, start=1)}
    found: dict[str, list[int]] = {}
    for item in row.missing:
        words = word_missing(item["code"], item["where_to_get"], locale)
        found.setdefault(words, []).append(numbers[item["clause"]])
    return list(found.items())
