"""Deliveries are sent to a real receiver, tried again, and told apart."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import select

from jobs.deliver_webhooks import Courier, deliver_webhooks
from jobs.runner import Run
from jobs.webhook_post import sign
from models.db import transaction
from models.user import User
from models.webhook import DeliveryStatus, Webhook, WebhookDelivery, replay, secret_of
from tests.factories import make_delivery, make_user, make_webhook
from tests.jobs.conftest import FixedClock
from tests.jobs.receiver import Receiver, receiving
from tests.jobs.sending import make_run

KEY = "a key of tests"


@pytest.fixture
def receiver():
    with receiving(Receiver()) as receiver:
        yield receiver


def owe(engine: Engine, url: str, n: int = 1) -> int:
    """A subscription to this address with so many deliveries; its id."""
    with transaction(engine) as session:
        webhook = make_webhook(session, make_user(session), url=url)
        for _ in range(n):
            make_delivery(session, webhook)
        return webhook.key


def deliver(engine: Engine, clock: FixedClock, *, private: bool = True, **values: object) -> Run:
    run = make_run(engine, clock, **values)
    deliver_webhooks(run, courier=Courier(key=KEY, allows_private=private))
    return run


def rows(engine: Engine) -> list[WebhookDelivery]:
    with transaction(engine) as session:
        return list(session.exec(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def test_what_is_owed_arrives_once_with_a_signature_that_holds(database, clock, receiver) -> None:
    webhook_id = owe(database, receiver.url)

    first, second = deliver(database, clock), deliver(database, clock)

    [(_, headers, body)] = receiver.received
    moment, signature = (part.split("=")[1] for part in headers["Duijie-Signature"].split(","))
    with transaction(database) as session:
        secret = secret_of(session.get(Webhook, webhook_id), KEY)
    assert signature == sign(secret, int(moment), body)
    assert int(moment) == int(clock.now.timestamp())
    assert json.loads(body)["data"] == {"number": "2026Q4"}
    assert (first.counts.to_json(), second.counts.to_json()) == ({"done": {"delivered": 1}}, {})
    assert [row.status for row in rows(database)] == [DeliveryStatus.DELIVERED]


def test_a_receiver_that_fails_is_asked_again_later_under_the_same_id(database, clock, receiver) -> None:
    receiver.statuses = [500, 200]
    owe(database, receiver.url)

    deliver(database, clock)
    early = deliver(database, clock)
    clock.advance(timedelta(minutes=1))
    deliver(database, clock)

    ids = {json.loads(body)["id"] for _, _, body in receiver.received}
    assert (len(receiver.received), len(ids), early.counts.to_json()) == (2, 1, {})
    assert [(row.status, row.n_tries) for row in rows(database)] == [(DeliveryStatus.DELIVERED, 2)]


def test_a_replay_has_the_id_of_the_event_and_one_of_its_own(database, clock, receiver) -> None:
    owe(database, receiver.url)
    deliver(database, clock)
    with transaction(database) as session:
        replay(session, session.exec(select(WebhookDelivery)).one(), now=clock.now)

    deliver(database, clock)

    assert len({json.loads(body)["id"] for _, _, body in receiver.received}) == 1
    assert len({headers["Duijie-Delivery"] for _, headers, _ in receiver.received}) == 2


def test_a_receiver_that_is_gone_is_told_nothing_more(database, clock, receiver) -> None:
    receiver.statuses = [410]
    webhook_id = owe(database, receiver.url, n=2)

    deliver(database, clock)
    clock.advance(timedelta(days=1))
    deliver(database, clock)

    with transaction(database) as session:
        webhook = session.get(Webhook, webhook_id)
        assert (webhook.ended_at is not None, webhook.end_reason) == (True, "gone")
    assert len(receiver.received) == 1


def test_a_private_address_is_given_up_at_once_unless_the_installation_allows_it(
    database, clock, receiver
) -> None:
    owe(database, receiver.url.replace("http:", "https:"))

    run = deliver(database, clock, private=False)

    assert run.counts.to_json() == {"skipped": {"private_address": 1}}
    assert [(row.status, row.reason) for row in rows(database)] == [
        (DeliveryStatus.FAILED, "private_address")
    ]
    assert receiver.received == []


def test_a_silent_receiver_is_asked_once_a_run_and_the_others_go_on(database, clock, receiver) -> None:
    owe(database, "http://127.0.0.1:9/", n=3)
    owe(database, receiver.url)

    run = deliver(database, clock)

    assert run.counts.to_json() == {
        "done": {"delivered": 1}, "skipped": {"no_connection": 1, "silent_receiver": 2},
    }  # fmt: skip
    assert [row.n_tries for row in rows(database)] == [1, 0, 0, 1]


def test_a_locked_persons_receiver_is_told_nothing(database, clock, receiver) -> None:
    owe(database, receiver.url)
    with transaction(database) as session:
        session.exec(select(User)).one().locked_at = clock.now

    deliver(database, clock)

    assert receiver.received == []
    assert [row.reason for row in rows(database)] == ["owner_shut_out"]


def test_a_dry_run_sends_nothing(database, clock, receiver) -> None:
    owe(database, receiver.url)

    run = deliver(database, clock, dry_run=True)

    assert run.counts.to_json() == {"done": {"would_send": 1}}
    assert receiver.received == []
