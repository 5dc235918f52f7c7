"""Work that runs on its own: what pages ask for, what ran, and who may run it now.

JobRun decides what has run: its key is unique per job, so a second scheduler, a restart or a clock that
jumps cannot run a period twice. SchedulerLease decides who may run: a lease with a token that grows with
every change of hands, so that whoever was paused and overtaken is refused at its next write.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, col, select, update

from models.base import Table, UtcDateTime, enum_column, moment
from models.errors import InvalidTransition, NotFound

MAX_ERROR = 500


class WorkKind(StrEnum):
    """Long runs a page may ask for."""

    REINDEX = "reindex"
    RUN_JOB = "run_job"


class WorkStatus(StrEnum):
    """Derived from timestamps."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


class WorkRequest(Table, table=True):
    """A page's wish for a long run. Written by a page, answered by a job, read again by the page."""

    __tablename__ = "work_request"
    __table_args__ = (
        sa.CheckConstraint("finished_at IS NULL OR failed_at IS NULL", name="one_end"),
        sa.CheckConstraint("progress >= 0 AND progress <= 1", name="progress_in_unit_interval"),
    )

    kind: WorkKind = Field(sa_type=enum_column(WorkKind), index=True)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    requested_by_user_id: int | None = Field(default=None, foreign_key="user.id", index=True)
    claimed_at: datetime | None = moment()
    finished_at: datetime | None = moment()
    failed_at: datetime | None = moment()
    progress: float = Field(default=0.0, description="Share done, in [0, 1].")
    result: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    error: str = Field(default="", max_length=MAX_ERROR, description="A sentence for whoever asked.")

    @property
    def status(self) -> WorkStatus:
        """waiting, running, finished or failed."""
        if self.failed_at is not None:
            return WorkStatus.FAILED
        if self.finished_at is not None:
            return WorkStatus.FINISHED
        return WorkStatus.WAITING if self.claimed_at is None else WorkStatus.RUNNING

    def claim(self, now: datetime) -> None:
        """A job takes it on; again, if the job that had it died (jobs of one kind run one at a time)."""
        if self.status in (WorkStatus.FINISHED, WorkStatus.FAILED):
            raise InvalidTransition("这项任务已经结束。")
        self.claimed_at = now

    def advance(self, progress: float) -> None:
        """Say how much is done, in [0, 1]."""
        self._refuse_unless_running()
        self.progress = min(max(progress, 0.0), 1.0)

    def finish(self, now: datetime, *, result: dict[str, Any]) -> None:
        """Done, with what the page will show."""
        self._refuse_unless_running()
        self.finished_at, self.progress, self.result = now, 1.0, result

    def fail(self, now: datetime, *, error: str) -> None:
        """Given up, with a sentence for whoever asked."""
        self._refuse_unless_running()
        self.failed_at, self.error = now, error[:MAX_ERROR]

    def _refuse_unless_running(self) -> None:
        if self.status is not WorkStatus.RUNNING:
            raise InvalidTransition("这项任务没有在运行。")


def ask_for_work(
    session: Session, kind: WorkKind, *, payload: dict[str, Any], requested_by_user_id: int | None
) -> WorkRequest:
    """Ask for a run, or join the same wish if it is waiting still."""
    for waiting in open_work(session, kind):
        if waiting.status is WorkStatus.WAITING and waiting.payload == payload:
            return waiting
    row = WorkRequest(kind=kind, payload=payload, requested_by_user_id=requested_by_user_id)
    session.add(row)
    session.flush()
    return row


def open_work(session: Session, kind: WorkKind) -> list[WorkRequest]:
    """Wishes of this kind without an answer, oldest first; those of a job that died are among them."""
    statement = select(WorkRequest).where(
        col(WorkRequest.kind) == kind,
        col(WorkRequest.finished_at).is_(None),
        col(WorkRequest.failed_at).is_(None),
    )
    return list(session.exec(statement.order_by(col(WorkRequest.id))))


def get_work(session: Session, work_id: int, *, requested_by_user_id: int) -> WorkRequest:
    """A wish of this person; NotFound otherwise."""
    row = session.get(WorkRequest, work_id)
    if row is None or row.requested_by_user_id != requested_by_user_id:
        raise NotFound("没有这项任务。")
    return row


