import threading
from collections.abc import Callable
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select
from structlog.testing import capture_logs

from jobs.process import this_process
from jobs.runner import MAX_ATTEMPTS, RETRY_AFTER, Counts, Job, LeaseLost, Outcome, Run, Runner, describe
from models.base import utcnow
from models.db import transaction
from models.errors import NotReady
from models.outbox import OutboxMail
from models.when import Daily, Every
from models.work import (
    JobRun,
    RunStatus,
    WorkKind,
    WorkRequest,
    acquire_lease,
    ask_for_work,
    begin_run,
    find_lease,
)
from tests.jobs.conftest import FixedClock
from tests.jobs.rows import make_mail
from tests.jobs.sending import make_run

SHENZHEN = ZoneInfo("Asia/Shanghai")
DEAD = this_process() + "9"  # this pid, started at another time: known to be gone
DAY = timedelta(days=1)


def make_job(function: Callable[[Run], None] = lambda run: None, **values: object) -> Job:
    defaults: dict[str, object] = {"name": "job", "function": function, "when": Daily(time(8, 0)), "why": ""}
    return Job(**{**defaults, **values})  # type: ignore[arg-type]


def make_runner(engine: Engine, clock: FixedClock, owner: str = "a") -> Runner:
    return Runner(engine, clock, owner)


def due(engine: Engine, clock: FixedClock, job: Job, owner: str = "a") -> Outcome | None:
    return make_runner(engine, clock, owner).due(job, SHENZHEN)


def job_runs(engine: Engine) -> list[tuple[str, str, int]]:
    with Session(engine) as session:
        rows = session.exec(select(JobRun).order_by(col(JobRun.id)))
        return [(row.run_key, str(row.status), row.n_attempts) for row in rows]


def n_mails(engine: Engine) -> int:
    with Session(engine) as session:
        return len(session.exec(select(OutboxMail)).all())


def add_mail(session: Session, item_id: int) -> str | None:
    make_mail(session, subject_ref=f"pilot:{item_id}")
    if item_id == 2:
        raise RuntimeError("reader@example.org is not to be logged")
    return "odd" if item_id == 3 else None


def test_one_bad_row_does_not_stop_the_rest(run: Run, database: Engine) -> None:
    with capture_logs() as logs:
        run.each([1, 2, 4], add_mail, what="mails")

    assert n_mails(database) == 2
    assert run.counts.to_json() == {"done": {"mails": 2}, "failed": {"RuntimeError": 1}}
    assert [(log["event"], log["item_id"]) for log in logs] == [("job.item_failed", 2)]
    assert "example.org" not in str(logs)


def test_a_reason_is_counted_and_its_work_kept(run: Run, database: Engine) -> None:
    run.each([1, 3], add_mail, what="mails")

    assert run.counts.to_json() == {"done": {"mails": 1}, "skipped": {"odd": 1}}
    assert n_mails(database) == 2


def test_a_dry_run_does_all_and_keeps_nothing(database: Engine, clock: FixedClock) -> None:
    run = make_run(database, clock, dry_run=True)

    run.each([1, 3], add_mail, what="mails")

    assert run.counts.to_json() == {"done": {"mails": 1}, "skipped": {"odd": 1}}
    assert n_mails(database) == 0


def test_a_stop_is_obeyed_between_two_items(database: Engine, clock: FixedClock) -> None:
    run = make_run(database, clock, is_stopping=lambda: n_mails(database) >= 1)

    run.each([1, 4, 5], add_mail, what="mails")

    assert n_mails(database) == 1


def test_a_lost_lease_stops_everything_and_keeps_nothing(database: Engine, clock: FixedClock) -> None:
    def overtaken(_session: Session) -> None:
        raise LeaseLost("job")

    run = make_run(database, clock, guard=overtaken)

    with pytest.raises(LeaseLost):
        run.each([1, 4], add_mail, what="mails")

    assert n_mails(database) == 0


def test_errors_are_told_by_type_and_place() -> None:
    try:
        raise ValueError("reader@example.org")
    except ValueError as err:
        told = describe(err)

    assert told.startswith("ValueError at jobs/test_runner.py:")
    assert describe(ValueError("x")) == "ValueError"


def test_once_runs_every_time_and_leaves_a_row_each(database: Engine, clock: FixedClock) -> None:
    seen = []
    job = make_job(lambda run: (seen.append(run.now), run.counts.did("things"))[0])

    outcomes = [make_runner(database, clock).once(job) for _ in range(2)]

    assert [outcome.status for outcome in outcomes] == [RunStatus.OK] * 2
    assert outcomes[0].counts == {"done": {"things": 1}}
    assert seen == [clock.now] * 2
    assert [status for _, status, _ in job_runs(database)] == ["ok", "ok"]


