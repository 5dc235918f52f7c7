"""Questions whose term ends get their agency one reminder."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from jobs.runner import Run
from models.errors import NotFound
from models.notice import tell_of_waiting_question
from models.question import Question, due_questions


def remind_questions(run: Run, *, zone: ZoneInfo) -> None:
    """Write the reminders, one transaction a question; each question is reminded of once."""
    on = run.now.astimezone(zone).date()
    with run.reading() as session:
        question_ids = due_questions(session, on=on)

    def act(session: Session, question_id: int) -> str | None:
        question = session.get(Question, question_id)
        if question is None:
            raise NotFound("没有这个问题。")
        told = tell_of_waiting_question(session, question, now=run.now)
        return None if any(mail.created_at == run.now for mail in told) else "told_before"

    run.each(question_ids, act, what="questions")
