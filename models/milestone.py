"""Milestones (里程碑) of a pilot: what is to be there by which day, and when it was."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, find_row, moment
from models.errors import InvalidTransition, NotFound
from models.pilot import Pilot, PilotStatus
from models.user import User

ENDED = (PilotStatus.ACCEPTED, PilotStatus.STOPPED)


class Milestone(Table, table=True):
    """One milestone. Either side writes it and says when it is reached; both read it."""

    __table_args__ = (
        sa.CheckConstraint("title <> ''", name="has_title"),
        sa.CheckConstraint("done_by_user_id IS NULL OR done_at IS NOT NULL", name="done_by_somebody"),
    )

    pilot_id: int = Field(foreign_key="pilot.id", index=True)
    title: str = Field(max_length=200)
    due_on: date
    done_at: datetime | None = moment()
    done_by_user_id: int | None = Field(default=None, foreign_key="user.id")

    def finish(self, now: datetime, *, by: User) -> None:
        """It is reached. InvalidTransition the second time."""
        if self.done_at is not None:
            raise InvalidTransition("这个里程碑已经记为完成。")
        self.done_at, self.done_by_user_id = now, by.key

    def is_late(self, on: date) -> bool:
        """Whether its day is past and it is not reached."""
        return self.done_at is None and self.due_on < on


def make_milestone(pilot: Pilot, *, title: str, due_on: date) -> Milestone:
    """A milestone, not yet saved. InvalidTransition once the pilot has ended."""
    if pilot.status in ENDED:
        raise InvalidTransition("试点已经结束，不再加里程碑。")
    return Milestone(pilot_id=pilot.key, title=title, due_on=due_on)


def pilot_milestones(session: Session, pilot_id: int) -> list[Milestone]:
    """The milestones of a pilot, by their day."""
    statement = select(Milestone).where(col(Milestone.pilot_id) == pilot_id)
    return list(session.exec(statement.order_by(col(Milestone.due_on), col(Milestone.id))))


def get_milestone(session: Session, milestone_id: int, *, pilot_id: int) -> Milestone:
    """A milestone of this pilot; NotFound otherwise."""
    row = find_row(session, Milestone, milestone_id)
    if row is None or row.pilot_id != pilot_id:
        raise NotFound("没有这个里程碑。")
    return row
