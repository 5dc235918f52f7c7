"""Reaching a relay: encryption, log-ins, URLs; and the folder that stands in for one."""

import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobs.mailer import (
    FileMailer,
    Mail,
    RelayUnavailable,
    SmtpMailer,
    make_mailer,
    parse_relay,
)
from jobs.mailer import Relay as RelayAddress
from models.errors import InvalidInput
from tests.jobs.relay import Relay, RelayController
from tests.jobs.sending import nothing, write_mail


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
