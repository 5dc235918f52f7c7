import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from models.errors import InvalidInput
from models.funding_condition import SourceGrade
from models.funding_rule import FundingTarget, RuleStatus, list_rules, rule_as_of, rules_in_force
from models.funding_rule_file import RULES_FILE, load_rules, read_rules
from tests.funding_examples import WAN

ROW: dict[str, Any] = {
    "programme": "test_grant",
    "version": 1,
    "title": "测试",
    "title_en": "Test",
    "issuer": "某局",
    "clause": "条款",
    "kind": "grant",
    "target": "pilot",
    "source": "文件",
    "source_grade": "A",
    "checked_on": "2026-11-01",
    "valid_from_on": "2026-01-01",
}
CONDITION = {
    "code": "it",
    "kind": "no_stacking",
    "text_zh": "条件",
    "text_en": "It",
    "source": "文",
    "source_grade": "A",
}


def write(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "rules.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def test_loading_twice_adds_nothing(session: Session) -> None:
    first = load_rules(session)
    second = load_rules(session)

    assert len(first.added) == len(read_rules(RULES_FILE))
    assert (second.added, second.kept, second.unchanged) == ((), (), first.added)


def test_a_stored_version_with_other_terms_is_kept_and_named(session: Session, tmp_path: Path) -> None:
    load_rules(session, write(tmp_path, ROW))

    loaded = load_rules(session, write(tmp_path, {**ROW, "title": "改过"}, {**ROW, "version": 2}))

    assert (loaded.added, loaded.kept) == (("test_grant v2",), ("test_grant v1",))
    assert [rule.title for rule in list_rules(session)] == ["测试", "测试"]


def test_a_confirmed_rule_is_still_unchanged(session: Session, tmp_path: Path, now: Any) -> None:
    load_rules(session, write(tmp_path, ROW))
    list_rules(session)[0].confirm(now)

    assert load_rules(session, write(tmp_path, {**ROW, "checked_on": "2026-12-01"})).kept == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": 0}, "version"),
        ({"kind": "lottery"}, "kind"),
        ({"cap_fen": 1.5}, "cap_fen"),
        ({"surprise": 1}, "surprise"),
        ({"rate_bp": 3000}, "spend_purpose"),
        ({"rate_bp": 3000, "spend_purpose": "model", "tiers": [1]}, "not both"),
        ({"alternative_rates": [{"rate_bp": 1, "condition": CONDITION}]}, "need a rate"),
        ({"conditions": [CONDITION]}, "stacking_group"),
        ({"conditions": [{**CONDITION, "kind": "yearly_cap"}]}, "yearly_cap_fen"),
        ({"conditions": [CONDITION, CONDITION], "stacking_group": "g"}, "share a code"),
        ({"conditions": [{**CONDITION, "kind": "horoscope"}]}, "horoscope"),
        ({"valid_until_on": "2025-01-01"}, "validity"),
        ({"window_from_on": "2026-02-01", "window_until_on": "2026-01-01"}, "window"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_loaded(
    session: Session, tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    path = write(tmp_path, {**ROW, "programme": "good_one"}, {**ROW, **change})

    with pytest.raises(InvalidInput) as caught:
        load_rules(session, path)

    assert told in caught.value.fields["2"]
    assert list_rules(session) == []


def test_a_version_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_rules(write(tmp_path, ROW, ROW))

    assert caught.value.fields == {"duplicates": "test_grant v1"}


@pytest.mark.parametrize("content", ["{", '{"programme": "x"}'])
def test_a_file_that_is_no_list_of_rules_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rules.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(InvalidInput):
        read_rules(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.json"):
        read_rules(tmp_path / "none.json")


# The shipped rows: figures as the documents state them.


def test_shipped_sums_are_those_of_the_documents() -> None:
    caps = {(row.programme, row.version): (row.cap_fen or 0) // WAN for row in read_rules(RULES_FILE)}

    assert caps == {
        ("government_scenario", 1): 500,
        ("demonstration_project", 1): 200,
        ("demonstration_project", 2): 200,
        ("benchmark_project", 1): 1000,
        ("benchmark_project", 2): 1000,
        ("training_voucher", 1): 1000,
        ("training_voucher", 2): 1000,
        ("model_voucher", 1): 200,
        ("corpus_voucher", 1): 200,
        ("corpus_opening", 1): 100,
        ("kunpeng_award", 1): 5,
        ("kunpeng_rd", 1): 100,
        ("rd_challenge", 1): 3000,
        ("household_subsidy", 1): 10,
        ("returnee_startup", 1): 100,
        ("personal_startup_loan", 1): 60,
        ("small_firm_loan", 1): 500,
        ("district_smart_voucher", 1): 0,
        ("national_compute_voucher", 1): 0,
        ("longgang_compute", 1): 600,
        ("guangming_support", 1): 0,
        ("settling_allowance", 1): 3,
        ("transitional_housing", 1): 0,
        ("startup_space", 1): 0,
        ("seed_investment", 1): 0,
        ("filing_guidance", 1): 0,
    }


def test_shipped_yearly_pools_are_those_of_the_documents() -> None:
    pools = {row.programme: row.pool_fen // WAN for row in read_rules(RULES_FILE) if row.pool_fen is not None}

    assert pools == {
        "demonstration_project": 10_000,
        "benchmark_project": 10_000,
        "training_voucher": 50_000,
        "model_voucher": 10_000,
        "corpus_voucher": 5_000,
    }


def test_every_shipped_row_below_grade_a_is_unverified() -> None:
    rules = [row.make_rule() for row in read_rules(RULES_FILE)]

    assert [
        rule.programme for rule in rules if rule.source_grade is not SourceGrade.A and not rule.unverified
    ] == []


def test_shipped_money_has_a_ceiling_and_every_row_a_condition() -> None:
    rows = read_rules(RULES_FILE)

    assert [row.programme for row in rows if row.cap_fen is None and row.kind.value != "info"] == []
    assert [row.programme for row in rows if not row.conditions] == []


@pytest.mark.parametrize(
    ("on", "programmes"),
    [
        (
            date(2026, 11, 23),
            {"benchmark_project", "demonstration_project", "government_scenario", "rd_challenge"},
        ),
        (date(2027, 7, 1), {"government_scenario", "rd_challenge"}),
        (date(2028, 1, 1), {"government_scenario"}),
    ],
)
def test_which_shipped_rules_can_fund_a_pilot(session: Session, on: date, programmes: set[str]) -> None:
    load_rules(session)

    assert {rule.programme for rule in rules_in_force(session, on, target=FundingTarget.PILOT)} == programmes


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (date(2026, 11, 23), RuleStatus.EXPIRING),
        (date(2026, 12, 17), RuleStatus.EXPIRING),
        (date(2026, 12, 18), RuleStatus.EXPIRED),
        (date(2027, 1, 1), RuleStatus.EXPIRED),
    ],
)
@pytest.mark.parametrize("programme", ["training_voucher", "corpus_voucher", "corpus_opening"])
def test_the_measures_of_2024_lapse_in_december_2026(
    session: Session, programme: str, on: date, status: RuleStatus
) -> None:
    load_rules(session)

    rule = rule_as_of(session, programme, on)

    assert rule is not None
    assert rule.status_on(on) is status
    assert (programme in {each.programme for each in rules_in_force(session, on)}) is rule.is_in_force(on)


@pytest.mark.parametrize(
    ("programme", "on", "version"),
    [
        ("training_voucher", date(2026, 5, 5), 1),
        ("training_voucher", date(2026, 5, 6), 2),
        ("demonstration_project", date(2026, 4, 30), 1),
        ("demonstration_project", date(2026, 5, 1), 2),
        ("demonstration_project", date(2027, 1, 1), 2),
    ],
)
def test_the_shipped_version_of_the_day_governs(
    session: Session, programme: str, on: date, version: int
) -> None:
    load_rules(session)

    rule = rule_as_of(session, programme, on)

    assert rule is not None
    assert rule.version == version
