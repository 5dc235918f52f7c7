"""The demo files of the demand side hold together: keys, references, lengths, days in a possible order."""

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import models
from models.evidence import EvidenceKind
from models.organisation import OrganisationKind
from models.pilot import PilotStatus
from models.scenario import DEPLOYMENTS, ScenarioKind, ScenarioStatus

Row = dict[str, Any]

FOLDER = Path(models.__file__).parent / "demo_data"
SCENARIO_TEXTS = ("volume_note", "target", "metric", "baseline", "data_note", "data_access", "acceptance")
LIMITS = {
    "title": 300, "metric": 300, "baseline": 200, "target": 200, "data_access": 300, "security_note": 500,
    "procurement_note": 300, "contact_name": 120, "contact_email": 254,
}  # fmt: skip
PILOT_STEPS = ("introduced", "planned", "agreed", "started", "go_live", "in_use", "accepted")
STEPS_REACHED = {
    PilotStatus.PLANNED: PILOT_STEPS[:2],
    PilotStatus.AGREED: PILOT_STEPS[:3],
    PilotStatus.RUNNING: PILOT_STEPS[:4],
    PilotStatus.IN_USE: PILOT_STEPS[:6],
    PilotStatus.ACCEPTED: PILOT_STEPS,
    PilotStatus.STOPPED: (*PILOT_STEPS[:4], "stopped"),
}


def read_rows(name: str) -> list[Row]:
    """The objects of one .jsonl file, in file order."""
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def day(row: Row, name: str) -> int | None:
    """The day of a step, counted from the day of seeding, or None."""
    value: int | None = row[f"{name}_offset_days"]
    return value


def length(text: str, lang: str) -> int:
    """Characters of a Chinese text, words of an English one."""
    return len(text) if lang == "zh" else len(text.split())


def is_ordered(days: list[int | None]) -> bool:
    """Whether the days that are known never go backwards."""
    known = [value for value in days if value is not None]
    return all(earlier <= later for earlier, later in pairwise(known))


PLACES: Row = json.loads((FOLDER / "places.json").read_text(encoding="utf-8"))
BATCHES: dict[str, Row] = {
    row["number"]: row for row in json.loads((FOLDER / "batches.json").read_text(encoding="utf-8"))
}
ORGANISATIONS = {row["key"]: row for row in read_rows("organisations_demand.jsonl")}
SCENARIOS = {row["key"]: row for row in read_rows("scenarios.jsonl")}
PILOTS = {row["key"]: row for row in read_rows("pilots.jsonl")}
CAPABILITIES = {row["key"]: row for row in read_rows("capabilities.jsonl")}
DISTRICTS = {row["code"] for row in PLACES["districts"]}

each_scenario = pytest.mark.parametrize("row", SCENARIOS.values(), ids=SCENARIOS)
each_pilot = pytest.mark.parametrize("row", PILOTS.values(), ids=PILOTS)
each_document = pytest.mark.parametrize(
    ("pilot", "document"),
    [(pilot, document) for pilot in PILOTS.values() for document in pilot["evidence"]],
    ids=[document["number"] for pilot in PILOTS.values() for document in pilot["evidence"]],
)


@pytest.mark.parametrize("name", ["organisations_demand.jsonl", "scenarios.jsonl", "pilots.jsonl"])
def test_every_key_is_used_once(name: str) -> None:
    counted = Counter(row["key"] for row in read_rows(name))

    assert counted.most_common(1)[0][1] == 1


def test_the_demo_is_as_large_as_promised() -> None:
    counted = Counter(row["batch"] for row in SCENARIOS.values())

    assert (len(DISTRICTS), len(PLACES["communities"]), len(PILOTS)) == (6, 10, 12)
    assert counted == {"2026Q3": 14, "2026Q4": 40, "2027Q1": 6}
    assert {row["district"] for row in SCENARIOS.values()} == DISTRICTS


def test_communities_have_unique_keys_and_lie_in_a_known_district() -> None:
    communities = PLACES["communities"]

    assert len({row["key"] for row in communities}) == len(communities)
    assert {row["district"] for row in communities} <= DISTRICTS
    assert all("演示" in row["name"] and "Demo" in row["name_en"] for row in communities)


@pytest.mark.parametrize("row", ORGANISATIONS.values(), ids=ORGANISATIONS)
def test_a_publisher_is_an_office_or_says_demo_in_its_name(row: Row) -> None:
    is_agency = row["kind"] == OrganisationKind.AGENCY

    assert row["kind"] in {OrganisationKind.AGENCY, OrganisationKind.ENTERPRISE, OrganisationKind.UNIVERSITY}
    assert row["district"] in DISTRICTS
    assert is_agency or ("演示" in row["name"] and "demo" in row["name_en"])
    assert is_agency or row["size"] > 0


