"""Reminders of questions: a day before the term or after it, once a question."""

from datetime import date, timedelta

import pytest
from sqlalchemy.engine import Engine

from jobs.remind_questions import remind_questions
from jobs.runner import Run
from models.db import transaction
from models.outbox import MailKind
from models.user import Role
from tests.factories import make_question, make_user
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import SHENZHEN, all_mails, make_run

TODAY = date(2026, 11, 23)


def remind(engine: Engine, clock: FixedClock, **values: object) -> Run:
    run = make_run(engine, clock, **values)
    remind_questions(run, zone=SHENZHEN)
    return run


@pytest.fixture
def question(database: Engine) -> int:
    """A question whose term is the day after tomorrow."""
    with transaction(database) as session:
        row = make_question(session, due_on=TODAY + timedelta(days=2))
        make_user(session, roles=(Role.AGENCY,), organisation_id=row.scenario.organisation_id)
        return row.key


def test_nobody_is_reminded_early(database: Engine, clock: FixedClock, question: int) -> None:
    assert remind(database, clock).counts.to_json() == {}


def test_the_agency_is_reminded_once(database: Engine, clock: FixedClock, question: int) -> None:
    clock.advance(timedelta(days=1))
    first = remind(database, clock)
    clock.advance(timedelta(days=3))

    second = remind(database, clock)

    assert first.counts.to_json() == {"done": {"questions": 1}}
    assert second.counts.to_json() == {"skipped": {"told_before": 1}}
    assert [mail.kind for mail in all_mails(database)] == [MailKind.QUESTION_REMINDER]


def test_running_twice_changes_nothing(database: Engine, clock: FixedClock, question: int) -> None:
    clock.advance(timedelta(days=1))
    remind(database, clock)
    before = [mail.model_dump() for mail in all_mails(database)]

    remind(database, clock)

    assert [mail.model_dump() for mail in all_mails(database)] == before


def test_a_dry_run_writes_nothing(database: Engine, clock: FixedClock, question: int) -> None:
    clock.advance(timedelta(days=1))

    remind(database, clock, dry_run=True)

    assert all_mails(database) == []
