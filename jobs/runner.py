"""Running a job: who may, what it did, and that one bad row does not stop the rest.

A job is a plain function that is given a Run and what else it needs. The only commits of the package are here, one
per item, and each checks that the job is still ours (see models/work.py: SchedulerLease). `except Exception` stands
here only: what an item or a job did not expect is logged with ids, counted, and written into the JobRun row.
"""

import traceback
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.engine import Engine
from sqlmodel import Session

from jobs.process import is_dead
from models.db import make_session, transaction
from models.errors import DomainError, NotReady
from models.when import Slot, When
from models.work import (
    JobRun,
    RunStatus,
    WorkKind,
    WorkRequest,
    acquire_lease,
    begin_run,
    find_lease,
    find_run,
    forget_empty_runs,
    open_work,
    release_lease,
    renew_lease,
    restart_run,
    unfinished_runs,
)

log = structlog.get_logger()

# A slot whose run failed, in part or altogether, is tried again twice: what fails three times needs a person.
MAX_ATTEMPTS = 3
RETRY_AFTER = timedelta(minutes=10)
# A run without an end that began this long ago is lost, even if its process cannot be looked up from here.
LOST_AFTER = timedelta(days=1)

Clock = Callable[[], datetime]
Result = TypeVar("Result")


class LeaseLost(Exception):
    """Another process has taken this job over: whatever is not committed must not be."""


@dataclass
class Counts:
    """What a run did: things done by kind, things skipped by reason, and how many failed."""

    done: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def did(self, what: str, n: int = 1) -> None:
        """Count things done."""
        self.done[what] += n

    def skip(self, reason: str, n: int = 1) -> None:
        """Count things left alone, by reason."""
        self.skipped[reason] += n

    def fail(self, reason: str, n: int = 1) -> None:
        """Count things that went wrong, by what went wrong."""
        self.failed[reason] += n

    @property
    def n_items(self) -> int:
        """Things done or failed: 0 when nothing came of the run."""
        return self.done.total() + self.failed.total()

    def to_json(self) -> dict[str, Any]:
        """As stored and printed; what did not happen is left out."""
        parts = {"done": +self.done, "skipped": +self.skipped, "failed": +self.failed}
        return {name: dict(sorted(part.items())) for name, part in parts.items() if part}


@dataclass
class Run:
    """What a job is given: transactions, the time, its counts, and whether it is asked to stop.

    `now` stands still during the run, so that one run has one time; `clock` moves on, for leases. With `dry_run` every
    transaction is rolled back; what cannot be, such as sending, the job leaves out itself.
    """

    engine: Engine
    clock: Clock
    owner: str
    dry_run: bool = False
    is_stopping: Callable[[], bool] = lambda: False
    guard: Callable[[Session], None] = lambda _session: None
    counts: Counts = field(default_factory=Counts)
    name: str = "job"

    def __post_init__(self) -> None:
        self.now = self.clock()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed at the end, if the job is still ours, or rolled back in a dry run."""
        with make_session(self.engine) as session:
            yield session
            session.flush()
            self.guard(session)
            if self.dry_run:
                session.rollback()
            else:
                session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that takes no write lock and commits nothing."""
        with make_session(self.engine, read_only=True) as session:
            yield session

    def each(self, ids: Iterable[int], act: Callable[[Session, int], str | None], *, what: str) -> None:
        """Act on each id in a transaction of its own: one that fails is counted, and the others go on.

        `act` reads its row again and returns None when it did its work, or the reason why there was nothing to do.
        Stops early, between two items, when the process is asked to stop.
        """
        for item_id in ids:
            if self.is_stopping():
                return
            self.attempt(item_id, partial(self._act_on, item_id, act, what))

    def _act_on(self, item_id: int, act: Callable[[Session, int], str | None], what: str) -> None:
        with self.transaction() as session:
            reason = act(session, item_id)
        if reason is None:
            self.counts.did(what)
        else:
            self.counts.skip(reason)

    def attempt(
        self, item_id: int, act: Callable[[], Result], *, let_through: tuple[type[Exception], ...] = ()
    ) -> Result | None:
        """What `act` returns. None if it failed: the error is logged with the item's id, and counted.

        Errors named in `let_through` are the caller's to handle.
        """
        try:
            return act()
        except LeaseLost:
            raise
        except let_through:
            raise
        except Exception as err:  # noqa: BLE001  (one bad row must not stop the rest)
            self.counts.fail(type(err).__name__)
            log.error("job.item_failed", job=self.name, item_id=item_id, error=describe(err))
            return None


