"""The process that runs jobs on time: `python -m jobs run`.

APScheduler only ticks here, in memory and in UTC: what has been run is decided by rows (JobRun), and who may run by a
lease, so any number of these processes may be started. One leads, the others stand by and take over within seconds of
its death. A stop (SIGTERM, SIGINT) lets the present items end, gives the lease up and leaves within ten seconds.
"""

import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from jobs.process import is_dead
from jobs.runner import Clock, Job, Runner
from models.db import transaction
from models.work import acquire_lease, find_lease, release_lease, renew_lease

log = structlog.get_logger()

LEASE_NAME = "scheduler"
LEASE = timedelta(seconds=30)
HEARTBEAT_SECONDS = 5
# A tick that comes this late is still taken: it looks at the clock itself, and may find that nothing is due.
MISFIRE_GRACE_SECONDS = 3600
STOP_SECONDS = 8.0


@dataclass
class Leadership:
    """Whether this process leads. beat() is called every HEARTBEAT_SECONDS, and keeps or seeks the lease."""

    engine: Engine
    clock: Clock
    owner: str
    token: int | None = None

    def beat(self) -> bool:
        """Renew the lease, or try to get it; whether we lead now."""
        was_leading = self.token is not None
        try:
            self.token = self._renewed() or self._acquired()
        except OperationalError as err:
            # Without the database nobody knows who leads, so we do not.
            self.token = None
            log.warning("scheduler.database_unreachable", error=type(err.orig).__name__)
        if was_leading is not (self.token is not None):
            log.info("scheduler.leading" if self.token else "scheduler.standing_by", owner=self.owner)
        return self.token is not None

    def resign(self) -> None:
        """Give the lease up, so that another process need not wait for its end."""
        if self.token is None:
            return
        try:
            with transaction(self.engine) as session:
                release_lease(session, LEASE_NAME, token=self.token, now=self.clock())
        except OperationalError as err:
            log.warning("scheduler.database_unreachable", error=type(err.orig).__name__)
        self.token = None

    def _renewed(self) -> int | None:
        if self.token is None:
            return None
        with transaction(self.engine) as session:
            is_ours = renew_lease(session, LEASE_NAME, token=self.token, now=self.clock(), ttl=LEASE)
        return self.token if is_ours else None

    def _acquired(self) -> int | None:
        with transaction(self.engine) as session:
            held = find_lease(session, LEASE_NAME)
            dead_owner = held.owner if held is not None and is_dead(held.owner) else None
            return acquire_lease(
                session, LEASE_NAME, owner=self.owner, now=self.clock(), ttl=LEASE, dead_owner=dead_owner
            )


@dataclass
class Scheduler:
    """Ticks for each job until it is stopped."""

    engine: Engine
    jobs: Sequence[Job]
    clock: Clock
    zone: ZoneInfo
    owner: str
    stop_asked: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.leadership = Leadership(self.engine, self.clock, self.owner)
        self.runner = Runner(self.engine, self.clock, self.owner, is_stopping=self.stop_asked.is_set)
        self._busy = threading.Semaphore(len(self.jobs))

    def run_until_stopped(self) -> None:
        """Run jobs when they are due; returns after stop(), SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self.leadership.beat()
        ticker = self.make_ticker()
        ticker.start()
        log.info("scheduler.started", owner=self.owner, n_jobs=len(self.jobs))
        self.stop_asked.wait()
        log.info("scheduler.stopping", owner=self.owner)
        ticker.shutdown(wait=False)
        is_idle = self._wait_until_idle()
        self.leadership.resign()
        if not is_idle:
            # A job hangs, most likely on a relay's answer. Its rows are such that the next process settles them, and
            # its thread would keep this process for as long as it hangs.
            log.warning("scheduler.left_running", owner=self.owner)
            os._exit(0)

    def stop(self) -> None:
        """Ask to stop; items under way are finished."""
        self.stop_asked.set()

    def tick(self, job: Job) -> None:
        """Run a job if we lead and it is due, or somebody asked for it."""
        if self.leadership.token is None or self.stop_asked.is_set():
            return
        with self._busy:
            try:
                self.runner.due(job, self.zone)
                self.runner.asked(job)
            except OperationalError as err:
                log.warning("scheduler.database_unreachable", error=type(err.orig).__name__, job=job.name)

    def make_ticker(self) -> BackgroundScheduler:
        """APScheduler with one ticking entry a job, and one for the heartbeat."""
        ticker = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(self.jobs) + 1)},
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": MISFIRE_GRACE_SECONDS,
            },
        )
        self._add(ticker, self.leadership.beat, "heartbeat", HEARTBEAT_SECONDS)
        for job in self.jobs:
            self._add(ticker, self.tick, job.name, job.when.tick_seconds, args=[job])
        return ticker

    def _add(
        self, ticker: BackgroundScheduler, function: Any, name: str, seconds: int, *, args: Sequence[Any] = ()
    ) -> None:
        # The first tick is at once: whatever was missed while nobody ran is due now.
        trigger = IntervalTrigger(seconds=seconds, timezone=UTC)
        ticker.add_job(
            function, trigger, args=list(args), id=name, name=name, next_run_time=datetime.now(UTC)
        )

    def _wait_until_idle(self) -> bool:
        """Whether every job under way came to an end within STOP_SECONDS."""
        give_up_at = time.monotonic() + STOP_SECONDS
        return all(self._busy.acquire(timeout=max(0.0, give_up_at - time.monotonic())) for _ in self.jobs)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop()
