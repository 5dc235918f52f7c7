"""The demo's desk: something waits late and in time, something was answered, changed and kept."""

from sqlmodel import Session, select

from models.addendum import Addendum, concerned_firms
from models.candidacy import Candidacy
from models.question import Question, QuestionStatus, unanswered
from models.scenario import Scenario
from tests.models.conftest import Demo


def scenario(session: Session) -> Scenario:
    return session.exec(select(Scenario).where(Scenario.external_id == "S01")).one()


def test_one_question_is_late_one_in_time_and_one_answered_to_everybody(seeded: Session, demo: Demo) -> None:
    row = scenario(seeded)

    waiting = unanswered(seeded, on=demo.today, organisation_id=row.organisation_id)
    answered = [
        question
        for question in seeded.exec(select(Question))
        if question.status_on(demo.today) is QuestionStatus.ANSWERED
    ]

    assert [question.due_on < demo.today for question in waiting] == [True, False]
    assert [question.is_public for question in answered] == [True]


def test_an_addendum_concerns_a_firm_in_touch(seeded: Session) -> None:
    addendum = seeded.exec(select(Addendum)).one()

    assert addendum.scenario_id == scenario(seeded).key
    assert concerned_firms(seeded, addendum.scenario_id) != []


def test_a_candidate_is_held_with_a_note(seeded: Session) -> None:
    row = seeded.exec(select(Candidacy)).one()

    assert row.held_at is not None
    assert row.note
