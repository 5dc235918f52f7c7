"""What people owe about proposals: each to whom it falls, with the promised day, and only as long as it is theirs."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session

from models.user import Role
from tests.factories import MONDAY
from tests.judging import make_bid, make_juror, make_jury, make_rubric


@pytest.fixture
def ended(city) -> None:
    city.scenario.deadline_on = date(2026, 11, 20)


def test_a_firm_owes_its_draft_until_the_last_day(session: Session, city, as_firm) -> None:
    make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key, submitted_at=None)
    before = as_firm.get("/home").text
    city.scenario.deadline_on = date(2026, 11, 20)

    assert "写完方案：用巡查车视频自动发现道路井盖病害并派单" in before
    assert "写完方案" not in as_firm.get("/home").text


def test_an_agency_owes_a_panel_once_the_call_is_over(session: Session, city, as_agency) -> None:
    make_bid(session, scenario_id=city.scenario.key)
    before = as_agency.get("/home").text
    city.scenario.deadline_on = date(2026, 11, 20)
    after = as_agency.get("/home").text

    assert "组织评审" not in before
    assert "组织评审：" in after
    assert "1 家在等答复" in after
    assert "12-18" in after


@pytest.mark.parametrize(
    ("moments", "words"),
    [
        ({}, "请够评委："),
        ({"scored_at": MONDAY}, "合议定稿："),
        ({"scored_at": MONDAY, "settled_at": MONDAY}, "决定选谁："),
    ],
)
def test_an_agency_owes_the_next_step_of_its_panel(
    session: Session, city, as_agency, ended, moments, words
) -> None:
    make_bid(session, scenario_id=city.scenario.key)
    rubric = make_rubric(session, scenario_id=city.scenario.key)
    make_jury(session, scenario_id=city.scenario.key, rubric_id=rubric.key, **moments)

    assert words in as_agency.get("/home").text


def test_while_evaluators_score_the_agency_owes_nothing(session: Session, city, as_agency, ended) -> None:
    make_bid(session, scenario_id=city.scenario.key)
    make_jury(session, scenario_id=city.scenario.key, n_jurors=2)
    page = as_agency.get("/home").text

    assert not any(words in page for words in ("请够评委", "合议定稿", "决定选谁", "组织评审"))


def test_an_evaluator_owes_a_declaration_then_marks(session: Session, city, log_in, ended) -> None:
    make_bid(session, scenario_id=city.scenario.key)
    jury = make_jury(session, scenario_id=city.scenario.key, answer_due_on=date(2026, 11, 20))
    seat = make_juror(session, jury, user_id=city.users[Role.EVALUATOR].key)
    me = log_in(city.users[Role.EVALUATOR])
    first = me.get("/juries").text
    seat.declared_at = MONDAY
    second = me.get("/juries").text
    seat.handed_in_at = MONDAY

    assert "申报利益冲突：" in first
    assert 'class="due is-seal"' in first
    assert "打分：" in second
    assert 'id="owed"' not in me.get("/juries").text
