from datetime import date
from typing import Any

import pytest

from models.funding_facts import FundingFacts
from models.funding_rule import FundingKind, FundingRule
from models.voucher import open_vouchers
from tests.funding_examples import ON, make_condition, make_facts, make_rule

FIRM = make_facts(evidence=(), spend_fen={}, claims=None, go_live_on=None, accepted_on=None)


def voucher(*conditions: Any, **values: Any) -> FundingRule:
    defaults = {
        "kind": FundingKind.VOUCHER,
        "programme": "training_voucher",
        "rate_bp": 5000,
        "spend_purpose": "compute",
    }
    return make_rule(*conditions, **{**defaults, **values})


def names(rules: list[FundingRule], facts: FundingFacts = FIRM, on: date = ON) -> dict[str, str]:
    return {purpose: found.programme for purpose, found in open_vouchers(rules, facts, on).items()}


def test_a_voucher_is_found_by_what_it_pays_for() -> None:
    rules = [voucher(), voucher(programme="model_voucher", spend_purpose="model")]

    assert names(rules) == {"compute": "training_voucher", "model": "model_voucher"}


def test_what_is_not_known_yet_rules_out_nothing() -> None:
    rules = [voucher(make_condition("evidence_present", evidence="contract"))]

    assert names(rules) == {"compute": "training_voucher"}


def test_what_is_known_to_fail_rules_it_out() -> None:
    elsewhere = make_condition("applicant_in_place", cities=["上海"])

    assert names([voucher(elsewhere)]) == {}


@pytest.mark.parametrize(
    ("on", "is_open"),
    [(date(2026, 11, 1), True), (date(2026, 11, 30), True), (date(2026, 12, 1), False)],
)
def test_a_closed_window_rules_it_out(on: date, is_open: bool) -> None:
    rule = voucher(
        make_condition("window_open"),
        window_from_on=date(2026, 11, 1),
        window_until_on=date(2026, 11, 30),
    )

    assert bool(names([rule], on=on)) is is_open


def test_a_rule_that_has_lapsed_pays_nothing() -> None:
    assert names([voucher(valid_until_on=date(2026, 11, 22))]) == {}
    assert names([voucher(valid_until_on=ON)]) == {"compute": "training_voucher"}


def test_grants_are_no_vouchers() -> None:
    assert names([voucher(kind=FundingKind.GRANT)]) == {}


def test_of_two_for_one_purpose_the_first_by_programme_is_named() -> None:
    assert names([voucher(programme="z_voucher"), voucher(programme="a_voucher")]) == {"compute": "a_voucher"}
