"""Senders that die, hang or race: nothing is lost, nothing doubled. With SIGKILL: tests/jobs/test_killed_sender.py."""

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session

from jobs.failpoint import Failpoint
from jobs.mail_evidence import make_evidence
from jobs.mailer import FileMailer
from jobs.runner import Run
from jobs.send_outbox import Post, send_outbox
from models.db import transaction
from models.outbox import MailStatus
from models.outbox_queries import claim_batch, get_mail
from tests.jobs.conftest import FixedClock
from tests.jobs.relay import HANG_UP, TAKE_AND_HANG_UP, Relay
from tests.jobs.sending import (
    LATER,
    SHENZHEN,
    Crash,
    crash_at,
    make_post,
    make_renderer,
    make_run,
    queue_mails,
    relay_log,
    states,
)

SENT = MailStatus.SENT
# Dying here, before the doubt is committed, the relay cannot have the mail; the point of no return is AFTER_DOUBT.
SAFE = (Failpoint.BEFORE_CLAIM, Failpoint.AFTER_CLAIM, Failpoint.AFTER_354)
DOUBTFUL = (Failpoint.AFTER_DOUBT, Failpoint.AFTER_DOT, Failpoint.AFTER_250, Failpoint.BEFORE_COMMIT)


@pytest.mark.parametrize("failpoint", SAFE)
def test_a_crash_before_the_doubt_loses_nothing_and_doubles_nothing(
    relay: Relay, database: Engine, clock: FixedClock, failpoint: Failpoint
) -> None:
    queue_mails(database, 3)
    with pytest.raises(Crash):
        send_outbox(make_run(database, clock), make_post(relay, checkpoint=crash_at(failpoint)))
    assert len(relay.taken) == 0
    clock.advance(LATER)

    send_outbox(make_run(database, clock, owner="sender-b"), make_post(relay))

    assert states(database) == [SENT] * 3
    assert len(set(relay.message_ids)) == len(relay.message_ids) == 3


@pytest.mark.parametrize("failpoint", DOUBTFUL)
def test_a_crash_after_the_doubt_is_settled_by_the_relays_log(
    relay: Relay, database: Engine, clock: FixedClock, failpoint: Failpoint
) -> None:
    queue_mails(database, 3)
    with pytest.raises(Crash):
        send_outbox(make_run(database, clock), make_post(relay, checkpoint=crash_at(failpoint)))
    assert MailStatus.IN_DOUBT in states(database)
    clock.advance(LATER)
    touch(relay, clock)

    send_outbox(make_run(database, clock, owner="sender-b"), make_post(relay, evidence=relay_log(relay.log)))

    assert states(database) == [SENT] * 3
    assert len(set(relay.message_ids)) == len(relay.message_ids) == 3


@pytest.mark.parametrize("failpoint", DOUBTFUL)
def test_without_evidence_a_crash_after_the_doubt_waits_for_a_person(
    relay: Relay, database: Engine, clock: FixedClock, failpoint: Failpoint
) -> None:
    queue_mails(database, 3)
    with pytest.raises(Crash):
        send_outbox(make_run(database, clock), make_post(relay, checkpoint=crash_at(failpoint)))
    clock.advance(LATER)

    send_outbox(make_run(database, clock, owner="sender-b"), make_post(relay))

    assert states(database) == [MailStatus.HELD, SENT, SENT]
    assert len(set(relay.message_ids)) == len(relay.message_ids)


@pytest.mark.parametrize("failpoint", list(Failpoint))
def test_a_crash_while_writing_to_a_folder_is_settled_by_the_folder(
    database: Engine, clock: FixedClock, failpoint: Failpoint, tmp_path: Path
) -> None:
    folder = tmp_path / "mail"
    queue_mails(database, 3)
    try:
        send_outbox(make_run(database, clock), folder_post(folder, crash_at(failpoint)))
    except Crash:
        clock.advance(LATER)

    send_outbox(make_run(database, clock, owner="sender-b"), folder_post(folder, lambda _: None))

    assert states(database) == [SENT] * 3
    assert len(list(folder.iterdir())) == 3


