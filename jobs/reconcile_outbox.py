"""Mails whose sender is gone: claimed ones go back to the queue, doubtful ones are settled by evidence.

A mail that is merely claimed was never followed by a final dot, so it may be sent again. A mail in doubt may have
been delivered; it is sent again only if the relay's own records show that it never arrived, and without anything to
ask it is held for a person.
"""

import structlog
from sqlmodel import Session, col, select

from jobs.mail_evidence import Answer, Finding, MailEvidence
from jobs.process import is_dead
from jobs.runner import Run
from models.outbox import MailStatus, OutboxMail
from models.outbox_queries import claim_owners, get_mail, lapsed_claims

log = structlog.get_logger()

N_CONTROLS = 5


def reconcile_outbox(run: Run, *, evidence: MailEvidence, domain: str) -> None:
    """Settle every claim whose lease is over or whose process is known to be dead."""
    with run.reading() as session:
        dead = [owner for owner in claim_owners(session) if is_dead(owner)]
        lapsed = lapsed_claims(session, now=run.clock(), dead_owners=dead)
        controls = [mail.message_id(domain) for mail in _lately_sent(session)] if lapsed else []
    doubtful = {mail.message_id(domain): mail for mail in lapsed if mail.status is MailStatus.IN_DOUBT}
    since = {key: mail.in_doubt_at for key, mail in doubtful.items() if mail.in_doubt_at is not None}
    answers = evidence.look_up(since, controls=controls, now=run.clock()) if since else {}
    found = {doubtful[key].key: answer for key, answer in answers.items()}
    tokens = {mail.key: mail.claim_token for mail in lapsed}

    def act(session: Session, mail_id: int) -> str | None:
        mail = get_mail(session, mail_id)
        if mail.claim_token != tokens[mail_id]:
            return "taken_over"
        return _settle(run, mail, found.get(mail_id))

    run.each(tokens, act, what="reconciled")


def _settle(run: Run, mail: OutboxMail, answer: Answer | None) -> str | None:
    """Move one mail on; the reason if it has to stay where it is."""
    token, now = mail.claim_token, run.clock()
    if mail.status is MailStatus.CLAIMED:
        mail.reclaim(token=token)
        return None
    if mail.status is not MailStatus.IN_DOUBT or answer is None:
        return "settled_meanwhile"
    if answer.finding is Finding.WAIT:
        return "in_doubt"
    if answer.finding is Finding.ACCEPTED:
        mail.mark_sent(now, token=token, relay_ref=answer.relay_ref)
    elif answer.finding is Finding.ABSENT:
        mail.requeue(token=token, reason="evidence_absent")
    else:
        mail.hold(now, token=token, reason="no_evidence")
    log.info("mail.reconciled", mail_id=mail.id, finding=str(answer.finding))
    return None


def _lately_sent(session: Session) -> list[OutboxMail]:
    """The last mails the relay said 250 to: a log that is the right one knows them."""
    statement = (
        select(OutboxMail)
        .where(col(OutboxMail.sent_at).is_not(None), col(OutboxMail.relay_ref) != "")
        .order_by(col(OutboxMail.sent_at).desc())
        .limit(N_CONTROLS)
    )
    return list(session.exec(statement))
