"""The job schedule says what the jobs' process says, and nothing twice."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.job_schedule import (
    Line,
    ScheduledJob,
    find_scheduled_job,
    list_scheduled_jobs,
    write_job_schedule,
)
from models.when import Daily, Every
from tests.factories import save

LINES = [Line("send", 15, None, True), Line("digest", None, time(8, 0), False)]
NOW = datetime(2026, 11, 23, 2, 0, 7, tzinfo=UTC)


def test_it_is_written_once_and_read_in_its_order(session: Session) -> None:
    first, again = write_job_schedule(session, LINES), write_job_schedule(session, LINES)

    assert (first, again) == (2, 0)
    assert [row.job for row in list_scheduled_jobs(session)] == ["send", "digest"]


def test_what_changed_is_written_and_what_is_gone_is_deleted(session: Session) -> None:
    write_job_schedule(session, LINES)

    n = write_job_schedule(session, [Line("digest", 300, None, True)])

    (row,) = list_scheduled_jobs(session)
    assert n == 2
    assert (row.job, row.when, row.may_be_asked, row.position) == ("digest", Every(300), True, 0)
    assert find_scheduled_job(session, "send") is None


def test_a_line_knows_when_it_runs_next(session: Session) -> None:
    write_job_schedule(session, LINES)
    send, digest = list_scheduled_jobs(session)

    assert send.next_due_at(NOW, ZoneInfo("UTC")) == datetime(2026, 11, 23, 2, 0, 15, tzinfo=UTC)
    assert digest.when == Daily(time(8, 0))
    assert digest.next_due_at(NOW, ZoneInfo("Asia/Shanghai")) == datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("rhythm", [{}, {"every_seconds": 15, "daily_time": time(8, 0)}])
def test_a_line_has_one_rhythm(session: Session, rhythm: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        save(session, ScheduledJob(job="x", may_be_asked=True, position=0, **rhythm))
