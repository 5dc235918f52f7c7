from __future__ import annotations

from datetime import time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import AuditEvent
from models.job_schedule import Line, write_job_schedule
from models.user import Role, UserRole
from models.work import RunStatus, SchedulerLease, WorkKind, begin_run, open_work
from tests.factories import make_user, save


@pytest.fixture
def operator(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


@pytest.fixture
def schedule(session: Session) -> None:
    lines = [Line("reindex", 60, None, True), Line("queue_digests", None, time(8, 0), False)]
    write_job_schedule(session, lines)


def add_run(session: Session, now, *, status: RunStatus, error: str = "", minutes: int = 5, **counts) -> None:
    began = now - timedelta(minutes=minutes)
    run = begin_run(session, job="reindex", key=str(minutes), owner="a", now=began)
    run.finish(began + timedelta(seconds=2), status=status, counts=counts, n_items=1, error=error)
    session.flush()


def wishes(session: Session) -> list[dict]:
    return [wish.payload for wish in open_work(session, WorkKind.RUN_JOB)]


def test_jobs_are_for_operators(client, as_agency) -> None:
    assert client.get("/jobs").status_code == 303
    assert as_agency.get("/jobs").status_code == 403
    assert as_agency.post("/jobs/reindex/run").status_code == 403


def test_before_the_jobs_process_ran_the_page_says_what_to_start(operator) -> None:
    page = operator.get("/jobs").text

    assert "任务进程没有应答" in page and "还不知道有哪些任务" in page


@pytest.mark.usefixtures("schedule")
def test_each_job_is_told_with_its_last_run_and_its_next(operator, session, now) -> None:
    lease = {"name": "scheduler", "owner": "a", "heartbeat_at": now, "expires_at": now}
    save(session, SchedulerLease(**lease))
    add_run(session, now, status=RunStatus.OK, done={"scores_added": 3}, skipped={"nothing_new": 2})

    page = operator.get("/jobs").text

    assert "更新匹配" in page and "每 1 分钟" in page and "每天 08:00" in page
    assert "做了 3 项，跳过 2 项" in page and "用时 2.0 秒" in page
    assert "还没运行过" in page and "没有应答" not in page


@pytest.mark.usefixtures("schedule")
def test_a_failure_is_a_sentence_until_a_good_run_comes_after(operator, session, now) -> None:
    add_run(session, now, status=RunStatus.FAILED, error="还没有索引。", minutes=9)
    failing = operator.get("/jobs").text
    add_run(session, now, status=RunStatus.OK, minutes=3)
    mended = operator.get("/jobs").text

    assert "没有运行完：还没有索引。" in failing and "1 个没做好" in failing
    assert "后来已正常" in mended and "个没做好" not in mended


@pytest.mark.usefixtures("schedule")
def test_a_run_is_asked_for_once_and_written_down(operator, session, city) -> None:
    answers = [operator.post("/jobs/reindex/run") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert wishes(session) == [{"job": "reindex"}]
    event = session.exec(select(AuditEvent)).first()
    assert (event.action, event.actor_user_id) == ("job.asked", city.users[Role.OPERATOR].key)
    assert "已要求，等着运行" in operator.get("/jobs").text


@pytest.mark.usefixtures("schedule")
def test_what_mails_many_people_runs_at_its_hour_only(operator, session) -> None:
    assert "只按时运行" in operator.get("/jobs").text
    assert operator.post("/jobs/queue_digests/run").status_code == 409
    assert operator.post("/jobs/unknown/run").status_code == 404
    assert wishes(session) == []


@pytest.mark.usefixtures("schedule")
def test_an_operator_of_a_district_looks_and_runs_nothing(session, log_in, city) -> None:
    person = make_user(session)
    role = UserRole(user_id=person.key, role=Role.OPERATOR, district_id=city.agency.district_id)
    person.roles.append(role)
    theirs = log_in(person)

    page = theirs.get("/jobs").text
    assert "更新匹配" in page and "现在运行" not in page
    assert theirs.post("/jobs/reindex/run").status_code == 403
    assert wishes(session) == []


@pytest.mark.usefixtures("schedule")
def test_english_readers_get_english(operator) -> None:
    page = operator.get("/jobs?lang=en").text

    assert "Renew matches" in page and "daily at 08:00" in page and "Run now" in page
