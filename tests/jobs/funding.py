"""Rules and records of funding, saved."""

import itertools
from datetime import date
from typing import Any

from sqlmodel import Session

from models.evidence import EvidenceKind
from models.funding import assess
from models.funding_condition import Condition
from models.funding_facts import facts_of
from models.funding_record import FundingRecord, append_record
from models.funding_rule import FundingRule
from models.pilot import Pilot
from tests.factories import MONDAY, make_evidence, save
from tests.funding_examples import ON, make_condition, make_rule
from tests.jobs.sending import SHENZHEN

_numbers = itertools.count(1)
IN_USE = make_condition("pilot_in_use", code="in_use")
TESTED = make_condition("evidence_present", code="report", evidence="test_report")


def save_rule(session: Session, *conditions: Condition, **values: Any) -> FundingRule:
    """A rule of a programme of its own, in force in 2026; met by a pilot in use unless told otherwise."""
    n = next(_numbers)
    defaults = {"programme": f"grant_{n}", "title": f"测试资助{n}", "cap_fen": 50_000_000}
    return save(session, make_rule(*(conditions or (IN_USE,)), **{**defaults, **values}))


def keep_record(session: Session, pilot: Pilot, rule: FundingRule, on: date = ON) -> FundingRecord:
    """Assess the pilot by the rule, and keep what is new."""
    record = append_record(session, assess(facts_of(session, pilot, on, zone=SHENZHEN), rule, on))
    assert record is not None
    return record


def add_test_report(session: Session, pilot: Pilot) -> None:
    """A checked test report, which TESTED asks for."""
    make_evidence(session, pilot, kind=EvidenceKind.TEST_REPORT, checked_at=MONDAY, created_at=MONDAY)