def test_every_publisher_has_a_scenario_and_every_scenario_a_publisher() -> None:
    assert {row["organisation"] for row in SCENARIOS.values()} == set(ORGANISATIONS)


@pytest.mark.parametrize("row", BATCHES.values(), ids=BATCHES)
def test_a_batch_is_collected_then_released_then_closed(row: Row) -> None:
    days = [day(row, name) for name in ("collects_from", "collects_until", "released", "closes")]

    assert is_ordered(days)
    assert row["title"]
    assert row["title_en"]


@each_scenario
def test_a_scenario_is_written_out(row: Row) -> None:
    shortest, longest = (150, 450) if row["lang"] == "zh" else (80, 200)
    limits = {name: limit for name, limit in LIMITS.items() if row[name] is not None}

    assert shortest <= length(row["text"], row["lang"]) <= longest
    assert re.search(r"\d", row["text"]), "a need without a number cannot be judged"
    assert all(0 < len(row[name]) <= limit for name, limit in limits.items())
    assert re.fullmatch(r"[a-z-]+@demo\.example", row["contact_email"])


@each_scenario
def test_a_scenario_that_left_the_draft_has_its_facts(row: Row) -> None:
    missing = [name for name in SCENARIO_TEXTS if not row[name]]

    assert row["status"] == ScenarioStatus.DRAFT or missing == []


@each_scenario
def test_a_scenarios_codes_are_known(row: Row) -> None:
    assert row["kind"] in list(ScenarioKind)
    assert row["status"] in list(ScenarioStatus)
    assert row["lang"] in {"zh", "en"}
    assert row["deployment"]
    assert set(row["deployment"]) <= set(DEPLOYMENTS)


@each_scenario
def test_a_scenarios_references_resolve(row: Row) -> None:
    publisher = ORGANISATIONS[row["organisation"]]

    assert row["batch"] in BATCHES
    assert row["district"] in DISTRICTS
    assert publisher["district"] == row["district"]
    assert re.fullmatch(rf"{row['district']}-{row['batch']}-\d{{3}}", row["number"])
    assert (row["kind"] == ScenarioKind.GOVERNMENT) == (publisher["kind"] == OrganisationKind.AGENCY)


def test_scenario_numbers_and_texts_are_never_repeated() -> None:
    rows = SCENARIOS.values()
    requirements = [requirement["text"] for row in rows for requirement in row["requirements"]]

    assert len({row["number"] for row in rows}) == len(rows)
    assert len({row["title"] for row in rows}) == len(rows)
    assert len({row["text"] for row in rows}) == len(rows)
    assert [text for text, n in Counter(requirements).items() if n > 1] == []


def test_no_two_rows_share_a_sentence() -> None:
    said = [
        (sentence.strip(), row["key"])
        for row in (*SCENARIOS.values(), *CAPABILITIES.values())
        for text in (row["text"], *(case["text"] for case in row.get("cases", ())))
        for sentence in re.split(r"[。！？；\n]|[.!?;](?:\s|$)", text)
        if len(sentence.strip()) >= 12
    ]

    assert len(said) > 1500
    assert [sentence for sentence, n in Counter(sentence for sentence, _ in said).items() if n > 1] == []


@each_scenario
def test_requirements_are_few_short_and_some_are_musts(row: Row) -> None:
    requirements = row["requirements"]

    assert 3 <= len(requirements) <= 8
    assert any(requirement["must"] is True for requirement in requirements)
    assert all(set(requirement) == {"text", "must"} for requirement in requirements)
    assert all(4 <= len(requirement["text"]) <= 120 for requirement in requirements)
    assert any(re.search(r"\d", requirement["text"]) for requirement in requirements)


@each_scenario
def test_an_english_scenario_is_english_in_every_field(row: Row) -> None:
    han = re.search(r"[\u4e00-\u9fff]", json.dumps(row, ensure_ascii=False))

    assert (han is None) == (row["lang"] == "en")


@each_scenario
def test_a_scenarios_days_and_money_are_in_order(row: Row) -> None:
    batch = BATCHES[row["batch"]]
    days = [day(row, name) for name in ("opens", "deadline", "pilot_from", "pilot_to")]
    budget = [row["budget_min_wan"], row["budget_max_wan"]]

    assert None not in days
    assert is_ordered([day(batch, "released"), *days])
    assert is_ordered([day(row, "deadline"), day(batch, "closes")])
    assert budget == [None, None] or 0 < budget[0] <= budget[1]


