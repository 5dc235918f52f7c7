"""Questions and answers on the public page: no name is ever shown, private answers stay private, terms are kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.outbox import MailKind, OutboxMail
from models.question import Question
from models.user import Role
from tests.factories import make_firm, make_question, make_scenario, make_user

ADDRESS = "/scenarios/NS-2026Q4-017/questions"


def recipients(session: Session, kind: MailKind) -> list[str]:
    return [mail.recipient for mail in session.exec(select(OutboxMail).where(OutboxMail.kind == kind))]


@pytest.fixture
def question(session: Session, city) -> Question:
    return make_question(session, scenario_id=city.scenario.key, organisation_id=city.firm.key)


def test_a_firm_asks_and_the_agency_is_told_by_when(session, city, as_firm):
    answer = as_firm.post(ADDRESS, data={"question": " 视频能否出域？ "})

    row = session.exec(select(Question)).one()
    assert answer.status_code == 303
    # Monday and five working days.
    assert (row.text, row.organisation_id, row.due_on) == (
        "视频能否出域？",
        city.firm.key,
        date(2026, 11, 30),
    )
    assert recipients(session, MailKind.QUESTION_ASKED) == [city.users[Role.AGENCY].email]
    assert [event.action for event in subject_events(session, "question", row.key)] == ["question.asked"]
    assert "视频能否出域？" in as_firm.get(ADDRESS).text


def test_the_agency_sees_the_question_without_a_name_first_on_its_home(city, as_agency, question):
    home, page = as_agency.get("/home").text, as_agency.get(ADDRESS).text

    assert "答复提问" in home
    assert question.text in page
    assert city.firm.name not in page
    assert "已等 7 天" in page


def test_a_public_answer_is_read_by_everybody_without_a_name(session, city, client, as_agency, question):
    assert question.text not in client.get(ADDRESS).text

    answer = as_agency.post(
        f"/questions/{question.key}/answer", data={"answer": "可以。", "visible": "public"}
    )

    assert answer.status_code == 303
    for address in (ADDRESS, "/scenarios/NS-2026Q4-017"):
        page = client.get(address).text
        assert question.text in page
        assert "可以。" in page
        assert city.firm.name not in page
    assert recipients(session, MailKind.QUESTION_ANSWERED) == [city.users[Role.STARTUP].email]
    event = subject_events(session, "question", question.key)[-1]
    assert (event.action, event.details) == ("question.answered", {"visible": "public"})


def test_a_private_answer_is_read_by_the_firm_that_asked(
    session, client, log_in, as_firm, as_agency, question
):
    as_agency.post(f"/questions/{question.key}/answer", data={"answer": "只告诉你。", "visible": "private"})
    other = log_in(make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key))

    assert "只告诉你。" in as_firm.get(ADDRESS).text
    for reader in (client, other):
        assert "只告诉你。" not in reader.get(ADDRESS).text
        assert question.text not in reader.get(ADDRESS).text


@pytest.mark.parametrize("sent", ["", "长" * 4001])
def test_an_answer_that_says_nothing_or_too_much_comes_back(session, as_agency, question, sent):
    answer = as_agency.post(f"/questions/{question.key}/answer", data={"answer": sent})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    session.refresh(question)
    assert question.answered_at is None


def test_a_question_that_says_nothing_comes_back(session, as_firm):
    answer = as_firm.post(ADDRESS, data={"question": "  "})

    assert answer.status_code == 422
    assert 'href="#field-question"' in answer.text
    assert session.exec(select(Question)).all() == []


def test_a_question_is_answered_once(as_agency, question):
    address = f"/questions/{question.key}/answer"

    assert as_agency.post(address, data={"answer": "一"}).status_code == 303
    assert as_agency.post(address, data={"answer": "二"}).status_code == 409


def test_the_question_to_another_agency_is_not_there(session, as_agency):
    other = make_question(session)

    assert as_agency.post(f"/questions/{other.key}/answer", data={"answer": "可以"}).status_code == 404


def test_questions_close_with_the_scenario_and_stay_readable(
    session, city, client, as_firm, as_agency, question
):
    as_agency.post(f"/questions/{question.key}/answer", data={"answer": "可以。"})
    late = make_question(session, scenario_id=city.scenario.key, organisation_id=city.firm.key, text="来晚了")
    session.refresh(city.scenario)
    city.scenario.deadline_on = date(2026, 11, 22)
    session.flush()

    assert as_firm.post(ADDRESS, data={"question": "还收吗"}).status_code == 409
    assert as_agency.post(f"/questions/{late.key}/answer", data={"answer": "晚了"}).status_code == 409
    assert "可以。" in client.get(ADDRESS).text
    assert "没有答复" in as_firm.get(ADDRESS).text
    assert "来晚了" not in as_agency.get("/home").text


def test_an_overdue_question_is_red_and_before_everything_else(session, city, as_agency, now):
    make_question(session, scenario_id=city.scenario.key, due_on=now.date() - timedelta(days=1))

    page = as_agency.get(ADDRESS).text

    assert "is-seal" in page.split('id="waiting"')[1].split("</form>")[0]


def test_drafts_have_no_questions(session, client, as_firm, city):
    draft = make_scenario(session, organisation_id=city.agency.key, published_at=None, number="X-9")

    assert client.get("/scenarios/X-9/questions").status_code == 404
    assert as_firm.post(f"/scenarios/{draft.number}/questions", data={"question": "甲"}).status_code == 404


def test_the_page_is_there_in_english(client, question):
    assert "Questions and answers" in client.get(f"{ADDRESS}?lang=en").text
