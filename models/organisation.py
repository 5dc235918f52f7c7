"""Organisations: who posts scenarios and who offers capabilities."""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, func, select

from models.base import Table, enum_column, find_row, moment
from models.errors import InvalidTransition, NotFound
from models.place import District


class OrganisationKind(StrEnum):
    """What an organisation is; agencies and enterprises post, startups and universities mostly answer."""

    AGENCY = "agency"
    ENTERPRISE = "enterprise"
    STARTUP = "startup"
    UNIVERSITY = "university"
    SERVICE_CENTRE = "service_centre"


class OrganisationStatus(StrEnum):
    """Derived: pending until approved or refused, active, or suspended."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REFUSED = "refused"


class Organisation(Table, table=True):
    """An agency, a firm, a university. Made by import, seeding or sign-up; suspended rather than deleted."""

    __table_args__ = (
        sa.UniqueConstraint("kind", "external_id"),
        sa.CheckConstraint("team_size IS NULL OR team_size > 0", name="team_size_positive"),
    )

    name: str = Field(max_length=200, index=True)
    name_en: str = Field(default="", max_length=200)
    kind: OrganisationKind = Field(sa_type=enum_column(OrganisationKind))
    external_id: str | None = Field(
        default=None, max_length=120, description="Id in the file it was imported from."
    )
    credit_code: str | None = Field(default=None, max_length=18, unique=True, description="统一社会信用代码.")
    district_id: int | None = Field(default=None, foreign_key="district.id", index=True)
    community_id: int | None = Field(default=None, foreign_key="community.id", index=True)
    team_size: int | None = Field(
        default=None, description="People; None when unknown, 1 for a one-person company."
    )
    founded_on: date | None = Field(default=None)
    url: str | None = Field(default=None, max_length=500)
    is_demo: bool = Field(default=False, description="Seeded for demonstration; marked on every page.")
    approved_at: datetime | None = moment(description="When an operator let it in.")
    suspended_at: datetime | None = moment(description="Since when it may do nothing.")
    requested_at: datetime | None = moment(description="When it asked to be let in; empty for imported ones.")
    refused_at: datetime | None = moment(description="When an operator refused it.")
    refused_reason: str | None = Field(default=None, max_length=500, description="As it was mailed.")

    district: District | None = Relationship()

    @property
    def status(self) -> OrganisationStatus:
        """From the timestamps; `in_organisation_state` is the SQL twin."""
        if self.suspended_at is not None:
            return OrganisationStatus.SUSPENDED
        if self.refused_at is not None:
            return OrganisationStatus.REFUSED
        return OrganisationStatus.PENDING if self.approved_at is None else OrganisationStatus.ACTIVE

    @property
    def is_one_person(self) -> bool:
        """Whether it is known to be a one-person company (一人公司)."""
        return self.team_size == 1

    def approve(self, now: datetime) -> None:
        """Let a pending organisation in. Raises InvalidTransition if it is not pending."""
        if self.status is not OrganisationStatus.PENDING:
            raise InvalidTransition("只有待审的机构可以批准。")
        self.approved_at = now

    def refuse(self, now: datetime, *, reason: str) -> None:
        """Turn a pending organisation away. Raises InvalidTransition if it is not pending."""
        if self.status is not OrganisationStatus.PENDING:
            raise InvalidTransition("只有待审的机构可以退回。")
        self.refused_at, self.refused_reason = now, reason

    def ask_again(self, now: datetime) -> None:
        """A refused organisation asks once more. Raises InvalidTransition if it is not refused."""
        if self.status is not OrganisationStatus.REFUSED:
            raise InvalidTransition("只有退回过的机构可以重新申请。")
        self.requested_at, self.refused_at, self.refused_reason = now, None, None

    def suspend(self, now: datetime) -> None:
        """Stop an organisation at once. Raises InvalidTransition if it is suspended already."""
        if self.suspended_at is not None:
            raise InvalidTransition("这个机构已经停用。")
        self.suspended_at = now

    def reinstate(self) -> None:
        """Let a suspended organisation act again. Raises InvalidTransition if it is not suspended."""
        if self.suspended_at is None:
            raise InvalidTransition("这个机构没有停用。")
        self.suspended_at = None


def in_organisation_state(status: OrganisationStatus) -> Any:
    """The SQL condition "is in this state", the twin of Organisation.status."""
    suspended = col(Organisation.suspended_at).is_not(None)
    refused = col(Organisation.refused_at).is_not(None)
    approved = col(Organisation.approved_at).is_not(None)
    return {
        OrganisationStatus.SUSPENDED: suspended,
        OrganisationStatus.REFUSED: sa.and_(~suspended, refused),
        OrganisationStatus.PENDING: sa.and_(~suspended, ~refused, ~approved),
        OrganisationStatus.ACTIVE: sa.and_(~suspended, ~refused, approved),
    }[status]


def get_organisation(session: Session, organisation_id: int) -> Organisation:
    """The organisation; NotFound if there is none."""
    row = find_row(session, Organisation, organisation_id)
    if row is None:
        raise NotFound("没有这个机构。")
    return row


def find_organisation(session: Session, name: str, *, kinds: list[OrganisationKind]) -> Organisation | None:
    """The oldest organisation of one of these kinds with exactly this name, or None."""
    statement = select(Organisation).where(col(Organisation.name) == name, col(Organisation.kind).in_(kinds))
    return session.exec(statement.order_by(col(Organisation.id))).first()


def find_by_credit_code(session: Session, credit_code: str) -> Organisation | None:
    """The organisation with this code, in its normal form, or None."""
    return session.exec(select(Organisation).where(col(Organisation.credit_code) == credit_code)).first()


def count_organisations(
    session: Session, *, district_ids: Collection[int] | None = None
) -> dict[OrganisationStatus, int]:
    """How many there are in each state; district_ids: of these districts only, None for all."""
    counts = {}
    for status in OrganisationStatus:
        statement = select(func.count()).select_from(Organisation).where(in_organisation_state(status))
        counts[status] = session.exec(_within(statement, district_ids)).one()
    return counts


def search_organisations(
    session: Session,
    status: OrganisationStatus,
    words: str = "",
    *,
    district_ids: Collection[int] | None = None,
) -> list[Organisation]:
    """Those in a state whose name (in either language) or code holds the words, whoever asked last first."""
    statement = select(Organisation).where(in_organisation_state(status))
    if words:
        columns = (Organisation.name, Organisation.name_en, Organisation.credit_code)
        statement = statement.where(
            sa.or_(*(col(each).icontains(words, autoescape=True) for each in columns))
        )
    newest = func.coalesce(Organisation.requested_at, Organisation.created_at).desc()
    return list(session.exec(_within(statement, district_ids).order_by(newest, col(Organisation.id).desc())))


def _within(statement: Any, district_ids: Collection[int] | None) -> Any:
    if district_ids is None:
        return statement
    return statement.where(col(Organisation.district_id).in_(district_ids))
