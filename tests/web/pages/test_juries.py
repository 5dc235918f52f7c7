"""An agency sets up its panel: after the last day, evaluators only, nothing seen before all is in."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import subject_events
from models.bid import Bid
from models.jury import Juror, Jury, JuryStatus, find_jury
from models.outbox import MailKind, OutboxMail
from models.rubric import find_locked
from models.user import Role
from tests.factories import MONDAY, make_organisation, make_user
from tests.judging import make_bid, make_juror, make_jury, make_marks, make_rubric


@pytest.fixture
def bid(session: Session, city) -> Bid:
    """Handed in; the last day is over and the criteria are fixed."""
    city.scenario.deadline_on = date(2026, 11, 20)
    make_rubric(session, scenario_id=city.scenario.key)
    return make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key)


@pytest.fixture
def jury(session: Session, city, bid: Bid) -> Jury:
    """Two members have declared."""
    rubric = find_locked(session, city.scenario.key)
    return make_jury(session, scenario_id=city.scenario.key, rubric_id=rubric.key, n_jurors=2)


@pytest.fixture
def address(city) -> str:
    return f"/my/scenarios/{city.scenario.key}/jury"


def recipients(session: Session, kind: MailKind) -> list[str]:
    return [mail.recipient for mail in session.exec(select(OutboxMail).where(OutboxMail.kind == kind))]


def score_all(session: Session, jury: Jury, bid: Bid, *scores: tuple[int, ...]) -> None:
    for juror, given in zip(jury.jurors, scores, strict=True):
        make_marks(session, juror, bid, given)
        juror.handed_in_at = MONDAY
    jury.scored_at = MONDAY
    session.flush()


def test_a_panel_begins_with_the_promised_day(session, city, as_agency, bid, address):
    before = as_agency.get(address).text
    answer = as_agency.post(address)

    jury = find_jury(session, city.scenario.key)
    assert "开始评审" in before
    assert answer.status_code == 303
    # Twenty working days after Friday 20 November.
    assert jury.answer_due_on == date(2026, 12, 18)
    assert [event.action for event in subject_events(session, "jury", jury.key)] == ["jury.begun"]
    assert as_agency.post(address).status_code == 409


def test_while_firms_may_hand_in_no_panel_begins(session, city, as_agency, bid, address):
    city.scenario.deadline_on = date(2026, 11, 23)

    assert "征集还没有截止" in as_agency.get(address).text
    assert as_agency.post(address).status_code == 409
    assert find_jury(session, city.scenario.key) is None


def test_without_a_last_day_the_button_says_that_it_closes_the_call(session, city, as_agency, bid, address):
    city.scenario.deadline_on = None

    page = as_agency.get(address).text
    as_agency.post(address)

    session.expire_all()
    assert "结束征集，开始评审" in page
    assert city.scenario.closed_at is not None


def test_an_evaluator_is_appointed_and_told(session, city, as_agency, jury, address):
    person = city.users[Role.EVALUATOR]

    answer = as_agency.post(f"{address}/jurors", data={"user_id": person.key})

    assert answer.status_code == 303
    assert recipients(session, MailKind.JUROR_APPOINTED) == [person.email]
    assert "等评委申报利益冲突" in as_agency.get(address).text


@pytest.mark.parametrize(("value", "status"), [("", 422), ("甲", 422), ("999999", 404)])
def test_nobody_else_is_appointed(session, as_agency, jury, address, value, status):
    assert as_agency.post(f"{address}/jurors", data={"user_id": value}).status_code == status
    assert len(session.exec(select(Juror)).all()) == 2


def test_somebody_without_the_role_is_no_choice(session, city, as_agency, jury, address):
    person = city.users[Role.OPERATOR]

    assert as_agency.post(f"{address}/jurors", data={"user_id": person.key}).status_code == 404


def test_an_appointment_is_taken_back_and_a_member_leaves_with_a_reason(session, as_agency, jury, address):
    waiting = make_juror(session, jury)
    first, gone = jury.jurors[0], waiting.key

    as_agency.post(f"{address}/jurors/{gone}/dismiss")
    nothing = as_agency.post(f"{address}/jurors/{first.key}/dismiss", data={"reason": " "})
    as_agency.post(f"{address}/jurors/{first.key}/dismiss", data={"reason": "已离职"})

    session.expire_all()
    assert nothing.status_code == 422
    assert session.get(Juror, gone) is None
    assert session.get_one(Juror, first.key).recusal_reason == "已离职"
    assert as_agency.post(f"{address}/jurors/999999/dismiss").status_code == 404


def test_nobody_sees_a_mark_before_all_are_in(session, as_agency, jury, bid, address):
    make_marks(session, jury.jurors[0], bid, (3, 3, 3, 3, 3))
    jury.jurors[0].handed_in_at = MONDAY

    page = as_agency.get(address).text

    assert "1 / 2 位评委已交分" in page
    assert "分数谁也看不到" in page
    assert "总分" not in page


def test_all_marks_are_shown_with_where_they_are_far_apart(session, as_agency, jury, bid, address):
    score_all(session, jury, bid, (3, 3, 3, 3, 3), (1, 3, 3, 3, 3))

    page = as_agency.get(address).text

    assert "1 项分歧大" in page
    assert "相差 2 分" in page
    # Two thirds of 35 for the first criterion, and all of the other 65.
    assert "88.3" in page


def test_settling_with_marks_apart_asks_for_a_word(session, as_agency, jury, bid, address):
    score_all(session, jury, bid, (3, 3, 3, 3, 3), (1, 3, 3, 3, 3))

    without = as_agency.post(f"{address}/settle", data={"note": ""})
    with_word = as_agency.post(f"{address}/settle", data={"note": "两人都写明了理由。"})

    session.expire_all()
    assert (without.status_code, with_word.status_code) == (422, 303)
    assert "为什么可以这样定" in without.text
    assert session.get_one(Jury, jury.key).status is JuryStatus.SETTLED
    assert "作决定" in as_agency.get(address).text


def test_another_agency_finds_no_panel(session, log_in, jury, address):
    other: FlaskClient = log_in(
        make_user(session, roles=(Role.AGENCY,), organisation_id=make_organisation(session).key)
    )

    assert other.get(address).status_code == 404
    assert other.post(address).status_code == 404
    assert other.post(f"{address}/jurors", data={"user_id": 1}).status_code == 404


def test_without_criteria_the_page_leads_to_them(session, city, as_agency, address):
    city.scenario.deadline_on = date(2026, 11, 20)
    make_bid(session, scenario_id=city.scenario.key)

    assert "公布评分标准" in as_agency.get(address).text