def test_a_dry_run_is_recorded_as_one(database: Engine, clock: FixedClock) -> None:
    outcome = make_runner(database, clock).once(make_job(lambda run: run.counts.did("x")), dry_run=True)

    assert (outcome.status, outcome.is_fine) == (RunStatus.DRY_RUN, True)
    assert [status for _, status, _ in job_runs(database)] == ["dry_run"]


def test_a_job_that_fails_says_why_and_others_go_on(database: Engine, clock: FixedClock) -> None:
    def fails(run: Run) -> None:
        raise NotReady("邮件服务器不可用。")

    def breaks(run: Run) -> None:
        raise ZeroDivisionError

    outcomes = [make_runner(database, clock).once(make_job(function)) for function in (fails, breaks)]

    assert [outcome.status for outcome in outcomes] == [RunStatus.FAILED] * 2
    assert outcomes[0].error == "邮件服务器不可用。"
    assert outcomes[1].error.startswith("ZeroDivisionError at jobs/test_runner.py:")
    assert not outcomes[0].is_fine


def test_failed_items_make_a_run_partial(database: Engine, clock: FixedClock) -> None:
    outcome = make_runner(database, clock).once(make_job(lambda run: run.each([1, 2], add_mail, what="x")))

    assert (outcome.status, outcome.is_fine) == (RunStatus.PARTIAL, False)
    assert outcome.to_json()["counts"] == {"done": {"x": 1}, "failed": {"RuntimeError": 1}}


def test_a_slot_is_run_once_by_however_many_schedulers(database: Engine, clock: FixedClock) -> None:
    job = make_job()

    outcomes = [due(database, clock, job, owner) for owner in ("a", "b", "a")]

    assert [outcome is not None for outcome in outcomes] == [True, False, False]
    assert job_runs(database) == [("2026-11-23", "ok", 1)]


