"""Handing one mail to a relay, or to a folder, such that nobody can be left guessing whether it went.

SmtpMailer drives the DATA phase itself: the caller's `before_dot` runs after the relay said 354 and has the whole text,
and immediately before the final dot. What went wrong is told by type: before the dot nothing was sent, whatever the
reason (RelayUnavailable, PassingRefusal, PermanentRefusal); after it a reply decides, and without one nobody knows
(OutcomeUnknown; jobs/mail_evidence.py may find out).
"""

import ipaddress
import os
import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import url2pathname

from jobs.failpoint import Checkpoint, Failpoint, pass_by
from models.errors import InvalidInput

COMMAND_SECONDS = 30.0
# RFC 5321, 4.5.3.2.6: the relay may take ten minutes to answer the final dot.
END_OF_DATA_SECONDS = 600.0
# Many relays close a connection after a hundred mails; we go first, between two mails.
MAX_MAILS_PER_CONNECTION = 100

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")
_QUEUED_AS = re.compile(r"queued as ([\w./+-]+)", re.IGNORECASE)
# RFC 3463: 5.1.x is a bad address, 5.2.1 a mailbox that was closed.
_DEAD_MAILBOX = re.compile(r"5\.(1\.\d+|2\.1)$")


@dataclass(frozen=True, slots=True)
class Mail:
    """One written mail: the envelope, and `data`, its bytes in RFC 5322 form with CRLF line ends."""

    message_id: str
    sender: str
    recipient: str
    data: bytes


class MailError(Exception):
    """A mail was not accepted, as far as we know. `reason` holds a stage and codes, no addresses, no prose."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RelayUnavailable(MailError):
    """No mail can be handed over at present: no connection, no TLS, login or sender refused. Nothing was sent."""


class PassingRefusal(MailError):
    """The relay refused this mail for now, or the line broke before the final dot. Nothing was sent."""


class PermanentRefusal(MailError):
    """The relay will never take this mail. `is_dead_mailbox`: nor any other to this address."""

    def __init__(self, reason: str, *, is_dead_mailbox: bool = False) -> None:
        super().__init__(reason)
        self.is_dead_mailbox = is_dead_mailbox


class OutcomeUnknown(MailError):
    """The final dot was sent and no answer came: the relay may have the mail."""


class Mailer(Protocol):
    """Where mails go."""

    is_local: bool
    """Whether mails stay on this machine, so that example addresses do no harm."""

    def send(self, mail: Mail, *, before_dot: Callable[[], None]) -> str:
        """Hand one mail over and return the receiver's own name for it.

        `before_dot` is called when all is ready; if it raises, nothing is sent and its error comes through.
        Raises a MailError otherwise.
        """
        ...

    def close(self) -> None:
        """End the connection, if there is one; a later send() opens another."""
        ...


@dataclass(frozen=True, slots=True)
class Relay:
    """Where and how to reach a relay, from a URL (see parse_relay)."""

    host: str
    port: int
    user: str
    password: str
    tls: str  # "wrapped" from the first byte, "starttls", or "none"
    timeout_seconds: float = COMMAND_SECONDS

    @property
    def is_loopback(self) -> bool:
        """Whether the relay runs on this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_relay(url: str) -> Relay:
    """The relay of an `smtp://` or `smtps://user:password@host:port?starttls=yes|no&timeout=30`.

    smtps: TLS from the first byte, port 465. smtp: port 25, or 587 with a user; STARTTLS is required, but for a relay
    on this machine; `starttls` says otherwise. InvalidInput for anything else, and for a password that would
    cross a network in clear.
    """
    try:
        parts = urlsplit(url)
        port, options = parts.port, {name: values[-1] for name, values in parse_qs(parts.query).items()}
        timeout_seconds = float(options.pop("timeout", COMMAND_SECONDS))
        starttls = {"yes": True, "no": False, None: None}[options.pop("starttls", None)]
    except (ValueError, KeyError) as err:
        raise InvalidInput("邮件服务器地址有误：端口、timeout 要是数，starttls 要是 yes 或 no。") from err
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or options or timeout_seconds <= 0:
        raise InvalidInput("邮件服务器地址要写成 smtp://主机:端口、smtps://主机:端口 或 file:///文件夹。")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    default_port = {"smtps": 465, "smtp": 587 if user else 25}[parts.scheme]
    relay = Relay(parts.hostname, port or default_port, user, password, "none", timeout_seconds)
    if parts.scheme == "smtps":
        tls = "wrapped"
    else:
        wants_starttls = not relay.is_loopback if starttls is None else starttls
        tls = "starttls" if wants_starttls else "none"
    if tls == "none" and user and not relay.is_loopback:
        raise InvalidInput("不加密就不能向另一台机器发送邮件密码：请用 smtps://，或去掉 starttls=no。")
    return Relay(relay.host, relay.port, user, password, tls, timeout_seconds)


