from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from sqlmodel import Session

from jobs import send_outbox as module
from jobs.runner import Run
from jobs.send_outbox import LONGEST_DELAY, MAX_TRIES, delay_after, send_outbox
from models.db import transaction
from models.errors import NotReady
from models.outbox import MailKind, MailStatus, is_suppressed
from models.outbox_queries import get_mail
from tests.factories import make_firm
from tests.jobs.conftest import FixedClock
from tests.jobs.relay import Relay
from tests.jobs.rows import make_mail, make_subscription
from tests.jobs.sending import (
    all_mails,
    make_post,
    make_run,
    queue_mails,
    states,
)

SENT = MailStatus.SENT


def test_queued_mails_arrive_oldest_first_and_are_marked_sent(
    run: Run, relay: Relay, database: Engine
) -> None:
    queue_mails(database, 3)

    send_outbox(run, make_post(relay))

    mails = all_mails(database)
    assert [mail.status for mail in mails] == [SENT] * 3
    assert relay.message_ids == [mail.message_id("duijie.example") for mail in mails]
    assert [mail.relay_ref for mail in mails] == ["Q1", "Q2", "Q3"]
    assert run.counts.to_json() == {"done": {"sent": 3}}


def test_each_mail_goes_to_one_reader_in_the_readers_name_only(
    run: Run, relay: Relay, database: Engine
) -> None:
    queue_mails(database, 2)

    send_outbox(run, make_post(relay))

    parsed = [message_from_bytes(mail.data, policy=policy.default) for mail in relay.taken]
    assert [mail["To"] for mail in parsed] == [mail.recipient for mail in relay.taken]
    assert [len(envelope.rcpt_tos) for envelope in relay.envelopes] == [1, 1]
    assert [mail["Cc"] or mail["Bcc"] for mail in parsed] == [None, None]


def test_running_twice_changes_nothing(run: Run, relay: Relay, database: Engine, clock: FixedClock) -> None:
    queue_mails(database, 2)
    send_outbox(run, make_post(relay))
    clock.advance(timedelta(days=30))
    again = make_run(database, clock)

    send_outbox(again, make_post(relay))

    assert len(relay.taken) == 2
    assert again.counts.to_json() == {}


def test_a_dry_run_writes_the_mails_and_sends_none(relay: Relay, database: Engine, clock: FixedClock) -> None:
    queue_mails(database, 2)
    with transaction(database) as session:
        make_mail(session, subject_ref="pilot:999999", context={"organisation_id": 1})
    dry = make_run(database, clock, dry_run=True)

    send_outbox(dry, make_post(relay))

    assert dry.counts.to_json() == {"done": {"would_send": 2}, "skipped": {"pilot_gone": 1}}
    assert relay.envelopes == []
    assert [(mail.status, mail.claim_token) for mail in all_mails(database)] == [(MailStatus.QUEUED, 0)] * 3


def test_a_dry_run_ends_however_much_is_queued(relay: Relay, database: Engine, clock: FixedClock) -> None:
    queue_mails(database, module.BATCH + 1)
    dry = make_run(database, clock, dry_run=True)

    send_outbox(dry, make_post(relay))

    assert dry.counts.to_json() == {"done": {"would_send": module.BATCH}}


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
def test_a_4xx_waits_and_then_goes_through(
    relay: Relay, database: Engine, clock: FixedClock, stage: str
) -> None:
    queue_mails(database, 2)
    relay.replies[stage] = ["451 4.3.0 later"]
    first = make_run(database, clock)
    send_outbox(first, make_post(relay))
    assert states(database) == [MailStatus.DEFERRED, SENT]
    assert first.counts.to_json() == {"done": {"sent": 1}, "skipped": {"deferred": 1}}
    send_outbox(make_run(database, clock), make_post(relay))
    assert states(database) == [MailStatus.DEFERRED, SENT]
    clock.advance(timedelta(minutes=1))

    send_outbox(make_run(database, clock), make_post(relay))

    assert states(database) == [SENT, SENT]
    assert len(set(relay.message_ids)) == len(relay.message_ids) == 2


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
def test_a_5xx_stops_after_one_try(relay: Relay, database: Engine, clock: FixedClock, stage: str) -> None:
    queue_mails(database, 2)
    relay.replies[stage] = ["554 5.7.1 no"]
    first = make_run(database, clock)
    send_outbox(first, make_post(relay))
    clock.advance(timedelta(days=3))

    send_outbox(make_run(database, clock), make_post(relay))

    mails = all_mails(database)
    assert [mail.status for mail in mails] == [MailStatus.FAILED, SENT]
    assert (mails[0].reason, mails[0].n_tries) == (f"{stage} 554 5.7.1", 1)
    assert first.counts.to_json() == {"done": {"sent": 1}, "failed": {"refused": 1}}


def test_an_unknown_mailbox_is_not_written_to_again(run: Run, relay: Relay, database: Engine) -> None:
    queue_mails(database, 2, recipient="gone@example.org")
    relay.replies["rcpt"] = ["550 5.1.1 no such user"]

    send_outbox(run, make_post(relay))

    assert states(database) == [MailStatus.FAILED, MailStatus.SUPPRESSED]
    assert len(relay.envelopes) == 0
    with Session(database) as session:
        assert is_suppressed(session, "gone@example.org")


