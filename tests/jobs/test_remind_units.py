"""Reminders of a collection: in its last week, once a unit and batch."""

from datetime import date, timedelta

import pytest
from sqlalchemy.engine import Engine

from jobs.remind_units import remind_units
from jobs.runner import Run
from models.db import transaction
from models.organisation import Organisation
from models.outbox import MailKind
from models.user import Role
from tests.factories import make_batch, make_organisation, make_scenario, make_user
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import SHENZHEN, all_mails, make_run

TODAY = date(2026, 11, 23)


def remind(engine: Engine, clock: FixedClock, **values: object) -> Run:
    run = make_run(engine, clock, **values)
    remind_units(run, zone=SHENZHEN)
    return run


@pytest.fixture
def unit(database: Engine) -> Organisation:
    with transaction(database) as session:
        make_batch(
            session,
            released_at=None,
            collects_from_on=TODAY - timedelta(days=20),
            collects_until_on=TODAY + timedelta(days=3),
        )
        unit = make_organisation(session)
        make_user(session, roles=(Role.AGENCY,), organisation_id=unit.key)
    return unit


def test_a_silent_unit_is_told_once(database: Engine, clock: FixedClock, unit: Organisation) -> None:
    first = remind(database, clock)
    clock.advance(timedelta(days=1))

    second = remind(database, clock)

    assert first.counts.to_json() == {"done": {"batches": 1, "reminders": 1}}
    assert second.counts.to_json() == {"skipped": {"nobody_to_remind": 1}}
    assert [mail.kind for mail in all_mails(database)] == [MailKind.BATCH_REMINDER]


def test_running_twice_changes_nothing(database: Engine, clock: FixedClock, unit: Organisation) -> None:
    remind(database, clock)
    before = [mail.model_dump() for mail in all_mails(database)]

    remind(database, clock)

    assert [mail.model_dump() for mail in all_mails(database)] == before


def test_a_dry_run_writes_nothing(database: Engine, clock: FixedClock, unit: Organisation) -> None:
    remind(database, clock, dry_run=True)

    assert all_mails(database) == []


def test_who_posted_in_the_window_is_left_alone(
    database: Engine, clock: FixedClock, unit: Organisation
) -> None:
    with transaction(database) as session:
        make_scenario(
            session, organisation_id=unit.key, published_at=None, number=None, submitted_at=clock.now
        )

    remind(database, clock)

    assert all_mails(database) == []
