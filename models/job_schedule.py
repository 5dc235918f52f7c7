"""The job schedule as pages read it: which jobs there are and when they run. Written by the jobs' own process.

Pages know no jobs; jobs/announce.py writes one row for each, so what a page shows is what that process runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table
from models.when import Daily, Every, When


@dataclass(frozen=True, slots=True)
class Line:
    """One job: its rhythm (one of the two), and whether a person may ask for a run between its times."""

    job: str
    every_seconds: int | None
    daily_time: time | None
    may_be_asked: bool


class ScheduledJob(Table, table=True):
    """One job of the process that runs them. Written by jobs/announce.py only."""

    __tablename__ = "scheduled_job"
    __table_args__ = (
        sa.CheckConstraint("(every_seconds IS NULL) <> (daily_time IS NULL)", name="one_rhythm"),
    )

    job: str = Field(unique=True, max_length=60)
    every_seconds: int | None = Field(default=None)
    daily_time: time | None = Field(default=None, description="On the clock of the installation's zone.")
    may_be_asked: bool = Field(description="Whether a run between its times mails nobody and harms nothing.")
    position: int = Field(description="Its place in the table, from 0.")

    @property
    def when(self) -> When:
        """The rhythm."""
        if self.every_seconds is not None:
            return Every(self.every_seconds)
        assert self.daily_time is not None, "one of the two is there: see the constraint"
        return Daily(self.daily_time)

    def next_due_at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """When it runs next."""
        return self.when.next_due_at(now, zone)


def list_scheduled_jobs(session: Session) -> list[ScheduledJob]:
    """All jobs, in the order of the table."""
    return list(session.exec(select(ScheduledJob).order_by(col(ScheduledJob.position))))


def find_scheduled_job(session: Session, job: str) -> ScheduledJob | None:
    """The line of a job, or None."""
    return session.exec(select(ScheduledJob).where(col(ScheduledJob.job) == job)).first()


def write_job_schedule(session: Session, lines: Sequence[Line]) -> int:
    """Make the table say exactly this; how many rows were written or deleted (0: it said so already)."""
    known = {row.job: row for row in list_scheduled_jobs(session)}
    n = 0
    for position, line in enumerate(lines):
        row = known.pop(line.job, None)
        if row is None:
            row = ScheduledJob(job=line.job, may_be_asked=line.may_be_asked, position=position)
        values = {
            "every_seconds": line.every_seconds,
            "daily_time": line.daily_time,
            "may_be_asked": line.may_be_asked,
            "position": position,
        }
        if row.id is None or any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)
            n += 1
    for row in known.values():
        session.delete(row)
        n += 1
    session.flush()
    return n
