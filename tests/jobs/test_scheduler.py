import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.engine import Engine

from jobs.process import this_process
from jobs.runner import Job, Run
from jobs.scheduler import LEASE, LEASE_NAME, Leadership, Scheduler
from models.base import utcnow
from models.db import make_engine, make_session, transaction
from models.outbox import MailStatus
from models.when import Every
from models.work import acquire_lease, find_lease
from tests.jobs.conftest import FixedClock
from tests.jobs.relay import Relay
from tests.jobs.sending import queue_mails, states

SHENZHEN = ZoneInfo("Asia/Shanghai")
ROOT = Path(__file__).parents[2]


def make_job(function: Callable[[Run], None], name: str = "job") -> Job:
    return Job(name=name, function=function, when=Every(1), why="", is_exclusive=False)


def make_scheduler(engine: Engine, *jobs: Job) -> Scheduler:
    return Scheduler(engine, list(jobs), utcnow, SHENZHEN, owner=this_process())


def lease_owner(engine: Engine) -> str:
    with make_session(engine) as session:
        lease = find_lease(session, LEASE_NAME)
    return "" if lease is None else lease.owner


def test_one_leads_and_the_other_stands_by(database: Engine, clock: FixedClock) -> None:
    first, second = (Leadership(database, clock, owner) for owner in "ab")

    assert [first.beat(), second.beat(), first.beat(), second.beat()] == [True, False, True, False]
    assert lease_owner(database) == "a"


def test_a_leader_that_stops_beating_is_replaced_and_learns_of_it(
    database: Engine, clock: FixedClock
) -> None:
    first, second = (Leadership(database, clock, owner) for owner in "ab")
    first.beat()
    clock.advance(LEASE)

    assert second.beat()
    assert not first.beat()


def test_a_leader_that_keeps_beating_stays(database: Engine, clock: FixedClock) -> None:
    first, second = (Leadership(database, clock, owner) for owner in "ab")
    first.beat()

    for _ in range(5):
        clock.advance(LEASE / 2)
        assert first.beat()
        assert not second.beat()


def test_a_leader_that_died_on_this_machine_is_replaced_at_once(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        acquire_lease(session, LEASE_NAME, owner=this_process() + "9", now=clock.now, ttl=LEASE)

    assert Leadership(database, clock, "b").beat()


def test_a_leader_that_resigns_is_replaced_at_once(database: Engine, clock: FixedClock) -> None:
    first, second = (Leadership(database, clock, owner) for owner in "ab")
    first.beat()

    first.resign()
    first.resign()

    assert second.beat()


def test_without_the_database_nobody_leads(clock: FixedClock) -> None:
    nowhere = make_engine("postgresql://127.0.0.1:1/none")
    leadership = Leadership(nowhere, clock, "a", token=1)

    assert not leadership.beat()
    Leadership(nowhere, clock, "a", token=1).resign()


@pytest.fixture
def ticker(sqlite_engine: Engine) -> Iterator[BackgroundScheduler]:
    scheduler = make_scheduler(sqlite_engine, make_job(print, "a"), make_job(print, "b"))
    ticker = scheduler.make_ticker()
    ticker.start(paused=True)
    yield ticker
    ticker.shutdown()


def test_every_tick_says_what_happens_when_it_is_late(ticker: BackgroundScheduler) -> None:
    ticks = ticker.get_jobs()

    assert sorted(tick.id for tick in ticks) == ["a", "b", "heartbeat"]
    assert {(tick.coalesce, tick.max_instances, tick.misfire_grace_time) for tick in ticks} == {
        (True, 1, 3600)
    }
    assert ticker.timezone is UTC
    assert all(tick.next_run_time.utcoffset() == timedelta(0) for tick in ticks)


def test_only_the_leader_runs_jobs(database: Engine) -> None:
    ran: list[str] = []
    job = make_job(lambda run: ran.append(run.owner))
    scheduler = make_scheduler(database, job)

    scheduler.tick(job)
    assert ran == []
    scheduler.leadership.beat()
    scheduler.tick(job)

    assert ran == [this_process()]


def test_after_a_stop_no_job_begins(database: Engine) -> None:
    ran: list[Run] = []
    job = make_job(ran.append)
    scheduler = make_scheduler(database, job)
    scheduler.leadership.beat()

    scheduler.stop()
    scheduler.tick(job)

    assert ran == []


def test_a_job_under_way_hears_of_the_stop(database: Engine) -> None:
    begun = threading.Event()

    def slow(run: Run) -> None:
        begun.set()
        while not run.is_stopping():
            time.sleep(0.01)
        run.counts.did("stopped")

    job = make_job(slow)
    scheduler = make_scheduler(database, job)
    scheduler.leadership.beat()
    thread = threading.Thread(target=scheduler.tick, args=(job,))
    thread.start()
    begun.wait()

    scheduler.stop()

    thread.join(timeout=5)
    assert not thread.is_alive()


@pytest.fixture
def start(
    database: Engine, tmp_path: Path, relay: Relay
) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """A function that starts the real command; whatever is left is killed."""
    processes: list[subprocess.Popen[bytes]] = []
    settings = {
        "DUIJIE_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "DUIJIE_DATA_DIR": str(tmp_path / "var"),
        "DUIJIE_SMTP_URL": relay.url,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DUIJIE_")}

    def start_one() -> "subprocess.Popen[bytes]":
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "jobs", "run"],
                env={**kept, **settings, "PYTHONPATH": str(ROOT)},
                cwd=tmp_path,
                stderr=subprocess.DEVNULL,
            )
        )
        return processes[-1]

    yield start_one
    for process in processes:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], bool], *, seconds: float = 180) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


@pytest.mark.slow
def test_the_command_sends_what_waits_and_leaves_quickly_when_asked(
    database: Engine, relay: Relay, start: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    relay.wait_before_250_seconds = 0.05
    queue_mails(database, 60)
    process = start()
    wait_until(lambda: len(relay.taken) >= 5)

    asked_at = time.monotonic()
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=30) == 0
    assert time.monotonic() - asked_at < 10
    assert lease_owner(database) == ""
    assert set(states(database)) == {MailStatus.SENT, MailStatus.QUEUED}
    assert states(database).count(MailStatus.SENT) == len(relay.taken) == len(set(relay.message_ids))


@pytest.mark.slow
def test_another_command_takes_over_when_the_leader_is_killed(
    database: Engine, relay: Relay, start: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    first = start()
    wait_until(lambda: f":{first.pid}:" in lease_owner(database))
    second = start()
    first.kill()
    first.wait()

    wait_until(lambda: f":{second.pid}:" in lease_owner(database))
    queue_mails(database, 2)

    wait_until(lambda: states(database) == [MailStatus.SENT] * 2)
    assert len(set(relay.message_ids)) == len(relay.taken) == 2
