from datetime import date, timedelta

import pytest

from matcher.explanation import word
from matcher.gates import blocking_gates, closed_gates, deployment_fits, failed_gates
from models.i18n import LOCALES
from tests.factories import make_capability, make_organisation, make_scenario

TODAY = date(2026, 11, 23)


@pytest.fixture
def scenario(session):
    return make_scenario(session, deployment=["gov_cloud"], deadline_on=TODAY)


@pytest.fixture
def capability(session):
    return make_capability(session, deployment=["gov_cloud"])


def codes(gates):
    return [gate.code for gate in gates]


def test_an_open_scenario_and_a_listed_capability_may_meet(scenario, capability):
    assert failed_gates(scenario, capability, on=TODAY) == []


def test_the_day_after_the_deadline_is_too_late(scenario, capability):
    assert codes(closed_gates(scenario, capability, on=TODAY + timedelta(days=1))) == ["scenario_closed"]


def test_a_capability_that_was_taken_down_is_out(scenario, capability, now):
    capability.unlist(now)

    assert codes(closed_gates(scenario, capability, on=TODAY)) == ["capability_unlisted"]


def test_a_suspended_firm_is_out(scenario, capability, now):
    capability.organisation.suspended_at = now

    assert codes(closed_gates(scenario, capability, on=TODAY)) == ["firm_inactive"]


def test_a_firm_that_can_take_no_pilot_is_out_and_an_unknown_capacity_is_not(scenario, capability):
    capability.capacity = 0
    assert codes(closed_gates(scenario, capability, on=TODAY)) == ["firm_full"]

    capability.capacity = None
    assert closed_gates(scenario, capability, on=TODAY) == []


def test_nobody_is_matched_with_itself(session):
    organisation = make_organisation(session)
    scenario = make_scenario(session, organisation_id=organisation.key)
    capability = make_capability(session, organisation_id=organisation.key)

    assert codes(closed_gates(scenario, capability, on=TODAY)) == ["same_organisation"]


def test_a_place_that_is_not_offered_blocks_but_keeps_the_pair(scenario, capability):
    capability.deployment = ["saas"]

    (gate,) = failed_gates(scenario, capability, on=TODAY)

    assert (gate.code, gate.closed) == ("deployment_conflict", False)
    assert gate.values == {"wanted": ["gov_cloud"], "offered": ["saas"]}


def test_closed_gates_stand_before_blocking_ones(scenario, capability):
    capability.deployment, capability.capacity = ["saas"], 0

    assert codes(failed_gates(scenario, capability, on=TODAY)) == ["firm_full", "deployment_conflict"]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_gate_is_worded(scenario, capability, locale, now):
    capability.deployment, capability.capacity = ["saas"], 0
    capability.unlist(now)
    capability.organisation.suspended_at = now
    capability.organisation_id = scenario.organisation_id
    gates = failed_gates(scenario, capability, on=TODAY + timedelta(days=1))

    assert len(gates) == 6
    assert all(word(gate.code, gate.values, locale) for gate in gates)


def test_unknown_facts_never_block(scenario, capability):
    capability.deployment = []

    assert blocking_gates(scenario, capability) == []


@pytest.mark.parametrize(
    ("wanted", "offered", "fits"),
    [
        (["gov_cloud"], ["gov_cloud"], True),
        (["gov_cloud"], ["on_premise"], True),
        (["gov_cloud"], ["edge"], False),
        (["on_premise"], ["edge"], True),
        (["on_premise"], ["gov_cloud"], False),
        (["edge"], ["on_premise"], False),
        (["edge", "gov_cloud"], ["gov_cloud"], True),
        (["saas"], ["on_premise"], False),
        (["any"], ["saas"], True),
        (["any"], [], True),
        (["edge"], ["any"], True),
        ([], ["saas"], None),
        (["edge"], [], None),
    ],
)
def test_a_place_is_served_by_itself_and_by_what_also_stands_there(wanted, offered, fits):
    assert deployment_fits(wanted, offered) is fits