@each_scenario
def test_a_scenarios_status_agrees_with_its_days(row: Row) -> None:
    opens, deadline = row["opens_offset_days"], row["deadline_offset_days"]
    expected = {
        ScenarioStatus.DRAFT: opens > 0,
        ScenarioStatus.PUBLISHED: opens <= 0 < deadline,
        ScenarioStatus.CLOSED: deadline < 0,
    }

    assert expected[ScenarioStatus(row["status"])]


def test_the_first_batch_is_over_two_drafts_are_left_of_the_second_and_the_third_is_being_written() -> None:
    by_status = Counter((row["batch"], row["status"]) for row in SCENARIOS.values())

    assert by_status == {
        ("2026Q3", "closed"): 14,
        ("2026Q4", "published"): 38,
        ("2026Q4", "draft"): 2,
        ("2027Q1", "draft"): 6,
    }


@each_pilot
def test_a_pilots_references_resolve(row: Row) -> None:
    assert row["scenario"] in SCENARIOS
    assert row["capability"] in CAPABILITIES


def test_no_two_pilots_are_of_one_pair() -> None:
    pairs = {(row["scenario"], row["capability"]) for row in PILOTS.values()}

    assert len(pairs) == len(PILOTS)


@each_pilot
def test_a_pilot_has_metric_owner_and_decision_day(row: Row) -> None:
    filled = ("title", "scope", "success_metric", "baseline", "target", "decision_owner", "data_terms")

    assert [name for name in filled if not row[name]] == []
    assert row["budget_wan"] > 0
    assert day(row, "decision") is not None


@each_pilot
def test_a_pilot_has_the_steps_of_its_state_and_no_others(row: Row) -> None:
    reached = STEPS_REACHED[PilotStatus(row["state"])]

    assert {name for name in (*PILOT_STEPS, "stopped") if day(row, name) is not None} == set(reached)
    assert (row["stop_reason"] is not None) == (row["state"] == PilotStatus.STOPPED)
    assert (row["n_users"] is not None and row["usage_note"] is not None) == ("in_use" in reached)


@each_pilot
def test_a_pilots_days_are_in_order_and_begin_after_publication(row: Row) -> None:
    scenario = SCENARIOS[row["scenario"]]
    steps = [day(row, name) for name in (*PILOT_STEPS, "stopped")]

    assert scenario["status"] != ScenarioStatus.DRAFT
    assert is_ordered([day(scenario, "opens"), *steps, 0])
    assert is_ordered([day(row, "introduced"), day(scenario, "deadline")])
    assert is_ordered([day(row, "agreed"), day(row, "starts"), day(row, "ends")])
    assert is_ordered([day(row, "starts"), day(row, "decision")])


@each_document
def test_a_pilots_document_is_dated_within_the_pilot(pilot: Row, document: Row) -> None:
    issued, valid = day(document, "issued"), document.get("valid_until_offset_days")
    period = [document.get("period_from_offset_days"), document.get("period_to_offset_days")]

    assert document["kind"] in list(EvidenceKind)
    assert isinstance(document["checked"], bool)
    assert is_ordered([issued, 0])
    assert is_ordered([issued, valid])
    assert is_ordered([pilot["in_use_offset_days"], *period, issued] if period[0] is not None else [])


@each_document
def test_a_pilots_document_says_that_it_is_a_demo(pilot: Row, document: Row) -> None:
    first_line = document["text"].splitlines()[0]

    assert "演示文件" in first_line or "Demo document" in first_line
    assert len(document["text"]) > 40
    assert document["title"]
    assert document["issuer"]
    assert document["number"]


def test_document_numbers_are_unique() -> None:
    numbers = [document["number"] for pilot in PILOTS.values() for document in pilot["evidence"]]

    assert len(set(numbers)) == len(numbers)


def test_only_the_scenarios_owner_issues_use_reports_and_acceptances() -> None:
    strangers = [
        document["number"]
        for pilot in PILOTS.values()
        for document in pilot["evidence"]
        if document["kind"] in {EvidenceKind.USE_REPORT, EvidenceKind.ACCEPTANCE}
        and document["issuer"] != ORGANISATIONS[SCENARIOS[pilot["scenario"]]["organisation"]]["name"]
    ]

    assert strangers == []


def test_pilots_in_use_show_full_missing_and_expired_proof() -> None:
    full, without_use_report, expired = (
        {document["kind"]: document.get("valid_until_offset_days") for document in PILOTS[key]["evidence"]}
        for key in ("P01", "P02", "P03")
    )

    assert set(full) == {"contract", "test_report", "use_report", "acceptance"}
    assert full["test_report"] > 0
    assert "use_report" not in without_use_report
    assert expired["test_report"] < 0


def test_every_state_of_a_pilot_is_shown() -> None:
    assert {row["state"] for row in PILOTS.values()} == set(PilotStatus)
