"""Proofs (证明) of a capability: filings, test reports, open-source work, competitions; and how far each is trusted.

Self-declared until an operator has read the document; checked then, or refused with a reason; expired from the day
after its last. jobs/expire_proofs.py marks what expired and keeps the capability's lapsed filings, which matching
leaves out.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, enum_column, find_row, moment
from models.capability import Capability
from models.errors import InvalidTransition, NotFound
from models.organisation import Organisation

TOLD_AHEAD = timedelta(days=30)
"""How long before the last day its firm is told: renewing a filing takes some weeks."""


class ProofKind(StrEnum):
    """What is proved. Open-source work and competitions count as records of what somebody can do."""

    FILING = "filing"
    TEST_REPORT = "test_report"
    OPEN_SOURCE = "open_source"
    COMPETITION = "competition"
    LICENCE = "licence"
    OTHER = "other"


class ProofStatus(StrEnum):
    """Derived: what a reader may think of it."""

    DECLARED = "declared"
    CHECKED = "checked"
    REFUSED = "refused"
    EXPIRED = "expired"


STANDING = (ProofStatus.DECLARED, ProofStatus.CHECKED)
"""What has neither expired nor been refused."""


class Proof(Table, table=True):
    """One record or document. Given by the firm, checked or refused by an operator; replaced, not edited."""

    __table_args__ = (
        sa.CheckConstraint("checked_at IS NULL OR refused_at IS NULL", name="checked_or_refused"),
        sa.CheckConstraint("refused_at IS NULL OR check_note <> ''", name="refusal_has_reason"),
        sa.CheckConstraint("file_hash IS NULL OR length(file_hash) = 64", name="file_hash_is_sha256"),
        sa.CheckConstraint("file_hash IS NOT NULL OR url IS NOT NULL", name="document_or_address"),
        sa.CheckConstraint("expired_at IS NULL OR valid_until_on IS NOT NULL", name="expired_had_an_end"),
    )

    capability_id: int = Field(foreign_key="capability.id", index=True)
    kind: ProofKind = Field(sa_type=enum_column(ProofKind))
    filing: str = Field(default="", max_length=40, description="Code of the filing it proves, of a filing.")
    title: str = Field(max_length=300)
    issuer: str = Field(default="", max_length=200)
    number: str = Field(default="", max_length=120)
    url: str | None = Field(default=None, max_length=500, description="Of a repository or a public record.")
    issued_on: date | None = None
    valid_until_on: date | None = Field(default=None, description="Last day on which it counts.", index=True)
    file_name: str = Field(default="", max_length=255)
    file_hash: str | None = Field(default=None, max_length=64, description="SHA-256 of the bytes, hex.")
    file_size: int | None = None
    media_type: str = Field(default="", max_length=120)
    given_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    checked_at: datetime | None = moment()
    refused_at: datetime | None = moment()
    decided_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    check_note: str = Field(
        default="", max_length=500, description="What the operator saw; the firm reads it."
    )
    expired_at: datetime | None = moment(description="When a job saw that its last day is over.")

    capability: Capability = Relationship(back_populates="proofs")

    @property
    def status(self) -> ProofStatus:
        """refused, expired, checked, or as the firm declares it."""
        if self.refused_at is not None:
            return ProofStatus.REFUSED
        if self.expired_at is not None:
            return ProofStatus.EXPIRED
        return ProofStatus.DECLARED if self.checked_at is None else ProofStatus.CHECKED

    def check(self, now: datetime, *, by_user_id: int, note: str = "") -> None:
        """An operator read the document and found it in order."""
        self._refuse_decided()
        self.checked_at, self.decided_by_user_id, self.check_note = now, by_user_id, note

    def refuse(self, now: datetime, *, by_user_id: int, note: str) -> None:
        """An operator read the document and found it wanting; the firm reads why."""
        self._refuse_decided()
        self.refused_at, self.decided_by_user_id, self.check_note = now, by_user_id, note

    def _refuse_decided(self) -> None:
        if self.status is not ProofStatus.DECLARED:
            raise InvalidTransition("这份证明已经核过或过期。")

    def has_ended(self, on: date) -> bool:
        """Whether its last day is over."""
        return self.valid_until_on is not None and self.valid_until_on < on


def get_proof(session: Session, proof_id: int, *, capability_id: int) -> Proof:
    """A proof of this capability; NotFound otherwise."""
    row = find_row(session, Proof, proof_id)
    if row is None or row.capability_id != capability_id:
        raise NotFound("没有这份证明。")
    return row


def waiting_proofs(session: Session, *, district_ids: Collection[int] | None) -> list[Proof]:
    """Proofs that nobody has read yet, oldest first. district_ids: of the firms; None for all."""
    statement = (
        select(Proof)
        .join(Capability, col(Capability.id) == col(Proof.capability_id))
        .join(Organisation, col(Organisation.id) == col(Capability.organisation_id))
        .where(
            col(Proof.checked_at).is_(None),
            col(Proof.refused_at).is_(None),
            col(Proof.expired_at).is_(None),
            col(Capability.withdrawn_at).is_(None),
        )
        .order_by(col(Proof.created_at), col(Proof.id))
    )
    if district_ids is not None:
        statement = statement.where(col(Organisation.district_id).in_(district_ids))
    return list(session.exec(statement))


def ended_proof_ids(session: Session, on: date) -> list[int]:
    """Proofs whose last day is over and that are not marked yet, by id."""
    return _ids(session, col(Proof.valid_until_on) < on)


def ending_proof_ids(session: Session, on: date) -> list[int]:
    """Proofs whose last day comes within TOLD_AHEAD, by id; refused ones left out."""
    return _ids(session, col(Proof.valid_until_on) >= on, col(Proof.valid_until_on) <= on + TOLD_AHEAD)


def _ids(session: Session, *conditions: object) -> list[int]:
    open_ones = (col(Proof.refused_at).is_(None), col(Proof.expired_at).is_(None))
    statement = select(Proof.id).where(*open_ones, *conditions).order_by(col(Proof.id))  # type: ignore[arg-type]
    return [id_ for id_ in session.exec(statement) if id_ is not None]


def settle_lapsed(session: Session, capability: Capability) -> bool:
    """Write down which ticked filings have expired and nothing renews; whether that changed.

    A filing lapses when a proof of it has expired and no other proof of it stands; without any proof it is the firm's
    own word, as before.
    """
    proofs = [row for row in capability.proofs if row.kind is ProofKind.FILING and row.filing]
    expired = {row.filing for row in proofs if row.status is ProofStatus.EXPIRED}
    standing = {row.filing for row in proofs if row.status in STANDING}
    lapsed = sorted((expired - standing) & set(capability.filings))
    if lapsed == capability.lapsed_filings:
        return False
    capability.lapsed_filings = lapsed
    session.add(capability)
    return True
