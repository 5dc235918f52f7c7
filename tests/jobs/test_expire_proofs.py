"""Proofs that end: marked on the day after their last, told of a month before, each once."""

from datetime import date, timedelta

from sqlalchemy.engine import Engine

from jobs.expire_proofs import expire_proofs
from jobs.runner import Run
from models.capability import Capability
from models.db import make_session, transaction
from models.outbox import MailKind
from models.proof import Proof, ProofStatus
from models.user import Role
from tests.factories import make_capability, make_proof, make_user
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import SHENZHEN, all_mails, make_run

TODAY = date(2026, 11, 23)


def expire(engine: Engine, clock: FixedClock, **values: object) -> Run:
    run = make_run(engine, clock, **values)
    expire_proofs(run, zone=SHENZHEN)
    return run


def add_proof(engine: Engine, until: date) -> tuple[int, int]:
    """A firm with one person, and a proof of its one filing; ids of capability and proof."""
    with transaction(engine) as session:
        row = make_capability(session, filings=["algorithm_filing"])
        make_user(session, roles=(Role.STARTUP,), organisation_id=row.organisation_id)
        return row.key, make_proof(session, capability_id=row.key, valid_until_on=until).key


def test_what_is_over_is_marked_and_its_filing_counts_no_more(database: Engine, clock: FixedClock) -> None:
    capability_id, proof_id = add_proof(database, TODAY - timedelta(days=1))

    run = expire(database, clock)

    with make_session(database) as session:
        proof, capability = session.get(Proof, proof_id), session.get(Capability, capability_id)
        assert proof is not None and capability is not None
        assert (proof.status, proof.expired_at) == (ProofStatus.EXPIRED, run.now)
        assert (capability.filings, capability.standing_filings) == (["algorithm_filing"], [])
    assert run.counts.to_json() == {"done": {"expired": 1, "lapsed_filings": 1}}
    assert all_mails(database) == []


def test_the_last_day_still_counts_and_its_firm_was_told(database: Engine, clock: FixedClock) -> None:
    _, proof_id = add_proof(database, TODAY)

    run = expire(database, clock)

    with make_session(database) as session:
        proof = session.get(Proof, proof_id)
        assert proof is not None and proof.status is ProofStatus.DECLARED
    assert run.counts.to_json() == {"done": {"mails": 1, "told": 1}}
    (mail,) = all_mails(database)
    assert (mail.kind, mail.subject_ref) == (MailKind.PROOF_EXPIRING, f"proof:{proof_id}")


def test_running_again_tells_nobody_twice(database: Engine, clock: FixedClock) -> None:
    add_proof(database, TODAY + timedelta(days=30))
    expire(database, clock)
    clock.advance(timedelta(days=1))

    again = expire(database, clock)

    assert len(all_mails(database)) == 1
    assert again.counts.to_json() == {"skipped": {"told_before": 1}}


def test_a_dry_run_writes_nothing(database: Engine, clock: FixedClock) -> None:
    capability_id, proof_id = add_proof(database, TODAY - timedelta(days=1))
    add_proof(database, TODAY)

    expire(database, clock, dry_run=True)

    with make_session(database) as session:
        proof, capability = session.get(Proof, proof_id), session.get(Capability, capability_id)
        assert proof is not None and capability is not None
        assert (proof.expired_at, capability.lapsed_filings) == (None, [])
    assert all_mails(database) == []
