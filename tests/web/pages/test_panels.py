"""Who runs the market sees who owes an answer, and helps a panel to its members; never a proposal or a mark."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from models.jury import Juror, Jury
from models.outbox import MailKind, OutboxMail
from models.user import Role, UserRole
from tests.factories import MONDAY, make_district, make_scenario, make_user, save
from tests.judging import make_bid, make_jury


@pytest.fixture
def jury(session: Session, city) -> Jury:
    city.scenario.deadline_on = date(2026, 10, 30)
    make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key)
    return make_jury(session, scenario_id=city.scenario.key, answer_due_on=date(2026, 11, 20))


@pytest.fixture
def operator(city, log_in):
    return log_in(city.users[Role.OPERATOR])


def test_the_list_names_calls_that_are_over_and_what_is_late(session, city, operator, jury):
    still_open = make_bid(session)
    page = operator.get("/panels").text

    assert city.scenario.title in page
    assert "1 个过了承诺日期" in page
    assert "评委打分中" in page
    assert still_open.scenario.title not in page


def test_a_decided_one_is_not_late(session, operator, jury):
    jury.scored_at = jury.settled_at = jury.decided_at = MONDAY
    jury.record, jury.record_sha256 = {}, "0" * 64
    session.flush()

    page = operator.get("/panels").text

    assert "已决定" in page
    assert "过了承诺日期" not in page


def test_an_operator_appoints_and_sees_no_proposal(session, city, operator, jury):
    address = f"/panels/{city.scenario.key}"
    person = city.users[Role.EVALUATOR]

    answer = operator.post(f"{address}/jurors", data={"user_id": person.key})
    nobody = operator.post(f"{address}/jurors", data={"user_id": ""})
    page = operator.get(address).text

    assert (answer.status_code, nobody.status_code) == (303, 422)
    assert [seat.user_id for seat in session.exec(select(Juror))] == [person.key]
    mails = session.exec(select(OutboxMail).where(OutboxMail.kind == MailKind.JUROR_APPOINTED)).all()
    assert [mail.recipient for mail in mails] == [person.email]
    assert person.name in page
    assert city.firm.name not in page


def test_before_the_agency_begins_nobody_is_appointed(session, city, operator):
    city.scenario.deadline_on = date(2026, 11, 20)
    make_bid(session, scenario_id=city.scenario.key)
    address = f"/panels/{city.scenario.key}"

    assert "还没有开始评审" in operator.get(address).text
    sent = {"user_id": city.users[Role.EVALUATOR].key}
    assert operator.post(f"{address}/jurors", data=sent).status_code == 404


def test_another_district_and_an_open_call_are_not_found(session, city, log_in, operator, jury):
    elsewhere = make_user(session)
    save(session, UserRole(user_id=elsewhere.key, role=Role.OPERATOR, district_id=make_district(session).key))
    session.refresh(elsewhere)
    other = log_in(elsewhere)
    running = make_scenario(session)
    make_bid(session, scenario_id=running.key)

    assert city.scenario.title not in other.get("/panels").text
    assert other.get(f"/panels/{city.scenario.key}").status_code == 404
    assert operator.get(f"/panels/{running.key}").status_code == 404
