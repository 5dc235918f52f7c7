"""Questions asked of the outbox: what to send next, whose claim has lapsed, how much waits and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select, update

from models.errors import NotFound
from models.outbox import MailStatus, OutboxMail, in_state


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one mail: its id, and the token that every later move must name."""

    mail_id: int
    token: int


def claim_batch(session: Session, *, now: datetime, owner: str, limit: int, lease: timedelta) -> list[Claim]:
    """Claim up to `limit` mails that are due, oldest first, for `lease`. Commit before sending.

    If two senders run at once each mail goes to one of them: PostgreSQL skips rows the other has locked,
    and on SQLite the second transaction waits for the first, which has then moved its rows out of this
    question.
    """
    due = sa.or_(col(OutboxMail.next_try_at).is_(None), col(OutboxMail.next_try_at) <= now)
    chosen = (
        select(OutboxMail.id)
        .where(sa.or_(in_state(MailStatus.QUEUED), in_state(MailStatus.DEFERRED)), due)
        .order_by(col(OutboxMail.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.exec(chosen))
    claimed = (
        update(OutboxMail)
        .where(col(OutboxMail.id).in_(ids))
        .values(
            claimed_at=now,
            claim_owner=owner,
            claim_expires_at=now + lease,
            claim_token=OutboxMail.claim_token + 1,
            n_tries=OutboxMail.n_tries + 1,
        )
        .returning(sa.type_coerce(col(OutboxMail.id), sa.Integer), col(OutboxMail.claim_token))
        .execution_options(synchronize_session=False)
    )
    rows = session.connection().execute(claimed).all() if ids else []
    return [Claim(mail_id=mail_id, token=token) for mail_id, token in sorted(rows)]


def lapsed_claims(session: Session, *, now: datetime, dead_owners: Iterable[str] = ()) -> list[OutboxMail]:
    """Mails claimed or in doubt whose lease is over, or whose owner is known to be dead, by id."""
    over = sa.or_(
        col(OutboxMail.claim_expires_at) <= now, col(OutboxMail.claim_owner).in_(sorted(dead_owners))
    )
    held = sa.or_(in_state(MailStatus.CLAIMED), in_state(MailStatus.IN_DOUBT))
    return list(session.exec(select(OutboxMail).where(held, over).order_by(col(OutboxMail.id))))


def claim_owners(session: Session) -> set[str]:
    """The processes that hold claims at this moment."""
    held = sa.or_(in_state(MailStatus.CLAIMED), in_state(MailStatus.IN_DOUBT))
    return set(session.exec(select(OutboxMail.claim_owner).where(held).distinct()))


def mails_in_state(session: Session, status: MailStatus, *, limit: int = 100) -> list[OutboxMail]:
    """Mails in one state, oldest first, for the operator's page."""
    return list(
        session.exec(select(OutboxMail).where(in_state(status)).order_by(col(OutboxMail.id)).limit(limit))
    )


def get_mail(session: Session, mail_id: int) -> OutboxMail:
    """The mail; NotFound if there is none."""
    row = session.get(OutboxMail, mail_id)
    if row is None:
        raise NotFound("没有这封邮件。")
    return row


def count_by_state(session: Session) -> dict[MailStatus, int]:
    """How many mails are in each state; every state is named, empty ones with 0."""
    counts = [sa.func.count(sa.case((in_state(status), 1))) for status in MailStatus]
    row = session.connection().execute(sa.select(*counts)).one()
    return dict(zip(MailStatus, row, strict=True))


def oldest_waiting_at(session: Session) -> datetime | None:
    """When the oldest mail that is still to be sent was asked for; None when nothing waits."""
    waiting = (MailStatus.QUEUED, MailStatus.DEFERRED, MailStatus.CLAIMED, MailStatus.IN_DOUBT)
    statement = (
        select(OutboxMail.created_at)
        .where(sa.or_(*(in_state(status) for status in waiting)))
        .order_by(col(OutboxMail.created_at))
    )
    return session.exec(statement).first()
