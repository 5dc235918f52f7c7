from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient
from sqlmodel import Session

from models.funding import assess
from models.funding_facts import facts_of
from models.funding_record import FundingRecord, append_record
from models.pilot import Pilot
from models.user import Role, User
from tests.factories import MONDAY, make_evidence, make_firm, make_pilot_in_use, make_user, save
from tests.funding_examples import make_condition, make_rule
from tests.web.pages.test_pilots import city_pilot

TODAY = date(2026, 11, 23)
ZONE = ZoneInfo("Asia/Shanghai")


def page_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def record_of(session: Session, pilot: Pilot, **rule_values) -> FundingRecord:
    rule = save(
        session,
        make_rule(
            make_condition("pilot_in_use", code="in_use"),
            make_condition("officer_checks", code="experts"),
            make_condition("evidence_present", code="test_report", evidence="test_report"),
            tiers=[100_000_000, 300_000_000, 500_000_000],
            **rule_values,
        ),
    )
    facts = facts_of(session, pilot, TODAY, zone=ZONE)
    record = append_record(session, assess(facts, rule, TODAY))
    assert record is not None
    return record


def city_record(session: Session, city, **rule_values) -> FundingRecord:
    live = {"agreed_at": MONDAY, "started_at": MONDAY, "in_use_at": MONDAY, "go_live_on": date(2026, 11, 16)}
    pilot = city_pilot(session, city, n_users=12, **live)
    make_evidence(session, pilot, title="第三方测试报告", created_at=MONDAY, checked_at=MONDAY)
    return record_of(session, pilot, **rule_values)


def test_a_record_shows_every_clause_with_verdict_source_and_evidence(
    as_firm, session: Session, city
) -> None:
    record = city_record(session, city)

    page = page_of(as_firm, f"/funding/{record.key}")

    assert "不明不等于不合格" in page
    assert "满足" in page and "不明" in page
    assert "第三方测试报告" in page
    assert "规则第 1 版" in page


def test_sums_are_tiers_and_promise_nothing(as_firm, session: Session, city) -> None:
    page = page_of(as_firm, f"/funding/{city_record(session, city).key}")

    assert "500 万元" in page and "100 万元" in page
    assert "不承诺" in page


def test_a_record_says_what_is_missing_once_with_its_clauses(as_firm, session: Session, city) -> None:
    page = page_of(as_firm, f"/funding/{city_record(session, city).key}")

    assert "还缺什么，找谁要" in page


def test_clauses_are_worded_in_english(as_firm, session: Session, city) -> None:
    page = page_of(as_firm, f"/funding/{city_record(session, city).key}?lang=en")

    assert "Test grant" in page
    assert "Unknown does not mean not eligible" in page


def test_parties_see_their_records_officers_see_all(
    as_firm, as_agency, as_officer, session: Session, city
) -> None:
    record = city_record(session, city)
    foreign = record_of(session, make_pilot_in_use(session, title="别人的试点"), programme="other_grant")

    for client in (as_firm, as_agency):
        page = page_of(client, "/funding")
        assert record.pilot.title in page and "别人的试点" not in page
        page_of(client, f"/funding/{foreign.key}", 404)
    assert "别人的试点" in page_of(as_officer, "/funding")
    assert page_of(as_officer, f"/funding/{foreign.key}")


def test_strangers_get_404(session: Session, city, log_in: Callable[[User], FlaskClient]) -> None:
    record = city_record(session, city)
    stranger = make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key)

    page_of(log_in(stranger), f"/funding/{record.key}", 404)
    page_of(log_in(stranger), "/funding/999999", 404)


def test_list_can_be_narrowed_to_a_verdict(as_officer, session: Session, city) -> None:
    city_record(session, city)

    assert "两条主干道" not in page_of(as_officer, "/funding?verdict=unmet")
    assert "道路病害识别试点" in page_of(as_officer, "/funding?verdict=unknown")


def test_without_records_the_page_says_how_they_come(as_firm) -> None:
    assert "还没有预审记录" in page_of(as_firm, "/funding")


def test_the_pilots_page_leads_to_its_records(as_firm, session: Session, city) -> None:
    record = city_record(session, city)

    assert f"/funding/{record.key}" in page_of(as_firm, f"/pilots/{record.pilot_id}")
