"""What money a firm could get (资助路线): every rule in force, asked about its pilots or about itself, as of a day.

Nothing is kept: records are made by the job. Two programmes of one group for one pilot are a conflict that is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from sqlmodel import Session, col, select

from models.funding import Assessment, assess
from models.funding_facts import FundingFacts, facts_of
from models.funding_finding import Verdict
from models.funding_rule import FundingKind, FundingRule, FundingTarget, rules_in_force
from models.organisation import Organisation
from models.pilot import Pilot
from models.place import District


@dataclass(frozen=True)
class Option:
    """One rule for one pilot, or for the firm (pilot None). conflicts: rules of its group open for the same pilot."""

    rule: FundingRule
    pilot: Pilot | None
    assessment: Assessment
    conflicts: tuple[FundingRule, ...] = ()

    def days_left(self, on: date) -> int | None:
        """Days until applications close, the last one included; None where the window is not open or has no end."""
        first, last = self.rule.window_from_on, self.rule.window_until_on
        if first is None or last is None or not first <= on <= last:
            return None
        return (last - on).days


def find_options(session: Session, firm: Organisation, on: date, *, zone: tzinfo) -> list[Option]:
    """All of them, those that nothing rules out first, then by what closes soonest and by what is met."""
    rules = rules_in_force(session, on)
    pilots = _pilots(session, firm)
    facts = {pilot.key: facts_of(session, pilot, on, zone=zone) for pilot in pilots}
    found = [
        *(
            Option(rule, pilot, assess(facts[pilot.key], rule, on))
            for pilot in pilots
            for rule in rules
            if rule.target is FundingTarget.PILOT
        ),
        *(
            Option(rule, None, assess(_firm_facts(session, firm, list(facts.values())), rule, on))
            for rule in rules
            if rule.target is not FundingTarget.PILOT
        ),
    ]
    return sorted((_with_conflicts(option, found) for option in found), key=lambda option: _order(option, on))


def _pilots(session: Session, firm: Organisation) -> list[Pilot]:
    statement = select(Pilot).where(
        col(Pilot.organisation_id) == firm.key,
        col(Pilot.agreed_at).is_not(None),
        col(Pilot.stopped_at).is_(None),
    )
    return list(session.exec(statement.order_by(col(Pilot.id).desc())))


def _firm_facts(session: Session, firm: Organisation, of_pilots: list[FundingFacts]) -> FundingFacts:
    """What is known of the firm apart from any scenario; its newest pilot lends documents and filings."""
    if of_pilots:
        return of_pilots[0]
    district = None if firm.district_id is None else session.get(District, firm.district_id)
    return FundingFacts(
        pilot_id=0,
        applicant_kind=firm.kind.value,
        applicant_city=(district.city or None) if district is not None else None,
        applicant_founded_on=firm.founded_on,
        team_size=firm.team_size,
    )


def _with_conflicts(option: Option, found: Sequence[Option]) -> Option:
    group = option.rule.stacking_group
    others = tuple(
        other.rule
        for other in found
        if group is not None
        and other.pilot is option.pilot
        and other.rule is not option.rule
        and other.rule.stacking_group == group
        and other.assessment.verdict is not Verdict.UNMET
    )
    return Option(option.rule, option.pilot, option.assessment, others)


def _order(option: Option, on: date) -> tuple[bool, bool, bool, int, int, str]:
    """What is ruled out goes last, pointers before it; then what closes soonest, and most clauses met first."""
    left = option.days_left(on)
    n_met = sum(clause.verdict is Verdict.MET for clause in option.assessment.clauses)
    return (
        option.assessment.verdict is Verdict.UNMET,
        option.rule.kind is FundingKind.INFO,
        option.pilot is None,
        10_000 if left is None else left,
        -n_met,
        option.rule.programme,
    )
