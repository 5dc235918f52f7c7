"""One POST: what is sent, what is refused, and that no receiver holds us up."""

from __future__ import annotations

import hashlib
import hmac
import socket
import time

import pytest

from jobs import webhook_post
from jobs.webhook_post import NotReached, Parcel, post, sign
from tests.jobs.receiver import Receiver, receiving

PARCEL = Parcel(body='{"id": "井"}'.encode(), moment=1_795_399_200, event="batch.released", delivery="d-1")


@pytest.fixture
def receiver():
    with receiving(Receiver()) as receiver:
        yield receiver


def test_what_arrives_is_signed_so_that_the_receiver_can_check_it(receiver) -> None:
    status = post(receiver.url, PARCEL, secret="whsec_x", allows_private=True)

    [(path, headers, body)] = receiver.received
    expected = hmac.new(b"whsec_x", b"1795399200." + body, hashlib.sha256).hexdigest()
    assert (status, path, body) == (204, "/hook?from=duijie", PARCEL.body)
    assert headers["Duijie-Signature"] == f"t=1795399200,v1={expected}"
    assert (headers["Duijie-Event"], headers["Duijie-Delivery"]) == ("batch.released", "d-1")
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"


def test_another_moment_body_or_secret_is_another_signature() -> None:
    assert len({sign("a", 1, b"x"), sign("a", 2, b"x"), sign("a", 1, b"y"), sign("b", 1, b"x")}) == 4


def test_redirects_are_not_followed(receiver) -> None:
    receiver.statuses = [302]

    assert post(receiver.url, PARCEL, secret="s", allows_private=True) == 302
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_ones_own_machine_is_told_nothing_however_it_is_written(receiver, host) -> None:
    with pytest.raises(NotReached) as refused:
        post(f"https://{host}:{receiver.port}/", PARCEL, secret="s", allows_private=False)

    assert refused.value.is_forbidden and refused.value.reason == "private_address"
    assert receiver.received == []


def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(receiver, monkeypatch) -> None:
    mixed = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: mixed)

    with pytest.raises(NotReached) as refused:
        post("https://rebinding.example/", PARCEL, secret="s", allows_private=False)

    assert refused.value.reason == "private_address"


def test_the_address_that_was_judged_is_the_one_that_is_connected_to(receiver, monkeypatch) -> None:
    answers = iter([[(2, 1, 6, "", ("127.0.0.1", receiver.port))]])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: next(answers))
    monkeypatch.setattr(webhook_post, "is_outside", lambda address: True)
    connected = []
    real = socket.create_connection

    def connect(address, **named):
        connected.append(address)
        made = socket.socket()
        made.settimeout(named["timeout"])
        made.connect(address)
        return made

    monkeypatch.setattr(socket, "create_connection", connect)
    assert real is not connect

    status = post(f"http://name.example:{receiver.port}/", PARCEL, secret="s", allows_private=True)

    assert (status, connected) == (204, [("127.0.0.1", receiver.port)])


def test_without_tls_nothing_leaves(receiver) -> None:
    with pytest.raises(NotReached) as refused:
        post(receiver.url, PARCEL, secret="s", allows_private=False)

    assert refused.value.reason == "not_https"
    assert receiver.received == []


def test_a_receiver_without_a_certificate_gets_nothing(receiver) -> None:
    with pytest.raises(NotReached) as refused:
        post(receiver.url.replace("http:", "https:"), PARCEL, secret="s", allows_private=True)

    assert refused.value.reason == "bad_certificate"
    assert receiver.received == []


def test_who_is_not_there_is_not_reached(receiver) -> None:
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()

    with pytest.raises(NotReached) as refused:
        post(f"http://127.0.0.1:{port}/", PARCEL, secret="s", allows_private=True)

    assert (refused.value.reason, refused.value.is_forbidden) == ("no_connection", False)


def test_a_receiver_that_answers_a_byte_at_a_time_is_left(receiver, monkeypatch) -> None:
    receiver.drips = True
    monkeypatch.setattr(webhook_post, "TOTAL_SECONDS", 0.5)
    began = time.monotonic()

    with pytest.raises(NotReached):
        post(receiver.url, PARCEL, secret="s", allows_private=True)

    assert time.monotonic() - began < 3