def test_schedulers_at_once_run_each_slot_once(database: Engine) -> None:
    ran: list[str] = []
    jobs = [
        make_job(lambda run: ran.append(run.name), name=f"job{n}", is_exclusive=n % 2 == 0) for n in range(6)
    ]

    def scheduler(owner: str) -> None:
        [Runner(database, utcnow, owner).due(job, SHENZHEN) for job in jobs]

    threads = [threading.Thread(target=scheduler, args=(f"host:{n}",)) for n in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(ran) == [job.name for job in jobs]


def test_after_26_hours_of_sleep_a_daily_job_runs_once(database: Engine, clock: FixedClock) -> None:
    job = make_job()
    due(database, clock, job)
    clock.advance(timedelta(hours=26))

    outcomes = [due(database, clock, job) for _ in range(3)]

    assert [outcome is not None for outcome in outcomes] == [True, False, False]
    assert [key for key, *_ in job_runs(database)] == ["2026-11-23", "2026-11-24"]


def test_a_clock_that_jumps_back_runs_nothing_again(database: Engine, clock: FixedClock) -> None:
    job = make_job()
    due(database, clock, job)
    clock.advance(timedelta(hours=25))
    due(database, clock, job)
    clock.advance(-timedelta(hours=25))

    assert due(database, clock, job) is None


def test_a_slot_that_failed_is_tried_again_later_and_then_left_to_a_person(
    database: Engine, clock: FixedClock
) -> None:
    def fails(run: Run) -> None:
        raise NotReady("not yet")

    job = make_job(fails)
    assert due(database, clock, job) is not None
    assert due(database, clock, job) is None

    for _ in range(5):
        clock.advance(RETRY_AFTER)
        due(database, clock, job)

    assert job_runs(database) == [("2026-11-23", "failed", MAX_ATTEMPTS)]


def test_a_slot_whose_process_died_is_run_by_the_next(database: Engine, clock: FixedClock) -> None:
    job = make_job()
    with transaction(database) as session:
        begin_run(session, job="job", key="2026-11-23", owner=DEAD, now=clock.now)
        acquire_lease(session, "job:job", owner=DEAD, now=clock.now, ttl=DAY)

    outcome = due(database, clock, job)

    assert outcome is not None
    assert job_runs(database) == [("2026-11-23", "ok", 2)]


def test_a_slot_that_is_running_elsewhere_is_left_alone(database: Engine, clock: FixedClock) -> None:
    job = make_job()
    with transaction(database) as session:
        begin_run(session, job="job", key="2026-11-23", owner="elsewhere", now=clock.now)
        acquire_lease(session, "job:job", owner="elsewhere", now=clock.now, ttl=timedelta(minutes=5))

    assert due(database, clock, job) is None
    with pytest.raises(NotReady, match="另一个进程"):
        make_runner(database, clock).once(job)
    clock.advance(timedelta(minutes=5))
    assert due(database, clock, job) is not None


def test_runs_of_dead_processes_in_past_slots_get_an_end(database: Engine, clock: FixedClock) -> None:
    job = make_job(when=Every(15), is_exclusive=False)
    with transaction(database) as session:
        begin_run(session, job="job", key="dead", owner=DEAD, now=clock.now)
        begin_run(session, job="job", key="alive", owner=this_process(), now=clock.now)
        begin_run(session, job="job", key="unknown", owner="elsewhere:1:x:1", now=clock.now - 2 * DAY)

    due(database, clock, job)

    ends = {key: status for key, status, _ in job_runs(database)}
    assert (ends["dead"], ends["alive"], ends["unknown"]) == ("failed", "running", "failed")


def test_a_job_that_is_overtaken_while_it_runs_can_write_no_more(database: Engine, clock: FixedClock) -> None:
    def slow(run: Run) -> None:
        run.each([1], add_mail, what="mails")
        clock.advance(timedelta(hours=1))
        assert due(database, clock, make_job(lambda other: None), "b") is not None
        run.each([4], add_mail, what="mails")

    outcome = due(database, clock, make_job(slow))

    assert outcome is not None
    assert outcome.error == "another process took over"
    assert n_mails(database) == 1
    assert job_runs(database) == [("2026-11-23", "ok", 2)]


def test_the_lease_is_free_after_the_run(database: Engine, clock: FixedClock) -> None:
    make_runner(database, clock).once(make_job())

    with Session(database) as session:
        lease = find_lease(session, "job:job")
    assert lease is not None
    assert (lease.owner, lease.expires_at) == ("", clock.now)


def test_an_idle_job_of_every_few_seconds_keeps_one_row(database: Engine, clock: FixedClock) -> None:
    job = make_job(when=Every(15), is_exclusive=False)

    for _ in range(4):
        due(database, clock, job)
        clock.advance(timedelta(seconds=15))

    assert len(job_runs(database)) == 1


def test_counts_leave_out_what_did_not_happen() -> None:
    counts = Counts()
    assert (counts.to_json(), counts.n_items) == ({}, 0)

    counts.did("b", 2)
    counts.did("a")
    counts.skip("old")
    counts.skip("never", 0)

    assert counts.to_json() == {"done": {"a": 1, "b": 2}, "skipped": {"old": 1}}
    assert counts.n_items == 3


def ask(engine: Engine, job: str) -> None:
    with transaction(engine) as session:
        ask_for_work(session, WorkKind.RUN_JOB, payload={"job": job}, requested_by_user_id=None)


def answers(engine: Engine) -> list[tuple[str, dict[str, object]]]:
    with Session(engine) as session:
        return [(str(row.status), row.result) for row in session.exec(select(WorkRequest))]


def test_a_job_that_was_asked_for_runs_once_and_the_wish_is_answered(
    database: Engine, clock: FixedClock
) -> None:
    runner, ran = make_runner(database, clock), []
    job, other = make_job(ran.append), make_job(ran.append, name="other")
    ask(database, "job")

    outcomes = [runner.asked(other), runner.asked(job), runner.asked(job)]

    assert [outcome and outcome.status for outcome in outcomes] == [None, RunStatus.OK, None]
    assert len(ran) == 1
    assert answers(database) == [("finished", {"status": "ok"})]


def test_a_job_that_fails_when_asked_for_is_answered_as_failed(database: Engine, clock: FixedClock) -> None:
    def fail(_run: Run) -> None:
        raise NotReady("还没准备好。")

    ask(database, "job")
    outcome = make_runner(database, clock).asked(make_job(fail))

    assert outcome is not None and outcome.error == "还没准备好。"
    assert answers(database) == [("finished", {"status": "failed"})]


def test_a_wish_waits_while_the_job_runs_somewhere_else(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        acquire_lease(session, "job:job", owner="somebody", now=clock(), ttl=DAY)
    ask(database, "job")

    assert make_runner(database, clock).asked(make_job()) is None
    assert answers(database) == [("waiting", {})]
