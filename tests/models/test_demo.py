"""Seeding the demo: once, marked, dated from its day on, with accounts that work; on two days, on both databases."""

import json
import stat
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from models.batch import Batch, BatchStatus
from models.bid import Bid
from models.capability import Capability, listed_capabilities
from models.config import Settings
from models.db import make_session, transaction
from models.demo import ACCOUNTS, LOGINS_FILE, Calendar, SeedReport, records, seed_demo, write_logins
from models.funding_rule import FundingRule
from models.jury import Juror, Jury
from models.match import Match, MatchStatus
from models.organisation import Organisation, OrganisationKind
from models.outbox import MailKind
from models.password import verify_password
from models.pilot import Pilot
from models.place import Community, District, list_districts
from models.scenario import Scenario, ScenarioStatus, open_scenarios
from models.subscription import Subscription, SubscriptionStatus
from models.tables import AuditEvent, CapabilityCase, Evidence, MatchScore, Requirement, User, UserRole
from models.user import find_user
from tests.factories import make_district
from tests.models.conftest import Demo


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var")


IN_REVIEW = {
    "R01": ScenarioStatus.IN_REVIEW,
    "R02": ScenarioStatus.RETURNED,
    "R03": ScenarioStatus.IN_REVIEW,
    "R04": ScenarioStatus.APPROVED,
    "R05": ScenarioStatus.IN_REVIEW,
    "R06": ScenarioStatus.RETURNED,
}


def by_key(session: Session, table: Any) -> dict[str, Any]:
    """What the files of the market bring; scenarios that come with their proposals have a test module of their own."""
    rows = session.exec(select(table))
    return {row.external_id: row for row in rows if not str(row.external_id).startswith("P-")}


def test_everything_in_the_files_arrives(seeded: Session) -> None:
    scenarios = list(records("scenarios.jsonl"))

    reviewed = {record["key"] for record in records("reviews.jsonl")}
    judged = [row["scenario"] for row in records("proposals.jsonl") if isinstance(row["scenario"], dict)]
    assert set(by_key(seeded, Scenario)) == {record["key"] for record in scenarios} | reviewed
    assert set(by_key(seeded, Capability)) == {record["key"] for record in records("capabilities.jsonl")}
    assert len(seeded.exec(select(Requirement)).all()) == sum(
        len(record["requirements"])
        for name in ("scenarios", "reviews")
        for record in records(f"{name}.jsonl")
    ) + sum(len(record["requirements"]) for record in judged)
    assert len(seeded.exec(select(Pilot)).all()) == 12
    assert len(list_districts(seeded)) == 6
    assert len(seeded.exec(select(Community)).all()) == 10
    assert len(seeded.exec(select(FundingRule)).all()) > 0
    assert (
        len(seeded.exec(select(Organisation).where(Organisation.kind == OrganisationKind.STARTUP)).all())
        == 150
    )


def test_the_figures_of_the_issue_are_reached(seeded: Session) -> None:
    scenarios = by_key(seeded, Scenario).values()

    assert len(scenarios) >= 60
    assert len(by_key(seeded, Capability)) >= 220
    assert {len(scenario.requirements) for scenario in scenarios} <= set(range(3, 9))
    assert {scenario.lang for scenario in scenarios} == {"zh", "en"}
    firms = seeded.exec(select(Organisation).where(Organisation.kind == OrganisationKind.STARTUP)).all()
    assert sum(firm.is_one_person for firm in firms) > len(firms) / 2


@pytest.mark.parametrize("table", [Organisation, Scenario, Capability, Batch, Pilot, User])
def test_everything_is_marked_as_demo(seeded: Session, table: Any) -> None:
    assert seeded.exec(select(table).where(col(table.is_demo).is_(False))).all() == []


def test_scenarios_are_in_the_state_the_file_says(seeded: Session) -> None:
    rows = by_key(seeded, Scenario)

    states = {key: row.status for key, row in rows.items()}
    assert (
        states
        == {record["key"]: ScenarioStatus(record["status"]) for record in records("scenarios.jsonl")}
        | IN_REVIEW
    )


