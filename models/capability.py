"""Capabilities (能力清单): what a firm says it can do; several per firm, each with its cases."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, UtcDateTime, enum_column, find_row, moment, utcnow
from models.errors import InvalidTransition, NotFound
from models.organisation import Organisation

if TYPE_CHECKING:
    from models.proof import Proof


class Maturity(StrEnum):
    """How far it has come: idea, prototype (样机), pilot (试用), commercial (商用)."""

    IDEA = "idea"
    PROTOTYPE = "prototype"
    PILOT = "pilot"
    COMMERCIAL = "commercial"


class CapabilityStatus(StrEnum):
    """Derived: draft until listed, then listed, paused (taken down for a while) or withdrawn for good."""

    DRAFT = "draft"
    LISTED = "listed"
    UNLISTED = "unlisted"
    WITHDRAWN = "withdrawn"


class Capability(Table, table=True):
    """One thing a firm can do. Written by the firm or by import; only listed ones are matched."""

    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "external_id"),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity_not_negative"),
        sa.CheckConstraint("weeks IS NULL OR weeks >= 0", name="weeks_not_negative"),
        sa.CheckConstraint("lang IN ('zh', 'en')", name="lang_known"),
        sa.CheckConstraint("unlisted_at IS NULL OR listed_at IS NOT NULL", name="unlisted_was_listed"),
    )

    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    external_id: str | None = Field(
        default=None, max_length=120, description="Id in the file it was imported from."
    )
    title: str = Field(max_length=300)
    text: str = Field(sa_type=sa.Text, description="What it does, in the firm's words.")
    lang: str = Field(default="zh", max_length=2)
    industries: list[str] = Field(default=[], sa_type=sa.JSON)
    technologies: list[str] = Field(default=[], sa_type=sa.JSON)
    deployment: list[str] = Field(default=[], sa_type=sa.JSON, description="Empty when the firm did not say.")
    data_needed: str = Field(default="", sa_type=sa.Text)
    filings: list[str] = Field(default=[], sa_type=sa.JSON, description="Codes such as algorithm_filing.")
    maturity: Maturity | None = Field(default=None, sa_type=enum_column(Maturity))
    capacity: int | None = Field(
        default=None, description="Pilots it can still take; None when the firm did not say."
    )
    weeks: int | None = Field(default=None, description="Weeks to deliver.")
    price_note: str = Field(default="", max_length=300)
    url: str | None = Field(default=None, max_length=500)
    is_demo: bool = Field(default=False)
    updated_at: datetime = Field(default_factory=utcnow, sa_type=UtcDateTime)
    listed_at: datetime | None = moment(index=True)
    unlisted_at: datetime | None = moment()
    withdrawn_at: datetime | None = moment(description="Taken down for good by its firm.")
    revision: int = Field(
        default=1,
        sa_column_kwargs={"server_default": "1"},
        description="Goes up with each change of the text; a save names the one it was made on.",
    )
    working: dict[str, Any] | None = Field(
        default=None,
        sa_type=sa.JSON(none_as_null=True),
        description="What the firm is changing while the listed text stays as it is (models/capability_edit.py).",
    )
    lapsed_filings: list[str] = Field(
        default=[],
        sa_type=sa.JSON,
        sa_column_kwargs={"server_default": "[]"},
        description="Those of `filings` whose proof expired; matching leaves them out (models/proof.py).",
    )

    organisation: Organisation = Relationship()
    cases: list["CapabilityCase"] = Relationship(
        back_populates="capability",
        sa_relationship_kwargs={"order_by": "CapabilityCase.position", "cascade": "all, delete-orphan"},
    )

    proofs: list["Proof"] = Relationship(
        back_populates="capability",
        sa_relationship_kwargs={"order_by": "Proof.id", "cascade": "all, delete-orphan"},
    )

    @property
    def standing_filings(self) -> list[str]:
        """The filings that count: declared or proved, and not expired."""
        return [code for code in self.filings if code not in self.lapsed_filings]

    @property
    def status(self) -> CapabilityStatus:
        """draft, listed, unlisted or withdrawn, from the timestamps."""
        if self.withdrawn_at is not None:
            return CapabilityStatus.WITHDRAWN
        if self.unlisted_at is not None:
            return CapabilityStatus.UNLISTED
        return CapabilityStatus.DRAFT if self.listed_at is None else CapabilityStatus.LISTED

    def list_publicly(self, now: datetime) -> None:
        """Let it be matched. Raises InvalidTransition if it is listed, or withdrawn for good."""
        if self.status is CapabilityStatus.LISTED:
            raise InvalidTransition("这项能力已经入库。")
        if self.status is CapabilityStatus.WITHDRAWN:
            raise InvalidTransition("这项能力已经撤下，不能再入库。")
        self.listed_at, self.unlisted_at = now, None

    def unlist(self, now: datetime) -> None:
        """Take it down: it leaves every recommendation at the next look. Raises InvalidTransition if not listed."""
        if self.status is not CapabilityStatus.LISTED:
            raise InvalidTransition("只有已入库的能力可以下架。")
        self.unlisted_at = now

    def withdraw(self, now: datetime) -> None:
        """Take it down for good. InvalidTransition for a draft, which is deleted instead, and a second time."""
        if self.status is CapabilityStatus.DRAFT:
            raise InvalidTransition("草稿不用撤下，可以删除。")
        if self.status is CapabilityStatus.WITHDRAWN:
            raise InvalidTransition("这项能力已经撤下。")
        self.withdrawn_at, self.unlisted_at = now, self.unlisted_at or now


class CapabilityCase(Table, table=True):
    """One place where the capability has been used; confirmed when the customer said so."""

    __tablename__ = "capability_case"
    __table_args__ = (
        sa.UniqueConstraint("capability_id", "position"),
        sa.CheckConstraint("position > 0", name="position_from_one"),
    )

    capability_id: int = Field(foreign_key="capability.id", index=True)
    position: int
    customer: str = Field(default="", max_length=200)
    text: str = Field(default="", sa_type=sa.Text)
    metric: str = Field(default="", max_length=300)
    on: date | None = None
    confirmed_at: datetime | None = moment()

    capability: Capability = Relationship(back_populates="cases")


def listed() -> Any:
    """The SQL condition "may be matched": listed, and its firm approved and not suspended (join Organisation)."""
    return sa.and_(
        col(Capability.listed_at).is_not(None),
        col(Capability.unlisted_at).is_(None),
        col(Organisation.approved_at).is_not(None),
        col(Organisation.suspended_at).is_(None),
    )


def listed_capabilities(session: Session) -> list[Capability]:
    """Every capability that may be matched, by id."""
    statement = select(Capability).join(Organisation).where(listed()).order_by(col(Capability.id))
    return list(session.exec(statement))


def listed_firms(session: Session) -> list[Organisation]:
    """Firms that have something listed and may be matched, by name."""
    firms = select(Capability.organisation_id).join(Organisation).where(listed())
    statement = select(Organisation).where(col(Organisation.id).in_(firms))
    return list(session.exec(statement.order_by(col(Organisation.name), col(Organisation.id))))


def organisation_capabilities(session: Session, organisation_id: int) -> list[Capability]:
    """All capabilities of a firm, by id."""
    statement = select(Capability).where(col(Capability.organisation_id) == organisation_id)
    return list(session.exec(statement.order_by(col(Capability.id))))


def get_capability(session: Session, capability_id: int, *, organisation_id: int) -> Capability:
    """A capability of this firm. NotFound when it does not exist or is another's."""
    row = find_row(session, Capability, capability_id)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound("没有这项能力。")
    return row