def make_mailer(url: str, *, hostname: str) -> "SmtpMailer | FileMailer":
    """The mailer for a URL: smtp://, smtps:// or file:///folder. `hostname` is how we introduce ourselves.

    InvalidInput if the URL is none of these.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path:
            raise InvalidInput("邮件文件夹要写成 file:///文件夹。")
        return FileMailer(Path(url2pathname(parts.path)))
    return SmtpMailer(parse_relay(url), hostname=hostname)


class SmtpMailer:
    """Mails over SMTP, one connection for a batch. Not for use by two threads at once."""

    def __init__(
        self,
        relay: Relay,
        *,
        hostname: str,
        tls_context: ssl.SSLContext | None = None,
        end_of_data_seconds: float = END_OF_DATA_SECONDS,
        checkpoint: Checkpoint = pass_by,
    ) -> None:
        self.is_local = relay.is_loopback
        self._relay = relay
        self._hostname = hostname
        self._tls_context = tls_context
        self._end_of_data_seconds = end_of_data_seconds
        self._checkpoint = checkpoint
        self._connection: smtplib.SMTP | None = None
        self._n_mails = 0

    def send(self, mail: Mail, *, before_dot: Callable[[], None]) -> str:
        """Hand one mail to the relay; see Mailer. Returns the relay's queue id, or the text of its answer."""
        connection = self._ready_connection()
        is_settled = False
        try:
            self._offer(connection, mail)
            before_dot()
            self._checkpoint(Failpoint.AFTER_DOUBT)
            code, text = self._finish(connection)
            is_settled = code != 421
        except (PassingRefusal, PermanentRefusal, RelayUnavailable):
            is_settled = self._reset(connection)
            raise
        finally:
            # Closing without a dot makes the relay forget a half-sent mail (RFC 5321, 4.1.1.4).
            if not is_settled:
                self._drop()
        return self._verdict(code, text)

    def close(self) -> None:
        """Say goodbye to the relay, if it listens."""
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.quit()
        self._drop()

    def _ready_connection(self) -> smtplib.SMTP:
        """The open connection if it still answers, else a new one."""
        if self._connection is not None and self._n_mails < MAX_MAILS_PER_CONNECTION:
            with suppress(smtplib.SMTPException, OSError):
                if self._connection.noop()[0] == 250:
                    self._n_mails += 1
                    return self._connection
        self.close()
        try:
            self._connection = self._connect()
        except smtplib.SMTPResponseException as err:
            raise RelayUnavailable(f"connect {err.smtp_code}") from err
        except (smtplib.SMTPException, OSError) as err:
            raise RelayUnavailable(f"connect {type(err).__name__}") from err
        self._n_mails = 1
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        relay = self._relay
        context = self._tls_context or ssl.create_default_context()
        name, timeout = self._hostname, relay.timeout_seconds
        if relay.tls == "wrapped":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                relay.host, relay.port, local_hostname=name, timeout=timeout, context=context
            )
        else:
            connection = smtplib.SMTP(relay.host, relay.port, local_hostname=name, timeout=timeout)
        try:
            connection.ehlo_or_helo_if_needed()
            if relay.tls == "starttls":
                connection.starttls(context=context)
                connection.ehlo_or_helo_if_needed()
            if relay.user:
                connection.login(relay.user, relay.password)
        except (smtplib.SMTPException, OSError):
            connection.close()
            raise
        return connection

    def _offer(self, connection: smtplib.SMTP, mail: Mail) -> None:
        """Everything up to, and without, the final dot."""
        try:
            code, text = connection.mail(mail.sender)
            if code >= 500:
                # Our own sender is refused: that is no fault of this mail, and would meet every other one too.
                raise RelayUnavailable(_reason("mail", code, text))
            _refuse_unless(250 <= code < 300, "mail", code, text)
            code, text = connection.rcpt(mail.recipient)
            _refuse_unless(250 <= code < 300, "rcpt", code, text)
            code, text = connection.docmd("DATA")
            _refuse_unless(code == 354, "data", code, text)
            self._checkpoint(Failpoint.AFTER_354)
            connection.send(_stuff_dots(mail.data))
        except (smtplib.SMTPException, OSError) as err:
            raise PassingRefusal(f"line broke before the dot ({type(err).__name__})") from err

    def _finish(self, connection: smtplib.SMTP) -> tuple[int, bytes]:
        """Send the dot and wait for the answer, at most END_OF_DATA_SECONDS."""
        try:
            if connection.sock is not None:
                connection.sock.settimeout(self._end_of_data_seconds)
            connection.send(b".\r\n")
            self._checkpoint(Failpoint.AFTER_DOT)
            code, text = connection.getreply()
            if connection.sock is not None:
                connection.sock.settimeout(self._relay.timeout_seconds)
        except (smtplib.SMTPException, OSError) as err:
            raise OutcomeUnknown(f"no answer after the dot ({type(err).__name__})") from err
        if not 200 <= code < 600 or 300 <= code < 400:
            raise OutcomeUnknown(f"no sense in the answer after the dot ({code})")
        return code, text

    def _verdict(self, code: int, text: bytes) -> str:
        _refuse_unless(code < 300, "dot", code, text)
        self._checkpoint(Failpoint.AFTER_250)
        words = text.decode("utf-8", "replace").replace("\n", " ")
        queued = _QUEUED_AS.search(words)
        return queued[1] if queued else words[:200]

    def _reset(self, connection: smtplib.SMTP) -> bool:
        """Whether the connection can take another mail after a refusal."""
        with suppress(smtplib.SMTPException, OSError):
            return bool(connection.rset()[0] == 250)
        return False

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _refuse_unless(is_fine: bool, stage: str, code: int, text: bytes) -> None:
    """Raise the refusal a reply means. A code that is neither 4xx nor 5xx makes no sense here and may pass."""
    if is_fine:
        return
    reason = _reason(stage, code, text)
    if not 500 <= code < 600:
        raise PassingRefusal(reason)
    enhanced = _ENHANCED.match(text.decode("utf-8", "replace"))
    if enhanced is None:
        is_dead = stage == "rcpt" and code in (550, 551, 553)
    else:
        is_dead = _DEAD_MAILBOX.fullmatch(enhanced[1]) is not None
    raise PermanentRefusal(reason, is_dead_mailbox=is_dead)


