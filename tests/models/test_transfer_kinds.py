"""What becomes of an imported row: its owner, its fields, its release."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlmodel import Session, col, select

from models.capability import Capability, CapabilityStatus
from models.organisation import Organisation, OrganisationKind
from models.scenario import Scenario, ScenarioStatus
from tests.factories import (
    MONDAY,
    make_capability,
    make_district,
    make_firm,
    make_organisation,
    make_scenario,
)
from tests.import_rows import NEED, OFFER, Import, counts, only_capability, only_scenario, refusals


def test_a_scenario_arrives_with_all_that_the_file_says(
    session: Session, bring: Import, now: datetime
) -> None:
    district = make_district(session, code="NS", name="南山区")
    row = {
        **NEED,
        "lang": "zh", "kind": "industry", "domain": "city_governance", "district": "南山",
        "requirements": ["误报率不高于5%", {"text": "坐标误差不大于3米", "must": False}],
        "data": "近6个月视频", "deployment": ["gov_cloud"], "budget_min_fen": 60_000_000, "budget_max_fen": 90_000_000,
        "opens_on": "2026-11-01", "deadline_on": "2026-12-31",
        "metric": "派单时间", "baseline": "9小时", "target": "30分钟",
    }  # fmt: skip

    report = bring("scenarios", row)

    assert counts(report) == (1, 0, 0, 0)
    found = only_scenario(session)
    assert found.organisation.name == "某区城管"
    assert found.organisation.kind is OrganisationKind.ENTERPRISE
    assert (found.district_id, found.organisation.district_id) == (district.id, district.id)
    assert (found.title, found.text, found.lang, found.kind, found.domain) == (
        "井盖病害", NEED["text"], "zh", "industry", "city_governance",
    )  # fmt: skip
    assert [(item.text, item.must) for item in found.requirements] == [
        ("误报率不高于5%", True),
        ("坐标误差不大于3米", False),
    ]
    assert (found.data_note, found.deployment) == ("近6个月视频", ["gov_cloud"])
    assert (found.budget_min_fen, found.budget_max_fen) == (60_000_000, 90_000_000)
    assert (found.opens_on, found.deadline_on) == (date(2026, 11, 1), date(2026, 12, 31))
    assert (found.metric, found.baseline, found.target) == ("派单时间", "9小时", "30分钟")
    assert (found.status, found.is_demo, found.updated_at) == (ScenarioStatus.DRAFT, False, now)


def test_a_capability_arrives_with_all_that_the_file_says(session: Session, bring: Import) -> None:
    district = make_district(session, code="NS", name="南山区")
    row = {
        **OFFER,
        "lang": "en", "team_size": 1, "district": "NS", "industries": ["city_governance"], "technologies": ["cv"],
        "deployment": "政务云;端侧", "filings": ["algorithm_filing"], "maturity": "商用", "capacity": 2,
        "url": "https://example.org",
        "cases": [{"customer": "某街道", "text": "试用", "metric": "91%", "on": "2026-05-01"}],
    }  # fmt: skip

    report = bring("capabilities", row)

    assert counts(report) == (1, 0, 0, 0)
    found = only_capability(session)
    firm = found.organisation
    assert (firm.name, firm.kind, firm.team_size, firm.district_id) == (
        "井然工作室", OrganisationKind.STARTUP, 1, district.id,
    )  # fmt: skip
    assert (found.lang, found.industries, found.technologies) == ("en", ["city_governance"], ["cv"])
    assert (found.deployment, found.filings) == (["gov_cloud", "edge"], ["algorithm_filing"])
    assert (found.maturity, found.capacity, found.url) == ("commercial", 2, "https://example.org")
    assert [(case.customer, case.text, case.metric, case.on) for case in found.cases] == [
        ("某街道", "试用", "91%", date(2026, 5, 1))
    ]
    assert found.status is CapabilityStatus.DRAFT


def test_a_row_with_only_a_text_gets_title_and_language_from_it(session: Session, bring: Import) -> None:
    bring(
        "scenarios", {"id": 7, "text": "Detect broken\nmanhole covers " + "x" * 100}, organisation="某区城管"
    )

    found = only_scenario(session)
    assert (found.external_id, found.lang) == ("7", "en")
    assert found.title == ("Detect broken manhole covers " + "x" * 100)[:60]


def test_a_column_that_is_missing_leaves_the_row_as_it_is_and_a_blank_one_empties_it(
    session: Session, bring: Import
) -> None:
    bring("scenarios", {**NEED, "metric": "派单时间", "target": "30分钟", "requirements": ["甲"]})

    report = bring("scenarios", {"id": "S1", "publisher": "某区城管", "text": NEED["text"], "metric": ""})

    found = only_scenario(session)
    assert counts(report) == (0, 1, 0, 0)
    assert (found.metric, found.target, found.title) == ("", "30分钟", "井盖病害")
    assert [item.text for item in found.requirements] == ["甲"]


def test_rows_are_told_apart_by_owner_and_id(session: Session, bring: Import) -> None:
    report = bring("scenarios", NEED, {**NEED, "publisher": "另一区城管"}, {**NEED, "id": "S2"})

    assert counts(report) == (3, 0, 0, 0)
    assert len(session.exec(select(Organisation).where(col(Organisation.name).contains("区城管"))).all()) == 2


def test_scenarios_and_capabilities_with_one_id_are_two_things(session: Session, bring: Import) -> None:
    bring("scenarios", {**NEED, "id": "X1"})

    assert counts(bring("capabilities", {**OFFER, "id": "X1"})) == (1, 0, 0, 0)


def test_an_owner_that_exists_is_used(session: Session, bring: Import) -> None:
    agency = make_organisation(session, name="某区城管")
    firm = make_firm(session, name="井然工作室", team_size=None)

    bring("scenarios", NEED)
    bring("capabilities", {**OFFER, "team_size": 3})

    assert only_scenario(session).organisation_id == agency.id
    assert only_capability(session).organisation_id == firm.id
    assert firm.team_size == 3


def test_what_is_known_of_a_firm_stays(session: Session, bring: Import) -> None:
    firm = make_firm(session, name="井然工作室", team_size=1)

    bring("capabilities", {**OFFER, "team_size": 30})

    assert firm.team_size == 1


def test_a_firm_with_the_name_of_an_agency_is_a_firm(session: Session, bring: Import) -> None:
    make_organisation(session, name="井然工作室", kind=OrganisationKind.AGENCY)

    bring("capabilities", OFFER)

    assert only_capability(session).organisation.kind is OrganisationKind.STARTUP


def test_one_organisation_may_own_every_row(session: Session, bring: Import) -> None:
    bring("scenarios", NEED, {**NEED, "id": "S2", "publisher": ""}, organisation="  市\n政数局 ")

    owners = session.exec(select(Organisation.name).join(Scenario).distinct()).all()
    assert owners == ["市 政数局"]


def test_a_firm_that_is_only_a_title_is_named_by_it(session: Session, bring: Import) -> None:
    bring("capabilities", {"id": "C1", "title": "井然工作室", "text": "找井盖"})

    assert only_capability(session).organisation.name == "井然工作室"


def test_publishing_gives_a_number_and_walks_through_review(
    session: Session, bring: Import, now: datetime
) -> None:
    bring("scenarios", NEED, release=True)

    found = only_scenario(session)
    assert (found.status, found.number) == (ScenarioStatus.PUBLISHED, f"IMP-{found.key:06d}")
    assert {found.submitted_at, found.approved_at, found.published_at} == {now}


def test_what_was_imported_as_a_draft_is_published_by_a_later_import(session: Session, bring: Import) -> None:
    bring("scenarios", NEED)

    report = bring("scenarios", NEED, release=True)

    assert counts(report) == (0, 0, 1, 0)
    assert only_scenario(session).status is ScenarioStatus.PUBLISHED


@pytest.mark.parametrize(
    "state",
    [
        {"submitted_at": MONDAY},
        {"submitted_at": MONDAY, "returned_at": MONDAY},
        {"submitted_at": MONDAY, "approved_at": MONDAY},
    ],
)
def test_publishing_goes_on_from_any_step_of_review(
    session: Session, bring: Import, state: dict[str, Any]
) -> None:
    owner = make_organisation(session, name="某区城管")
    make_scenario(
        session, organisation_id=owner.key, external_id="S1", number=None, published_at=None, **state
    )

    bring("scenarios", NEED, release=True)

    assert only_scenario(session).status is ScenarioStatus.PUBLISHED


def test_a_deadline_in_the_past_is_refused_for_publication_only(session: Session, bring: Import) -> None:
    over, today = {**NEED, "deadline_on": "2026-11-22"}, {**NEED, "id": "S2", "deadline_on": "2026-11-23"}

    report = bring("scenarios", over, today, release=True)

    assert counts(report) == (1, 0, 0, 1)
    assert refusals(report) == [(1, "deadline_on")]
    assert counts(bring("scenarios", over)) == (1, 0, 0, 0)


def test_what_is_published_already_may_have_a_deadline_in_the_past(session: Session, bring: Import) -> None:
    bring("scenarios", {**NEED, "deadline_on": "2026-11-23"}, release=True)

    report = bring("scenarios", {**NEED, "deadline_on": "2026-11-01"}, release=True)

    assert counts(report) == (0, 1, 0, 0)


def test_a_withdrawn_draft_is_not_published(session: Session, bring: Import) -> None:
    bring("scenarios", NEED)
    only_scenario(session).withdraw(MONDAY)

    report = bring("scenarios", NEED, {**NEED, "id": "S2"}, release=True)

    assert counts(report) == (1, 0, 0, 1)
    assert refusals(report) == [(1, "id")]


def test_listing_lists_what_never_was_and_leaves_down_what_was_taken_down(
    session: Session, bring: Import
) -> None:
    bring("capabilities", OFFER, {**OFFER, "id": "C2"}, release=True)
    rows = {row.external_id: row for row in session.exec(select(Capability))}
    rows["C1"].unlist(MONDAY)

    bring("capabilities", OFFER, {**OFFER, "id": "C2"}, release=True)

    assert (rows["C1"].status, rows["C2"].status) == (CapabilityStatus.UNLISTED, CapabilityStatus.LISTED)


def test_a_row_written_here_is_known_by_the_id_its_export_gives_it(session: Session, bring: Import) -> None:
    scenario = make_scenario(session, organisation_id=make_organisation(session, name="某区城管").key)
    capability = make_capability(session, organisation_id=make_firm(session, name="井然工作室").key)

    needs = bring("scenarios", {**NEED, "id": f"db-{scenario.key}"})
    offers = bring("capabilities", {**OFFER, "id": f"db-{capability.key}"})

    assert (counts(needs), counts(offers)) == ((0, 1, 0, 0), (0, 1, 0, 0))
    assert (scenario.title, scenario.external_id) == ("井盖病害", None)


OFF_THE_DESK = [
    {"submitted_at": MONDAY},
    {"approved_at": MONDAY},
    {"published_at": MONDAY, "number": "SZ-001"},
    {"published_at": MONDAY, "number": "SZ-001", "closed_at": MONDAY},
]


@pytest.mark.parametrize("state", OFF_THE_DESK)
def test_a_page_changes_no_text_that_has_left_its_authors_desk(
    session: Session, bring: Import, state: dict[str, Any]
) -> None:
    bring("scenarios", NEED)
    known = only_scenario(session)
    for name, value in state.items():
        setattr(known, name, value)
    session.flush()

    same = bring("scenarios", NEED, keeps_released=True)
    other = bring("scenarios", {**NEED, "text": "另一段话。"}, keeps_released=True)
    lines = bring("scenarios", {**NEED, "requirements": ["误报率低"]}, keeps_released=True)

    assert (counts(same), counts(other), counts(lines)) == ((0, 0, 1, 0), (0, 0, 0, 1), (0, 0, 0, 1))
    assert refusals(other) == [(1, "id")]
    assert only_scenario(session).text == NEED["text"]


@pytest.mark.parametrize("state", OFF_THE_DESK[:2])
def test_a_page_releases_nothing_that_reviewers_or_a_batch_have(
    session: Session, bring: Import, state: dict[str, Any]
) -> None:
    bring("scenarios", NEED)
    for name, moment in state.items():
        setattr(only_scenario(session), name, moment)
    session.flush()

    report = bring("scenarios", NEED, keeps_released=True, release=True)

    assert (counts(report), only_scenario(session).published_at) == ((0, 0, 0, 1), None)


def test_a_draft_that_changes_goes_on_to_its_next_revision(session: Session, bring: Import) -> None:
    bring("scenarios", NEED)
    first = only_scenario(session).revision
    bring("scenarios", NEED, keeps_released=True)
    unchanged = only_scenario(session).revision
    bring("scenarios", {**NEED, "text": "另一段话。"}, keeps_released=True)

    assert (first, unchanged, only_scenario(session).revision) == (1, 1, 2)


def test_a_new_scenario_without_a_district_is_in_that_of_its_owner(session: Session, bring: Import) -> None:
    home = make_organisation(session, name="某区城管", district_id=make_district(session).key)

    bring("scenarios", NEED)

    assert only_scenario(session).district_id == home.district_id


def test_owners_of_other_districts_are_refused_where_only_some_count(session: Session, bring: Import) -> None:
    here, there = make_district(session), make_district(session)
    make_organisation(session, name="某区城管", district_id=here.key)
    make_organisation(session, name="另一区", district_id=there.key)

    report = bring(
        "scenarios",
        NEED,
        {**NEED, "id": "S2", "publisher": "另一区"},
        {**NEED, "id": "S3", "publisher": "没见过的局"},
        district_ids=frozenset({here.key}),
    )

    assert counts(report) == (1, 0, 0, 2)
    assert refusals(report) == [(2, "publisher"), (3, "publisher")]
