from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from models.errors import InvalidInput, InvalidTransition, NotFound
from models.webhook import (
    MAX_OPEN,
    MAX_TRIES,
    DeliveryStatus,
    Event,
    EventKind,
    add_webhook,
    checked_url,
    due_deliveries,
    get_delivery,
    get_webhook,
    is_outside,
    list_deliveries,
    open_webhooks,
    owe,
    replay,
    secret_of,
)
from tests.factories import make_delivery, make_user, make_webhook

URL = "https://receiver.example/hook?a=1"
INSIDE = [
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_of_ones_own_network_are_not_outside(address):
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_outside(address):
    assert is_outside(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "receiver.example", "http://receiver.example/", "ftp://receiver.example/", "https://", "https://:443/",
        "https://user:pw@receiver.example/", "https://receiver.example/#a", "https://receiver.example:0/",
        "https://receiver.example:99999/", "https://[::1", "https://localhost/", "https://a.localhost/",
        "https://printer.local/", "https://intranet/", "https://127.0.0.1/", "https://[::1]/",
        "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "https://例子.example/",
        "https://receiver.example/a b", "https://receiver.example/" + "x" * 500, "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_internet_is_refused(url):
    with pytest.raises(InvalidInput) as refused:
        checked_url(url, allows_private=False)

    assert list(refused.value.fields) == ["url"]


def test_an_installation_may_let_its_own_network_be_told():
    assert checked_url("http://127.0.0.1:8080/hook", allows_private=True) == "http://127.0.0.1:8080/hook"
    assert checked_url(f" {URL} ", allows_private=False) == URL
    assert checked_url("https://[2606:4700::1111]/", allows_private=False)


def test_a_subscription_is_told_of_something(session, now):
    with pytest.raises(InvalidInput) as refused:
        add_webhook(session, make_user(session), url=URL, kinds=[], now=now)

    assert list(refused.value.fields) == ["kinds"]


def test_a_test_is_nothing_to_subscribe_to(session, now):
    row = add_webhook(session, make_user(session), url=URL, kinds=list(EventKind), now=now)

    assert row.kinds == ["scenario.published", "batch.released", "match.found", "pilot.changed"]


def test_one_subscription_too_many_is_refused(session, now):
    person = make_user(session)
    rows = [
        add_webhook(session, person, url=URL, kinds=[EventKind.MATCH_FOUND], now=now) for _ in range(MAX_OPEN)
    ]
    with pytest.raises(InvalidInput):
        add_webhook(session, person, url=URL, kinds=[EventKind.MATCH_FOUND], now=now)
    rows[0].end(now, reason="removed")

    add_webhook(session, person, url=URL, kinds=[EventKind.MATCH_FOUND], now=now)

    assert rows[0].key not in open_webhooks(session)
    with pytest.raises(InvalidTransition):
        rows[0].end(now, reason="removed")


def test_each_subscription_has_a_secret_that_no_row_holds(session, now):
    first, second = (
        add_webhook(session, make_user(session), url=URL, kinds=[EventKind.MATCH_FOUND], now=now)
        for _ in range(2)
    )

    assert secret_of(first, "key") != secret_of(second, "key")
    assert secret_of(first, "key") != secret_of(first, "other")
    assert secret_of(first, "key") not in str(first.model_dump())


def test_an_event_is_owed_once(session, now):
    webhook = make_webhook(session, make_user(session))
    owe(session, webhook, EventKind.PING, Event("ping:1", now, {}), now=now)

    with pytest.raises(IntegrityError):
        owe(session, webhook, EventKind.PING, Event("ping:1", now, {}), now=now)


def test_a_refused_delivery_is_tried_with_growing_pauses_and_given_up_in_the_end(session, now):
    row = make_delivery(session, make_webhook(session, make_user(session)))
    pauses = []
    for _ in range(MAX_TRIES):
        row.note_try(now, status=500, reason="refused")
        pauses.append((row.next_try_at - now) / timedelta(minutes=1))

    assert pauses[:4] == [1, 2, 4, 8]
    assert max(pauses) == 240 and sum(pauses[:-1]) > 18 * 60
    assert (row.status, row.answer_status) == (DeliveryStatus.FAILED, 500)


def test_a_delivery_that_arrived_is_not_due_and_one_that_failed_once_is_later(session, now):
    webhook = make_webhook(session, make_user(session))
    arrived, later, due = (make_delivery(session, webhook) for _ in range(3))
    arrived.note_try(now, status=204)
    later.note_try(now, status=None, reason="timeout")
    session.flush()

    assert due_deliveries(session, now=now, limit=9) == [due.key]
    assert due_deliveries(session, now=now + timedelta(minutes=1), limit=9) == [due.key, later.key]
    assert arrived.status is DeliveryStatus.DELIVERED


def test_nothing_is_due_to_a_subscription_that_has_ended(session, now):
    webhook = make_webhook(session, make_user(session))
    make_delivery(session, webhook)
    webhook.end(now, reason="gone")
    session.flush()

    assert due_deliveries(session, now=now, limit=9) == []


def test_a_replay_is_a_new_delivery_of_the_same_event(session, now):
    row = make_delivery(session, make_webhook(session, make_user(session)))
    with pytest.raises(InvalidTransition):
        replay(session, row, now=now)
    row.note_try(now, status=200)

    again = replay(session, row, now=now)

    assert (again.serial, again.event_id, again.data) == (2, row.event_id, row.data)
    assert again.uuid != row.uuid and again.status is DeliveryStatus.WAITING
    assert [each.key for each in list_deliveries(session, row.webhook_id, limit=9)] == [again.key, row.key]


def test_an_ended_subscription_is_sent_nothing_again(session, now):
    webhook = make_webhook(session, make_user(session))
    row = make_delivery(session, webhook, delivered_at=now)
    webhook.end(now, reason="removed")

    with pytest.raises(InvalidTransition):
        replay(session, row, now=now)


def test_what_is_anothers_is_not_found(session, now):
    mine, theirs = (make_webhook(session, make_user(session)) for _ in range(2))

    with pytest.raises(NotFound):
        get_webhook(session, theirs.key, user_id=mine.user_id)
    with pytest.raises(NotFound):
        get_delivery(session, make_delivery(session, theirs).key, mine)


def test_a_delivery_has_one_end(session, now):
    webhook = make_webhook(session, make_user(session))

    with pytest.raises(IntegrityError):
        make_delivery(session, webhook, delivered_at=now, failed_at=now)
