from datetime import date, timedelta

import pytest
from sqlmodel import Session

from models.capability import Capability
from models.match import DeclineReason, DismissReason
from models.match_inputs import matching_inputs
from models.scenario import Requirement, Scenario
from tests.factories import (
    MONDAY,
    make_capability,
    make_community,
    make_firm,
    make_match,
    make_scenario,
    make_score,
    make_user,
)
from tests.weightings import make_weights

DAY = date(2026, 11, 23)


@pytest.fixture
def need(session: Session) -> Scenario:
    return make_scenario(session, requirements=("误报率不高于5%",))


@pytest.fixture
def offer(session: Session) -> Capability:
    firm = make_firm(session, community_id=make_community(session).key)
    return make_capability(session, cases=("在某街道用了半年",), organisation_id=firm.key)


def inputs(session: Session) -> str:
    session.flush()
    return matching_inputs(session, on=DAY)


def test_the_same_rows_give_the_same_digest(session: Session, need: Scenario, offer: Capability) -> None:
    before = inputs(session)
    session.expire_all()

    assert inputs(session) == before


@pytest.mark.parametrize(
    ("row", "name", "value"),
    [
        ("need", "text", "换了说法"),
        ("need", "deployment", ["edge"]),
        ("need", "closed_at", MONDAY),
        ("need", "withdrawn_at", MONDAY),
        ("need", "deadline_on", DAY - timedelta(days=1)),
        ("requirement", "text", "误报率不高于3%"),
        ("requirement", "must", False),
        ("offer", "title", "换了名字"),
        ("offer", "capacity", 0),
        ("offer", "maturity", None),
        ("offer", "filings", ["algorithm_filing"]),
        ("offer", "unlisted_at", MONDAY),
        ("case", "customer", "某街道办"),
        ("case", "confirmed_at", MONDAY),
        ("firm", "suspended_at", MONDAY),
        ("firm", "community_id", None),
    ],
)
def test_whatever_matching_reads_changes_the_digest(
    session: Session, need: Scenario, offer: Capability, row: str, name: str, value: object
) -> None:
    rows = {
        "need": need,
        "requirement": need.requirements[0],
        "offer": offer,
        "case": offer.cases[0],
        "firm": offer.organisation,
    }
    before = inputs(session)

    setattr(rows[row], name, value)

    assert inputs(session) != before


def test_new_and_removed_rows_change_the_digest(session: Session, need: Scenario, offer: Capability) -> None:
    seen = [inputs(session)]
    session.add(Requirement(scenario_id=need.key, position=2, text="夜间也能用"))
    seen.append(inputs(session))
    make_capability(session)
    seen.append(inputs(session))
    make_scenario(session)
    seen.append(inputs(session))
    session.delete(offer.cases[0])
    seen.append(inputs(session))

    assert len(set(seen)) == 5


def test_an_answer_of_a_person_changes_the_digest(session: Session, need: Scenario) -> None:
    match = make_match(session, scenario_id=need.key)
    before = inputs(session)

    match.interested_at = MONDAY

    assert inputs(session) != before


def test_a_no_after_other_answers_and_its_undoing_change_the_digest(session: Session, need: Scenario) -> None:
    match = make_match(session, scenario_id=need.key, invited_at=MONDAY)
    before = inputs(session)

    match.decline(MONDAY, reason=DeclineReason.PRICE)
    declined = inputs(session)
    match.undo_decline()
    undone = inputs(session)
    match.dismiss(MONDAY, reason=DismissReason.BUDGET)

    assert undone == before
    assert len({before, declined, inputs(session)}) == 3


def test_what_matching_does_not_read_changes_nothing(
    session: Session, need: Scenario, offer: Capability
) -> None:
    before = inputs(session)

    make_user(session)
    make_scenario(session, published_at=None)
    make_capability(session, organisation_id=make_firm(session, approved_at=None).key)
    make_score(session, make_match(session, scenario_id=need.key), capability_id=offer.key)
    need.updated_at = offer.updated_at = MONDAY

    assert inputs(session) == before


def test_another_day_is_another_digest(session: Session) -> None:
    assert matching_inputs(session, on=DAY) != matching_inputs(session, on=DAY + timedelta(days=1))


def test_only_a_weighting_that_is_put_in_force_or_taken_back_is_news(session: Session) -> None:
    before = inputs(session)
    version = make_weights(session)
    proposed = inputs(session)

    version.activate(MONDAY, by=None)
    activated = inputs(session)
    version.revert(MONDAY, by=None)

    assert before == proposed != activated
    assert inputs(session) == before
