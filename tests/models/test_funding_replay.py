"""Assessments that were kept give the same answer when they are asked again, whatever happened since."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from models.funding import assess
from models.funding_condition import SourceGrade
from models.funding_facts import Claim, FundingFacts, Spend, facts_of
from models.funding_record import FundingRecord, append_record, make_record
from models.funding_replay import as_known, replay
from models.funding_rule import FundingRule
from models.funding_rule_file import RULES_FILE, read_rules
from tests.factories import MONDAY, make_evidence, make_pilot_in_use, save
from tests.funding_examples import DOCUMENTS, ON, WAN, make_condition, make_facts, make_rule

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 1, 5, 2, tzinfo=UTC)


def kept(session: Session, rule: FundingRule) -> FundingRecord:
    pilot = make_pilot_in_use(session)
    make_evidence(session, pilot, created_at=MONDAY, checked_at=MONDAY)
    record = append_record(session, assess(facts_of(session, pilot, ON, zone=ZONE), rule, ON))
    assert record is not None
    return record


def test_facts_that_change_afterwards_change_no_past_answer(session: Session) -> None:
    rule = save(session, make_rule(make_condition("team_size_min", people=2), cap_fen=WAN))
    record = kept(session, rule)
    firm = record.pilot.organisation
    firm.team_size = 1 if firm.team_size != 1 else 9
    session.flush()
    session.expire_all()

    again = replay(record)

    assert again is not None
    assert again.is_same
    assert facts_of(session, record.pilot, ON, zone=ZONE).team_size != again.assessment.facts.team_size


def test_confirming_a_rule_later_settles_no_doubt_of_the_past(session: Session, now: datetime) -> None:
    rule = save(session, make_rule(make_condition("pilot_in_use"), source_grade=SourceGrade.C))
    record = kept(session, rule)

    rule.confirm(now)
    session.flush()
    again = replay(record)

    assert again is not None
    assert again.is_same
    assert again.assessment.unverified
    assert not rule.unverified


def test_a_record_made_with_a_confirmed_rule_is_asked_with_a_confirmed_rule(
    session: Session, now: datetime
) -> None:
    rule = make_rule(make_condition("pilot_in_use"), source_grade=SourceGrade.C, confirmed_at=now)
    record = kept(session, save(session, rule))

    again = replay(record)

    assert again is not None
    assert (again.is_same, again.assessment.unverified) == (True, False)


def test_what_differs_is_named(session: Session) -> None:
    rule = save(session, make_rule(make_condition("team_size_min", people=2), cap_fen=WAN))
    record = kept(session, rule)
    assert record.inputs is not None
    session.expunge(record)
    record.rule = rule
    record.inputs = {**record.inputs, "facts": {**record.inputs["facts"], "team_size": 40}}
    record.verdict = type(record.verdict).UNMET

    again = replay(record)

    assert again is not None
    assert not again.is_same
    assert "verdict" in again.differs


def test_a_record_of_an_older_version_says_that_it_cannot_be_asked_again(session: Session) -> None:
    record = kept(session, save(session, make_rule(make_condition("pilot_in_use"))))
    session.expunge(record)
    record.inputs = None

    assert replay(record) is None


def test_the_rule_as_known_is_in_no_session(session: Session, now: datetime) -> None:
    rule = save(session, make_rule(confirmed_at=now))

    then = as_known(rule, confirmed=False)

    assert (then.id, then.confirmed_at, then in session) == (rule.id, None, False)


# A thousand histories: facts come and go, rules get versions and confirmations, days pass, and every answer that was
# kept on the way is asked again at the end.

CHANGES: dict[str, list[Any]] = {
    "scenario_kind": [None, "government", "industry", "challenge"],
    "scenario_domain": [None, "city_governance", "public_service", "modern_services"],
    "published_on": [None, date(2026, 1, 20), date(2026, 6, 1)],
    "go_live_on": [None, date(2026, 3, 1), date(2026, 8, 1)],
    "accepted_on": [None, date(2026, 9, 1)],
    "stopped_on": [None, None, None, date(2026, 10, 1)],
    "applicant_city": [None, "深圳", "深圳市", "广州"],
    "applicant_founded_on": [None, date(2020, 1, 1), date(2026, 2, 1)],
    "team_size": [None, 1, 2, 40],
    "filings": [(), ("model_filing",), ("algorithm_filing", "model_filing")],
    "evidence": [(), DOCUMENTS, DOCUMENTS[:3], DOCUMENTS[4:]],
    "spend_fen": [
        {},
        {"compute": Spend(80 * WAN, is_complete=False)},
        {"model": Spend(3 * WAN, is_complete=True), "investment": Spend(700 * WAN, is_complete=True)},
    ],
    "claims": [
        None,
        (),
        (Claim(1, "benchmark_project", "shenzhen_ai_application", 2026, 90 * WAN),),
        (Claim(2, "government_scenario", "shenzhen_ai_application", 2026, 1000 * WAN),),
    ],
}


def stored(assessment: Any, rule: FundingRule) -> FundingRecord:
    """A record as it comes back from the database: what is JSON there went through JSON."""
    record = make_record(assessment, replaces=None)
    for name in ("clauses", "missing", "evidence", "inputs"):
        setattr(record, name, json.loads(json.dumps(getattr(record, name))))
    record.rule = rule
    return record


def live(dice: random.Random, rules: list[FundingRule]) -> list[FundingRecord]:
    """One history: thirty things that happen, and what was kept meanwhile."""
    facts, on, records = make_facts(), BEGIN.date(), []
    for _ in range(30):
        on += timedelta(days=dice.randint(0, 40))
        name = dice.choice(list(CHANGES))
        facts = FundingFacts(**{**vars(facts), name: dice.choice(CHANGES[name])})
        rule = dice.choice(rules)
        if dice.random() < 0.15 and rule.confirmed_at is None:
            rule.confirmed_at = BEGIN
        records.append(stored(assess(facts, rule, on), rule))
    return records


def shipped_rules() -> list[FundingRule]:
    rules = [row.make_rule() for row in read_rules(RULES_FILE)]
    for number, rule in enumerate(rules, start=1):
        rule.id = number
    return rules


@pytest.mark.parametrize("lot", range(10))
def test_a_hundred_random_histories_are_reproducible_and_sums_stay_under_their_caps(lot: int) -> None:
    differing, above = [], []
    for seed in range(lot * 100, lot * 100 + 100):
        records = live(random.Random(seed), shipped_rules())
        for record in records:
            again = replay(record)
            assert again is not None
            if not again.is_same:
                differing.append((seed, record.programme, again.differs))
            most = record.amount_max_fen or 0
            caps = [record.rule.cap_fen, record.rule.yearly_cap_fen, record.rule.pool_fen]
            if any(cap is not None and most > cap for cap in caps):
                above.append((seed, record.programme, most))

    assert (differing, above) == ([], [])
