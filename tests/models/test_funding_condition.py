from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.funding_condition import AnyCheck
from models.funding_facts import Claim, EvidenceFact, Spend
from models.funding_finding import Situation, Verdict
from models.funding_rule_file import RULES_FILE, read_rules
from tests.funding_examples import (
    KINDS,
    ON,
    UNKNOWN_FACTS,
    WAN,
    ask,
    make_condition,
    make_document,
    make_facts,
)

MET, UNMET, UNKNOWN = Verdict.MET, Verdict.UNMET, Verdict.UNKNOWN
PARAMS: dict[str, dict[str, Any]] = {
    "scenario_published_by": {"kinds": ["agency"]},
    "scenario_kind_in": {"kinds": ["challenge"]},
    "scenario_domain_in": {"domains": ["public_service"]},
    "scenario_published_before_delivery": {},
    "pilot_in_use": {},
    "pilot_accepted": {},
    "applicant_in_place": {"cities": ["深圳"]},
    "applicant_kind": {"kinds": ["startup"]},
    "applicant_age_max_days": {"days": 364},
    "team_size_min": {"people": 2},
    "leader_age_max": {"years": 40, "years_special": 45},
    "evidence_present": {"evidence": "test_report"},
    "evidence_issued_by_scenario_owner": {"evidence": "use_report"},
    "not_on_dishonesty_list": {},
    "filing_present": {"filing": "model_filing"},
    "spend_min_fen": {"purpose": "model", "minimum_fen": 50 * WAN},
    "no_stacking": {},
    "yearly_cap": {},
    "window_open": {},
    "officer_checks": {},
}


@pytest.mark.parametrize("kind", PARAMS)
def test_where_nothing_is_known_every_condition_is_unknown_and_asks_for_something(kind: str) -> None:
    finding = ask(kind, UNKNOWN_FACTS, **PARAMS[kind])

    assert finding.verdict is UNKNOWN
    assert finding.missing
    assert finding.where


@pytest.mark.parametrize(
    ("publisher_kind", "verdict"), [("agency", MET), ("enterprise", UNMET), (None, UNKNOWN)]
)
def test_who_published_decides(publisher_kind: str | None, verdict: Verdict) -> None:
    facts = make_facts(publisher_kind=publisher_kind)

    assert ask("scenario_published_by", facts, kinds=["agency"]).verdict is verdict


def test_a_scenario_that_is_not_published_is_unknown_whoever_owns_it() -> None:
    assert ask("scenario_published_by", make_facts(published_on=None), kinds=["agency"]).verdict is UNKNOWN


@pytest.mark.parametrize(("kind", "verdict"), [("challenge", MET), ("industry", UNMET)])
def test_the_kind_of_scenario_decides(kind: str, verdict: Verdict) -> None:
    assert ask("scenario_kind_in", make_facts(scenario_kind=kind), kinds=["challenge"]).verdict is verdict


@pytest.mark.parametrize(("domain", "verdict"), [("public_service", MET), ("research", UNMET)])
def test_the_field_decides(domain: str, verdict: Verdict) -> None:
    facts = make_facts(scenario_domain=domain)

    assert ask("scenario_domain_in", facts, domains=["public_service"]).verdict is verdict


@pytest.mark.parametrize(
    ("published_on", "verdict"),
    [
        (date(2026, 11, 15), MET),
        (date(2026, 11, 16), MET),
        (date(2026, 11, 17), UNMET),
        (None, UNKNOWN),
    ],
)
def test_publication_on_the_day_of_delivery_is_still_in_time(
    published_on: date | None, verdict: Verdict
) -> None:
    facts = make_facts(published_on=published_on, go_live_on=date(2026, 11, 16))

    assert ask("scenario_published_before_delivery", facts).verdict is verdict


def test_without_a_go_live_day_nobody_can_tell_what_came_first() -> None:
    assert ask("scenario_published_before_delivery", make_facts(go_live_on=None)).verdict is UNKNOWN


@pytest.mark.parametrize(
    ("values", "verdict", "reason"),
    [
        ({"go_live_on": ON}, MET, "in_use"),
        ({"go_live_on": ON + timedelta(days=1)}, UNMET, "in_use_later"),
        ({"go_live_on": None}, UNKNOWN, "go_live_unknown"),
        ({"stopped_on": ON}, UNMET, "pilot_stopped"),
    ],
)
def test_a_pilot_is_in_use_from_its_first_day_until_it_is_stopped(
    values: dict[str, Any], verdict: Verdict, reason: str
) -> None:
    finding = ask("pilot_in_use", make_facts(**values))

    assert (finding.verdict, finding.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("values", "verdict"),
    [({}, MET), ({"accepted_on": None}, UNKNOWN), ({"stopped_on": ON, "accepted_on": None}, UNMET)],
)
def test_acceptance_that_is_not_recorded_is_unknown(values: dict[str, Any], verdict: Verdict) -> None:
    assert ask("pilot_accepted", make_facts(**values)).verdict is verdict


