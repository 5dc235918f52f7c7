"""What the tests of sending share: runs, posts, and what a crash is."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from jobs.failpoint import Checkpoint, Failpoint, pass_by
from jobs.links import Links
from jobs.mail_evidence import MailEvidence, NoEvidence, RelayLog
from jobs.mailer import Mail, SmtpMailer, parse_relay
from jobs.render import Renderer
from jobs.runner import Run
from jobs.send_outbox import Post
from models.db import transaction
from models.outbox import MailStatus, OutboxMail
from tests.factories import make_pilot_in_use
from tests.jobs.relay import Relay
from tests.jobs.rows import make_mail

SHENZHEN = ZoneInfo("Asia/Shanghai")
SENDER = "对接 <noreply@duijie.example>"


class Crash(BaseException):
    """The process dies here: nothing catches it, nothing is cleaned up but what the kernel would."""


def crash_at(wanted: Failpoint) -> Checkpoint:
    """A checkpoint at which the process dies, once."""
    armed = [wanted]

    def checkpoint(failpoint: Failpoint) -> None:
        if failpoint in armed:
            armed.remove(failpoint)
            raise Crash(failpoint)

    return checkpoint


def make_run(engine: Engine, clock: Any, **values: Any) -> Run:
    return Run(**{"engine": engine, "clock": clock, "owner": "sender-a", **values})


def make_renderer() -> Renderer:
    return Renderer(Links("https://duijie.example", "a key of tests"), SENDER)


def make_post(
    relay: Relay, *, evidence: MailEvidence | None = None, checkpoint: Checkpoint = pass_by
) -> Post:
    """Sending to the relay, without evidence unless told otherwise."""
    mailer = SmtpMailer(
        parse_relay(f"{relay.url}?timeout=5"),
        hostname="duijie.example",
        end_of_data_seconds=5,
        checkpoint=checkpoint,
    )
    return Post(
        renderer=make_renderer(),
        mailer=mailer,
        evidence=evidence or NoEvidence(),
        zone=SHENZHEN,
        checkpoint=checkpoint,
    )


def relay_log(log: Path) -> RelayLog:
    """The relay's log, believed two minutes after a doubt began."""
    return RelayLog(log, settle_seconds=120)


def write_mail(n: int = 1, *, body: str = "你好\r\n") -> Mail:
    head = f"From: a@duijie.example\r\nTo: b{n}@example.org\r\nMessage-ID: <{n}@duijie.example>\r\n\r\n"
    return Mail(f"<{n}@duijie.example>", "a@duijie.example", f"b{n}@example.org", (head + body).encode())


def nothing() -> None:
    """No last word before the dot."""


def queue_mails(engine: Engine, n: int, **values: Any) -> list[int]:
    """Ids of n queued mails, each about a pilot in use."""
    with transaction(engine) as session:
        ids = []
        for _ in range(n):
            pilot = make_pilot_in_use(session)
            context = {"organisation_id": pilot.organisation_id}
            defaults = {"context": context, "subject_ref": f"pilot:{pilot.key}"}
            mail = make_mail(session, **{**defaults, **values})
            ids.append(mail.key)
        return ids


def states(engine: Engine) -> list[MailStatus]:
    """The state of every mail, by id."""
    with Session(engine) as session:
        return [mail.status for mail in session.exec(select(OutboxMail).order_by(col(OutboxMail.id)))]


def all_mails(engine: Engine) -> list[OutboxMail]:
    """Every mail, by id, detached."""
    with Session(engine) as session:
        mails = list(session.exec(select(OutboxMail).order_by(col(OutboxMail.id))))
        session.expunge_all()
        return mails


LATER = timedelta(minutes=15)
