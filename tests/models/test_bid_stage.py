"""Where a proposal is on its way, and by when the agency promised to answer."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlmodel import Session

from models.bid_stage import BidStage, answer_due_on, stage_of
from tests.factories import MONDAY, make_scenario
from tests.judging import make_bid, make_jury

TODAY, LATE = date(2026, 11, 23), date(2027, 1, 1)


@pytest.mark.parametrize(
    ("values", "on", "stage"),
    [
        ({"submitted_at": None}, TODAY, BidStage.WRITING),
        ({"submitted_at": None}, LATE, BidStage.LAPSED),
        ({}, TODAY, BidStage.HANDED_IN),
        ({}, LATE, BidStage.WAITING),
        ({"withdrawn_at": MONDAY}, TODAY, BidStage.WITHDRAWN),
        ({"selected_at": MONDAY}, LATE, BidStage.SELECTED),
        ({"not_selected_at": MONDAY, "reason_text": "理由"}, LATE, BidStage.NOT_SELECTED),
    ],
)
def test_the_stage_without_a_panel(
    session: Session, values: dict[str, Any], on: date, stage: BidStage
) -> None:
    assert stage_of(make_bid(session, **values), None, on=on) is stage


@pytest.mark.parametrize(
    ("moments", "stage"),
    [
        ({}, BidStage.JUDGED),
        ({"scored_at": MONDAY}, BidStage.JUDGED),
        ({"scored_at": MONDAY, "settled_at": MONDAY}, BidStage.SETTLED),
    ],
)
def test_the_stage_under_a_panel(session: Session, moments: dict[str, datetime], stage: BidStage) -> None:
    jury = make_jury(session, **moments)

    assert stage_of(make_bid(session, scenario_id=jury.scenario_id), jury, on=TODAY) is stage


def test_the_answer_is_due_so_many_working_days_after_the_last_day(session: Session) -> None:
    scenario = make_scenario(session, deadline_on=date(2026, 11, 20))
    endless = make_scenario(session, deadline_on=None)
    closed = make_scenario(session, deadline_on=None, closed_at=MONDAY)
    days = {"n_days": 2, "holidays": [date(2026, 11, 23)]}

    assert answer_due_on(scenario, None, **days) == date(2026, 11, 25)
    assert answer_due_on(endless, None, **days) is None
    assert answer_due_on(closed, None, **days) == date(2026, 11, 18)


def test_what_a_panel_promised_stands(session: Session) -> None:
    jury = make_jury(session, answer_due_on=date(2026, 12, 1))

    assert answer_due_on(jury.scenario, jury, n_days=2, holidays=[]) == date(2026, 12, 1)
