"""Alarms about pilots that nobody decides: once for each date that passed."""

from datetime import date, timedelta

import pytest
from sqlalchemy.engine import Engine

from jobs.remind_decisions import remind_decisions
from jobs.runner import Run
from models.db import transaction
from models.outbox import MailKind
from models.pilot import Pilot
from models.user import Role
from tests.factories import MONDAY, make_pilot, make_user
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import SHENZHEN, all_mails, make_run

TODAY = date(2026, 11, 23)


def remind(engine: Engine, clock: FixedClock) -> Run:
    run = make_run(engine, clock)
    remind_decisions(run, zone=SHENZHEN)
    return run


@pytest.fixture
def pilot(database: Engine) -> int:
    """A pilot that runs and is to be decided today."""
    with transaction(database) as session:
        row = make_pilot(session, agreed_at=MONDAY, started_at=MONDAY, decision_on=TODAY)
        make_user(session, roles=(Role.AGENCY,), organisation_id=row.scenario.organisation_id)
        return row.key


def test_on_the_day_itself_nobody_is_reminded(database: Engine, clock: FixedClock, pilot: int) -> None:
    assert remind(database, clock).counts.to_json() == {}


def test_the_agency_hears_of_each_date_once(database: Engine, clock: FixedClock, pilot: int) -> None:
    clock.advance(timedelta(days=1))
    first = remind(database, clock)
    clock.advance(timedelta(days=1))
    second = remind(database, clock)
    with transaction(database) as session:
        session.get_one(Pilot, pilot).decision_on = TODAY + timedelta(days=3)
    clock.advance(timedelta(days=3))
    third = remind(database, clock)

    assert first.counts.to_json() == third.counts.to_json() == {"done": {"pilots": 1}}
    assert second.counts.to_json() == {"skipped": {"told_before": 1}}
    assert [(mail.kind, mail.period) for mail in all_mails(database)] == [
        (MailKind.PILOT_UNDECIDED, "2026-11-23"),
        (MailKind.PILOT_UNDECIDED, "2026-11-26"),
    ]
