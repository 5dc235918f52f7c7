"""The job schedule as its page shows it: each job with its rhythm, its last run and its last failure, in sentences."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.i18n import N_, gettext
from models.job_schedule import ScheduledJob
from models.work import JobRun, RunStatus
from web.chips import Chip
from web.labels import label

TURNS = {RunStatus.OK: "good", RunStatus.RUNNING: "live", RunStatus.PARTIAL: "soon", RunStatus.FAILED: "late"}
# What jobs/runner.py writes of an error that nobody foresaw: its class and its place, never its message.
UNFORESEEN = re.compile(r"\w+( at \S+:\d+)?")
DIED, TAKEN = "the process died", "another process took over"


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job. chip: None before its first run. tally: what the last run did, in words; empty for nothing.

    failure: the sentence of its last failure, None where it never failed; was_mended: whether a good run came after.
    """

    job: str
    words: str
    duty: str
    rhythm: str
    last: JobRun | None
    chip: Chip | None
    took: str
    tally: str
    next_at: datetime
    failure: str | None
    failed_at: datetime | None
    was_mended: bool
    may_be_asked: bool
    is_asked: bool


def present_jobs(  # noqa: PLR0913  (rows by job, and how the reader sees times)
    lines: Sequence[ScheduledJob],
    last: Mapping[str, JobRun],
    failed: Mapping[str, JobRun],
    *,
    asked: Collection[str],
    locale: str,
    now: datetime,
    zone: ZoneInfo,
) -> list[JobLine]:
    """The jobs in the order of the table."""
    return [
        _line(line, last.get(line.job), failed.get(line.job), line.job in asked, locale, now, zone)
        for line in lines
    ]


def _line(  # noqa: PLR0913  (see above)
    line: ScheduledJob,
    last: JobRun | None,
    failed: JobRun | None,
    is_asked: bool,
    locale: str,
    now: datetime,
    zone: ZoneInfo,
) -> JobLine:
    chip = None if last is None else Chip(TURNS[last.status], label("run_status", last.status.value, locale))
    return JobLine(
        job=line.job,
        words=label("job", line.job, locale),
        duty=label("job_duty", line.job, locale),
        rhythm=rhythm_words(line, locale),
        last=last,
        chip=chip,
        took="" if last is None else _took(last, locale),
        tally="" if last is None else tally_words(last.counts, locale),
        next_at=line.next_due_at(now, zone),
        failure=None if failed is None else failure_sentence(failed, locale),
        failed_at=None if failed is None else failed.finished_at,
        was_mended=failed is not None and last is not None and last.key > failed.key,
        may_be_asked=line.may_be_asked,
        is_asked=is_asked,
    )


def rhythm_words(line: ScheduledJob, locale: str) -> str:
    """`每 15 秒`, `每 5 分钟`, `每天 08:00`."""
    if line.daily_time is not None:
        return gettext(locale, N_("每天 %(time)s"), time=f"{line.daily_time:%H:%M}")
    seconds = line.every_seconds or 0
    if seconds % 60:
        return gettext(locale, N_("每 %(n)s 秒"), n=seconds)
    return gettext(locale, N_("每 %(n)s 分钟"), n=seconds // 60)


def _took(run: JobRun, locale: str) -> str:
    """How long it took, to a tenth of a second; nothing while it runs."""
    if run.finished_at is None:
        return ""
    span: timedelta = run.finished_at - run.started_at
    if span < timedelta(minutes=2):
        return gettext(locale, N_("用时 %(n)s 秒"), n=f"{max(span.total_seconds(), 0):.1f}")
    return gettext(locale, N_("用时 %(n)s 分钟"), n=round(span.total_seconds() / 60))


def tally_words(counts: Mapping[str, Mapping[str, int]], locale: str) -> str:
    """What a run did, counted: `做了 3 项，跳过 5 项`."""
    words = {"done": N_("做了 %(n)s 项"), "skipped": N_("跳过 %(n)s 项"), "failed": N_("失败 %(n)s 项")}
    mark = "，" if locale == "zh" else ", "
    parts = [(words[name], sum(counts.get(name, {}).values())) for name in words]
    return mark.join(gettext(locale, message, n=n) for message, n in parts if n)


def failure_sentence(run: JobRun, locale: str) -> str:
    """Why a run failed, for whoever looks after the installation."""
    if run.error in (DIED, TAKEN):
        return gettext(locale, N_("运行到一半，进程停了；没做完的下次接着做。"))
    if run.error and UNFORESEEN.fullmatch(run.error):
        return gettext(locale, N_("程序出错（%(error)s），请转给开发者。"), error=run.error)
    if run.error:
        return gettext(locale, N_("没有运行完：%(error)s"), error=run.error)
    kinds = run.counts.get("failed", {})
    names = ("、" if locale == "zh" else ", ").join(kinds)
    return gettext(
        locale, N_("有 %(n)s 项没有做成（%(names)s），其余照常。"), n=sum(kinds.values()), names=names
    )
