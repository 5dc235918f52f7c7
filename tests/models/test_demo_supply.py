"""The demo firms and capabilities: invented rows whose shape seeding and the demo rely on."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from models.credit_code import REGION, checked_credit_code

DEMO_DATA = Path(__file__).resolve().parents[2] / "models" / "demo_data"
# No place has this number, so that a code of the demo is nobody's.
NOWHERE = "999999"

FIRM_FIELDS = {
    "key", "name", "name_en", "team_size", "district", "community", "founded_offset_days",
    "contact_name", "contact_email", "url",
}  # fmt: skip
CAPABILITY_FIELDS = {
    "key", "firm", "title", "lang", "text", "industries", "technologies", "deployment",
    "data_needed", "filings", "maturity", "capacity", "weeks", "price_note", "cases",
}  # fmt: skip
CASE_FIELDS = {"customer", "text", "metric", "offset_days", "confirmed"}
TECHNOLOGIES = {"cv", "speech", "llm", "ocr", "forecasting", "optimisation", "agent", "iot", "nlp"}
DEPLOYMENTS = {"gov_cloud", "on_premise", "edge", "saas"}
FILINGS = {"algorithm_filing", "model_filing", "security_assessment", "mlps_2", "mlps_3"}
SAAS_ONLY = "仅提供SaaS，不支持本地部署"
# Below this many characters a text cannot carry evidence; such rows exist on purpose, to be abstained on.
THIN = 80


def rows_of(name: str) -> list[dict[str, Any]]:
    """Read one JSON-lines file of the demo data; a broken line fails with its own message."""
    lines = (DEMO_DATA / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def firms() -> list[dict[str, Any]]:
    """All demo firms."""
    return rows_of("firms.jsonl")


@pytest.fixture(scope="module")
def capabilities() -> list[dict[str, Any]]:
    """All demo capabilities."""
    return rows_of("capabilities.jsonl")


@pytest.fixture(scope="module")
def cases(capabilities: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every case together with the capability it belongs to."""
    return [(capability, case) for capability in capabilities for case in capability["cases"]]


@pytest.fixture(scope="module")
def founded(firms: list[dict[str, Any]]) -> dict[str, int]:
    """Firm key -> day of founding, counted back from the day of seeding."""
    return {firm["key"]: firm["founded_offset_days"] for firm in firms}


def test_there_are_as_many_firms_and_capabilities_as_promised(firms, capabilities):
    assert (len(firms), len(capabilities)) == (150, 220)


def test_every_firm_has_exactly_the_agreed_fields(firms):
    assert [firm["key"] for firm in firms if set(firm) - {"credit_code"} != FIRM_FIELDS] == []


def test_every_capability_has_exactly_the_agreed_fields(capabilities):
    assert [row["key"] for row in capabilities if set(row) != CAPABILITY_FIELDS] == []


def test_every_case_has_exactly_the_agreed_fields(cases):
    assert [row["key"] for row, case in cases if set(case) != CASE_FIELDS] == []


@pytest.mark.parametrize("field", ["key", "name", "name_en", "contact_name", "contact_email"])
def test_no_two_firms_share(firms, field):
    assert [value for value, count in Counter(firm[field] for firm in firms).items() if count > 1] == []


@pytest.mark.parametrize("field", ["key", "title", "text"])
def test_no_two_capabilities_share(capabilities, field):
    assert [value for value, count in Counter(row[field] for row in capabilities).items() if count > 1] == []


def test_no_required_text_is_blank(firms, capabilities):
    assert [firm["key"] for firm in firms if not (firm["name"].strip() and firm["name_en"].strip())] == []
    assert [row["key"] for row in capabilities if not (row["title"].strip() and row["text"].strip())] == []


def test_firms_and_capabilities_refer_to_each_other_completely(firms, capabilities):
    assert {row["firm"] for row in capabilities} == {firm["key"] for firm in firms}


