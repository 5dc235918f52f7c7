"""Questions about a published scenario: asked by a firm, shown without its name, answered by the agency in time.

A public answer is read by everybody, with the question; a private one by the firm that asked. Questions are open as
long as the scenario is; what was answered stays readable afterwards.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, find_row, moment
from models.errors import InvalidTransition, NotFound
from models.i18n import N_
from models.scenario import Scenario, published
from models.user import User

MAX_QUESTION = 1000
MAX_ANSWER = 4000
MAX_OPEN = 5
"""Open questions of one firm about one scenario; more is a conversation, and that is what an interest is for."""
REMIND_AHEAD = timedelta(days=1)


class QuestionStatus(StrEnum):
    """Derived: open, answered, or closed with its scenario without an answer."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Question(Table, table=True):
    """One question of one firm. Made by the firm, answered once by the agency, never changed afterwards."""

    __table_args__ = (
        sa.CheckConstraint("answered_at IS NULL OR answer <> ''", name="answered_says_something"),
    )

    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    organisation_id: int = Field(
        foreign_key="organisation.id", index=True, description="Who asked; never shown."
    )
    asked_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    text: str = Field(sa_type=sa.Text)
    due_on: date = Field(description="Last day of the promised answer, by working days when it was asked.")
    answered_at: datetime | None = moment()
    answered_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    answer: str = Field(default="", sa_type=sa.Text)
    is_public: bool = Field(default=False, description="Whether everybody reads question and answer.")

    scenario: Scenario = Relationship()

    def status_on(self, on: date) -> QuestionStatus:
        """open, answered, or closed because its scenario takes no answers any more on that day."""
        if self.answered_at is not None:
            return QuestionStatus.ANSWERED
        return QuestionStatus.OPEN if self.scenario.is_open(on) else QuestionStatus.CLOSED

    def reply(self, text: str, *, is_public: bool, by: User, now: datetime, on: date) -> None:
        """Answer it. InvalidTransition where it was answered, or where its scenario is closed."""
        if self.status_on(on) is not QuestionStatus.OPEN:
            raise InvalidTransition(N_("这个问题已经答复，或者场景已经结束。"))
        self.answer, self.is_public = text, is_public
        self.answered_at, self.answered_by_user_id = now, by.key


def ask(  # noqa: PLR0913  (columns of the row)
    session: Session, scenario: Scenario, *, by: User, text: str, due_on: date, now: datetime
) -> Question:
    """Ask about a scenario that is open. InvalidTransition where the firm has too many open questions about it."""
    if by.organisation_id is None or by.organisation_id == scenario.organisation_id:
        raise InvalidTransition(N_("不能向自己的场景提问。"))
    mine = [row for row in asked_by(session, scenario.key, by.organisation_id) if row.answered_at is None]
    if len(mine) >= MAX_OPEN:
        raise InvalidTransition(N_("你在这个场景还有 5 个问题没有答复，请等答复后再问。"))
    row = Question(
        created_at=now,
        scenario_id=scenario.key,
        organisation_id=by.organisation_id,
        asked_by_user_id=by.key,
        text=text,
        due_on=due_on,
    )
    session.add(row)
    session.flush()
    return row


def public_answers(session: Session, scenario_id: int) -> list[Question]:
    """The questions everybody reads, the newest answer first."""
    statement = select(Question).where(
        col(Question.scenario_id) == scenario_id,
        col(Question.is_public).is_(True),
        col(Question.answered_at).is_not(None),
    )
    return list(session.exec(statement.order_by(col(Question.answered_at).desc(), col(Question.id).desc())))


def asked_by(session: Session, scenario_id: int, organisation_id: int) -> list[Question]:
    """What one firm asked about a scenario, newest first."""
    statement = select(Question).where(
        col(Question.scenario_id) == scenario_id, col(Question.organisation_id) == organisation_id
    )
    return list(session.exec(statement.order_by(col(Question.id).desc())))


def unanswered(session: Session, *, on: date, organisation_id: int | None = None) -> list[Question]:
    """The open questions about the scenarios of an agency, or of all, that of the earliest term first."""
    statement = (
        select(Question)
        .join(Scenario, col(Scenario.id) == col(Question.scenario_id))
        .where(col(Question.answered_at).is_(None), published(on))
        .order_by(col(Question.due_on), col(Question.id))
        .options(contains_eager(Question.scenario))  # type: ignore[arg-type]
    )
    if organisation_id is not None:
        statement = statement.where(col(Scenario.organisation_id) == organisation_id)
    return list(session.exec(statement))


def due_questions(session: Session, *, on: date) -> list[int]:
    """The ids of the open questions whose term ends within REMIND_AHEAD, or has ended."""
    return [row.key for row in unanswered(session, on=on) if row.due_on - on <= REMIND_AHEAD]


def get_question(session: Session, question_id: int, *, agency_id: int) -> Question:
    """A question about a scenario of this agency. NotFound for another's."""
    row = find_row(session, Question, question_id)
    if row is None or row.scenario.organisation_id != agency_id:
        raise NotFound(N_("没有这个问题。"))
    return row
