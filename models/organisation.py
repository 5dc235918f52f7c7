"""Organisations: who posts scenarios and who offers capabilities."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, enum_column, find_row, moment
from models.errors import InvalidTransition, NotFound


class OrganisationKind(StrEnum):
    """What an organisation is; agencies and enterprises post, startups and universities mostly answer."""

    AGENCY = "agency"
    ENTERPRISE = "enterprise"
    STARTUP = "startup"
    UNIVERSITY = "university"
    SERVICE_CENTRE = "service_centre"


class OrganisationStatus(StrEnum):
    """Derived: pending until approved, active, or suspended."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"


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

    @property
    def status(self) -> OrganisationStatus:
        """pending, active or suspended, from the two timestamps."""
        if self.suspended_at is not None:
            return OrganisationStatus.SUSPENDED
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

    def suspend(self, now: datetime) -> None:
        """Stop an organisation at once. Raises InvalidTransition if it is suspended already."""
        if self.suspended_at is not None:
            raise InvalidTransition("这个机构已经停用。")
        self.suspended_at = now


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