def test_each_firm_sits_in_a_known_district_and_in_a_community_of_that_district(firms):
    places = json.loads((DEMO_DATA / "places.json").read_text(encoding="utf-8"))
    districts = {district["code"] for district in places["districts"]}
    communities = {(community["key"], community["district"]) for community in places["communities"]}
    homes = communities | {(None, code) for code in districts}

    assert {firm["district"] for firm in firms} == districts
    assert [firm["key"] for firm in firms if (firm["community"], firm["district"]) not in homes] == []


def test_most_firms_are_one_person_and_none_is_larger_than_twelve(firms):
    sizes = Counter(firm["team_size"] for firm in firms)

    assert sizes[1] > len(firms) * 0.7
    assert 1 < max(sizes) <= 12


def test_some_firms_are_younger_than_a_year_and_all_are_already_founded(founded):
    assert max(founded.values()) < 0
    assert len([days for days in founded.values() if days > -365]) >= 5


def test_every_address_belongs_to_the_reserved_demo_domain(firms):
    assert [firm["key"] for firm in firms if not firm["contact_email"].endswith("@demo.example")] == []


def test_credit_codes_are_well_formed_and_nobodys(firms):
    codes = [firm["credit_code"] for firm in firms if "credit_code" in firm]

    assert [code for code in codes if checked_credit_code(code) != code or code[REGION] != NOWHERE] == []
    assert len(set(codes)) == len(codes) > len(firms) / 2


def test_codes_come_from_the_agreed_lists(capabilities):
    assert {code for row in capabilities for code in row["technologies"]} <= TECHNOLOGIES
    assert {code for row in capabilities for code in row["deployment"]} == DEPLOYMENTS
    assert {code for row in capabilities for code in row["filings"]} <= FILINGS
    assert {row["maturity"] for row in capabilities} == {"idea", "prototype", "pilot", "commercial", None}


def test_capacity_is_small_and_five_capabilities_are_full(capabilities):
    capacities = Counter(row["capacity"] for row in capabilities)

    assert set(capacities) == {None, 0, 1, 2, 3}
    assert capacities[0] == 5


def test_about_every_sixth_capability_is_in_english_and_the_rest_in_chinese(capabilities):
    languages = Counter(row["lang"] for row in capabilities)

    assert set(languages) == {"zh", "en"}
    assert 30 <= languages["en"] <= 40


def test_the_language_mark_agrees_with_the_text(capabilities):
    is_english = {row["key"]: row["text"].isascii() for row in capabilities}

    assert [row["key"] for row in capabilities if (row["lang"] == "en") != is_english[row["key"]]] == []


def test_some_texts_are_too_thin_to_judge_and_carry_no_cases(capabilities):
    thin = [row for row in capabilities if len(row["text"]) < THIN]

    assert 15 <= len(thin) <= 20
    assert [row["key"] for row in thin if row["cases"] or row["deployment"]] == []


def test_no_text_is_too_long_for_a_reader(capabilities):
    chinese = [row for row in capabilities if row["lang"] == "zh"]
    english = [row for row in capabilities if row["lang"] == "en"]

    assert [row["key"] for row in chinese if len(row["text"]) > 400] == []
    assert [row["key"] for row in english if len(row["text"].split()) > 180] == []


def test_a_text_that_says_hosted_only_lists_no_other_deployment(capabilities):
    hosted_only = [row for row in capabilities if SAAS_ONLY in row["text"]]

    assert len(hosted_only) >= 5
    assert [row["key"] for row in hosted_only if row["deployment"] != ["saas"]] == []


def test_no_capability_claims_more_than_three_cases(capabilities):
    assert [row["key"] for row in capabilities if len(row["cases"]) > 3] == []


def test_every_case_lies_between_the_founding_of_its_firm_and_today(cases, founded):
    assert [row["key"] for row, case in cases if not founded[row["firm"]] < case["offset_days"] < 0] == []


def test_cases_are_partly_confirmed_and_partly_the_firms_own_word(cases):
    assert {case["confirmed"] for _, case in cases} == {True, False}
