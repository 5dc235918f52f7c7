from __future__ import annotations

from models.funding_route import open_routes
from models.funding_rule import FundingTarget
from tests.funding_examples import ON, make_condition, make_facts, make_rule

PAIR = make_facts(evidence=(), spend_fen={}, claims=None, go_live_on=None, accepted_on=None)
FITS = make_condition("scenario_kind_in", kinds=["government"])


def names(*rules, facts=PAIR) -> list[str]:
    return [rule.programme for rule in open_routes(rules, facts, ON)]


def test_a_programme_that_asks_for_such_a_scenario_is_a_route_the_largest_first():
    rules = [
        make_rule(FITS, programme="small", cap_fen=1_000_000),
        make_rule(FITS, make_condition("pilot_in_use"), programme="large", cap_fen=9_000_000),
    ]

    assert names(*rules) == ["large", "small"]


def test_another_kind_of_scenario_is_no_route():
    assert names(make_rule(make_condition("scenario_kind_in", kinds=["challenge"]))) == []


def test_a_programme_that_asks_for_no_kind_of_scenario_or_pays_no_pilot_is_none():
    assert names(make_rule(make_condition("pilot_in_use")), make_rule(FITS, target=FundingTarget.FIRM)) == []


def test_what_is_known_to_fail_rules_it_out():
    fails = make_condition("applicant_kind", kinds=["university"])

    assert names(make_rule(FITS, fails)) == []
