import threading
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session

from models.db import transaction
from models.errors import NotFound
from models.outbox import MailStatus
from models.outbox_queries import (
    claim_batch,
    claim_owners,
    count_by_state,
    get_mail,
    lapsed_claims,
    mails_in_state,
    oldest_waiting_at,
)
from tests.factories import MONDAY
from tests.jobs.rows import LEASE, make_claimed_mail, make_mail, make_mail_in_doubt

SECOND = timedelta(seconds=1)


def claim(session: Session, **values: object) -> list[int]:
    defaults: dict[str, object] = {"now": MONDAY, "owner": "a", "limit": 10, "lease": LEASE}
    return [found.mail_id for found in claim_batch(session, **{**defaults, **values})]  # type: ignore[arg-type]


def test_the_oldest_mails_are_claimed_first(session: Session) -> None:
    mails = [make_mail(session) for _ in range(3)]

    assert claim(session, limit=2) == [mails[0].id, mails[1].id]


def test_a_claimed_mail_is_not_claimed_again(session: Session) -> None:
    make_mail(session)
    claim(session)

    assert claim(session, owner="b") == []


def test_a_deferred_mail_is_claimed_when_its_time_has_come(session: Session) -> None:
    mail = make_mail(session, next_try_at=MONDAY)

    assert claim(session, now=MONDAY - SECOND) == []
    assert claim(session, now=MONDAY) == [mail.id]


@pytest.mark.parametrize("end", ["sent_at", "failed_at", "suppressed_at", "held_at"])
def test_a_mail_that_is_done_or_held_is_never_claimed(session: Session, end: str) -> None:
    make_mail(session, **{end: MONDAY})

    assert claim(session) == []


def test_an_empty_outbox_gives_no_claims(session: Session) -> None:
    assert claim(session) == []


def test_senders_at_once_share_the_mails_without_overlap(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        expected = sorted(make_mail(session).key for _ in range(40))
    ready = threading.Barrier(4)
    got: list[int] = []

    def claiming(owner: str) -> None:
        ready.wait()
        for _ in range(6):
            with transaction(empty_engine) as session:
                got.extend(claim(session, owner=owner, limit=3))

    threads = [threading.Thread(target=claiming, args=(str(n),)) for n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(got) == expected


def test_a_claim_lapses_with_its_lease(session: Session) -> None:
    mail, _ = make_claimed_mail(session)

    assert lapsed_claims(session, now=MONDAY + LEASE - SECOND) == []
    assert lapsed_claims(session, now=MONDAY + LEASE) == [mail]


def test_a_claim_lapses_at_once_when_its_owner_is_dead(session: Session) -> None:
    mail, _ = make_mail_in_doubt(session)

    assert lapsed_claims(session, now=MONDAY, dead_owners=["b"]) == []
    assert lapsed_claims(session, now=MONDAY, dead_owners=["a"]) == [mail]


def test_what_is_sent_or_held_has_no_lapsed_claim(session: Session) -> None:
    sent, token = make_mail_in_doubt(session)
    sent.mark_sent(MONDAY, token=token, relay_ref="")
    held, token = make_mail_in_doubt(session)
    held.hold(MONDAY, token=token, reason="no_evidence")

    assert lapsed_claims(session, now=MONDAY + 2 * LEASE, dead_owners=["a"]) == []
    assert claim_owners(session) == set()


def test_claim_owners_names_each_holder_once(session: Session) -> None:
    [make_mail(session) for _ in range(3)]
    claim(session, owner="a", limit=2)
    claim(session, owner="b", limit=1)

    assert claim_owners(session) == {"a", "b"}


def test_counts_name_every_state(session: Session) -> None:
    make_mail(session, sent_at=MONDAY)
    make_claimed_mail(session)

    counts = count_by_state(session)

    assert counts == {**dict.fromkeys(MailStatus, 0), MailStatus.SENT: 1, MailStatus.CLAIMED: 1}


def test_the_oldest_waiting_mail_is_found_whatever_it_waits_for(session: Session) -> None:
    make_mail(session, created_at=MONDAY - 3 * SECOND, sent_at=MONDAY)
    make_mail(session, created_at=MONDAY - 2 * SECOND, next_try_at=MONDAY + LEASE)
    make_mail(session, created_at=MONDAY - SECOND)

    assert oldest_waiting_at(session) == MONDAY - 2 * SECOND


def test_nothing_waits_in_an_empty_outbox(session: Session) -> None:
    assert oldest_waiting_at(session) is None


def test_mails_of_one_state_come_oldest_first(session: Session) -> None:
    first, second = make_mail(session, held_at=MONDAY), make_mail(session, held_at=MONDAY)

    assert mails_in_state(session, MailStatus.HELD) == [first, second]
    assert mails_in_state(session, MailStatus.HELD, limit=1) == [first]


def test_get_mail_refuses_an_unknown_id(session: Session) -> None:
    with pytest.raises(NotFound):
        get_mail(session, 999_999_999)
