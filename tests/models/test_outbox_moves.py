"""Every move of a mail between its states, legal, illegal and too late."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session

from models.db import transaction
from models.errors import InvalidTransition
from models.outbox import (
    STATE_COLUMNS,
    MailKind,
    MailStatus,
    OutboxMail,
    StaleClaim,
)
from tests.factories import MONDAY
from tests.jobs.rows import LEASE, claim_one, make_claimed_mail, make_mail, make_mail_in_doubt

LATER = MONDAY + timedelta(hours=1)


def test_the_message_id_is_the_same_on_every_attempt(session: Session) -> None:
    mail, token = make_claimed_mail(session)
    before = mail.message_id("duijie.example")
    mail.defer(token=token, until=MONDAY, reason="451")

    claim_one(session, mail, owner="b")

    assert mail.message_id("duijie.example") == before


def test_the_way_of_a_mail_that_arrives(session: Session) -> None:
    mail, token = make_claimed_mail(session)
    assert mail.status is MailStatus.CLAIMED

    mail.mark_in_doubt(MONDAY, token=token, lease=LEASE)
    assert mail.status is MailStatus.IN_DOUBT

    mail.mark_sent(LATER, token=token, relay_ref="queued as 4F1")
    assert (mail.status, mail.sent_at, mail.relay_ref) == (MailStatus.SENT, LATER, "queued as 4F1")


def test_a_passing_refusal_waits_and_counts_the_try(session: Session) -> None:
    mail, token = make_mail_in_doubt(session)

    mail.defer(token=token, until=LATER, reason="451 4.3.0")

    assert (mail.status, mail.next_try_at, mail.n_tries) == (MailStatus.DEFERRED, LATER, 1)
    assert mail.in_doubt_at is None


def test_a_claim_given_back_counts_no_try(session: Session) -> None:
    mail, token = make_claimed_mail(session)

    mail.give_back(token=token)

    assert (mail.status, mail.n_tries) == (MailStatus.QUEUED, 0)


def test_a_deferred_mail_that_is_given_back_is_deferred_still(session: Session) -> None:
    mail, token = make_claimed_mail(session, next_try_at=MONDAY)

    mail.give_back(token=token)

    assert mail.status is MailStatus.DEFERRED


def test_a_lost_line_leaves_the_doubt_and_ends_the_wait(session: Session) -> None:
    mail, token = make_mail_in_doubt(session)

    mail.lose_line(LATER, token=token, reason="no answer")

    assert (mail.status, mail.in_doubt_at, mail.claim_expires_at) == (MailStatus.IN_DOUBT, MONDAY, LATER)


def test_a_held_mail_waits_for_a_person_who_sends_it_again(session: Session) -> None:
    mail, token = make_mail_in_doubt(session)
    mail.hold(LATER, token=token, reason="no_evidence")
    assert mail.status is MailStatus.HELD

    mail.release()

    assert (mail.status, mail.n_tries, mail.claim_token) == (MailStatus.QUEUED, 0, token + 1)


def test_a_held_mail_is_confirmed_by_a_person(session: Session) -> None:
    mail, token = make_mail_in_doubt(session)
    mail.hold(LATER, token=token, reason="no_evidence")

    mail.confirm(LATER)

    assert (mail.status, mail.reason) == (MailStatus.SENT, "confirmed_by_hand")


Move = Callable[[OutboxMail, int], None]
MOVES: dict[str, tuple[Move, set[MailStatus]]] = {
    "give_back": (lambda mail, token: mail.give_back(token=token), {MailStatus.CLAIMED}),
    "reclaim": (lambda mail, token: mail.reclaim(token=token), {MailStatus.CLAIMED}),
    "mark_in_doubt": (
        lambda mail, token: mail.mark_in_doubt(LATER, token=token, lease=LEASE),
        {MailStatus.CLAIMED},
    ),
    "mark_sent": (
        lambda mail, token: mail.mark_sent(LATER, token=token, relay_ref=""),
        {MailStatus.IN_DOUBT},
    ),
    "defer": (
        lambda mail, token: mail.defer(token=token, until=LATER, reason="451"),
        {MailStatus.CLAIMED, MailStatus.IN_DOUBT},
    ),
    "fail": (
        lambda mail, token: mail.fail(LATER, token=token, reason="550"),
        {MailStatus.CLAIMED, MailStatus.IN_DOUBT},
    ),
    "drop": (lambda mail, token: mail.drop(LATER, token=token, reason="closed"), {MailStatus.CLAIMED}),
    "requeue": (lambda mail, token: mail.requeue(token=token, reason="absent"), {MailStatus.IN_DOUBT}),
    "hold": (
        lambda mail, token: mail.hold(LATER, token=token, reason="no_evidence"),
        {MailStatus.CLAIMED, MailStatus.IN_DOUBT},
    ),
    "release": (lambda mail, token: mail.release(), {MailStatus.HELD}),
    "confirm": (lambda mail, token: mail.confirm(LATER), {MailStatus.HELD}),
    "cancel": (
        lambda mail, token: mail.cancel(LATER, reason="by_hand"),
        {MailStatus.QUEUED, MailStatus.DEFERRED, MailStatus.HELD},
    ),
}
STATE_VALUES = {status: {column: MONDAY, "claim_token": 1} for column, status in STATE_COLUMNS}
STATE_VALUES[MailStatus.QUEUED] = {"claim_token": 1}
LEGAL = [
    (name, status)
    for name, (_, sources) in MOVES.items()
    for status in sorted(sources)
    if name != "lose_line"
]
ILLEGAL = [
    (name, status) for name, (_, sources) in MOVES.items() for status in MailStatus if status not in sources
]


@pytest.mark.parametrize(("name", "status"), LEGAL)
def test_a_legal_move_leaves_its_state(session: Session, name: str, status: MailStatus) -> None:
    mail = make_mail(session, **STATE_VALUES[status], n_tries=1)

    MOVES[name][0](mail, 1)

    assert mail.status is not status


@pytest.mark.parametrize(("name", "status"), ILLEGAL)
def test_an_illegal_move_is_refused_and_changes_nothing(
    session: Session, name: str, status: MailStatus
) -> None:
    mail = make_mail(session, **STATE_VALUES[status], n_tries=1)

    with pytest.raises(InvalidTransition):
        MOVES[name][0](mail, 1)

    assert mail.status is status


@pytest.mark.parametrize("name", sorted(set(MOVES) - {"release", "confirm", "cancel"}))
def test_a_move_under_an_old_token_is_refused(session: Session, name: str) -> None:
    move, sources = MOVES[name]
    source = min(sources)
    mail = make_mail(session, **{**STATE_VALUES[source], "claim_token": 2}, n_tries=1)

    with pytest.raises(StaleClaim):
        move(mail, 1)

    assert (mail.status, mail.claim_token) == (source, 2)


def test_a_paused_sender_cannot_write_after_a_takeover(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        mail, old_token = make_claimed_mail(session)
        mail_id = mail.key
    paused = Session(empty_engine)
    seen_before_the_pause = paused.get(OutboxMail, mail_id)
    assert seen_before_the_pause is not None
    paused.rollback()
    with transaction(empty_engine) as session:
        mine = session.get(OutboxMail, mail_id)
        assert mine is not None
        mine.reclaim(token=old_token)
        claim_one(session, mine, owner="b")

    with pytest.raises(StaleClaim):
        seen_before_the_pause.mark_in_doubt(LATER, token=old_token, lease=LEASE)

    paused.close()


def test_a_mail_outside_a_session_cannot_be_moved() -> None:
    with pytest.raises(ValueError, match="session"):
        OutboxMail(kind=MailKind.INTEREST).release()
