"""The outbox: every mail is first a row, written in the commit of the decision it tells about.

enqueue() is the only way to ask for a mail; jobs/send_outbox.py is the only reader that sends. What may
happen to a row is drawn below. SMTP gives no answer that cannot get lost, so `in_doubt` is a state of its
own: it is committed after the relay has said 354 and before the final dot, and nothing in it is ever sent
again without evidence.

    queued, deferred ──claim──▶ claimed ──354──▶ in_doubt ──250──▶ sent
       ▲     ▲                    │                 ├─4xx─▶ deferred    ├─5xx─▶ failed
       │     └─ the claim lapsed ─┘                 └─ no answer: evidence ─▶ sent | queued, else ─▶ held
       └─────────────────────────────────────────────────────────── a person releases it ──────────┘

Queries and counts over the outbox are in models/outbox_queries.py.
"""

import re
import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import object_session
from sqlmodel import Field, Session, col, select, update

from models.base import Table, UtcDateTime, enum_column, moment
from models.errors import InvalidInput, InvalidTransition

# A dot-atom and a host name. No quoting, no "?": such addresses exist on paper, and in attacks on headers.
_ATOM = r"[a-z0-9!#$%&'*+/=^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
NO_PERIOD = "once"
MAX_REASON = 300


class MailKind(StrEnum):
    """What may be mailed. The words are stored: never renamed. Each has a folder in jobs/templates."""

    DIGEST_STARTUP = "digest_startup"
    DIGEST_AGENCY = "digest_agency"
    INVITATION = "invitation"
    INTEREST = "interest"
    INTRODUCTION = "introduction"
    PILOT_IN_USE = "pilot_in_use"
    FUNDING_RECORDED = "funding_recorded"
    SCENARIO_SUBMITTED = "scenario_submitted"
    SCENARIO_RETURNED = "scenario_returned"
    SCENARIO_APPROVED = "scenario_approved"
    SCENARIO_PUBLISHED = "scenario_published"
    BATCH_REMINDER = "batch_reminder"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    QUESTION_REMINDER = "question_reminder"
    ADDENDUM = "addendum"
    SIGN_UP_WAITING = "sign_up_waiting"
    SIGN_UP_APPROVED = "sign_up_approved"
    SIGN_UP_REFUSED = "sign_up_refused"
    SIGN_UP_KNOWN = "sign_up_known"
    COLLEAGUE_INVITED = "colleague_invited"
    ACCOUNT_CHANGED = "account_changed"
    PASSWORD_RESET = "password_reset"
    BID_SUBMITTED = "bid_submitted"
    BID_DECIDED = "bid_decided"
    JUROR_APPOINTED = "juror_appointed"
    MARKS_COMPLETE = "marks_complete"
    PROOF_EXPIRING = "proof_expiring"
    PROOF_REFUSED = "proof_refused"
    PILOT_UNDECIDED = "pilot_undecided"


class MailStatus(StrEnum):
    """Derived from timestamps; `in_state` is the SQL twin."""

    QUEUED = "queued"
    DEFERRED = "deferred"
    CLAIMED = "claimed"
    IN_DOUBT = "in_doubt"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class StaleClaim(InvalidTransition):
    """The row has moved on under another claim: whoever raised this must not send."""

    code = "stale_claim"


# The first of these columns that is filled names the state; none filled is `queued`.
STATE_COLUMNS = (
    ("suppressed_at", MailStatus.SUPPRESSED),
    ("failed_at", MailStatus.FAILED),
    ("sent_at", MailStatus.SENT),
    ("held_at", MailStatus.HELD),
    ("in_doubt_at", MailStatus.IN_DOUBT),
    ("claimed_at", MailStatus.CLAIMED),
    ("next_try_at", MailStatus.DEFERRED),
)


