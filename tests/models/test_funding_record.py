from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.db import make_session
from models.errors import InvalidTransition
from models.funding import Assessment, assess
from models.funding_facts import FundingFacts
from models.funding_finding import Verdict
from models.funding_record import (
    FundingRecord,
    append_record,
    current_records,
    find_current_record,
    record_history,
)
from models.funding_rule import FundingRule
from models.pilot import Pilot
from tests.factories import make_pilot_in_use
from tests.funding_examples import ON, make_condition, make_document, make_facts, make_rule

CONDITIONS = (
    make_condition("pilot_in_use", code="in_use"),
    make_condition("evidence_present", code="report", evidence="test_report"),
)


@pytest.fixture
def pilot(session: Session) -> Pilot:
    return make_pilot_in_use(session)


@pytest.fixture
def rule(session: Session) -> FundingRule:
    return add_rule(session)


def add_rule(session: Session, **values: Any) -> FundingRule:
    rule = make_rule(*CONDITIONS, cap_fen=500, **values)
    session.add(rule)
    session.flush()
    return rule


def facts_with(pilot: Pilot, *documents: int) -> FundingFacts:
    evidence = tuple(make_document(number, "test_report") for number in documents)
    return make_facts(pilot_id=pilot.key, evidence=evidence)


def kept(record: FundingRecord | None) -> FundingRecord:
    assert record is not None
    return record


def test_the_first_assessment_is_the_original(session: Session, pilot: Pilot, rule: FundingRule) -> None:
    assessment = assess(facts_with(pilot, 3), rule, ON)

    record = kept(append_record(session, assessment))

    assert (record.pilot_id, record.programme, record.replaces_id) == (pilot.key, "test_grant", None)
    assert (record.rule_id, record.rule_version, record.assessed_on) == (rule.key, 1, ON)
    assert (record.verdict, record.amount_min_fen, record.amount_max_fen) == (Verdict.MET, 0, 500)
    assert record.clauses == [clause.to_json() for clause in assessment.clauses]
    assert (record.missing, record.evidence) == ([], [{"id": 3, "file_hash": f"{3:064x}"}])
    assert (record.unverified, record.inputs_hash) == (False, assessment.inputs_hash)


def test_running_twice_changes_nothing(session: Session, pilot: Pilot, rule: FundingRule) -> None:
    append_record(session, assess(facts_with(pilot, 3), rule, ON))

    again = append_record(session, assess(facts_with(pilot, 3), rule, date(2026, 11, 30)))

    assert again is None
    assert len(record_history(session, pilot.key, "test_grant")) == 1


def test_new_evidence_appends_a_row_that_replaces_the_last(
    session: Session, pilot: Pilot, rule: FundingRule
) -> None:
    first = kept(append_record(session, assess(facts_with(pilot), rule, ON)))
    second = kept(append_record(session, assess(facts_with(pilot, 3), rule, ON)))
    third = kept(append_record(session, assess(facts_with(pilot, 3, 4), rule, ON)))

    assert (first.verdict, second.verdict) == (Verdict.UNKNOWN, Verdict.MET)
    assert (second.replaces_id, third.replaces_id) == (first.key, second.key)
    assert record_history(session, pilot.key, "test_grant") == [first, second, third]
    assert find_current_record(session, pilot.key, "test_grant") == third


def test_a_lapsed_rule_appends_a_no_without_an_amount(
    session: Session, pilot: Pilot, rule: FundingRule
) -> None:
    append_record(session, assess(facts_with(pilot, 3), rule, ON))

    record = kept(append_record(session, assess(facts_with(pilot, 3), rule, date(2027, 1, 1))))

    assert (record.verdict, record.amount_max_fen) == (Verdict.UNMET, None)


def test_a_new_rule_version_replaces_and_never_adds_a_second_original(
    session: Session, pilot: Pilot, rule: FundingRule
) -> None:
    first = kept(append_record(session, assess(facts_with(pilot, 3), rule, ON)))
    newer = add_rule(session, version=2, valid_from_on=date(2026, 11, 1))

    record = kept(append_record(session, assess(facts_with(pilot, 3), newer, ON)))

    assert (record.replaces_id, record.rule_version, first.rule_version) == (first.key, 2, 1)


def test_a_replay_of_an_earlier_day_is_not_recorded(
    session: Session, pilot: Pilot, rule: FundingRule
) -> None:
    append_record(session, assess(facts_with(pilot, 3), rule, ON))

    with pytest.raises(InvalidTransition, match="只供查看"):
        append_record(session, assess(facts_with(pilot), rule, date(2026, 11, 22)))


def test_an_unsaved_rule_leaves_no_record(session: Session, pilot: Pilot) -> None:
    with pytest.raises(InvalidTransition):
        append_record(session, assess(facts_with(pilot), make_rule(), ON))


