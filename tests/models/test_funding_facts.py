from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from models.evidence import EvidenceKind
from models.funding_facts import FundingFacts, Spend, facts_of
from models.organisation import OrganisationKind
from models.pilot import Pilot
from tests.factories import (
    make_district,
    make_evidence,
    make_firm,
    make_introduced_match,
    make_organisation,
    make_pilot,
    make_pilot_in_use,
    make_scenario,
)

ZONE = ZoneInfo("Asia/Shanghai")
EARLY = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ON = date(2026, 11, 23)


def facts_on(session: Session, pilot: Pilot, on: date = ON) -> FundingFacts:
    session.flush()
    return facts_of(session, pilot, on, zone=ZONE)


def test_the_chain_and_the_firm_are_read_from_their_rows(session: Session) -> None:
    owner = make_organisation(session, name="市城管局", name_en="Urban Management Bureau")
    scenario = make_scenario(session, organisation_id=owner.key)
    district = make_district(session, city="深圳")
    firm = make_firm(session, district_id=district.key, team_size=1, founded_on=date(2026, 3, 2))
    match = make_introduced_match(session, scenario_id=scenario.key, organisation_id=firm.key)
    pilot = make_pilot_in_use(session, match_id=match.key)

    facts = facts_on(session, pilot)

    assert facts == FundingFacts(
        pilot_id=pilot.key,
        scenario_kind="government",
        scenario_domain="city_governance",
        publisher_id=owner.key,
        publisher_kind="agency",
        publisher_names=("市城管局", "Urban Management Bureau"),
        published_on=date(2026, 11, 16),
        go_live_on=date(2026, 11, 16),
        applicant_kind="startup",
        applicant_city="深圳",
        applicant_founded_on=date(2026, 3, 2),
        team_size=1,
    )


@pytest.mark.parametrize("domain", ["", "other"])
def test_what_nobody_filled_in_stays_unknown(session: Session, domain: str) -> None:
    scenario = make_scenario(session, domain=domain)
    firm = make_firm(session, team_size=None, kind=OrganisationKind.ENTERPRISE)
    match = make_introduced_match(session, scenario_id=scenario.key, organisation_id=firm.key)

    facts = facts_on(session, make_pilot(session, match_id=match.key))

    known = (facts.scenario_domain, facts.applicant_city, facts.applicant_founded_on, facts.team_size)
    assert known == (None, None, None, None)
    assert (facts.go_live_on, facts.accepted_on, facts.stopped_on, facts.claims) == (None, None, None, None)
    assert facts.spend_fen == {}


def test_a_district_without_a_city_does_not_place_the_firm(session: Session) -> None:
    firm = make_firm(session, district_id=make_district(session, city="").key)
    match = make_introduced_match(session, organisation_id=firm.key)

    assert facts_on(session, make_pilot(session, match_id=match.key)).applicant_city is None


@pytest.mark.parametrize(
    ("on", "published_on"), [(date(2026, 2, 28), None), (date(2026, 3, 1), date(2026, 3, 1))]
)
def test_days_are_days_of_the_installations_zone(session: Session, on: date, published_on: Any) -> None:
    half_past_midnight = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)
    scenario = make_scenario(session, published_at=half_past_midnight)
    match = make_introduced_match(session, scenario_id=scenario.key)

    facts = facts_on(session, make_pilot(session, match_id=match.key), on)

    assert facts.published_on == published_on


@pytest.mark.parametrize(("on", "go_live_on"), [(date(2026, 11, 16), None), (ON, date(2026, 11, 10))])
def test_a_go_live_counts_from_the_day_it_was_told(session: Session, on: date, go_live_on: Any) -> None:
    pilot = make_pilot_in_use(session, in_use_at=EARLY, go_live_on=date(2026, 11, 10))

    assert facts_on(session, pilot, on).go_live_on == go_live_on


def test_acceptance_and_stop_are_days(session: Session) -> None:
    accepted = make_pilot_in_use(session, accepted_at=EARLY)
    stopped = make_pilot(session, stopped_at=LATER, stop_reason="预算取消")

    assert facts_on(session, accepted).accepted_on == date(2026, 11, 17)
    assert facts_on(session, stopped).stopped_on == date(2026, 11, 20)


def test_documents_stand_as_of_the_day(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    old = make_evidence(session, pilot, created_at=EARLY)
    new = make_evidence(session, pilot, created_at=LATER, replaces_id=old.key, checked_at=LATER)
    make_evidence(session, pilot, created_at=EARLY, rejected_at=LATER)
    after = make_evidence(session, pilot, created_at=datetime(2026, 11, 24, 2, 0, tzinfo=UTC))

    now = facts_on(session, pilot)
    before = facts_on(session, pilot, date(2026, 11, 18))

    assert [(item.id, item.is_checked) for item in now.evidence] == [(new.key, True)]
    assert old.key in {item.id for item in before.evidence}
    assert len(before.evidence) == 2
    assert after.key not in {item.id for item in now.evidence}


def test_checked_payments_are_a_floor_of_the_investment(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    paid = {"kind": EvidenceKind.PAYMENT, "created_at": EARLY, "amount_fen": 300}
    make_evidence(session, pilot, **paid, checked_at=LATER)
    make_evidence(session, pilot, **{**paid, "amount_fen": 45}, checked_at=LATER)
    make_evidence(session, pilot, **paid)  # not checked
    make_evidence(session, pilot, **{**paid, "amount_fen": None}, checked_at=LATER)
    make_evidence(session, pilot, **{**paid, "kind": EvidenceKind.CONTRACT}, checked_at=LATER)

    assert facts_on(session, pilot).spend_fen == {"investment": Spend(345, is_complete=False)}


def test_a_documents_facts_are_kept_with_its_hash(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    row = make_evidence(
        session,
        pilot,
        created_at=EARLY,
        issuer=" 市城管局 ",
        valid_until_on=date(2027, 1, 1),
        file_hash="a" * 64,
    )

    (item,) = facts_on(session, pilot).evidence

    assert (item.id, item.kind, item.file_hash) == (row.key, "test_report", "a" * 64)
    assert (item.issuer, item.issuer_id, item.is_checked) == ("市城管局", None, False)
    assert (item.issued_on, item.valid_until_on) == (date(2026, 11, 1), date(2027, 1, 1))
