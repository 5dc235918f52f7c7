from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.funding import VALIDITY, Assessment, assess
from models.funding_condition import SourceGrade
from models.funding_facts import Claim, Spend
from models.funding_finding import Verdict
from models.funding_rule import FundingRule
from models.funding_rule_file import RULES_FILE, read_rules
from tests.funding_examples import (
    ON,
    UNKNOWN_FACTS,
    WAN,
    make_condition,
    make_document,
    make_facts,
    make_rule,
)

MET, UNMET, UNKNOWN = Verdict.MET, Verdict.UNMET, Verdict.UNKNOWN
NEW_YEAR = date(2027, 1, 1)
IN_USE = make_condition("pilot_in_use", code="in_use")
TEAM = make_condition("team_size_min", code="team", people=2)
REPORT = make_condition("evidence_present", code="report", evidence="test_report")
EXPERTS = make_condition("officer_checks", code="experts")
SHIPPED = {(row.programme, row.version): row for row in read_rules(RULES_FILE)}


def shipped(programme: str, version: int = 1) -> FundingRule:
    return SHIPPED[programme, version].make_rule()


def clause_verdicts(assessment: Assessment) -> dict[str, Verdict]:
    return {clause.code: clause.verdict for clause in assessment.clauses}


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, MET),
        ({"team_size": None}, UNKNOWN),
        ({"team_size": 1}, UNMET),
        ({"team_size": 1, "go_live_on": None}, UNMET),  # one no outweighs any unknown
    ],
)
def test_one_no_is_a_no_and_one_unknown_keeps_it_open(changes: dict[str, Any], verdict: Verdict) -> None:
    assert assess(make_facts(**changes), make_rule(IN_USE, TEAM), ON).verdict is verdict


@pytest.mark.parametrize("key", SHIPPED)
def test_unknown_never_reads_as_yes_or_no(key: tuple[str, int]) -> None:
    assessment = assess(UNKNOWN_FACTS, shipped(*key), ON)

    told = {clause.kind for clause in assessment.clauses if clause.verdict is not UNKNOWN}
    # What is left are facts of the calendar, which the rule itself knows.
    assert told <= {VALIDITY, "window_open", "basis_in_force"}
    assert assessment.verdict is not MET


@pytest.mark.parametrize(
    ("on", "verdict", "reason"),
    [
        (date(2025, 12, 31), UNMET, "rule_not_begun"),
        (date(2026, 1, 1), MET, "rule_in_force"),
        (date(2026, 12, 31), MET, "rule_in_force"),
        (NEW_YEAR, UNMET, "rule_expired"),
    ],
)
def test_the_rule_itself_is_the_first_clause(on: date, verdict: Verdict, reason: str) -> None:
    first, *_ = assess(make_facts(), make_rule(), on).clauses

    assert (first.code, first.verdict, first.reason) == (VALIDITY, verdict, reason)


def test_a_draft_without_a_first_day_cannot_be_judged() -> None:
    assessment = assess(make_facts(), make_rule(valid_from_on=None), ON)

    assert (assessment.verdict, assessment.clauses[0].reason) == (UNKNOWN, "rule_draft")


def test_the_answer_names_rule_day_and_pilot() -> None:
    rule = make_rule(id=12, version=3)

    assessment = assess(make_facts(pilot_id=5), rule, ON)

    assert (assessment.pilot_id, assessment.programme, assessment.as_of) == (5, "test_grant", ON)
    assert (assessment.rule_id, assessment.rule_version) == (12, 3)


def test_what_is_missing_says_which_clause_wants_it_and_who_has_it() -> None:
    assessment = assess(make_facts(evidence=()), make_rule(IN_USE, REPORT, EXPERTS), ON)

    assert [item.to_json() for item in assessment.missing] == [
        {"code": "test_report", "where_to_get": "test_lab", "clause": "report"},
        {"code": "office_ruling", "where_to_get": "issuing_office", "clause": "experts"},
    ]


def test_only_documents_a_clause_rests_on_are_kept_with_their_hashes() -> None:
    assessment = assess(make_facts(), make_rule(REPORT), ON)

    assert assessment.evidence == ((1, f"{1:064x}"),)
    assert assessment.clauses[1].to_json() == {
        "code": "report",
        "kind": "evidence_present",
        "verdict": "met",
        "reason": "evidence_present",
        "values": {"document": "test_report"},
        "evidence": [1],
        "source_grade": "A",
        "unverified": False,
        "decides": True,
    }


def test_doubt_about_a_source_is_carried_to_clause_and_answer() -> None:
    doubtful = REPORT.model_copy(update={"source_grade": SourceGrade.C})

    assessment = assess(make_facts(), make_rule(IN_USE, doubtful), ON)

    assert [clause.unverified for clause in assessment.clauses] == [False, False, True]
    assert assessment.unverified