def test_drafts_have_no_number_and_published_ones_have_theirs(seeded: Session) -> None:
    rows = by_key(seeded, Scenario)

    assert {key: row.number for key, row in rows.items()} == {
        record["key"]: None if record["status"] == "draft" else record["number"]
        for record in records("scenarios.jsonl")
    } | dict.fromkeys(IN_REVIEW)


def test_days_count_from_the_day_of_seeding(seeded: Session, demo: Demo) -> None:
    row = by_key(seeded, Scenario)["S01"]

    assert row.deadline_on == demo.today + timedelta(days=21)
    assert row.opens_on == demo.today - timedelta(days=18)
    assert row.published_at.astimezone(UTC) == datetime(
        row.opens_on.year, row.opens_on.month, row.opens_on.day, 1, tzinfo=UTC
    )


def test_nothing_has_happened_in_the_future(seeded: Session, demo: Demo) -> None:
    late = []
    for table in (Organisation, Scenario, Capability, Batch, Match, Pilot, Evidence, User, Bid, Jury, Juror):
        columns = [column for column in table.__table__.columns if column.name.endswith("_at")]
        for row in seeded.exec(select(table)):
            values = {column.name: getattr(row, column.name) for column in columns}
            late += [
                (table.__name__, row.id, name)
                for name, at in values.items()
                if name != "releases_at" and at is not None and at > demo.now
            ]

    assert late == []


def test_one_list_is_over_and_one_is_open(seeded: Session, demo: Demo) -> None:
    states = {batch.number: batch.status_on(demo.today) for batch in seeded.exec(select(Batch))}

    assert sorted(states.values()) == [BatchStatus.CLOSED, BatchStatus.COLLECTING, BatchStatus.RELEASED]
    assert len(open_scenarios(seeded, on=demo.today)) >= 35


def test_every_capability_may_be_matched(seeded: Session) -> None:
    assert len(listed_capabilities(seeded)) == len(by_key(seeded, Capability))


def test_cases_keep_their_order_and_confirmation(seeded: Session) -> None:
    first = next(record for record in records("capabilities.jsonl") if record["key"] == "C01")
    rows = by_key(seeded, Capability)["C01"].cases

    assert [(row.customer, row.confirmed_at is not None) for row in rows] == [
        (case["customer"], case["confirmed"]) for case in first["cases"]
    ]
    assert len(seeded.exec(select(CapabilityCase)).all()) > 40


def test_every_publisher_and_every_firm_has_a_reader_who_agreed(seeded: Session) -> None:
    rows = seeded.exec(select(Subscription)).all()

    assert {row.status for row in rows} == {SubscriptionStatus.ACTIVE}
    assert not [row.email for row in rows if not row.email.endswith("@demo.example")]
    readers = {kind: {row.organisation_id for row in rows if row.kind is kind} for kind in MailKind}
    publishers = {scenario.organisation_id for scenario in seeded.exec(select(Scenario))}
    firms = {capability.organisation_id for capability in seeded.exec(select(Capability))}
    assert publishers <= readers[MailKind.DIGEST_AGENCY]
    assert firms <= readers[MailKind.DIGEST_STARTUP]
    assert {row.locale for row in rows} == {"zh", "en"}


def test_the_demo_agency_has_a_scenario_and_the_demo_firm_a_capability_for_it(seeded: Session) -> None:
    agency, startup = find_user(seeded, "agency@demo.example"), find_user(seeded, "startup@demo.example")

    assert agency is not None and startup is not None
    assert by_key(seeded, Scenario)["S01"].organisation_id == agency.organisation_id
    assert by_key(seeded, Capability)["C01"].organisation_id == startup.organisation_id


def test_the_demo_agency_has_something_to_answer(seeded: Session) -> None:
    scenario = by_key(seeded, Scenario)["S01"]
    states = Counter(row.status for row in seeded.exec(select(Match)) if row.scenario_id == scenario.id)

    assert states[MatchStatus.INTERESTED] >= 1
    assert states[MatchStatus.DECLINED] >= 1
    assert states[MatchStatus.INTRODUCED] == 1