def describe(err: BaseException) -> str:
    """What went wrong and where, without the message: that may hold addresses or texts."""
    frames = traceback.extract_tb(err.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    where = f" at {'/'.join(ours[-1].filename.split('/')[-2:])}:{ours[-1].lineno}" if ours else ""
    return f"{type(err).__name__}{where}"


@dataclass(frozen=True)
class Job:
    """One line of the table in jobs/schedule.py."""

    name: str
    function: Callable[[Run], None]
    when: When
    why: str
    is_exclusive: bool = True  # runs one at a time, under a lease; else its rows see to it
    may_be_asked: bool = True  # a person may have it run between its times: it mails nobody out of hours
    lease: timedelta = timedelta(minutes=5)  # longer than its longest item


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `error` is a sentence or a place in the code, empty when all went well."""

    job: str
    key: str
    status: RunStatus
    counts: dict[str, Any]
    error: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether nothing failed."""
        return self.status is RunStatus.OK or (self.status is RunStatus.DRY_RUN and not self.error)

    def to_json(self) -> dict[str, Any]:
        """As printed by the command line."""
        return {
            "job": self.job,
            "key": self.key,
            "status": str(self.status),
            "counts": self.counts,
            "error": self.error,
        }


@dataclass
class Runner:
    """Runs jobs in this process."""

    engine: Engine
    clock: Clock
    owner: str
    is_stopping: Callable[[], bool] = lambda: False

    def once(self, job: Job, *, dry_run: bool = False) -> Outcome:
        """Run a job now, whatever has run before. NotReady while it runs somewhere else."""
        key = f"once:{self.clock().isoformat(timespec='seconds')}:{uuid.uuid4().hex[:8]}"
        with self._lease(job, dry_run=dry_run) as guard:
            if guard is None:
                raise NotReady(f"任务 {job.name} 正在另一个进程里运行，等它结束再试。")
            with transaction(self.engine) as session:
                row = begin_run(session, job=job.name, key=key, owner=self.owner, now=self.clock())
                assert row is not None, "the key is new"
                run_id = row.key
            return self._perform(job, run_id, guard, dry_run=dry_run)

    def asked(self, job: Job) -> Outcome | None:
        """Run a job that a person asked for on a page, and answer the wish; None if nobody did.

        A job that runs somewhere else now answers the wish at a later look.
        """
        with make_session(self.engine, read_only=True) as session:
            wishes = [
                row.key for row in open_work(session, WorkKind.RUN_JOB) if row.payload == {"job": job.name}
            ]
        if not wishes:
            return None
        try:
            outcome = self.once(job)
        except NotReady:
            return None
        with transaction(self.engine) as session:
            for wish in (session.get(WorkRequest, id_) for id_ in wishes):
                if wish is not None and wish.finished_at is None and wish.failed_at is None:
                    wish.claim(self.clock())
                    wish.finish(self.clock(), result={"status": str(outcome.status)})
        return outcome

    def due(self, job: Job, zone: ZoneInfo) -> Outcome | None:
        """Run a job if its latest slot has not been run (or failed and may be tried again); None if it has."""
        slot = job.when.latest_slot(self.clock(), zone)
        with make_session(self.engine, read_only=True) as session:
            if not self._is_open(find_run(session, job=job.name, key=slot.key), job):
                return None
        with self._lease(job) as guard:
            if guard is None:
                return None
            run_id = self._begin(job, slot)
            return None if run_id is None else self._perform(job, run_id, guard)

    def _is_open(self, run: JobRun | None, job: Job) -> bool:
        """Whether a slot with this row may be run. Under the lease, a row without an end has no process either."""
        if run is None:
            return True
        if run.finished_at is None:
            return job.is_exclusive
        is_done = run.status is RunStatus.OK or run.n_attempts >= MAX_ATTEMPTS
        return not is_done and self.clock() - run.finished_at >= RETRY_AFTER

    def _begin(self, job: Job, slot: Slot) -> int | None:
        """The id of the slot's row, begun or restarted by us; None if another was quicker."""
        now = self.clock()
        with transaction(self.engine) as session:
            self._close_lost_runs(session, job, but=slot.key)
            run = find_run(session, job=job.name, key=slot.key)
            if run is None:
                run = begin_run(session, job=job.name, key=slot.key, owner=self.owner, now=now)
                return None if run is None else run.key
            if not self._is_open(run, job):
                return None
            return run.key if restart_run(session, run, owner=self.owner, now=now) else None

    def _close_lost_runs(self, session: Session, job: Job, *, but: str) -> None:
        """Write an end under runs whose process died: the slot has passed, so they are not made up for."""
        now = self.clock()
        for run in unfinished_runs(session, job.name):
            if run.run_key != but and (is_dead(run.owner) or now - run.started_at >= LOST_AFTER):
                run.finish(now, status=RunStatus.FAILED, counts={}, n_items=0, error="the process died")

    @contextmanager
    def _lease(self, job: Job, *, dry_run: bool = False) -> Iterator[Callable[[Session], None] | None]:
        """A check for every commit that the job is still ours; None if it is another's. Nothing to check otherwise."""
        if dry_run or not job.is_exclusive:
            yield lambda _session: None
            return
        name = f"job:{job.name}"
        with transaction(self.engine) as session:
            held = find_lease(session, name)
            dead_owner = held.owner if held is not None and is_dead(held.owner) else None
            token = acquire_lease(
                session, name, owner=self.owner, now=self.clock(), ttl=job.lease, dead_owner=dead_owner
            )
        if token is None:
            yield None
            return

        def guard(session: Session) -> None:
            if not renew_lease(session, name, token=token, now=self.clock(), ttl=job.lease):
                raise LeaseLost(name)

        yield guard
        with transaction(self.engine) as session:
            release_lease(session, name, token=token, now=self.clock())

    def _perform(
        self, job: Job, run_id: int, guard: Callable[[Session], None], *, dry_run: bool = False
    ) -> Outcome:
        run = Run(
            engine=self.engine,
            clock=self.clock,
            owner=self.owner,
            dry_run=dry_run,
            is_stopping=self.is_stopping,
            guard=guard,
            name=job.name,
        )
        error = ""
        try:
            job.function(run)
        except LeaseLost:
            # The row is the new owner's to finish.
            log.warning("job.lease_lost", job=job.name, run_id=run_id)
            return Outcome(job.name, "", RunStatus.FAILED, run.counts.to_json(), "another process took over")
        except DomainError as err:
            error = err.message
        except Exception as err:  # noqa: BLE001  (a job that breaks must not stop the others)
            error = describe(err)
            log.error("job.failed", job=job.name, run_id=run_id, error=error)
        return self._record(job, run, run_id, error)

    def _record(self, job: Job, run: Run, run_id: int, error: str) -> Outcome:
        """Write the outcome into the run's row."""
        counts, status = run.counts.to_json(), _status(run, error)
        with transaction(self.engine) as session:
            row = session.get(JobRun, run_id)
            assert row is not None, "job runs are not deleted while they run"
            row.finish(self.clock(), status=status, counts=counts, n_items=run.counts.n_items, error=error)
            session.flush()
            if job.when.forgets_idle_runs:
                forget_empty_runs(session, row)
            key = row.run_key
        log.info("job.finished", job=run.name, run_id=run_id, status=str(status), **counts)
        return Outcome(run.name, key, status, counts, error)


def _status(run: Run, error: str) -> RunStatus:
    if run.dry_run:
        return RunStatus.DRY_RUN
    if error:
        return RunStatus.FAILED
    return RunStatus.PARTIAL if run.counts.failed else RunStatus.OK
