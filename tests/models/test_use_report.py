"""A use report is drawn up from the log, and once signed it is evidence that stands."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidInput, InvalidTransition
from models.evidence import EvidenceKind
from models.files import StoredFile
from models.pilot import Pilot
from models.usage_entry import UsageEntry
from models.use_report import (
    UseReport,
    check_period,
    draw_up,
    earlier_report,
    find_draft,
    next_serial,
    require_reportable,
    to_text,
)
from tests.factories import make_evidence, make_pilot, make_pilot_in_use, make_user, save

ZONE, TODAY = ZoneInfo("Asia/Shanghai"), date(2026, 12, 20)
STORED = StoredFile(digest="a" * 64, size=10, name="report.txt", media_type="text/plain")


def report(session: Session, pilot: Pilot, **values: Any) -> UseReport:
    defaults = {
        "pilot_id": pilot.key, "serial": 1, "period_from_on": date(2026, 11, 24), "n_users": 12,
        "period_to_on": date(2026, 12, 14), "usage": "340件工单", "reached": "3.8小时",
    }  # fmt: skip
    return save(session, UseReport(**{**defaults, **values}))


def period(first: int, last: int, **values: Any) -> UsageEntry:
    days = {"from_on": date(2026, 12, first), "to_on": date(2026, 12, last)}
    return UsageEntry(**{"pilot_id": 1, "n_users": 5, "volume": 100, "unit": "件工单", **days, **values})


def test_the_log_fills_it_in(session: Session) -> None:
    log = [
        period(1, 7, n_users=5, metric_value="6小时"),
        period(8, 14, n_users=9, volume=180, issues="夜里慢"),
    ]

    drawn = draw_up(make_pilot_in_use(session), log, today=TODAY)

    assert (drawn["period_from_on"], drawn["period_to_on"]) == ("2026-12-01", "2026-12-14")
    assert (drawn["n_users"], drawn["reached"], drawn["issues"]) == ("9", "6小时", "夜里慢")
    assert "100件工单" in drawn["usage"] and "180件工单" in drawn["usage"]


def test_without_a_log_the_go_live_record_fills_it_in(session: Session) -> None:
    pilot = make_pilot_in_use(session, usage_note="每天30件")

    drawn = draw_up(pilot, [], today=TODAY)

    assert (drawn["period_from_on"], drawn["n_users"], drawn["usage"]) == ("2026-11-16", "12", "每天30件")


def test_signed_it_is_evidence_of_the_owner_and_stands(session: Session, now: datetime) -> None:
    pilot, person = make_pilot_in_use(session), make_user(session)
    draft = report(session, pilot)
    assert find_draft(session, pilot.key) is draft

    evidence = save(session, draft.make_evidence(by=person, stored=STORED, on=TODAY))
    draft.sign(now, name="李科长", evidence=evidence)
    session.flush()

    assert (evidence.kind, evidence.issuer_organisation_id) == (
        EvidenceKind.USE_REPORT,
        pilot.scenario.organisation_id,
    )
    assert (draft.evidence_id, find_draft(session, pilot.key)) == (evidence.key, None)
    assert earlier_report(session, pilot) is evidence
    assert next_serial(session, pilot.key) == 2
    with pytest.raises(InvalidTransition):
        draft.sign(now, name="别人", evidence=evidence)


def test_somebody_signs(session: Session, now: datetime) -> None:
    pilot = make_pilot_in_use(session)

    with pytest.raises(InvalidInput):
        report(session, pilot).sign(now, name=" ", evidence=make_evidence(session, pilot))


def test_a_report_of_the_firm_is_not_replaced_by_the_owners(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    make_evidence(session, pilot, kind=EvidenceKind.USE_REPORT, issuer_organisation_id=pilot.organisation_id)

    assert earlier_report(session, pilot) is None


def test_the_text_says_what_programmes_ask_for(session: Session) -> None:
    pilot = make_pilot_in_use(session)

    text = to_text(report(session, pilot), name="李科长", on=TODAY)

    for words in (pilot.scenario.title, pilot.organisation.name, "3.8小时", "26", "李科长", "没有报告问题"):
        assert words in text


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 11, 15), date(2026, 12, 1), "period_from_on"),
        (date(2026, 11, 23), date(2026, 12, 21), "period_to_on"),
    ],
)
def test_it_speaks_of_days_of_the_pilot(session: Session, first: date, last: date, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_period(make_pilot_in_use(session), first, last, today=TODAY, zone=ZONE)

    assert set(refused.value.fields) == {field}


def test_only_what_is_in_use_is_reported_on(session: Session) -> None:
    require_reportable(make_pilot_in_use(session))
    with pytest.raises(InvalidTransition):
        require_reportable(make_pilot(session))


@pytest.mark.parametrize(
    "values",
    [{"n_users": 0}, {"period_to_on": date(2026, 11, 1)}, {"signed_at": datetime(2026, 12, 1).astimezone()}],
)
def test_the_database_refuses_what_makes_no_sense(session: Session, values: dict[str, Any]) -> None:
    pilot = make_pilot_in_use(session)

    with pytest.raises(IntegrityError):
        report(session, pilot, **values)
