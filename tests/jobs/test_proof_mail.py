from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from jobs.mail_parts import Content, Dropped
from jobs.proof_mail import read_ending_proof, read_refused_proof
from models.outbox import MailKind
from models.proof import Proof
from tests.factories import MONDAY, make_proof
from tests.jobs.rows import make_mail

ON = date(2026, 11, 23)


def read(session: Session, proof_id: int) -> Content:
    mail = make_mail(session, kind=MailKind.PROOF_EXPIRING, subject_ref=f"proof:{proof_id}")
    return read_ending_proof(session, mail, ON)


def test_a_proof_that_ends_is_told_with_its_capability(session: Session) -> None:
    proof = make_proof(session)

    values = read(session, proof.key).values

    assert values["capability_title"] == proof.capability.title
    assert (values["capability_id"], values["proof_title"]) == (proof.capability_id, proof.title)
    assert (values["valid_until_on"], values["is_filing"]) == (date(2027, 11, 1), True)


@pytest.mark.parametrize("values", [{"expired_at": MONDAY}, {"refused_at": MONDAY, "check_note": "不"}])
def test_a_proof_that_counts_no_more_is_told_to_nobody(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(Dropped, match="proof_gone"):
        read(session, make_proof(session, **values).key)


def test_a_proof_that_was_taken_back_is_told_to_nobody(session: Session) -> None:
    proof = make_proof(session)
    gone = proof.key
    session.delete(session.get_one(Proof, gone))
    session.flush()

    with pytest.raises(Dropped, match="proof_gone"):
        read(session, gone)


def test_nobody_is_told_of_a_capability_that_was_withdrawn(session: Session) -> None:
    proof = make_proof(session)
    proof.capability.withdraw(MONDAY)

    with pytest.raises(Dropped, match="capability_withdrawn"):
        read(session, proof.key)


def test_a_suspended_firm_is_told_nothing(session: Session) -> None:
    proof = make_proof(session)
    proof.capability.organisation.suspend(MONDAY)

    with pytest.raises(Dropped, match="organisation_suspended"):
        read(session, proof.key)


def read_refusal(session: Session, proof_id: int) -> Content:
    mail = make_mail(session, kind=MailKind.PROOF_REFUSED, subject_ref=f"proof:{proof_id}")
    return read_refused_proof(session, mail, ON)


def test_a_refusal_is_told_with_the_reason(session: Session) -> None:
    proof = make_proof(session, refused_at=MONDAY, check_note="编号看不清")

    values = read_refusal(session, proof.key).values

    assert (values["reason"], values["proof_title"]) == ("编号看不清", proof.title)
    assert values["capability_id"] == proof.capability_id


def test_a_refusal_that_does_not_stand_is_told_to_nobody(session: Session) -> None:
    with pytest.raises(Dropped, match="proof_not_refused"):
        read_refusal(session, make_proof(session).key)
    with pytest.raises(Dropped, match="proof_not_refused"):
        read_refusal(session, 999_999)


def test_a_refusal_of_a_withdrawn_capability_is_told_to_nobody(session: Session) -> None:
    proof = make_proof(session, refused_at=MONDAY, check_note="不")
    proof.capability.withdraw(MONDAY)

    with pytest.raises(Dropped, match="capability_withdrawn"):
        read_refusal(session, proof.key)
