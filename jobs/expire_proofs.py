"""Proofs of capabilities end: what is over is marked and counts no more, what ends within a month is told to its firm.

A filing whose only proof is over leaves the facts that matching reads; the index follows within a minute or two.
"""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from jobs.runner import Run
from models.errors import NotFound
from models.notice import tell_of_ending_proof
from models.proof import Proof, ended_proof_ids, ending_proof_ids, settle_lapsed


def expire_proofs(run: Run, *, zone: ZoneInfo) -> None:
    """Mark the proofs whose last day (in `zone`) is over, then tell of those that end soon; each proof once."""
    on = run.now.astimezone(zone).date()
    with run.reading() as session:
        ended, ending = ended_proof_ids(session, on), ending_proof_ids(session, on)

    def expire(session: Session, proof_id: int) -> str | None:
        proof = _get(session, proof_id)
        proof.expired_at = run.now
        session.add(proof)
        session.flush()
        if settle_lapsed(session, proof.capability):
            run.counts.did("lapsed_filings", 1)
        return None

    def tell(session: Session, proof_id: int) -> str | None:
        told = tell_of_ending_proof(session, _get(session, proof_id), now=run.now)
        fresh = [mail for mail in told if mail.created_at == run.now]
        run.counts.did("mails", len(fresh))
        return None if fresh else "told_before"

    run.each(ended, expire, what="expired")
    run.each(ending, tell, what="told")


def _get(session: Session, proof_id: int) -> Proof:
    proof = session.get(Proof, proof_id)
    if proof is None:
        raise NotFound("没有这份证明。")
    return proof