def test_a_relay_that_cannot_be_reached_leaves_every_mail_untouched(
    relay: Relay, database: Engine, clock: FixedClock
) -> None:
    queue_mails(database, 30)
    relay.replies["connect"] = ["421 closed for lunch"]
    first = make_run(database, clock)

    with pytest.raises(NotReady, match="邮件服务器不可用"):
        send_outbox(first, make_post(relay))

    assert {(mail.status, mail.n_tries) for mail in all_mails(database)} == {(MailStatus.QUEUED, 0)}
    assert first.counts.to_json() == {}
    send_outbox(make_run(database, clock), make_post(relay))
    assert states(database) == [SENT] * 30


def test_a_relay_that_goes_away_in_the_middle_leaves_the_rest_untouched(
    run: Run, relay: Relay, database: Engine
) -> None:
    queue_mails(database, 4)
    relay.replies["dot"] = ["250 ok", "421 closing"]
    relay.replies["connect"] = ["220 relay.example", "421 closed"]

    with pytest.raises(NotReady):
        send_outbox(run, make_post(relay))

    assert states(database) == [SENT, MailStatus.DEFERRED, MailStatus.QUEUED, MailStatus.QUEUED]


def test_one_mail_that_cannot_be_written_does_not_stop_the_rest(
    relay: Relay, database: Engine, clock: FixedClock
) -> None:
    (broken_id,) = queue_mails(database, 1, subject_ref="pilot:not-a-number")
    queue_mails(database, 2)
    broken = make_run(database, clock)

    send_outbox(broken, make_post(relay))

    assert states(database) == [MailStatus.DEFERRED, SENT, SENT]
    assert broken.counts.to_json() == {"done": {"sent": 2}, "failed": {"ValueError": 1}}
    with Session(database) as session:
        assert get_mail(session, broken_id).reason == "cannot_be_written"


def test_a_mail_that_can_never_be_written_is_held_for_a_person(
    relay: Relay, database: Engine, clock: FixedClock
) -> None:
    queue_mails(database, 1, subject_ref="pilot:not-a-number")

    for _ in range(module.MAX_WRITING_TRIES):
        send_outbox(make_run(database, clock), make_post(relay))
        clock.advance(timedelta(minutes=10))

    assert states(database) == [MailStatus.HELD]


def test_a_mail_that_is_refused_for_a_day_is_given_up(
    relay: Relay, database: Engine, clock: FixedClock
) -> None:
    queue_mails(database, 1, n_tries=MAX_TRIES - 1)
    relay.replies["rcpt"] = ["451 4.3.0 later"]

    send_outbox(make_run(database, clock), make_post(relay))

    mail = all_mails(database)[0]
    assert (mail.status, mail.reason) == (MailStatus.FAILED, "rcpt 451 4.3.0")


def test_news_that_no_longer_holds_is_not_sent(run: Run, relay: Relay, database: Engine) -> None:
    with transaction(database) as session:
        subscription = make_subscription(session, organisation_id=make_firm(session).key)
        make_mail(
            session,
            kind=MailKind.DIGEST_STARTUP,
            subscription_id=subscription.id,
            context={"match_ids": [], "scenario_ids": []},
        )
        subscription.unsubscribe(run.now)

    send_outbox(run, make_post(relay))

    assert [(mail.status, mail.reason) for mail in all_mails(database)] == [
        (MailStatus.SUPPRESSED, "unsubscribed")
    ]
    assert run.counts.to_json() == {"skipped": {"unsubscribed": 1}}


def test_a_stop_is_obeyed_between_two_mails_and_gives_the_rest_back(
    relay: Relay, database: Engine, clock: FixedClock
) -> None:
    queue_mails(database, 5)
    run = make_run(database, clock, is_stopping=lambda: len(relay.taken) >= 2)

    send_outbox(run, make_post(relay))

    assert states(database) == [SENT, SENT] + [MailStatus.QUEUED] * 3


def test_one_run_sends_no_more_than_its_share(
    run: Run, relay: Relay, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_MAILS_PER_RUN", 3)
    monkeypatch.setattr(module, "BATCH", 2)
    queue_mails(database, 5)

    send_outbox(run, make_post(relay))

    assert states(database) == [SENT] * 3 + [MailStatus.QUEUED] * 2


@given(st.integers(1, 400), st.text(max_size=40))
def test_the_wait_grows_to_eight_minutes_and_never_beyond(n_tries: int, seed: str) -> None:
    delay = delay_after(n_tries, seed)

    assert timedelta(seconds=45) <= delay <= LONGEST_DELAY
    assert n_tries < 4 or delay >= LONGEST_DELAY * 0.75


def test_tries_last_about_a_day() -> None:
    waited = sum((delay_after(n, "seed") for n in range(1, MAX_TRIES)), timedelta())

    assert timedelta(hours=18) < waited < timedelta(hours=26)