class RunStatus(StrEnum):
    """How a run ended; a run that has not ended is `running`."""

    RUNNING = "running"
    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    DRY_RUN = "dry_run"


class JobRun(Table, table=True):
    """One run of one job for one period. Written by jobs/runner.py only."""

    __tablename__ = "job_run"
    __table_args__ = (
        sa.UniqueConstraint("job", "key"),
        sa.CheckConstraint("finished_at IS NULL OR status <> 'running'", name="finished_has_outcome"),
        sa.CheckConstraint("n_attempts > 0", name="n_attempts_from_one"),
    )

    job: str = Field(max_length=60, index=True)
    run_key: str = Field(
        sa_column_kwargs={"name": "key"}, max_length=60, description="Period, or once:<moment>."
    )
    owner: str = Field(default="", max_length=120, description="The process that runs it.")
    n_attempts: int = Field(default=1)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = moment()
    status: RunStatus = Field(default=RunStatus.RUNNING, sa_type=enum_column(RunStatus))
    counts: dict[str, Any] = Field(
        default_factory=dict, sa_type=sa.JSON, description="done, skipped, failed."
    )
    n_items: int = Field(default=0, description="Things done or failed: 0 when nothing came of it.")
    error: str = Field(default="", max_length=MAX_ERROR)

    def finish(
        self, now: datetime, *, status: RunStatus, counts: dict[str, Any], n_items: int, error: str = ""
    ) -> None:
        """Write the outcome down, once per attempt."""
        if self.finished_at is not None or status is RunStatus.RUNNING:
            raise InvalidTransition("这次运行已经结束。")
        self.finished_at, self.status, self.error = now, status, error[:MAX_ERROR]
        self.counts, self.n_items = counts, n_items


def begin_run(session: Session, *, job: str, key: str, owner: str, now: datetime) -> JobRun | None:
    """Write down that this period's run begins. None when it has been begun already, by anyone."""
    row = JobRun(job=job, run_key=key, owner=owner, started_at=now)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row


def restart_run(session: Session, run: JobRun, *, owner: str, now: datetime) -> bool:
    """Begin another attempt of a run that failed or died. False when somebody else did so first."""
    statement = (
        update(JobRun)
        .where(col(JobRun.id) == run.id, col(JobRun.n_attempts) == run.n_attempts)
        .values(
            owner=owner,
            started_at=now,
            finished_at=None,
            status=RunStatus.RUNNING,
            n_attempts=run.n_attempts + 1,
        )
        .execution_options(synchronize_session=False)
    )
    taken = session.connection().execute(statement).rowcount == 1
    session.refresh(run)
    return taken


def find_run(session: Session, *, job: str, key: str) -> JobRun | None:
    """The run of this job for this period, or None."""
    return session.exec(select(JobRun).where(col(JobRun.job) == job, col(JobRun.run_key) == key)).first()


def latest_run(session: Session, job: str) -> JobRun | None:
    """The run of this job that began last, dry runs included, or None."""
    statement = select(JobRun).where(col(JobRun.job) == job).order_by(col(JobRun.started_at).desc())
    return session.exec(statement.order_by(col(JobRun.id).desc())).first()


def latest_runs(session: Session, *, status: Collection[RunStatus] | None = None) -> dict[str, JobRun]:
    """For each job its run that began last and was no dry run; status: among those that stand so only."""
    newest = sa.func.max(JobRun.id).label("newest")
    statement = select(newest).where(col(JobRun.status) != RunStatus.DRY_RUN).group_by(col(JobRun.job))
    if status is not None:
        statement = statement.where(col(JobRun.status).in_(status))
    return {run.job: run for run in session.exec(select(JobRun).where(col(JobRun.id).in_(statement)))}


def unfinished_runs(session: Session, job: str) -> list[JobRun]:
    """The runs of this job that have not ended, oldest first; their processes may be dead."""
    statement = select(JobRun).where(col(JobRun.job) == job, col(JobRun.finished_at).is_(None))
    return list(session.exec(statement.order_by(col(JobRun.id))))


