"""Addenda: beside the text, never in it; numbered; for those in touch."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.addendum import Addendum, concerned_firms, issue_addendum, list_addenda
from models.errors import InvalidTransition
from models.match import DeclineReason, DismissReason
from models.scenario import ScenarioStatus
from tests.factories import MONDAY, make_introduced_match, make_match, make_scenario, make_user, save
from tests.judging import make_bid
from tests.models.test_scenario import STATES


def test_an_addendum_leaves_the_text_as_it_was(session: Session) -> None:
    scenario, person = make_scenario(session), make_user(session)
    before = scenario.model_dump()

    first = issue_addendum(session, scenario, what="甲", why="乙", by=person, now=MONDAY)
    second = issue_addendum(session, scenario, what="丙", why="丁", by=person, now=MONDAY)

    assert scenario.model_dump() == before
    assert list_addenda(session, scenario.key) == [first, second]
    assert (first.serial, second.serial) == (1, 2)


@pytest.mark.parametrize("status", [status for status in STATES if status is not ScenarioStatus.PUBLISHED])
def test_only_what_is_public_and_not_closed_has_addenda(session: Session, status: ScenarioStatus) -> None:
    scenario = make_scenario(session, **STATES[status])

    with pytest.raises(InvalidTransition):
        issue_addendum(session, scenario, what="甲", why="乙", by=make_user(session), now=MONDAY)


def test_it_concerns_those_in_touch_and_nobody_who_said_no_or_was_told_no(session: Session) -> None:
    scenario = make_scenario(session).key
    invited = make_match(session, scenario_id=scenario, invited_at=MONDAY)
    interested = make_match(session, scenario_id=scenario, interested_at=MONDAY)
    introduced = make_introduced_match(session, scenario_id=scenario)
    make_match(session, scenario_id=scenario)
    make_match(session, scenario_id=scenario, saved_at=MONDAY)
    declined = {"declined_at": MONDAY, "decline_reason": DeclineReason.PRICE}
    make_match(session, scenario_id=scenario, interested_at=MONDAY, **declined)
    dismissed = {"dismissed_at": MONDAY, "dismiss_reason": DismissReason.BUDGET}
    make_match(session, scenario_id=scenario, invited_at=MONDAY, **dismissed)
    make_match(session, invited_at=MONDAY)

    assert concerned_firms(session, scenario) == sorted(
        match.organisation_id for match in (invited, interested, introduced)
    )


def test_the_database_knows_no_addendum_without_words_and_each_number_once(session: Session) -> None:
    scenario = make_scenario(session).key
    with pytest.raises(IntegrityError), session.begin_nested():
        save(session, Addendum(scenario_id=scenario, serial=1, what="甲", why=""))
    save(session, Addendum(scenario_id=scenario, serial=1, what="甲", why="乙"))
    with pytest.raises(IntegrityError), session.begin_nested():
        save(session, Addendum(scenario_id=scenario, serial=1, what="甲", why="乙"))


def test_firms_that_propose_are_concerned_until_they_withdraw_or_are_answered(session: Session) -> None:
    scenario = make_scenario(session)
    draft = make_bid(session, scenario_id=scenario.key, submitted_at=None)
    handed_in = make_bid(session, scenario_id=scenario.key)
    make_bid(session, scenario_id=scenario.key, withdrawn_at=MONDAY)
    make_bid(session, scenario_id=scenario.key, selected_at=MONDAY)

    assert concerned_firms(session, scenario.key) == [draft.organisation_id, handed_in.organisation_id]
