"""What became of mails whose final dot was sent and whose answer never came.

SMTP itself cannot say; something outside the session can. A relay's log can be asked for a Message-ID. "Not there"
counts as proof only when the log is alive and enough time has passed for the relay to have written it.
"""

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from jobs.mailer import FileMailer, Mailer
from models.errors import InvalidInput

# A relay that never saw a line of the mail has nothing left to write about it after two minutes: the connection
# died with the sender, and logs are flushed within seconds.
SETTLE_SECONDS = 120.0
# Where the log shows that the mail was being received, the relay may take its ten minutes (RFC 5321, 4.5.3.2.6).
RECEIVING_SECONDS = 600.0
# Evidence that has not come after a day will not come.
PATIENCE = timedelta(days=1)


class Finding(StrEnum):
    """What evidence says about one mail."""

    ACCEPTED = "accepted"  # the relay has it: sent
    ABSENT = "absent"  # the relay never had it: may be sent again
    WAIT = "wait"  # too early to tell
    UNKNOWN = "unknown"  # there is nothing to ask, or it does not answer: a person decides


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding, with the relay's own name for the mail where it gives one."""

    finding: Finding
    relay_ref: str = ""


class MailEvidence(Protocol):
    """A source outside SMTP."""

    def look_up(
        self, doubts: Mapping[str, datetime], *, controls: Sequence[str], now: datetime
    ) -> dict[str, Answer]:
        """An answer for each Message-ID in `doubts`, which maps it to when its doubt began.

        `controls` are Message-IDs the relay is known to have accepted lately: a source that knows none of them, and
        has been silent since the doubt began, is not believed when it says that a mail is absent.
        """
        ...


class NoEvidence:
    """There is nothing to ask."""

    def look_up(
        self, doubts: Mapping[str, datetime], *, controls: Sequence[str], now: datetime
    ) -> dict[str, Answer]:
        """Unknown, for every mail."""
        return dict.fromkeys(doubts, Answer(Finding.UNKNOWN))


class FolderEvidence:
    """The folder a FileMailer writes to: a file is there or it is not."""

    def __init__(self, mailer: FileMailer) -> None:
        self._mailer = mailer

    def look_up(
        self, doubts: Mapping[str, datetime], *, controls: Sequence[str], now: datetime
    ) -> dict[str, Answer]:
        """Accepted or absent, at once."""
        return {
            message_id: Answer(Finding.ACCEPTED if self._mailer.has(message_id) else Finding.ABSENT)
            for message_id in doubts
        }


@dataclass(slots=True)
class _Trace:
    """What a log holds about one mail: the queue ids under which it was received, and whether it was taken."""

    queue_ids: set[str] = field(default_factory=set)
    accepted_as: str | None = None


class RelayLog:
    """A relay's log file, with its rotated siblings (`mail.log.1`, `mail.log-20261123.gz`).

    Two kinds of lines are understood. Postfix writes `QID: message-id=<...>` while it still receives the mail, so
    there the mail counts as accepted only with a later line of the same QID that says so. Any other line with the
    Message-ID is taken to be written at acceptance (Exim, aiosmtpd handlers, provider exports).
    """

    _RECEIVING = re.compile(r"\b([0-9A-Za-z]{6,20}): message-id=")
    _QUEUE_LINE = re.compile(r"\b([0-9A-Za-z]{6,20}): (?:.*\(queue active\)|.*\bstatus=|removed)")
    _MESSAGE_ID = re.compile(r"<[^<>\s]{3,300}>")

    def __init__(self, path: Path, *, settle_seconds: float = SETTLE_SECONDS) -> None:
        self._path = path
        self._settle = timedelta(seconds=settle_seconds)
        self._receiving = timedelta(seconds=max(settle_seconds, RECEIVING_SECONDS))

    def look_up(
        self, doubts: Mapping[str, datetime], *, controls: Sequence[str], now: datetime
    ) -> dict[str, Answer]:
        """Read the log once for all; see MailEvidence. A log that cannot be read tells nothing: WAIT."""
        if not doubts:
            return {}
        try:
            files = self._files(since=min(doubts.values()))
            traces = self._read(files, {*doubts, *controls})
            written_at = max((_modified_at(file) for file in files), default=None)
        except OSError:
            traces, written_at = {}, None
        knows_control = any(control in traces for control in controls)
        return {
            message_id: self._answer(
                traces.get(message_id),
                age=now - since,
                is_alive=knows_control or (written_at is not None and written_at > since),
            )
            for message_id, since in doubts.items()
        }

    def _answer(self, trace: _Trace | None, *, age: timedelta, is_alive: bool) -> Answer:
        if trace is not None and trace.accepted_as is not None:
            return Answer(Finding.ACCEPTED, trace.accepted_as)
        settle = self._settle if trace is None else self._receiving
        if is_alive and age >= settle:
            return Answer(Finding.ABSENT)
        return Answer(Finding.UNKNOWN if age >= PATIENCE else Finding.WAIT)

    def _files(self, *, since: datetime) -> list[Path]:
        """The log and those siblings written since then, oldest first. OSError if the log itself is not there."""
        self._path.stat()
        siblings = [
            sibling
            for sibling in self._path.parent.glob(f"{self._path.name}[.-]*")
            if sibling.is_file() and _modified_at(sibling) >= since
        ]
        return [*sorted(siblings, key=_modified_at), self._path]

    def _read(self, files: list[Path], wanted: set[str]) -> dict[str, _Trace]:
        traces: dict[str, _Trace] = {}
        receiving: dict[str, _Trace] = {}
        for line in _lines(files):
            for message_id in wanted.intersection(self._MESSAGE_ID.findall(line)):
                trace = traces.setdefault(message_id, _Trace())
                started = self._RECEIVING.search(line)
                if started is None:
                    trace.accepted_as = trace.accepted_as or ""
                else:
                    trace.queue_ids.add(started[1])
                    receiving[started[1]] = trace
            taken = self._QUEUE_LINE.search(line)
            if taken is not None and taken[1] in receiving:
                receiving[taken[1]].accepted_as = taken[1]
        return traces


def _lines(files: list[Path]) -> Iterator[str]:
    for file in files:
        opener = gzip.open if file.suffix == ".gz" else open
        with opener(file, "rt", encoding="utf-8", errors="replace") as lines:
            yield from lines


def _modified_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def make_evidence(setting: str, *, mailer: Mailer) -> MailEvidence:
    """The evidence of a setting: `none`, or a log's path or file URL, with `?settle_seconds=120` if need be.

    With `none`, a mailer that writes to a folder is asked itself. InvalidInput for a setting that makes no sense.
    """
    if setting.strip().lower() in ("", "none"):
        return FolderEvidence(mailer) if isinstance(mailer, FileMailer) else NoEvidence()
    parts = urlsplit(setting)
    if parts.scheme not in ("", "file"):
        raise InvalidInput("邮件证据要写成 none，或中继日志的路径。")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    try:
        settle_seconds = float(options.pop("settle_seconds", SETTLE_SECONDS))
    except ValueError as err:
        raise InvalidInput("邮件证据的 settle_seconds 要是秒数。") from err
    if options or settle_seconds < 0:
        raise InvalidInput("邮件证据只认 settle_seconds 一个参数。")
    return RelayLog(Path(unquote(parts.path)), settle_seconds=settle_seconds)
