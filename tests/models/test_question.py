"""Questions: open, answered or closed with their scenario; who reads what; the earliest term first."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidTransition, NotFound
from models.question import (
    MAX_OPEN,
    Question,
    QuestionStatus,
    ask,
    asked_by,
    due_questions,
    get_question,
    public_answers,
    unanswered,
)
from models.user import Role
from tests.factories import MONDAY, make_firm, make_organisation, make_question, make_scenario, make_user

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def answer(session: Session, row: Question, *, is_public: bool = True, on: date = TODAY) -> None:
    row.reply("可以。", is_public=is_public, by=make_user(session), now=NOW, on=on)
    session.flush()


def test_the_state_follows_the_answer_and_the_scenario(session: Session) -> None:
    row = make_question(session)
    assert row.status_on(TODAY) is QuestionStatus.OPEN
    assert row.status_on(date(2027, 1, 1)) is QuestionStatus.CLOSED

    answer(session, row)

    assert row.status_on(date(2027, 1, 1)) is QuestionStatus.ANSWERED


@pytest.mark.parametrize("how", ["answered", "closed", "withdrawn", "late"])
def test_what_is_not_open_is_not_answered(session: Session, how: str) -> None:
    row = make_question(session)
    on = TODAY
    if how == "answered":
        answer(session, row)
    elif how == "closed":
        row.scenario.close(NOW)
    elif how == "withdrawn":
        row.scenario.withdraw(NOW)
    else:
        on = date(2027, 1, 1)
    before = row.model_dump()

    with pytest.raises(InvalidTransition):
        answer(session, row, on=on)

    assert row.model_dump() == before


def test_everybody_reads_public_answers_only_newest_first(session: Session) -> None:
    scenario = make_scenario(session)
    first, second, private, _ = (make_question(session, scenario_id=scenario.key) for _ in range(4))
    answer(session, first)
    second.reply("不行。", is_public=True, by=make_user(session), now=NOW + timedelta(hours=1), on=TODAY)
    answer(session, private, is_public=False)

    assert public_answers(session, scenario.key) == [second, first]
    assert asked_by(session, scenario.key, private.organisation_id) == [private]


def test_a_firm_asks_and_too_many_at_once_are_refused(session: Session) -> None:
    scenario, firm = make_scenario(session), make_firm(session)
    person = make_user(session, roles=(Role.STARTUP,), organisation_id=firm.key)
    rows = [ask(session, scenario, by=person, text="问", due_on=TODAY, now=NOW) for _ in range(MAX_OPEN)]

    with pytest.raises(InvalidTransition):
        ask(session, scenario, by=person, text="再问", due_on=TODAY, now=NOW)
    answer(session, rows[0])

    assert ask(session, scenario, by=person, text="再问", due_on=TODAY, now=NOW).organisation_id == firm.key


def test_nobody_asks_about_their_own_scenario(session: Session) -> None:
    scenario = make_scenario(session)
    own = make_user(session, roles=(Role.STARTUP,), organisation_id=scenario.organisation_id)

    for person in (own, make_user(session)):
        with pytest.raises(InvalidTransition):
            ask(session, scenario, by=person, text="问", due_on=TODAY, now=NOW)


def test_what_waits_is_in_the_order_of_its_term(session: Session) -> None:
    agency = make_organisation(session)
    scenario = make_scenario(session, organisation_id=agency.key)
    later = make_question(session, scenario_id=scenario.key, due_on=TODAY + timedelta(days=2))
    sooner = make_question(session, scenario_id=scenario.key, due_on=TODAY + timedelta(days=1))
    answer(session, make_question(session, scenario_id=scenario.key))
    closed = make_scenario(session, organisation_id=agency.key, closed_at=MONDAY)
    make_question(session, scenario_id=closed.key)
    other = make_question(session, due_on=TODAY - timedelta(days=4))

    assert unanswered(session, on=TODAY, organisation_id=agency.key) == [sooner, later]
    assert due_questions(session, on=TODAY) == [other.key, sooner.key]


def test_the_question_to_another_agency_is_not_there(session: Session) -> None:
    row = make_question(session)

    assert get_question(session, row.key, agency_id=row.scenario.organisation_id) is row
    for question_id, agency_id in ((row.key, row.organisation_id), (999_999, row.scenario.organisation_id)):
        with pytest.raises(NotFound):
            get_question(session, question_id, agency_id=agency_id)


def test_the_database_knows_no_empty_answer(session: Session) -> None:
    with pytest.raises(IntegrityError):
        make_question(session, answered_at=MONDAY)