def test_current_records_are_those_of_a_party(session: Session, pilot: Pilot, rule: FundingRule) -> None:
    other_rule = add_rule(session, programme="another")
    append_record(session, assess(facts_with(pilot), rule, ON))
    current = kept(append_record(session, assess(facts_with(pilot, 3), rule, ON)))
    other = kept(append_record(session, assess(facts_with(pilot), other_rule, ON)))
    stranger = make_pilot_in_use(session)
    foreign = kept(append_record(session, assess(facts_with(stranger), rule, ON)))
    agency_id = pilot.scenario.organisation_id

    assert current_records(session, organisation_id=pilot.organisation_id) == [other, current]
    assert current_records(session, organisation_id=agency_id) == [other, current]
    assert current_records(session, organisation_id=None) == [other, current, foreign]
    assert current_records(session, organisation_id=None, pilot_id=stranger.key) == [foreign]
    assert current_records(session, organisation_id=agency_id, pilot_id=stranger.key) == []


# Append-only


def test_a_record_cannot_be_changed(session: Session, pilot: Pilot, rule: FundingRule) -> None:
    record = kept(append_record(session, assess(facts_with(pilot), rule, ON)))
    record.verdict = Verdict.MET

    with pytest.raises(InvalidTransition, match="不能修改"):
        session.flush()


def test_a_record_cannot_be_deleted(session: Session, pilot: Pilot, rule: FundingRule) -> None:
    record = kept(append_record(session, assess(facts_with(pilot), rule, ON)))
    session.delete(record)

    with pytest.raises(InvalidTransition, match="不能删除"):
        session.flush()


@pytest.mark.parametrize(
    "statement", ["UPDATE funding_record SET verdict = 'met'", "DELETE FROM funding_record"]
)
def test_the_database_itself_refuses_to_change_a_record(
    session: Session, pilot: Pilot, rule: FundingRule, statement: str
) -> None:
    append_record(session, assess(facts_with(pilot), rule, ON))

    with pytest.raises(IntegrityError, match="append-only"):
        session.connection().execute(sa.text(statement))


# Constraints, by trying to break them


def copy_of(record: FundingRecord, **changes: Any) -> FundingRecord:
    return FundingRecord(**{**record.model_dump(exclude={"id"}), **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},  # a second original
        {"programme": "x", "amount_min_fen": None},
        {"programme": "x", "amount_max_fen": None},
        {"programme": "x", "amount_min_fen": -1},
        {"programme": "x", "amount_min_fen": 501},
        {"programme": "x", "verdict": Verdict.UNMET},
        {"programme": "x", "inputs_hash": "short"},
        {"programme": "x", "rule_id": 10**6},
        {"programme": "x", "pilot_id": 10**6},
        {"programme": "x", "replaces_id": 10**6},
    ],
)
def test_the_database_refuses_a_record_that_breaks_a_promise(
    session: Session, pilot: Pilot, rule: FundingRule, changes: dict[str, Any]
) -> None:
    record = kept(append_record(session, assess(facts_with(pilot, 3), rule, ON)))
    session.add(copy_of(record, **changes))

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_correction_stays_with_its_pilot_and_programme(
    session: Session, pilot: Pilot, rule: FundingRule
) -> None:
    record = kept(append_record(session, assess(facts_with(pilot, 3), rule, ON)))
    session.add(copy_of(record, programme="another", replaces_id=record.key))

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_record_is_replaced_once(session: Session, pilot: Pilot, rule: FundingRule) -> None:
    first = kept(append_record(session, assess(facts_with(pilot), rule, ON)))
    second = kept(append_record(session, assess(facts_with(pilot, 3), rule, ON)))
    session.add(copy_of(second, replaces_id=first.key))

    with pytest.raises(IntegrityError):
        session.flush()


# Two writers


def two_views(empty_engine: Engine) -> tuple[Assessment, Assessment]:
    with make_session(empty_engine) as session:
        pilot, rule = make_pilot_in_use(session), add_rule(session)
        session.commit()
        return assess(facts_with(pilot), rule, ON), assess(facts_with(pilot, 3), rule, ON)


class Interrupted(Session):
    """A session that is overtaken by another writer's commit between its look and its insert."""

    def __init__(self, engine: Engine, other: Assessment) -> None:
        super().__init__(engine, expire_on_commit=False)
        self.other: Assessment | None = other
        self.engine = engine

    def begin_nested(self) -> Any:
        other, self.other = self.other, None
        if other is not None:
            with make_session(self.engine) as overtaking:
                append_record(overtaking, other)
                overtaking.commit()
        return super().begin_nested()


@pytest.mark.parametrize("empty_engine", ["postgresql"], indirect=True)
def test_overtaken_by_the_same_view_there_is_nothing_left_to_say(empty_engine: Engine) -> None:
    view, _ = two_views(empty_engine)

    with Interrupted(empty_engine, view) as session:
        assert append_record(session, view) is None


@pytest.mark.parametrize("empty_engine", ["postgresql"], indirect=True)
def test_overtaken_by_another_view_the_writer_must_look_again(empty_engine: Engine) -> None:
    view, other = two_views(empty_engine)

    with Interrupted(empty_engine, other) as session, pytest.raises(InvalidTransition, match="重新评估"):
        append_record(session, view)
