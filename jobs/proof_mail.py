"""What a mail about a proof says, read when it is sent (see jobs/mail_content.py)."""

from datetime import date

from sqlmodel import Session

from jobs.mail_parts import Content, Dropped, active, subject_id
from models.capability import CapabilityStatus
from models.outbox import MailKind, OutboxMail
from models.proof import STANDING, Proof, ProofStatus


def read_ending_proof(session: Session, mail: OutboxMail, on: date) -> Content:
    """A proof that still counts, of a capability its firm has not withdrawn."""
    proof = session.get(Proof, subject_id(mail))
    if proof is None or proof.valid_until_on is None or proof.status not in STANDING:
        raise Dropped("proof_gone")
    return _told_of(proof, valid_until_on=proof.valid_until_on, is_filing=bool(proof.filing))


def read_refused_proof(session: Session, mail: OutboxMail, on: date) -> Content:
    """A proof that stands refused, with the reason as the operator wrote it."""
    proof = session.get(Proof, subject_id(mail))
    if proof is None or proof.status is not ProofStatus.REFUSED:
        raise Dropped("proof_not_refused")
    return _told_of(proof, reason=proof.check_note)


def _told_of(proof: Proof, **values: object) -> Content:
    """What every mail about a proof says, and these values. Dropped where its firm has withdrawn the capability."""
    capability = proof.capability
    if capability.status is CapabilityStatus.WITHDRAWN:
        raise Dropped("capability_withdrawn")
    firm = active(capability.organisation)
    return Content(
        {
            "capability_id": capability.key,
            "capability_title": capability.title,
            "proof_title": proof.title,
            **values,
            "is_demo": firm.is_demo,
        }
    )


READERS = {MailKind.PROOF_EXPIRING: read_ending_proof, MailKind.PROOF_REFUSED: read_refused_proof}
