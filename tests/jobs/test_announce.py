"""What pages are told of the jobs' process: the table of jobs, and every mail in both languages; nothing twice."""

from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import select

from jobs.announce import announce, line_of, make_example
from jobs.schedule import build
from models.config import Settings
from models.db import make_session
from models.i18n import LOCALES
from models.job_schedule import Line, list_scheduled_jobs
from models.mail_example import MailExample
from models.outbox import MailKind
from models.when import Daily, Every
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import make_renderer, make_run

LINES = [Line("send_outbox", 15, None, True)]


def told(database: Engine, clock: FixedClock, lines: list[Line] = LINES) -> dict[str, dict[str, int]]:
    run = make_run(database, clock)
    announce(run, lines=lines, renderer=make_renderer())
    return run.counts.to_json()


def test_a_second_run_writes_nothing(database: Engine, clock: FixedClock) -> None:
    first = told(database, clock)
    clock.advance(timedelta(days=400))

    assert first == {"done": {"lines_written": 1, "examples_written": len(MailKind) * len(LOCALES)}}
    assert told(database, clock) == {}
    assert told(database, clock, [Line("send_outbox", 30, None, True)]) == {"done": {"lines_written": 1}}


def test_every_mail_is_shown_in_both_languages(database: Engine, clock: FixedClock) -> None:
    told(database, clock)

    with make_session(database, read_only=True) as session:
        rows = list(session.exec(select(MailExample)))
    assert {(row.kind, row.locale) for row in rows} == {(kind, each) for kind in MailKind for each in LOCALES}
    assert all(row.subject and row.text and row.html.lower().startswith("<!doctype html>") for row in rows)


def test_a_dry_run_writes_nothing(database: Engine, clock: FixedClock) -> None:
    announce(make_run(database, clock, dry_run=True), lines=LINES, renderer=make_renderer())

    with make_session(database, read_only=True) as session:
        assert list_scheduled_jobs(session) == []


def test_a_digest_shows_how_it_is_stopped_and_an_invitation_does_not() -> None:
    digest, invitation = (
        make_example(kind, "en", make_renderer()) for kind in (MailKind.DIGEST_STARTUP, MailKind.INVITATION)
    )

    assert "/unsubscribe/an-example" in digest.text
    assert "/unsubscribe/" not in invitation.text


def test_the_table_holds_every_job_with_this_one(sqlite_engine: Engine, tmp_path: Path) -> None:
    jobs = build(Settings(_env_file=None, data_dir=tmp_path), sqlite_engine)

    lines = jobs[-1].function.keywords["lines"]  # type: ignore[attr-defined]

    assert [line.job for line in lines] == [job.name for job in jobs]
    assert {line.job for line in lines if not line.may_be_asked} == {
        "queue_digests",
        "remind_units",
        "remind_questions",
        "remind_decisions",
    }


def test_a_rhythm_becomes_a_line_and_a_strange_one_is_refused() -> None:
    assert line_of("a", Every(15), may_be_asked=True) == Line("a", 15, None, True)
    assert line_of("a", Daily(time(8, 0)), may_be_asked=False) == Line("a", None, time(8, 0), False)
    with pytest.raises(TypeError):
        line_of("a", object(), may_be_asked=True)  # type: ignore[arg-type]
