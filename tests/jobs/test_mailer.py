import smtplib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import mailer as mailer_module
from jobs.failpoint import Failpoint
from jobs.mailer import (
    FileMailer,
    Mail,
    OutcomeUnknown,
    PassingRefusal,
    PermanentRefusal,
    RelayUnavailable,
    SmtpMailer,
    make_mailer,
    parse_relay,
)
from jobs.mailer import Relay as RelayAddress
from models.errors import InvalidInput
from tests.jobs.relay import HANG_UP, TAKE_AND_HANG_UP, Relay, RelayController


def write_mail(n: int = 1, *, body: str = "你好\r\n") -> Mail:
    head = f"From: a@duijie.example\r\nTo: b{n}@example.org\r\nMessage-ID: <{n}@duijie.example>\r\n\r\n"
    return Mail(f"<{n}@duijie.example>", "a@duijie.example", f"b{n}@example.org", (head + body).encode())


def nothing() -> None:
    pass


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


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a self-signed certificate for 127.0.0.1, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key", "-out", folder / "cert"],
        check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_text((folder / "key").read_text() + (folder / "cert").read_text())
    return both


@pytest.fixture
def tls_relay(certificate: Path, tmp_path: Path) -> Iterator[Callable[..., Relay]]:
    """A function that starts a relay with TLS, wrapped or by STARTTLS, with or without a login."""
    controllers: list[RelayController] = []

    def start(*, is_wrapped: bool, login: tuple[str, str] | None = None) -> Relay:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        relay = Relay(log=tmp_path / "tls.log")
        controllers.append(RelayController(relay, tls=context, is_wrapped=is_wrapped, login=login))
        controllers[-1].start()
        return relay

    yield start
    [controller.stop() for controller in controllers]


def tls_mailer(url: str, trusted: Path | None) -> SmtpMailer:
    context = ssl.create_default_context(cafile=None if trusted is None else str(trusted))
    return SmtpMailer(parse_relay(url), hostname="duijie.example", tls_context=context)


@pytest.mark.parametrize("is_wrapped", [True, False])
def test_mails_travel_encrypted(tls_relay: Callable[..., Relay], certificate: Path, is_wrapped: bool) -> None:
    relay = tls_relay(is_wrapped=is_wrapped)
    scheme, option = ("smtps", "") if is_wrapped else ("smtp", "?starttls=yes")
    mailer = tls_mailer(f"{scheme}://127.0.0.1:{relay.port}{option}", certificate)

    mailer.send(write_mail(), before_dot=nothing)
    mailer.close()

    assert (len(relay.taken), relay.n_tls) == (1, 1)


@pytest.mark.parametrize("is_wrapped", [True, False])
def test_a_certificate_nobody_vouches_for_is_refused(
    tls_relay: Callable[..., Relay], is_wrapped: bool
) -> None:
    relay = tls_relay(is_wrapped=is_wrapped)
    scheme, option = ("smtps", "") if is_wrapped else ("smtp", "?starttls=yes")
    mailer = tls_mailer(f"{scheme}://127.0.0.1:{relay.port}{option}", None)

    with pytest.raises(RelayUnavailable, match="SSLCertVerificationError"):
        mailer.send(write_mail(), before_dot=nothing)


def test_a_relay_without_starttls_gets_nothing_where_it_is_required(relay: Relay) -> None:
    mailer = tls_mailer(f"{relay.url}?starttls=yes", None)

    with pytest.raises(RelayUnavailable, match="SMTPNotSupportedError"):
        mailer.send(write_mail(), before_dot=nothing)

    assert relay.envelopes == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_login_opens_the_relay_and_a_wrong_one_does_not(
    tls_relay: Callable[..., Relay], certificate: Path
) -> None:
    relay = tls_relay(is_wrapped=True, login=("me@x", "p:w/d"))
    right = tls_mailer(f"smtps://me%40x:p%3Aw%2Fd@127.0.0.1:{relay.port}", certificate)
    wrong = tls_mailer(f"smtps://me%40x:no@127.0.0.1:{relay.port}", certificate)

    right.send(write_mail(), before_dot=nothing)
    right.close()
    with pytest.raises(RelayUnavailable, match="connect 535"):
        wrong.send(write_mail(), before_dot=nothing)

    assert len(relay.taken) == 1


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://127.0.0.1", 25, "none"),
        ("smtp://localhost:1025", 1025, "none"),
        ("smtp://[::1]:25", 25, "none"),
        ("smtp://127.0.0.1?starttls=yes", 25, "starttls"),
        ("smtp://relay.example", 25, "starttls"),
        ("smtp://u:p@relay.example", 587, "starttls"),
        ("smtp://relay.example?starttls=no", 25, "none"),
        ("smtps://u:p@relay.example", 465, "wrapped"),
    ],
)
def test_a_url_says_how_to_reach_the_relay(url: str, port: int, tls: str) -> None:
    relay = parse_relay(url)

    assert (relay.port, relay.tls) == (port, tls)


@pytest.mark.parametrize(
    "url",
    [
        "", "relay.example", "http://relay.example", "smtp://", "smtp://h:port", "smtp://h:99999", "smtp://h?x=1",
        "smtp://h?starttls=maybe", "smtp://h?timeout=soon", "smtp://h?timeout=0", "smtp://u:p@h?starttls=no",
    ],
)  # fmt: skip
def test_a_url_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        make_mailer(url, hostname="duijie.example")


@pytest.mark.parametrize("url", ["file:", "file://other.host/mail"])
def test_a_folder_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        make_mailer(url, hostname="duijie.example")


def test_loopback_is_local_and_the_rest_is_not() -> None:
    assert make_mailer("smtp://127.0.0.1:25", hostname="x").is_local
    assert not make_mailer("smtp://relay.example", hostname="x").is_local
    assert not RelayAddress("10.0.0.1", 25, "", "", "none").is_loopback


def test_a_folder_gets_one_file_a_mail(tmp_path: Path) -> None:
    mailer = make_mailer((tmp_path / "mail folder").as_uri(), hostname="x")

    name = mailer.send(write_mail(7), before_dot=nothing)
    mailer.close()

    assert name == "7.eml"
    assert [path.name for path in (tmp_path / "mail folder").iterdir()] == ["7.eml"]
    assert (tmp_path / "mail folder" / "7.eml").read_bytes() == write_mail(7).data


def test_the_same_mail_never_makes_a_second_file(tmp_path: Path) -> None:
    mailer = FileMailer(tmp_path)
    mailer.send(write_mail(7, body="first\r\n"), before_dot=nothing)

    mailer.send(write_mail(7, body="second\r\n"), before_dot=nothing)

    assert [path.name for path in tmp_path.iterdir()] == ["7.eml"]
    assert b"first" in (tmp_path / "7.eml").read_bytes()
    assert mailer.has("<7@duijie.example>")
    assert not mailer.has("<8@duijie.example>")


def test_a_folder_gets_nothing_if_the_last_word_is_no(tmp_path: Path) -> None:
    def refuse() -> None:
        raise RuntimeError("the claim is lost")

    with pytest.raises(RuntimeError):
        FileMailer(tmp_path).send(write_mail(), before_dot=refuse)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")

    with pytest.raises(RelayUnavailable, match="folder"):
        FileMailer(tmp_path / "taken").send(write_mail(), before_dot=nothing)


def test_a_message_id_cannot_leave_the_folder(tmp_path: Path) -> None:
    mail = Mail("<../../etc/passwd@x>", "a@x.org", "b@x.org", b"x\r\n")

    FileMailer(tmp_path / "mail").send(mail, before_dot=nothing)

    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["______etc_passwd.eml"]


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