# Amounts


RATE = {"rate_bp": 3000, "spend_purpose": "investment"}


@pytest.mark.parametrize(
    ("terms", "amount"),
    [
        ({}, None),
        ({"cap_fen": 50}, (0, 50)),
        ({"tiers": [100, 500, 300]}, (100, 500)),
        ({"tiers": [100, 500, 300], "cap_fen": 400}, (100, 400)),
        (RATE, (0, 24 * WAN)),
        ({**RATE, "cap_fen": 20 * WAN}, (0, 20 * WAN)),
        ({**RATE, "spend_purpose": "advertising"}, None),  # a purpose nobody has figures for
        ({"cap_fen": 50, "yearly_cap_fen": 40}, (0, 40)),
    ],
)
def test_an_amount_is_a_range_or_nothing(terms: dict[str, Any], amount: tuple[int, int] | None) -> None:
    assert assess(make_facts(), make_rule(IN_USE, **terms), ON).amount_fen == amount


def test_a_share_rounds_down_to_a_fen() -> None:
    facts = make_facts(spend_fen={"investment": Spend(3333, is_complete=True)})

    assert assess(facts, make_rule(**RATE), ON).amount_fen == (0, 999)


def test_there_is_no_amount_for_a_no() -> None:
    assert assess(make_facts(team_size=1), make_rule(TEAM, cap_fen=50), ON).amount_fen is None


def test_there_is_a_range_while_it_is_open() -> None:
    assert assess(make_facts(team_size=None), make_rule(TEAM, cap_fen=50), ON).amount_fen == (0, 50)


@pytest.mark.parametrize(
    ("claims", "amount"),
    [(None, (0, 100)), ((), (0, 100)), ((Claim(2, "test_grant", "g", 2026, 70),), (0, 30))],
)
def test_what_is_left_of_the_yearly_cap_bounds_the_range(
    claims: tuple[Claim, ...] | None, amount: tuple[int, int]
) -> None:
    rule = make_rule(cap_fen=100, yearly_cap_fen=100)

    assert assess(make_facts(claims=claims), rule, ON).amount_fen == amount


@pytest.mark.parametrize(
    ("founded_on", "most"),
    [(date(2026, 3, 2), 60), (date(2020, 1, 1), 50), (None, 60)],  # the range must hold the true sum
)
def test_a_young_firms_higher_share_applies_unless_it_is_ruled_out(founded_on: Any, most: int) -> None:
    facts = make_facts(applicant_founded_on=founded_on, spend_fen={"compute": Spend(100, is_complete=True)})
    young = make_condition("applicant_age_max_days", code="young", days=364)
    rule = make_rule(
        rate_bp=5000,
        spend_purpose="compute",
        alternative_rates=[{"rate_bp": 6000, "condition": young.model_dump(mode="json")}],
    )

    assessment = assess(facts, rule, ON)

    assert assessment.amount_fen == (0, most)
    assert assessment.verdict is MET
    assert [clause.decides for clause in assessment.clauses] == [True, False]


@given(st.integers(0, 10**13), st.integers(1, 10_000), st.integers(1, 10**12))
def test_amounts_are_integers_in_order_within_the_cap(spend: int, rate_bp: int, cap_fen: int) -> None:
    facts = make_facts(spend_fen={"investment": Spend(spend, is_complete=True)})

    amount = assess(
        facts, make_rule(rate_bp=rate_bp, spend_purpose="investment", cap_fen=cap_fen), ON
    ).amount_fen

    assert amount is not None
    least, most = amount
    assert (type(least), type(most)) == (int, int)
    assert 0 <= least <= most <= min(cap_fen, spend)


# Replay


@pytest.mark.parametrize("key", SHIPPED)
def test_the_same_inputs_give_the_same_answer(key: tuple[str, int]) -> None:
    assert assess(make_facts(), shipped(*key), ON) == assess(make_facts(), shipped(*key), ON)


def test_nothing_new_overnight_keeps_the_hash() -> None:
    rule = shipped("government_scenario")

    today, tomorrow = assess(make_facts(), rule, ON), assess(make_facts(), rule, ON + timedelta(days=1))

    assert today != tomorrow
    assert today.inputs_hash == tomorrow.inputs_hash


