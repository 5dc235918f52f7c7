import smtplib
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import mailer as mailer_module
from jobs.failpoint import Failpoint
from jobs.mailer import (
    OutcomeUnknown,
    PassingRefusal,
    PermanentRefusal,
    RelayUnavailable,
    SmtpMailer,
    make_mailer,
    parse_relay,
)
from tests.jobs.relay import HANG_UP, TAKE_AND_HANG_UP, Relay
from tests.jobs.sending import nothing, write_mail


@pytest.fixture
def mailer(relay: Relay) -> Iterator[SmtpMailer]:
    mailer = SmtpMailer(
        parse_relay(f"{relay.url}?timeout=5"), hostname="duijie.example", end_of_data_seconds=5
    )
    yield mailer
    mailer.close()


def test_a_mail_arrives_and_the_queue_id_comes_back(relay: Relay, mailer: SmtpMailer) -> None:
    queue_id = mailer.send(write_mail(), before_dot=nothing)

    assert queue_id == "Q1"
    assert [(mail.message_id, mail.recipient) for mail in relay.taken] == [
        ("<1@duijie.example>", "b1@example.org")
    ]


def test_the_last_word_before_the_dot_is_ours(relay: Relay, mailer: SmtpMailer) -> None:
    taken_before_dot = []

    mailer.send(write_mail(), before_dot=lambda: taken_before_dot.append(len(relay.taken)))

    assert taken_before_dot == [0]
    assert len(relay.taken) == 1


def test_if_the_last_word_is_no_the_relay_gets_nothing(relay: Relay, mailer: SmtpMailer) -> None:
    def refuse() -> None:
        raise RuntimeError("the claim is lost")

    with pytest.raises(RuntimeError, match="claim"):
        mailer.send(write_mail(1), before_dot=refuse)
    mailer.send(write_mail(2), before_dot=nothing)

    assert relay.message_ids == ["<2@duijie.example>"]


@pytest.mark.parametrize(
    "body",
    [".\r\n", "..\r\n.x\r\n", "a\r\n.\r\nb\r\n", "no end", "\n.\nunix\n", "mac\r.\rmac"],
)
def test_dots_and_line_ends_arrive_as_they_were_meant(relay: Relay, mailer: SmtpMailer, body: str) -> None:
    mailer.send(write_mail(body=body), before_dot=nothing)

    arrived = relay.taken[0].data.split(b"\r\n\r\n", 1)[1].decode()
    meant = body.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    assert arrived == (meant if meant.endswith("\r\n") else meant + "\r\n")


@given(st.binary(max_size=200))
def test_no_bytes_can_end_a_mail_early(data: bytes) -> None:
    stuffed = mailer_module._stuff_dots(data)

    assert b"\r\n.\r\n" not in b"\r\n" + stuffed
    assert stuffed.endswith(b"\r\n")


def test_a_batch_uses_one_connection(relay: Relay, mailer: SmtpMailer) -> None:
    [mailer.send(write_mail(n), before_dot=nothing) for n in range(5)]

    assert (len(relay.taken), relay.n_connections) == (5, 1)


def test_a_connection_is_changed_before_the_relay_would(
    relay: Relay, mailer: SmtpMailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailer_module, "MAX_MAILS_PER_CONNECTION", 2)

    [mailer.send(write_mail(n), before_dot=nothing) for n in range(5)]

    assert (len(relay.taken), relay.n_connections) == (5, 3)


def test_a_connection_that_died_between_two_mails_is_replaced(relay: Relay, mailer: SmtpMailer) -> None:
    mailer.send(write_mail(1), before_dot=nothing)
    connection = mailer._connection
    assert connection is not None
    assert connection.sock is not None
    connection.sock.shutdown(socket.SHUT_RDWR)

    mailer.send(write_mail(2), before_dot=nothing)

    assert relay.message_ids == ["<1@duijie.example>", "<2@duijie.example>"]


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
@pytest.mark.parametrize("code", [421, 450, 451, 452, 455])
def test_every_4xx_passes(relay: Relay, mailer: SmtpMailer, stage: str, code: int) -> None:
    relay.replies[stage] = [f"{code} 4.3.0 later"]

    with pytest.raises(PassingRefusal, match=f"{stage} {code} 4.3.0"):
        mailer.send(write_mail(1), before_dot=nothing)
    mailer.send(write_mail(2), before_dot=nothing)

    assert relay.message_ids == ["<2@duijie.example>"]


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
@pytest.mark.parametrize("code", [500, 501, 503, 550, 551, 552, 553, 554])
def test_every_5xx_is_permanent(relay: Relay, mailer: SmtpMailer, stage: str, code: int) -> None:
    relay.replies[stage] = [f"{code} no"]

    with pytest.raises(PermanentRefusal, match=f"{stage} {code}"):
        mailer.send(write_mail(1), before_dot=nothing)
    mailer.send(write_mail(2), before_dot=nothing)

    assert relay.message_ids == ["<2@duijie.example>"]