def forget_empty_runs(session: Session, run: JobRun) -> None:
    """Delete earlier runs of the job that did nothing and ended as this one did, if it did nothing either.

    So a job of every few seconds leaves one row for an idle night, and one for an outage.
    """
    if run.n_items or run.finished_at is None:
        return
    earlier = sa.delete(JobRun).where(
        col(JobRun.job) == run.job,
        col(JobRun.id) < run.key,
        col(JobRun.finished_at).is_not(None),
        col(JobRun.n_items) == 0,
        col(JobRun.status) == run.status,
        col(JobRun.error) == run.error,
    )
    session.connection().execute(earlier)


class SchedulerLease(Table, table=True):
    """Who may act under a name: `scheduler` for the leading process, `job:<name>` for a job that runs alone.

    The token grows with every change of hands and never shrinks. Times are those of the acting process; a
    clock that is wrong can cost time, but not safety, since every write is checked against the token.
    """

    __tablename__ = "scheduler_lease"

    name: str = Field(unique=True, max_length=80)
    owner: str = Field(default="", max_length=120)
    token: int = Field(default=0)
    heartbeat_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


def acquire_lease(  # noqa: PLR0913  (who, what, when, how long, and whom it may replace)
    session: Session, name: str, *, owner: str, now: datetime, ttl: timedelta, dead_owner: str | None = None
) -> int | None:
    """Take the lease for `ttl` and return its token; None while somebody else holds it.

    Free is a lease nobody took, one that was released, one that ran out, and one held by `dead_owner`, a
    process the caller knows to be gone. A holder that asks again gets a new token: its earlier self is
    fenced off.
    """
    lease = find_lease(session, name)
    if lease is None:
        return _first_lease(session, name, owner=owner, now=now, ttl=ttl)
    replaceable = {"", owner, dead_owner}
    if lease.expires_at > now and lease.owner not in replaceable:
        return None
    token = lease.token + 1
    taken = (
        update(SchedulerLease)
        .where(col(SchedulerLease.name) == name, col(SchedulerLease.token) == lease.token)
        .where(sa.or_(col(SchedulerLease.expires_at) <= now, col(SchedulerLease.owner) == lease.owner))
        .values(owner=owner, token=token, heartbeat_at=now, expires_at=now + ttl)
        .execution_options(synchronize_session=False)
    )
    n_taken = session.connection().execute(taken).rowcount
    session.refresh(lease)
    return token if n_taken == 1 else None


def _first_lease(session: Session, name: str, *, owner: str, now: datetime, ttl: timedelta) -> int | None:
    lease = SchedulerLease(name=name, owner=owner, token=1, heartbeat_at=now, expires_at=now + ttl)
    try:
        with session.begin_nested():
            session.add(lease)
    except IntegrityError:
        return None
    return 1


def renew_lease(session: Session, name: str, *, token: int, now: datetime, ttl: timedelta) -> bool:
    """Say "still here" and hold on for another `ttl`. False when the lease has changed hands.

    Called last in a transaction it also guards it: on both databases a takeover waits until that commit is
    through, or this call returns False and the caller rolls back.
    """
    renewed = (
        update(SchedulerLease)
        .where(
            col(SchedulerLease.name) == name,
            col(SchedulerLease.token) == token,
            col(SchedulerLease.owner) != "",
        )
        .values(heartbeat_at=now, expires_at=now + ttl)
        .execution_options(synchronize_session=False)
    )
    return session.connection().execute(renewed).rowcount == 1


def release_lease(session: Session, name: str, *, token: int, now: datetime) -> None:
    """Give the lease up, so that another need not wait; nothing happens if it has changed hands."""
    released = (
        update(SchedulerLease)
        .where(col(SchedulerLease.name) == name, col(SchedulerLease.token) == token)
        .values(owner="", expires_at=now)
        .execution_options(synchronize_session=False)
    )
    session.connection().execute(released)


def find_lease(session: Session, name: str) -> SchedulerLease | None:
    """The lease of this name as it stands in the database, or None if nobody ever took it."""
    statement = select(SchedulerLease).where(col(SchedulerLease.name) == name)
    return session.exec(statement.execution_options(populate_existing=True)).first()