@pytest.mark.parametrize(
    ("changes", "rule_changes", "on"),
    [
        ({"go_live_on": date(2026, 11, 17)}, {}, ON),
        ({"evidence": (make_document(2, "test_report"),)}, {}, ON),
        ({"evidence": (make_document(1, "test_report", file_hash="f" * 64),)}, {}, ON),
        ({}, {"version": 2}, ON),
        ({}, {"cap_fen": 60}, ON),
        ({}, {}, NEW_YEAR),  # the rule has lapsed
    ],
)
def test_whatever_the_answer_rests_on_changes_the_hash(
    changes: dict[str, Any], rule_changes: dict[str, Any], on: date
) -> None:
    facts = make_facts(evidence=(make_document(1, "test_report"),))

    before = assess(facts, make_rule(IN_USE, REPORT, cap_fen=50), ON)
    after = assess(
        replace(facts, **changes), make_rule(IN_USE, REPORT, **{"cap_fen": 50, **rule_changes}), on
    )

    assert before.inputs_hash != after.inputs_hash


def test_what_no_clause_asks_about_does_not_change_the_hash() -> None:
    rule = make_rule(IN_USE)

    assert assess(make_facts(team_size=1), rule, ON).inputs_hash == assess(make_facts(), rule, ON).inputs_hash


# The shipped rules, on a fixed day


def test_a_government_pilot_with_every_proof_leaves_only_what_the_office_decides() -> None:
    assessment = assess(make_facts(), shipped("government_scenario"), ON)

    open_clauses = {code for code, verdict in clause_verdicts(assessment).items() if verdict is UNKNOWN}
    assert open_clauses == {"on_bureau_list", "expert_review", "window"}
    assert UNMET not in clause_verdicts(assessment).values()
    assert assessment.amount_fen == (100 * WAN, 500 * WAN)
    assert assessment.unverified


def test_in_2027_the_basis_of_the_government_grant_is_in_question() -> None:
    assessment = assess(make_facts(), shipped("government_scenario"), NEW_YEAR)

    assert clause_verdicts(assessment)["basis"] is UNKNOWN
    assert assessment.verdict is UNKNOWN


def test_an_industry_scenario_is_not_a_government_scenario() -> None:
    facts = make_facts(publisher_kind="enterprise")

    assessment = assess(facts, shipped("government_scenario"), ON)

    assert (assessment.verdict, assessment.amount_fen) == (UNMET, None)


@pytest.mark.parametrize("programme", ["training_voucher", "corpus_voucher", "demonstration_project"])
def test_rules_under_the_measures_of_2024_are_no_longer_met_in_2027(programme: str) -> None:
    assessment = assess(make_facts(scenario_domain="research"), shipped(programme), NEW_YEAR)

    assert assessment.clauses[0].reason == "rule_expired"
    assert assessment.verdict is UNMET


def test_city_governance_is_covered_by_the_revision_only() -> None:
    verdicts = [
        clause_verdicts(assess(make_facts(), shipped("demonstration_project", version), ON))["field"]
        for version in (1, 2)
    ]

    assert verdicts == [UNMET, MET]


def test_a_share_of_what_was_invested_is_capped() -> None:
    facts = make_facts(spend_fen={"investment": Spend(10_000 * WAN, is_complete=False)})

    amounts = [
        assess(facts, shipped(programme, 2), ON).amount_fen
        for programme in ("demonstration_project", "benchmark_project")
    ]

    assert amounts == [(0, 200 * WAN), (0, 1000 * WAN)]


def test_the_call_for_training_vouchers_was_closed_in_november() -> None:
    verdicts = clause_verdicts(assess(make_facts(), shipped("training_voucher", 2), ON))

    assert (verdicts["window"], verdicts["spend_floor"], verdicts["startup_rate"]) == (UNMET, MET, MET)


@pytest.mark.parametrize("programme", ["kunpeng_award", "kunpeng_rd"])
def test_a_one_person_company_is_told_that_it_fails_the_team_clause(programme: str) -> None:
    assessment = assess(make_facts(team_size=1), shipped(programme), ON)

    assert clause_verdicts(assessment)["team"] is UNMET
    assert assessment.verdict is UNMET


def test_a_draft_of_a_district_is_neither_yes_nor_no() -> None:
    assert assess(make_facts(), shipped("longgang_compute"), ON).verdict is UNKNOWN


@given(
    kept=st.sets(st.integers(1, 9)),
    key=st.sampled_from(sorted(SHIPPED)),
    on=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_removing_evidence_never_makes_an_answer_better(
    kept: set[int], key: tuple[str, int], on: date
) -> None:
    facts = make_facts()
    fewer = make_facts(evidence=tuple(item for item in facts.evidence if item.id in kept))

    before, after = assess(facts, shipped(*key), on), assess(fewer, shipped(*key), on)

    pairs = zip(before.clauses, after.clauses, strict=True)
    assert {(old.verdict, new.verdict) for old, new in pairs} <= {
        (MET, MET), (MET, UNKNOWN), (UNKNOWN, UNKNOWN), (UNMET, UNMET),
    }  # fmt: skip
    assert after.verdict is before.verdict or (before.verdict, after.verdict) == (MET, UNKNOWN)
