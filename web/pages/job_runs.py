"""Jobs for those who run the installation: what ran, how it went, what comes next, and a run between the times."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for

from models.audit import record
from models.errors import InvalidTransition, NotAllowed, NotFound
from models.i18n import N_, gettext
from models.job_schedule import find_scheduled_job, list_scheduled_jobs
from models.texts import storable
from models.work import RunStatus, WorkKind, ask_for_work, find_lease, latest_runs, open_work
from web.auth import requires
from web.frame import ADMITS
from web.presenters.job_runs import present_jobs

bp = Blueprint("job_runs", __name__, url_prefix="/jobs")

SCHEDULER = "scheduler"
# The process renews its lease every few seconds; silence for this long means that it is gone.
SILENT_AFTER = timedelta(minutes=3)
FAILED = (RunStatus.FAILED, RunStatus.PARTIAL)


@bp.get("")
@requires(*ADMITS)
def show() -> str:
    """Every job with its last run, its next one, and why it last failed."""
    lease = find_lease(g.session, SCHEDULER)
    jobs = present_jobs(
        list_scheduled_jobs(g.session),
        latest_runs(g.session),
        latest_runs(g.session, status=FAILED),
        asked={str(wish.payload.get("job")) for wish in open_work(g.session, WorkKind.RUN_JOB)},
        locale=g.locale,
        now=g.now,
        zone=g.zone,
    )
    return render_template(
        "pages/job_runs/show.html",
        jobs=jobs,
        n_failing=sum(job.failure is not None and not job.was_mended for job in jobs),
        seen_at=None if lease is None else lease.heartbeat_at,
        is_silent=lease is None or g.now - lease.heartbeat_at > SILENT_AFTER,
        may_ask=may_ask(),
    )


@bp.post("/<job>/run")
@requires(*ADMITS)
def run(job: str) -> Response:
    """Ask for a run now; the jobs' process takes it up at its next look."""
    ask_for_run(storable(job))
    return redirect(url_for("job_runs.show"), code=303)  # type: ignore[return-value]


def may_ask() -> bool:
    """Whether the person asking looks after the whole installation."""
    return g.user.districts(*ADMITS) is None


def ask_for_run(job: str) -> None:
    """Keep the wish and who had it, and commit. NotAllowed for an operator of a district only."""
    line = find_scheduled_job(g.session, job)
    if line is None:
        raise NotFound(N_("没有这个任务。"))
    if not may_ask():
        raise NotAllowed(N_("任务管全市，由全市的管理员运行。"))
    if not line.may_be_asked:
        raise InvalidTransition(N_("这个任务会给很多人寄信，只在定好的钟点运行。"))
    ask_for_work(g.session, WorkKind.RUN_JOB, payload={"job": line.job}, requested_by_user_id=g.user.key)
    record(g.session, actor=g.user, action="job.asked", subject=line, details={"job": line.job})
    g.session.commit()
    flash({"words": gettext(g.locale, N_("已要求运行，一分钟内开始。"))})
