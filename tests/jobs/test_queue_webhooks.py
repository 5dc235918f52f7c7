"""Events become deliveries, once each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import select

from jobs.queue_webhooks import queue_webhooks
from jobs.runner import Run
from models.audit import record
from models.db import transaction
from models.organisation import Organisation
from models.webhook import Webhook, WebhookDelivery
from tests.factories import make_batch, make_organisation, make_user, make_webhook
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import SHENZHEN, make_run


def queue(engine: Engine, clock: FixedClock, **values: object) -> Run:
    run = make_run(engine, clock, **values)
    queue_webhooks(run, zone=SHENZHEN)
    return run


def release(engine: Engine, clock: FixedClock, number: str) -> None:
    with transaction(engine) as session:
        event = record(
            session, actor=None, action="batch.released", subject=make_batch(session, number=number)
        )
        event.created_at = clock.now


def owed(engine: Engine) -> list[str]:
    with transaction(engine) as session:
        rows = session.exec(select(WebhookDelivery).order_by(WebhookDelivery.id))
        return [row.data["number"] for row in rows]


@pytest.fixture
def webhook(database: Engine, clock: FixedClock) -> int:
    with transaction(database) as session:
        home = make_organisation(session)
        person = make_user(session, organisation_id=home.key)
        return make_webhook(session, person, created_at=clock.now, scanned_at=clock.now).key


def test_each_event_is_owed_once_however_often_it_is_looked_for(database, clock, webhook) -> None:
    clock.advance(timedelta(minutes=1))
    release(database, clock, "2026Q4")
    first = queue(database, clock)
    clock.advance(timedelta(minutes=1))

    second = queue(database, clock)

    assert first.counts.to_json() == {"done": {"deliveries": 1, "webhooks": 1}}
    assert second.counts.to_json() == {"skipped": {"no_news": 1}}
    assert owed(database) == ["2026Q4"]


def test_nothing_is_lost_while_the_job_does_not_run(database, clock, webhook) -> None:
    clock.advance(timedelta(days=1))
    release(database, clock, "A")
    clock.advance(timedelta(days=10))
    release(database, clock, "B")

    queue(database, clock)

    assert owed(database) == ["A", "B"]


def test_a_change_that_is_committed_late_is_told(database, clock, webhook) -> None:
    clock.advance(timedelta(hours=2))
    queue(database, clock)
    dated = FixedClock(clock.now - timedelta(minutes=50))
    release(database, dated, "late")

    queue(database, clock)

    assert owed(database) == ["late"]


def test_what_happened_before_the_subscription_is_not_told(database, clock, webhook) -> None:
    release(database, FixedClock(clock.now - timedelta(minutes=5)), "before")

    queue(database, clock)

    assert owed(database) == []


def test_whose_organisation_is_suspended_is_owed_nothing(database, clock, webhook) -> None:
    clock.advance(timedelta(minutes=1))
    release(database, clock, "2026Q4")
    with transaction(database) as session:
        session.exec(select(Organisation)).one().suspend(clock.now)

    assert queue(database, clock).counts.to_json() == {"skipped": {"owner_shut_out": 1}}
    assert owed(database) == []


def test_a_dry_run_writes_nothing(database, clock, webhook) -> None:
    clock.advance(timedelta(minutes=1))
    release(database, clock, "2026Q4")

    run = queue(database, clock, dry_run=True)

    assert run.counts.to_json()["done"]["deliveries"] == 1
    assert owed(database) == []


def test_one_subscription_that_breaks_does_not_stop_the_rest(database, clock, webhook) -> None:
    with transaction(database) as session:
        broken = make_webhook(session, make_user(session), kinds=["no.such.kind"])
        assert broken.key != webhook
    clock.advance(timedelta(minutes=1))
    release(database, clock, "2026Q4")

    run = queue(database, clock)

    assert run.counts.to_json() == {"done": {"deliveries": 1, "webhooks": 1}, "failed": {"ValueError": 1}}
    with transaction(database) as session:
        assert session.get(Webhook, webhook).scanned_at == clock.now
