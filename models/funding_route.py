"""Which money a scenario could lead to: programmes in force that ask for such a scenario, as of a day.

A route is a possibility and never a promise: what is not known yet, such as a pilot in use, rules out nothing.
"""

from collections.abc import Sequence
from datetime import date

from models.funding import Assessment, assess
from models.funding_facts import FundingFacts
from models.funding_finding import Verdict
from models.funding_rule import FundingRule, FundingTarget

OF_THE_SCENARIO = frozenset({"scenario_published_by", "scenario_kind_in", "scenario_domain_in"})
"""Conditions by which a programme asks for a kind of scenario; one that asks for none is no route from this one."""


def open_routes(rules: Sequence[FundingRule], facts: FundingFacts, on: date) -> list[FundingRule]:
    """The programmes for pilots that this scenario fits and nothing known rules out; the largest sum first.

    rules: in force on that day, one a programme.
    """
    found = [
        rule for rule in rules if rule.target is FundingTarget.PILOT and _leads_there(assess(facts, rule, on))
    ]
    return sorted(found, key=lambda rule: (-(rule.cap_fen or 0), rule.programme))


def _leads_there(assessment: Assessment) -> bool:
    fits = any(
        clause.kind in OF_THE_SCENARIO and clause.verdict is Verdict.MET for clause in assessment.clauses
    )
    return fits and assessment.verdict is not Verdict.UNMET