@pytest.mark.parametrize(
    ("spend", "verdict", "reason"),
    [
        (Spend(50 * WAN, is_complete=False), MET, "spend_fits"),
        (Spend(50 * WAN - 1, is_complete=False), UNKNOWN, "spend_so_far"),
        (Spend(50 * WAN - 1, is_complete=True), UNMET, "spend_fails"),
    ],
)
def test_spending_shown_so_far_is_a_floor_until_the_account_is_complete(
    spend: Spend, verdict: Verdict, reason: str
) -> None:
    finding = ask("spend_min_fen", make_facts(spend_fen={"model": spend}), **PARAMS["spend_min_fen"])

    assert (finding.verdict, finding.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (Claim(1, "other", "city", 2026, 5), UNMET),
        (Claim(1, "other", "another_group", 2026, 5), MET),
        (Claim(2, "other", "city", 2026, 5), MET),  # another project
    ],
)
def test_one_project_gets_money_from_one_programme_of_a_group(claim: Claim, verdict: Verdict) -> None:
    finding = ask("no_stacking", make_facts(claims=(claim,)), terms={"stacking_group": "city"})

    assert finding.verdict is verdict


@pytest.mark.parametrize(("granted", "verdict"), [(0, MET), (999, MET), (1000, UNMET)])
def test_a_used_up_yearly_cap_is_unmet(granted: int, verdict: Verdict) -> None:
    facts = make_facts(claims=(Claim(9, "p", "g", 2026, granted),))

    finding = ask("yearly_cap", facts, terms={"programme": "p", "yearly_cap_fen": 1000})

    assert (finding.verdict, finding.values["granted_fen"]) == (verdict, granted)


@pytest.mark.parametrize(
    ("on", "verdict", "reason"),
    [
        (date(2026, 5, 5), UNMET, "window_not_open"),
        (date(2026, 5, 6), MET, "window_open"),
        (date(2026, 6, 5), MET, "window_open"),
        (date(2026, 6, 6), UNMET, "window_closed"),
    ],
)
def test_both_ends_of_the_window_are_open(on: date, verdict: Verdict, reason: str) -> None:
    terms = {"window_from_on": date(2026, 5, 6), "window_until_on": date(2026, 6, 5)}

    finding = ask("window_open", make_facts(), on, terms=terms)

    assert (finding.verdict, finding.reason) == (verdict, reason)


def test_a_window_without_a_last_day_is_unknown_once_it_began() -> None:
    finding = ask("window_open", make_facts(), ON, terms={"window_from_on": date(2026, 5, 6)})

    assert (finding.verdict, finding.reason) == (UNKNOWN, "window_end_unknown")


@pytest.mark.parametrize(("on", "verdict"), [(date(2026, 12, 17), MET), (date(2026, 12, 18), UNKNOWN)])
def test_when_the_basis_lapses_the_answer_is_unknown_not_no(on: date, verdict: Verdict) -> None:
    finding = ask("basis_in_force", make_facts(), on, document="某文", until_on="2026-12-17")

    assert finding.verdict is verdict


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("no_such_kind", {}),
        ("team_size_min", {}),
        ("team_size_min", {"people": 0}),
        ("team_size_min", {"people": 2, "extra": 1}),
        ("applicant_kind", {"kinds": ["martian"]}),
        ("applicant_kind", {"kinds": []}),
        ("spend_min_fen", {"purpose": "model", "minimum_fen": 1.5}),
        ("basis_in_force", {"document": "x", "until_on": "never"}),
    ],
)
def test_a_condition_nobody_can_evaluate_is_refused_when_it_is_loaded(
    kind: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        make_condition(kind, **params)


def test_a_condition_reads_in_the_readers_language() -> None:
    condition = make_condition("officer_checks")

    assert (condition.text("zh"), condition.text("en"), condition.text("en-GB")) == (
        "条件",
        "Condition",
        "Condition",
    )


def shipped_checks() -> list[AnyCheck]:
    rows = read_rules(RULES_FILE)
    rates = [item.condition for row in rows for item in row.alternative_rates]
    return [condition.check for row in rows for condition in (*row.conditions, *rates)]


SHIPPED = shipped_checks()
DOCUMENTS = st.builds(
    make_document,
    st.integers(1, 40),
    st.sampled_from(KINDS),
    issuer=st.sampled_from(["市城管局", "某公司", ""]),
    issuer_id=st.sampled_from([7, 8, None]),
    issued_on=st.sampled_from([None, date(2026, 1, 1), date(2026, 12, 1)]),
    valid_until_on=st.sampled_from([None, date(2026, 10, 1), date(2026, 11, 23)]),
    is_checked=st.booleans(),
)
KEPT_OR_NOT = st.lists(st.tuples(DOCUMENTS, st.booleans()), max_size=12)


@given(documents=KEPT_OR_NOT)
def test_removing_evidence_never_turns_a_condition_to_met_nor_to_unmet(
    documents: list[tuple[EvidenceFact, bool]],
) -> None:
    everything = make_facts(evidence=tuple(document for document, _ in documents))
    fewer = make_facts(evidence=tuple(document for document, is_kept in documents if is_kept))

    before = [check.answer(Situation(everything, ON)).verdict for check in SHIPPED]
    after = [check.answer(Situation(fewer, ON)).verdict for check in SHIPPED]

    changed = [(old, new) for old, new in zip(before, after, strict=True) if old is not new]
    assert set(changed) <= {(MET, UNKNOWN)}