class OutboxMail(Table, table=True):
    """One mail to one recipient. Made by enqueue(), moved by its methods, never deleted.

    Every move but those of a person names the claim's token and is one guarded UPDATE, so a sender that was
    paused while another took its work over cannot write. StaleClaim says that it lost; InvalidTransition
    that the move is not on the map.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (
        sa.UniqueConstraint("kind", "recipient", "subject_ref", "period"),
        sa.CheckConstraint(
            "(CASE WHEN sent_at IS NULL THEN 0 ELSE 1 END) + (CASE WHEN failed_at IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN suppressed_at IS NULL THEN 0 ELSE 1 END) <= 1",
            name="one_end",
        ),
        sa.CheckConstraint("in_doubt_at IS NULL OR claim_token > 0", name="doubt_needs_claim"),
        sa.CheckConstraint("n_tries >= 0", name="n_tries_not_negative"),
    )

    uuid: str = Field(default_factory=lambda: str(uuid.uuid4()), unique=True, max_length=36)
    kind: MailKind = Field(sa_type=enum_column(MailKind))
    recipient: str = Field(max_length=254, index=True, description="One address, lower case.")
    locale: str = Field(max_length=8)
    subject_ref: str = Field(max_length=80, description="What it is about, e.g. match:12.")
    period: str = Field(default=NO_PERIOD, max_length=20, description="2026-W48, 2026-11-23, or once.")
    context: dict[str, Any] = Field(
        default_factory=dict, sa_type=sa.JSON, description="Values for the template."
    )
    subscription_id: int | None = Field(default=None, foreign_key="subscription.id", index=True)
    n_tries: int = Field(default=0, description="Claims that were not given back.")
    next_try_at: datetime | None = moment(index=True, description="Not before this moment.")
    claimed_at: datetime | None = moment()
    claim_token: int = Field(default=0, description="Grows with every claim; fences off earlier claimants.")
    claim_owner: str = Field(default="", max_length=120, description="The process that holds the claim.")
    claim_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    in_doubt_at: datetime | None = moment(description="The relay may have it; only evidence can tell.")
    held_at: datetime | None = moment(description="Waits for a person.")
    sent_at: datetime | None = moment(index=True)
    relay_ref: str = Field(default="", max_length=200, description="The relay's queue id, from its answer.")
    failed_at: datetime | None = moment()
    suppressed_at: datetime | None = moment()
    reason: str = Field(
        default="", max_length=MAX_REASON, description="Why it is not sent (yet); no addresses."
    )

    @property
    def status(self) -> MailStatus:
        """The state, from the columns of STATE_COLUMNS in their order."""
        states = (status for column, status in STATE_COLUMNS if getattr(self, column) is not None)
        return next(states, MailStatus.QUEUED)

    def message_id(self, domain: str) -> str:
        """The Message-ID of every attempt: fixed, so that relays and logs can be asked about this mail."""
        return f"<{self.uuid}@{domain}>"

    def give_back(self, *, token: int) -> None:
        """Return an untouched claim: nothing was said to the relay about it, and no try is counted."""
        self._move({MailStatus.CLAIMED}, token, **_UNCLAIMED, n_tries=OutboxMail.n_tries - 1)

    def reclaim(self, *, token: int) -> None:
        """Take back a claim whose holder is gone. No final dot was sent, so sending again is safe."""
        taken = {"claim_token": OutboxMail.claim_token + 1, "n_tries": OutboxMail.n_tries - 1}
        self._move({MailStatus.CLAIMED}, token, **_UNCLAIMED, **taken)

    def mark_in_doubt(self, now: datetime, *, token: int, lease: timedelta) -> None:
        """The relay waits for the dot. Commit this before sending it; `lease` outlasts the wait for the
        answer.
        """
        self._move({MailStatus.CLAIMED}, token, in_doubt_at=now, claim_expires_at=now + lease)

    def lose_line(self, now: datetime, *, token: int, reason: str) -> None:
        """The sender stopped waiting for the answer: the doubt stands, and may be settled from now on."""
        self._move({MailStatus.IN_DOUBT}, token, claim_expires_at=now, reason=reason[:MAX_REASON])

    def mark_sent(self, now: datetime, *, token: int, relay_ref: str) -> None:
        """The relay took responsibility (250), or evidence says that it did."""
        self._move({MailStatus.IN_DOUBT}, token, sent_at=now, relay_ref=relay_ref[:200], reason="")

    def defer(self, *, token: int, until: datetime, reason: str) -> None:
        """A passing refusal, before or after the dot: try again, not before `until`."""
        moved = {**_UNCLAIMED, "in_doubt_at": None, "next_try_at": until, "reason": reason[:MAX_REASON]}
        self._move({MailStatus.CLAIMED, MailStatus.IN_DOUBT}, token, **moved)

    def fail(self, now: datetime, *, token: int, reason: str) -> None:
        """A permanent refusal, or one passing refusal too many: never tried again."""
        self._move(
            {MailStatus.CLAIMED, MailStatus.IN_DOUBT}, token, failed_at=now, reason=reason[:MAX_REASON]
        )

    def drop(self, now: datetime, *, token: int, reason: str) -> None:
        """What it would tell no longer holds (unsubscribed, closed, withdrawn): it is not sent."""
        self._move({MailStatus.CLAIMED}, token, suppressed_at=now, reason=reason[:MAX_REASON])

    def requeue(self, *, token: int, reason: str) -> None:
        """Evidence says that the relay never had it: it may be sent again."""
        moved = {**_UNCLAIMED, "in_doubt_at": None, "claim_token": OutboxMail.claim_token + 1}
        self._move({MailStatus.IN_DOUBT}, token, **moved, reason=reason[:MAX_REASON])

    def hold(self, now: datetime, *, token: int, reason: str) -> None:
        """No evidence either way, or it cannot be written: a person decides."""
        self._move({MailStatus.CLAIMED, MailStatus.IN_DOUBT}, token, held_at=now, reason=reason[:MAX_REASON])

    def release(self) -> None:
        """A person: it did not arrive, send it (again)."""
        cleared = {**_UNCLAIMED, "in_doubt_at": None, "held_at": None, "next_try_at": None, "n_tries": 0}
        self._move({MailStatus.HELD}, self.claim_token, **cleared, claim_token=OutboxMail.claim_token + 1)

    def confirm(self, now: datetime) -> None:
        """A person: it did arrive."""
        self._move({MailStatus.HELD}, self.claim_token, sent_at=now, reason="confirmed_by_hand")

    def cancel(self, now: datetime, *, reason: str) -> None:
        """A person: it is not to be sent."""
        waiting = {MailStatus.QUEUED, MailStatus.DEFERRED, MailStatus.HELD}
        self._move(waiting, self.claim_token, suppressed_at=now, reason=reason[:MAX_REASON])

    def _move(self, sources: set[MailStatus], token: int, **values: Any) -> None:
        """One guarded UPDATE from one of `sources`, under the claim `token`; the row is then read again."""
        session = object_session(self)
        if session is None:
            raise ValueError("a mail can only be moved inside a session")
        if self.status not in sources:
            raise InvalidTransition("这封邮件现在的状态不能这样处理。")
        guard = sa.or_(*(in_state(status) for status in sorted(sources)))
        statement = (
            update(OutboxMail)
            .where(col(OutboxMail.id) == self.id, col(OutboxMail.claim_token) == token, guard)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        session.flush()
        n_moved = session.connection().execute(statement).rowcount
        session.refresh(self)
        if n_moved != 1:
            raise StaleClaim("这封邮件已由另一个进程接手。")


_UNCLAIMED: dict[str, Any] = {"claimed_at": None, "claim_owner": "", "claim_expires_at": None}


class SuppressedAddress(Table, table=True):
    """An address the relay called unknown. Written by the sender, lifted by a person; no mail to it is
    tried.
    """

    __tablename__ = "suppressed_address"

    address: str = Field(unique=True, max_length=254, description="Lower case.")
    reason: str = Field(default="", max_length=MAX_REASON)
    mail_id: int | None = Field(
        default=None, foreign_key="outbox_mail.id", description="The mail that found out."
    )
    lifted_at: datetime | None = moment(description="A person says the address works again.")


def in_state(status: MailStatus) -> Any:
    """The SQL condition "is in this state", the twin of OutboxMail.status."""
    conditions = []
    for column, of_column in STATE_COLUMNS:
        if of_column is status:
            conditions.append(getattr(OutboxMail, column).is_not(None))
            break
        conditions.append(getattr(OutboxMail, column).is_(None))
    return sa.and_(*conditions)


def clean_address(address: str) -> str:
    """The address in lower case, its domain as mail travels it. InvalidInput unless it is one plain address.

    A domain in Chinese or another script becomes its ASCII form (IDNA); a local part in another script is refused,
    because not every relay on the way takes it.
    """
    local, at, domain = address.strip().lower().rpartition("@")
    try:
        cleaned = f"{local}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        cleaned = ""
    if len(cleaned) > 254 or not ADDRESS.fullmatch(cleaned):
        raise InvalidInput("邮箱地址不对，例如应写成 name@example.org。", fields={"email": "邮箱地址不对。"})
    return cleaned


def enqueue(  # noqa: PLR0913  (each argument is a column of the row; hiding them in an object would hide the key)
    session: Session,
    *,
    kind: MailKind,
    recipient: str,
    locale: str,
    subject_ref: str,
    context: dict[str, Any],
    period: str = NO_PERIOD,
    subscription_id: int | None = None,
    now: datetime,
) -> OutboxMail:
    """Ask for one mail to one person; the caller's commit carries it.

    Asking again with the same kind, recipient, subject and period gives the row that is there, unchanged,
    whoever asked first: the database's unique key decides, also between two processes. A mail to an address
    known to be dead is written down as suppressed. InvalidInput if `recipient` is not one plain address.
    """
    recipient = clean_address(recipient)
    there = find_mail(session, kind=kind, recipient=recipient, subject_ref=subject_ref, period=period)
    if there is not None:
        return there
    mail = OutboxMail(
        created_at=now,
        kind=kind,
        recipient=recipient,
        locale=locale,
        subject_ref=subject_ref,
        period=period,
        context=context,
        subscription_id=subscription_id,
    )
    if is_suppressed(session, recipient):
        mail.suppressed_at, mail.reason = now, "address_suppressed"
    try:
        with session.begin_nested():
            session.add(mail)
    except IntegrityError:
        there = find_mail(session, kind=kind, recipient=recipient, subject_ref=subject_ref, period=period)
        if there is None:
            raise
        return there
    return mail


def find_mail(
    session: Session, *, kind: MailKind, recipient: str, subject_ref: str, period: str = NO_PERIOD
) -> OutboxMail | None:
    """The mail with this key, or None."""
    statement = select(OutboxMail).where(
        col(OutboxMail.kind) == kind,
        col(OutboxMail.recipient) == recipient.strip().lower(),
        col(OutboxMail.subject_ref) == subject_ref,
        col(OutboxMail.period) == period,
    )
    return session.exec(statement).first()


def is_suppressed(session: Session, address: str) -> bool:
    """Whether mails to this address are not tried."""
    statement = select(SuppressedAddress.id).where(
        col(SuppressedAddress.address) == address.strip().lower(), col(SuppressedAddress.lifted_at).is_(None)
    )
    return session.exec(statement).first() is not None


def suppress_address(session: Session, mail: OutboxMail, *, reason: str) -> None:
    """Remember that the relay does not know this mail's recipient."""
    statement = select(SuppressedAddress).where(col(SuppressedAddress.address) == mail.recipient)
    row = session.exec(statement).first() or SuppressedAddress(address=mail.recipient)
    row.reason, row.mail_id, row.lifted_at = reason[:MAX_REASON], mail.key, None
    session.add(row)
    session.flush()
