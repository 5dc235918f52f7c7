"""The dry run (试算) of a rule that is not in force: which pilots it would judge otherwise, and how. Keeps nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from models.capability import Capability
from models.funding import Assessment, Clause, assess
from models.funding_facts import facts_of
from models.funding_rule import FundingRule, rule_as_of
from models.pilot import Pilot
from models.scenario import Scenario

MAX_PILOTS = 2_000
"""A page answers within seconds: so many of the newest pilots are tried, and the page says how many there are."""


@dataclass(frozen=True)
class Shift:
    """One pilot under both rules. before: None where no version of the programme governs today."""

    pilot: Pilot
    before: Assessment | None
    after: Assessment

    @property
    def changes(self) -> bool:
        """Whether a verdict, a sum or a clause would read otherwise."""
        if self.before is None:
            return True
        return (self.before.verdict, self.before.amount_fen, _answers(self.before)) != (
            self.after.verdict,
            self.after.amount_fen,
            _answers(self.after),
        )

    @property
    def clauses(self) -> list[tuple[Clause | None, Clause | None]]:
        """The clauses that differ, as before and after; None on the side that lacks the clause."""
        old = {clause.code: clause for clause in (self.before.clauses if self.before else ())}
        new = {clause.code: clause for clause in self.after.clauses}
        pairs = [(old.get(code), new.get(code)) for code in {**old, **new}]
        return [(a, b) for a, b in pairs if a is None or b is None or _answer(a) != _answer(b)]


@dataclass(frozen=True)
class Trial:
    """What a dry run found. as_of: the day asked about. n_pilots: in use in all; n_tried: how many were looked at."""

    as_of: date
    n_pilots: int
    n_tried: int
    shifts: Sequence[Shift]


def try_rule(session: Session, rule: FundingRule, on: date, *, zone: tzinfo) -> Trial:
    """Every pilot in use under this version and under the one that governs its programme on that day.

    A version that begins later is asked as of its first day, with the facts of `on`: so much is known by then.
    """
    as_of = max(on, rule.valid_from_on) if rule.valid_from_on is not None else on
    current = rule_as_of(session, rule.programme, on)
    pilots = _pilots_in_use(session)
    shifts = []
    for pilot in pilots[:MAX_PILOTS]:
        facts = facts_of(session, pilot, on, zone=zone)
        before = None if current is None else assess(facts, current, on)
        shifts.append(Shift(pilot, before, assess(facts, rule, as_of)))
    return Trial(as_of, len(pilots), len(shifts), [shift for shift in shifts if shift.changes])


def _pilots_in_use(session: Session) -> list[Pilot]:
    statement = (
        select(Pilot)
        .where(col(Pilot.in_use_at).is_not(None), col(Pilot.stopped_at).is_(None))
        .options(
            joinedload(Pilot.scenario).joinedload(Scenario.organisation),  # type: ignore[arg-type]
            joinedload(Pilot.organisation),  # type: ignore[arg-type]
            joinedload(Pilot.capability).joinedload(Capability.organisation),  # type: ignore[arg-type]
        )
        .order_by(col(Pilot.id).desc())
    )
    return list(session.exec(statement).unique())


def _answers(assessment: Assessment) -> list[tuple[object, ...]]:
    return [_answer(clause) for clause in assessment.clauses]


def _answer(clause: Clause) -> tuple[object, ...]:
    return clause.code, clause.verdict, clause.reason, clause.decides