@pytest.mark.parametrize(
    ("stage", "reply", "is_dead"),
    [
        ("rcpt", "550 no such user", True),
        ("rcpt", "550 5.1.1 no such user", True),
        ("rcpt", "550 5.1.10 no MX", True),
        ("rcpt", "550 5.2.1 mailbox closed", True),
        ("rcpt", "550 5.7.1 we do not like your address", False),
        ("rcpt", "552 5.2.2 mailbox full", False),
        ("rcpt", "554 go away", False),
        ("dot", "550 5.1.1 no such user after all", True),
        ("dot", "550 spam", False),
        ("dot", "554 5.7.1 spam", False),
    ],
)
def test_only_a_bad_address_is_a_dead_mailbox(
    relay: Relay, mailer: SmtpMailer, stage: str, reply: str, is_dead: bool
) -> None:
    relay.replies[stage] = [reply]

    with pytest.raises(PermanentRefusal) as refusal:
        mailer.send(write_mail(), before_dot=nothing)

    assert refusal.value.is_dead_mailbox is is_dead


def test_a_refused_sender_is_no_fault_of_the_mail(relay: Relay, mailer: SmtpMailer) -> None:
    relay.replies["mail"] = ["553 5.7.1 not your address"]

    with pytest.raises(RelayUnavailable, match=r"mail 553 5\.7\.1"):
        mailer.send(write_mail(), before_dot=nothing)


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_a_line_that_breaks_before_the_dot_sent_nothing(relay: Relay, mailer: SmtpMailer, stage: str) -> None:
    relay.replies[stage] = [HANG_UP]
    doubts: list[None] = []

    # Whether the break shows while the text is sent or only at the dot depends on buffers; a break after the last
    # word is unknown to us however it came about.
    with pytest.raises((PassingRefusal, OutcomeUnknown)) as broken:
        mailer.send(write_mail(1, body="x" * 200_000), before_dot=lambda: doubts.append(None))
    mailer.send(write_mail(2), before_dot=nothing)

    assert (broken.type is OutcomeUnknown) == (len(doubts) == 1)
    assert relay.message_ids == ["<2@duijie.example>"]


@pytest.mark.parametrize("way", [HANG_UP, TAKE_AND_HANG_UP])
def test_without_an_answer_after_the_dot_nobody_knows(relay: Relay, mailer: SmtpMailer, way: str) -> None:
    relay.replies["dot"] = [way]

    with pytest.raises(OutcomeUnknown):
        mailer.send(write_mail(1), before_dot=nothing)
    mailer.send(write_mail(2), before_dot=nothing)

    assert len(relay.taken) == (1 if way == HANG_UP else 2)


def test_an_answer_that_comes_too_late_is_unknown_too(relay: Relay) -> None:
    relay.wait_before_250_seconds = 1.0
    mailer = SmtpMailer(parse_relay(relay.url), hostname="duijie.example", end_of_data_seconds=0.2)

    with pytest.raises(OutcomeUnknown):
        mailer.send(write_mail(), before_dot=nothing)


def test_an_answer_without_sense_after_the_dot_is_unknown(relay: Relay, mailer: SmtpMailer) -> None:
    relay.replies["dot"] = ["354 go on"]

    with pytest.raises(OutcomeUnknown, match="354"):
        mailer.send(write_mail(), before_dot=nothing)


def test_nobody_at_the_port_is_an_unavailable_relay() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mailer = make_mailer(f"smtp://127.0.0.1:{port}", hostname="duijie.example")

    with pytest.raises(RelayUnavailable, match="connect ConnectionRefusedError"):
        mailer.send(write_mail(), before_dot=nothing)


@pytest.mark.parametrize("greeting", ["421 busy", "554 no", HANG_UP])
def test_a_relay_that_does_not_greet_is_unavailable(relay: Relay, mailer: SmtpMailer, greeting: str) -> None:
    relay.replies["connect"] = [greeting]

    with pytest.raises(RelayUnavailable):
        mailer.send(write_mail(), before_dot=nothing)


def test_a_relay_that_never_greets_is_unavailable() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        mailer = make_mailer(f"smtp://127.0.0.1:{port}?timeout=0.2", hostname="duijie.example")

        with pytest.raises(RelayUnavailable, match="connect"):
            mailer.send(write_mail(), before_dot=nothing)


def test_the_failpoints_are_passed_in_order(relay: Relay) -> None:
    passed: list[str] = []
    mailer = SmtpMailer(parse_relay(relay.url), hostname="duijie.example", checkpoint=passed.append)

    mailer.send(write_mail(), before_dot=lambda: passed.append("commit"))
    mailer.close()

    assert passed == [
        Failpoint.AFTER_354,
        "commit",
        Failpoint.AFTER_DOUBT,
        Failpoint.AFTER_DOT,
        Failpoint.AFTER_250,
    ]


def test_closing_twice_and_before_any_mail_is_harmless(mailer: SmtpMailer) -> None:
    mailer.close()
    mailer.close()


def test_a_relay_that_dies_at_goodbye_is_forgiven(relay: Relay, mailer: SmtpMailer) -> None:
    mailer.send(write_mail(), before_dot=nothing)
    connection = mailer._connection
    assert isinstance(connection, smtplib.SMTP)
    connection.close()

    mailer.close()

    assert threading.active_count() >= 1