def test_two_senders_at_once_send_each_mail_once(relay: Relay, database: Engine, clock: FixedClock) -> None:
    queue_mails(database, 60)
    runs = [make_run(database, clock, owner=owner) for owner in ("sender-a", "sender-b", "sender-c")]

    threads = [threading.Thread(target=send_outbox, args=(run, make_post(relay))) for run in runs]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert states(database) == [SENT] * 60
    assert len(set(relay.message_ids)) == len(relay.message_ids) == 60
    assert sum(run.counts.done["sent"] for run in runs) == 60


def test_a_sender_that_was_paused_and_overtaken_sends_nothing(
    relay: Relay, database: Engine, clock: FixedClock
) -> None:
    (mail_id,) = queue_mails(database, 1)
    paused = make_run(database, clock)

    def overtake(failpoint: Failpoint) -> None:
        if failpoint is Failpoint.AFTER_354:
            clock.advance(LATER)
            send_outbox(make_run(database, clock, owner="sender-b"), make_post(relay))

    send_outbox(paused, make_post(relay, checkpoint=overtake))

    assert len(relay.taken) == 1
    assert paused.counts.to_json() == {"skipped": {"taken_over": 1}}
    with Session(database) as session:
        assert get_mail(session, mail_id).claim_owner == "sender-b"


def test_a_live_claim_of_another_sender_is_left_alone(run: Run, relay: Relay, database: Engine) -> None:
    queue_mails(database, 1)
    with transaction(database) as session:
        claim_batch(session, now=run.now, owner="elsewhere", limit=1, lease=timedelta(minutes=1))

    send_outbox(run, make_post(relay))

    assert states(database) == [MailStatus.CLAIMED]
    assert relay.envelopes == []


def test_a_relay_that_hangs_up_after_the_dot_leaves_a_doubt_that_its_log_settles(
    relay: Relay, database: Engine, clock: FixedClock
) -> None:
    queue_mails(database, 3)
    relay.replies["dot"] = [HANG_UP, TAKE_AND_HANG_UP]
    first = make_run(database, clock)
    send_outbox(first, make_post(relay, evidence=relay_log(relay.log)))
    assert states(database) == [MailStatus.IN_DOUBT, MailStatus.IN_DOUBT, SENT]
    assert first.counts.to_json() == {"done": {"sent": 1}, "skipped": {"in_doubt": 2}}
    clock.advance(timedelta(minutes=3))
    touch(relay, clock)

    send_outbox(make_run(database, clock), make_post(relay, evidence=relay_log(relay.log)))

    assert states(database) == [SENT, SENT, SENT]
    assert len(set(relay.message_ids)) == len(relay.message_ids) == 3


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_a_line_that_breaks_never_loses_or_doubles(
    relay: Relay, database: Engine, clock: FixedClock, stage: str
) -> None:
    queue_mails(database, 3)
    relay.replies[stage] = [HANG_UP]
    send_outbox(make_run(database, clock), make_post(relay, evidence=relay_log(relay.log)))
    clock.advance(timedelta(minutes=3))
    touch(relay, clock)

    send_outbox(make_run(database, clock), make_post(relay, evidence=relay_log(relay.log)))

    assert states(database) == [SENT, SENT, SENT]
    assert len(set(relay.message_ids)) == len(relay.message_ids) == 3


def touch(relay: Relay, clock: FixedClock) -> None:
    """The relay writes something else into its log, now."""
    with relay.log.open("a") as log:
        log.write("another line\n")
    os.utime(relay.log, (clock.now.timestamp(),) * 2)


def folder_post(folder: Path, checkpoint: Callable[[Failpoint], None]) -> Post:
    """Sending to a folder, which is its own evidence; the failpoints around the dot are the folder's too."""
    mailer = FileMailer(folder)
    evidence = make_evidence("none", mailer=mailer)
    return Post(make_renderer(), mailer, evidence, SHENZHEN, checkpoint)
