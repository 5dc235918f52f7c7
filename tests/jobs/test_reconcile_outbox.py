from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from jobs.mail_evidence import Answer, Finding, NoEvidence
from jobs.process import this_process
from jobs.reconcile_outbox import reconcile_outbox
from jobs.runner import Run
from models.db import transaction
from models.outbox import MailStatus
from models.outbox_queries import get_mail
from tests.factories import MONDAY
from tests.jobs.conftest import FixedClock
from tests.jobs.rows import LEASE, claim_one, make_claimed_mail, make_mail, make_mail_in_doubt
from tests.jobs.sending import all_mails, make_run, states

DOMAIN = "duijie.example"


class Told:
    """Evidence that says what the test wants, and remembers what it was asked."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.asked: list[str] = []
        self.controls: list[str] = []

    def look_up(self, doubts, *, controls, now):  # type: ignore[no-untyped-def]
        self.asked, self.controls = list(doubts), list(controls)
        return dict.fromkeys(doubts, Answer(self.finding, "4F1"))


def test_a_lapsed_claim_goes_back_to_the_queue(run: Run, database: Engine) -> None:
    with transaction(database) as session:
        make_claimed_mail(session)

    reconcile_outbox(run, evidence=NoEvidence(), domain=DOMAIN)

    (mail,) = all_mails(database)
    assert (mail.status, mail.claim_token, mail.n_tries) == (MailStatus.QUEUED, 2, 0)
    assert run.counts.to_json() == {"done": {"reconciled": 1}}


def test_a_claim_that_still_holds_is_left_alone(database: Engine) -> None:
    with transaction(database) as session:
        make_claimed_mail(session)
    run = make_run(database, FixedClock(MONDAY + LEASE / 2))

    reconcile_outbox(run, evidence=NoEvidence(), domain=DOMAIN)

    assert states(database) == [MailStatus.CLAIMED]
    assert run.counts.to_json() == {}


def test_a_claim_of_a_dead_process_need_not_lapse(database: Engine) -> None:
    with transaction(database) as session:
        claim_one(session, make_mail(session), owner=this_process() + "9")
    run = make_run(database, FixedClock(MONDAY))

    reconcile_outbox(run, evidence=NoEvidence(), domain=DOMAIN)

    assert states(database) == [MailStatus.QUEUED]


@pytest.mark.parametrize(
    ("finding", "end"),
    [
        (Finding.ACCEPTED, MailStatus.SENT),
        (Finding.ABSENT, MailStatus.QUEUED),
        (Finding.UNKNOWN, MailStatus.HELD),
        (Finding.WAIT, MailStatus.IN_DOUBT),
    ],
)
def test_a_doubt_is_settled_as_the_evidence_says(
    run: Run, database: Engine, finding: Finding, end: MailStatus
) -> None:
    with transaction(database) as session:
        make_mail_in_doubt(session)

    reconcile_outbox(run, evidence=Told(finding), domain=DOMAIN)

    assert states(database) == [end]


def test_the_evidence_is_asked_by_message_id_with_known_mails_to_judge_it_by(
    run: Run, database: Engine
) -> None:
    with transaction(database) as session:
        sent, token = make_mail_in_doubt(session)
        sent.mark_sent(MONDAY, token=token, relay_ref="4F0")
        by_hand, token = make_mail_in_doubt(session)
        by_hand.hold(MONDAY, token=token, reason="x")
        by_hand.confirm(MONDAY)
        doubtful, _ = make_mail_in_doubt(session)
        wanted, control = doubtful.message_id(DOMAIN), sent.message_id(DOMAIN)
    evidence = Told(Finding.ACCEPTED)

    reconcile_outbox(run, evidence=evidence, domain=DOMAIN)

    assert (evidence.asked, evidence.controls) == ([wanted], [control])
    assert all_mails(database)[2].relay_ref == "4F1"


def test_running_twice_changes_nothing(run: Run, database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        make_mail_in_doubt(session)
        make_claimed_mail(session)
    reconcile_outbox(run, evidence=NoEvidence(), domain=DOMAIN)
    before = [mail.model_dump() for mail in all_mails(database)]
    clock.advance(timedelta(days=9))

    reconcile_outbox(make_run(database, clock), evidence=NoEvidence(), domain=DOMAIN)

    assert [mail.model_dump() for mail in all_mails(database)] == before


def test_a_dry_run_settles_nothing(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        make_mail_in_doubt(session)
    run = make_run(database, clock, dry_run=True)

    reconcile_outbox(run, evidence=NoEvidence(), domain=DOMAIN)

    assert states(database) == [MailStatus.IN_DOUBT]
    assert run.counts.to_json() == {"done": {"reconciled": 1}}


def test_a_mail_that_moved_on_meanwhile_is_left_alone(run: Run, database: Engine, tmp_path: Path) -> None:
    with transaction(database) as session:
        mail, token = make_mail_in_doubt(session)
        mail_id = mail.key

    class Slow(Told):
        def look_up(self, doubts, *, controls, now):  # type: ignore[no-untyped-def]
            with transaction(database) as session:
                get_mail(session, mail_id).mark_sent(MONDAY, token=token, relay_ref="250")
            return super().look_up(doubts, controls=controls, now=now)

    reconcile_outbox(run, evidence=Slow(Finding.UNKNOWN), domain=DOMAIN)

    assert states(database) == [MailStatus.SENT]
    assert run.counts.to_json() == {"skipped": {"settled_meanwhile": 1}}
