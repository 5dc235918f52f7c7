"""Evidence (证明材料): dated documents of a pilot. The file lies in models/files.py's store, named by its hash."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, enum_column, find_row, moment
from models.errors import InvalidTransition, NotFound
from models.pilot import Pilot


class EvidenceKind(StrEnum):
    """What a document proves."""

    TEST_REPORT = "test_report"
    USE_REPORT = "use_report"
    CONTRACT = "contract"
    INVOICE = "invoice"
    PAYMENT = "payment"
    ACCEPTANCE = "acceptance"
    FILING = "filing"
    OTHER = "other"
    CREDIT_REPORT = "credit_report"
    AUDIT_REPORT = "audit_report"


class Evidence(Table, table=True):
    """One document. Uploaded by a party, checked or rejected by the other side or an officer; replaced, not edited."""

    __table_args__ = (
        sa.CheckConstraint("checked_at IS NULL OR rejected_at IS NULL", name="checked_or_rejected"),
        sa.CheckConstraint("file_size >= 0", name="file_size_not_negative"),
        sa.CheckConstraint("length(file_hash) = 64", name="file_hash_is_sha256"),
    )

    pilot_id: int = Field(foreign_key="pilot.id", index=True)
    kind: EvidenceKind = Field(sa_type=enum_column(EvidenceKind))
    title: str = Field(max_length=300)
    issuer: str = Field(default="", max_length=200, description="Who issued it, as printed on it.")
    issuer_organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    number: str = Field(default="", max_length=120)
    issued_on: date | None = None
    valid_until_on: date | None = Field(default=None, description="Last day on which it counts.")
    period_from_on: date | None = None
    period_to_on: date | None = None
    amount_fen: int | None = Field(
        default=None, sa_type=sa.BigInteger, description="Sum on a contract or invoice."
    )
    file_name: str = Field(max_length=255, description="As uploaded; shown, never used as a path.")
    file_hash: str = Field(max_length=64, description="SHA-256 of the bytes, hex.")
    file_size: int
    media_type: str = Field(max_length=120)
    uploaded_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    replaces_id: int | None = Field(default=None, foreign_key="evidence.id", unique=True)
    checked_at: datetime | None = moment()
    rejected_at: datetime | None = moment()
    check_note: str = Field(default="", max_length=500)

    pilot: Pilot = Relationship()

    def check(self, now: datetime, *, note: str = "") -> None:
        """Somebody entitled to it read the document and found it in order."""
        if self.rejected_at is not None or self.checked_at is not None:
            raise InvalidTransition("这份材料已经核过。")
        self.checked_at, self.check_note = now, note

    def reject(self, now: datetime, *, note: str) -> None:
        """Somebody entitled to it read the document and found it wanting."""
        if self.rejected_at is not None or self.checked_at is not None:
            raise InvalidTransition("这份材料已经核过。")
        self.rejected_at, self.check_note = now, note

    def is_valid_on(self, on: date) -> bool:
        """Whether it was issued by that day, has not run out and was not rejected."""
        issued = self.issued_on is None or self.issued_on <= on
        lasting = self.valid_until_on is None or on <= self.valid_until_on
        return issued and lasting and self.rejected_at is None


def pilot_evidence(session: Session, pilot_id: int) -> list[Evidence]:
    """The documents of a pilot that were not replaced, oldest first."""
    replaced = select(Evidence.replaces_id).where(col(Evidence.replaces_id).is_not(None))
    statement = select(Evidence).where(col(Evidence.pilot_id) == pilot_id, col(Evidence.id).not_in(replaced))
    return list(session.exec(statement.order_by(col(Evidence.id))))


def get_evidence(session: Session, evidence_id: int, *, pilot_id: int) -> Evidence:
    """A document of this pilot; NotFound otherwise."""
    row = find_row(session, Evidence, evidence_id)
    if row is None or row.pilot_id != pilot_id:
        raise NotFound("没有这份材料。")
    return row
