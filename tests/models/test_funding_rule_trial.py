"""A dry run says which pilots a version would judge otherwise, and keeps nothing."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from models.funding_finding import Verdict
from models.funding_record import FundingRecord
from models.funding_rule_trial import Shift, try_rule
from tests.factories import MONDAY, make_evidence, make_pilot, make_pilot_in_use, save
from tests.funding_examples import ON, WAN, make_condition, make_rule

ZONE = ZoneInfo("Asia/Shanghai")
IN_USE = make_condition("pilot_in_use", code="in_use")
TESTED = make_condition("evidence_present", code="report", evidence="test_report")


def test_a_new_figure_moves_the_sum_of_every_pilot_in_use(session: Session) -> None:
    save(session, make_rule(IN_USE, cap_fen=50 * WAN))
    pilot = make_pilot_in_use(session)
    make_pilot(session)

    trial = try_rule(session, make_rule(IN_USE, version=2, cap_fen=80 * WAN), ON, zone=ZONE)

    assert [(shift.pilot.key, shift.after.amount_fen) for shift in trial.shifts] == [
        (pilot.key, (0, 80 * WAN))
    ]
    assert (trial.n_pilots, trial.n_tried, trial.as_of) == (1, 1, ON)
    assert trial.shifts[0].clauses == []


def test_a_new_condition_changes_only_whom_it_touches(session: Session) -> None:
    save(session, make_rule(IN_USE, cap_fen=50 * WAN))
    bare, proved = make_pilot_in_use(session), make_pilot_in_use(session)
    make_evidence(session, proved, created_at=MONDAY, checked_at=MONDAY)

    trial = try_rule(session, make_rule(IN_USE, TESTED, version=2, cap_fen=50 * WAN), ON, zone=ZONE)

    verdicts = {
        shift.pilot.key: (shift.before and shift.before.verdict, shift.after.verdict)
        for shift in trial.shifts
    }
    assert verdicts[bare.key] == (Verdict.MET, Verdict.UNKNOWN)
    assert verdicts[proved.key] == (Verdict.MET, Verdict.MET)
    assert [[new and new.code for _, new in shift.clauses] for shift in trial.shifts] == [
        ["report"],
        ["report"],
    ]


def test_the_same_terms_change_nobody(session: Session) -> None:
    save(session, make_rule(IN_USE, cap_fen=50 * WAN))
    make_pilot_in_use(session)

    trial = try_rule(session, make_rule(IN_USE, version=2, cap_fen=50 * WAN), ON, zone=ZONE)

    assert (trial.n_tried, list(trial.shifts)) == (1, [])


def test_a_new_programme_concerns_all_and_a_later_beginning_is_asked_as_of_then(
    session: Session, now: datetime
) -> None:
    pilot = make_pilot_in_use(session)
    rule = make_rule(IN_USE, programme="brand_new", valid_from_on=date(2027, 1, 1), valid_until_on=None)

    trial = try_rule(session, rule, ON, zone=ZONE)

    assert trial.as_of == date(2027, 1, 1)
    assert [(shift.pilot.key, shift.before, shift.after.verdict) for shift in trial.shifts] == [
        (pilot.key, None, Verdict.MET)
    ]


def test_stopped_pilots_are_left_out_and_nothing_is_kept(session: Session, now: datetime) -> None:
    make_pilot_in_use(session, stopped_at=now, stop_reason="没有效果")

    trial = try_rule(session, make_rule(IN_USE), ON, zone=ZONE)

    assert list(trial.shifts) == []
    assert session.exec(select(FundingRecord)).all() == []


def test_a_clause_that_is_gone_is_told_too(session: Session) -> None:
    save(session, make_rule(IN_USE, TESTED, cap_fen=50 * WAN))
    make_pilot_in_use(session)

    (shift,) = try_rule(session, make_rule(IN_USE, version=2, cap_fen=50 * WAN), ON, zone=ZONE).shifts

    assert isinstance(shift, Shift)
    assert [(old and old.code, new) for old, new in shift.clauses] == [("report", None)]