def _reason(stage: str, code: int, text: bytes) -> str:
    enhanced = _ENHANCED.match(text.decode("utf-8", "replace"))
    return f"{stage} {code} {enhanced[1]}" if enhanced else f"{stage} {code}"


def _stuff_dots(data: bytes) -> bytes:
    """The bytes as they travel: CRLF line ends, a dot before each leading dot (RFC 5321, 4.5.2), a CRLF at the end."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
    stuffed = re.sub(rb"(?m)^\.", b"..", lines)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


class FileMailer:
    """Mails as .eml files in a folder, for development. The same Message-ID never makes a second file.

    The folder is its own evidence: jobs/mail_evidence.py asks has().
    """

    is_local = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail, *, before_dot: Callable[[], None]) -> str:
        """Write the file beside its place, then put it there in one step; see Mailer. Returns the file's name."""
        place = self._place(mail.message_id)
        draft = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(mail.data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as err:
            raise RelayUnavailable(f"folder {type(err).__name__}") from err
        try:
            before_dot()
            if not place.exists():
                draft.replace(place)
        except OSError as err:
            raise OutcomeUnknown(f"folder {type(err).__name__}") from err
        finally:
            draft.unlink(missing_ok=True)
        return place.name

    def close(self) -> None:
        """Nothing is open."""

    def has(self, message_id: str) -> bool:
        """Whether the mail with this Message-ID lies in the folder."""
        return self._place(message_id).exists()

    def _place(self, message_id: str) -> Path:
        return self._folder / f"{re.sub(r'[^A-Za-z0-9-]', '_', message_id.strip('<>').split('@')[0])}.eml"
