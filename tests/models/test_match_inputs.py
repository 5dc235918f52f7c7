from datetime import date, timedelta

import pytest
from sqlmodel import Session

from models.match_inputs import matching_inputs
from tests.factories import MONDAY, make_capability, make_match, make_scenario

TODAY = date(2026, 11, 23)


@pytest.fixture
def pair(session: Session):
    """An open scenario with a requirement and a listed capability with a case."""
    return make_scenario(session, requirements=("夜间可用",)), make_capability(session, cases=("某街道办",))


def test_nothing_new_gives_the_same_digest(session: Session, pair) -> None:
    assert matching_inputs(session, on=TODAY) == matching_inputs(session, on=TODAY)


def test_a_row_saved_again_without_change_is_no_news(session: Session, pair) -> None:
    before = matching_inputs(session, on=TODAY)
    pair[0].updated_at = MONDAY + timedelta(days=3)
    session.flush()

    assert matching_inputs(session, on=TODAY) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda scenario, capability: setattr(scenario, "text", "换了说法的需求。"),
        lambda scenario, capability: setattr(scenario.requirements[0], "text", "全天可用"),
        lambda scenario, capability: setattr(scenario, "closed_at", MONDAY),
        lambda scenario, capability: setattr(capability, "capacity", 0),
        lambda scenario, capability: setattr(capability.cases[0], "confirmed_at", MONDAY),
        lambda scenario, capability: setattr(capability.organisation, "suspended_at", MONDAY),
    ],
    ids=["text", "requirement", "closed", "full", "case", "suspended"],
)
def test_whatever_matching_reads_is_news_when_it_changes(session: Session, pair, change) -> None:
    before = matching_inputs(session, on=TODAY)

    change(*pair)
    session.flush()

    assert matching_inputs(session, on=TODAY) != before


def test_another_day_is_news(session: Session, pair) -> None:
    assert matching_inputs(session, on=TODAY) != matching_inputs(session, on=TODAY + timedelta(days=1))


def test_a_pair_that_somebody_acted_on_is_news(session: Session, pair) -> None:
    before = matching_inputs(session, on=TODAY)

    make_match(session, scenario_id=pair[0].key, invited_at=MONDAY)

    assert matching_inputs(session, on=TODAY) != before
