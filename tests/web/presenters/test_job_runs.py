from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.job_schedule import ScheduledJob
from models.work import JobRun, RunStatus
from web.presenters.job_runs import failure_sentence, present_jobs, rhythm_words, tally_words

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def line(**values: object) -> ScheduledJob:
    return ScheduledJob(
        **{"job": "reindex", "every_seconds": 60, "may_be_asked": True, "position": 0, **values}
    )


def run(
    id_: int = 1, *, status: RunStatus = RunStatus.OK, took: timedelta | None = None, **values: object
) -> JobRun:
    ended = None if took is None else NOW + took
    return JobRun(
        id=id_, job="reindex", run_key=str(id_), started_at=NOW, finished_at=ended, status=status, **values
    )


@pytest.mark.parametrize(
    ("values", "zh", "en"),
    [
        ({"every_seconds": 15}, "每 15 秒", "every 15 s"),
        ({"every_seconds": 300}, "每 5 分钟", "every 5 min"),
        ({"every_seconds": None, "daily_time": time(6, 30)}, "每天 06:30", "daily at 06:30"),
    ],
)
def test_a_rhythm_is_told_in_words(values: dict, zh: str, en: str) -> None:
    assert (rhythm_words(line(**values), "zh"), rhythm_words(line(**values), "en")) == (zh, en)


def test_what_a_run_did_is_counted_and_nothing_is_left_out_silently() -> None:
    counts = {"done": {"a": 2, "b": 1}, "skipped": {}, "failed": {"KeyError": 1}}

    assert tally_words(counts, "zh") == "做了 3 项，失败 1 项"
    assert tally_words({}, "en") == ""


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"error": "the process died"}, "运行到一半，进程停了；没做完的下次接着做。"),
        (
            {"error": "KeyError at jobs/reindex.py:12"},
            "程序出错（KeyError at jobs/reindex.py:12），请转给开发者。",
        ),
        ({"error": "还没有索引。"}, "没有运行完：还没有索引。"),
        ({"error": "", "counts": {"failed": {"KeyError": 2}}}, "有 2 项没有做成（KeyError），其余照常。"),
    ],
)
def test_every_failure_is_a_sentence(values: dict, sentence: str) -> None:
    assert failure_sentence(run(status=RunStatus.FAILED, **values), "zh") == sentence


@pytest.mark.parametrize(
    ("took", "words"),
    [(None, ""), (timedelta(seconds=2.34), "用时 2.3 秒"), (timedelta(minutes=7), "用时 7 分钟")],
)
def test_how_long_a_run_took_is_told_when_it_has_ended(took: timedelta | None, words: str) -> None:
    (shown,) = present(last=run(took=took))

    assert shown.took == words


def present(*, last: JobRun | None = None, failed: JobRun | None = None, asked: tuple[str, ...] = ()):
    runs = {name: {} if each is None else {"reindex": each} for name, each in (("l", last), ("f", failed))}
    zone = ZoneInfo("UTC")
    return present_jobs([line()], runs["l"], runs["f"], asked=asked, locale="zh", now=NOW, zone=zone)


def test_a_job_that_never_ran_has_neither_chip_nor_failure() -> None:
    (shown,) = present(asked=("reindex",))

    assert (shown.chip, shown.failure, shown.tally, shown.is_asked) == (None, None, "", True)
    assert shown.next_at == NOW + timedelta(minutes=1)


def test_a_failure_is_mended_by_a_later_run_only() -> None:
    bad = run(2, status=RunStatus.FAILED, error="坏了。", took=timedelta(seconds=1))

    assert not present(last=bad, failed=bad)[0].was_mended
    assert present(last=run(3), failed=bad)[0].was_mended
    assert present(last=bad, failed=bad)[0].chip.turn == "late"