def test_machines_have_not_scored_anything_yet(seeded: Session) -> None:
    assert seeded.exec(select(MatchScore)).all() == []
    assert seeded.exec(select(AuditEvent)).all() == []


def test_the_accounts_open_with_the_passwords_in_the_file(seeded: Session, demo: Demo) -> None:
    path = demo.settings.data_dir / LOGINS_FILE
    logins = json.loads(path.read_text(encoding="utf-8"))

    assert [(row["email"], row["role"], row["password"]) for row in logins] == demo.report.logins
    assert [(row["email"], row["role"]) for row in logins] == [
        (email, role) for email, _, role, _ in ACCOUNTS
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    user = find_user(seeded, "agency@demo.example")
    assert user is not None
    assert verify_password(user.password_hash, logins[0]["password"])
    assert len({row["password"] for row in logins}) == len(logins)


def test_a_file_of_logins_from_before_is_shut_to_others(tmp_path: Path) -> None:
    path = tmp_path / LOGINS_FILE
    path.write_text("old and open to all")
    path.chmod(0o644)

    write_logins(path, [("a@demo.example", "agency", "geheim")])

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == [
        {"email": "a@demo.example", "role": "agency", "password": "geheim"}
    ]
    assert [found.name for found in tmp_path.iterdir()] == [LOGINS_FILE]


def test_seeding_twice_changes_nothing(empty_engine: Engine, settings: Settings, now: datetime) -> None:
    with transaction(empty_engine) as session:
        first = seed_demo(session, now=now, settings=settings)
    before, logins = _everything(empty_engine), (settings.data_dir / LOGINS_FILE).read_bytes()

    with transaction(empty_engine) as session:
        second = seed_demo(session, now=now + timedelta(days=40), settings=settings)

    assert (first.counts, second.counts, second.logins) != ({}, {}, [])
    assert (second.counts, second.logins) == ({}, [])
    assert _everything(empty_engine) == before
    assert (settings.data_dir / LOGINS_FILE).read_bytes() == logins


def _everything(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    tables = (
        Organisation,
        Scenario,
        Requirement,
        Capability,
        Match,
        Pilot,
        Evidence,
        User,
        UserRole,
        Subscription,
    )
    with make_session(engine) as session:
        return {
            table.__name__: [row.model_dump() for row in session.exec(select(table).order_by(table.id))]
            for table in tables
        }


def test_seeding_uses_districts_that_are_there(session: Session, settings: Settings, now: datetime) -> None:
    ours = make_district(session, code="NS", name="南山区")

    seed_demo(session, now=now, settings=settings)

    assert by_key(session, Scenario)["S01"].district_id == ours.id
    assert len(session.exec(select(District).where(District.code == "NS")).all()) == 1


def test_the_report_says_what_was_made_and_how_to_log_in(demo: Demo) -> None:
    text = demo.report.to_text()

    assert "场景 60，企业 150" in text
    assert all(email in text and password in text for email, _, password in demo.report.logins)
    assert SeedReport().to_text() == "已经有演示数据，没有改动。"


@pytest.fixture
def calendar() -> Calendar:
    """Half past midnight in Shenzhen, where it is a day later than in UTC."""
    return Calendar(datetime(2026, 11, 22, 16, 30, tzinfo=UTC), "Asia/Shanghai")


def test_days_begin_in_the_installations_zone(calendar: Calendar) -> None:
    assert calendar.day(0) == date(2026, 11, 23)
    assert calendar.day(-23) == date(2026, 10, 31)
    assert calendar.day(None) is None


def test_moments_are_nine_in_the_morning_but_never_later_than_now(calendar: Calendar) -> None:
    assert calendar.moment(-1) == datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
    assert calendar.moment(0) == calendar.now
    assert calendar.moment(5) == calendar.now
    assert calendar.moment(None) is None
    assert calendar.required_moment(-1) == calendar.moment(-1)
