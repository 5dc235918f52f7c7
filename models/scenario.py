"""Scenarios (场景需求) and their requirements: what an agency or a firm needs an AI solution for.

Life: draft → in review → (returned →) approved → published → closed, or withdrawn. Each arrow is a method; the
state is derived from the timestamps, and `published` is its SQL twin.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, UtcDateTime, enum_column, find_row, moment, utcnow
from models.batch import Batch
from models.errors import InvalidTransition, NotFound
from models.i18n import N_
from models.organisation import Organisation
from models.place import District


class ScenarioKind(StrEnum):
    """government (政务), industry (产业) or challenge (揭榜, an open call for a hard problem)."""

    GOVERNMENT = "government"
    INDUSTRY = "industry"
    CHALLENGE = "challenge"


class ScenarioStatus(StrEnum):
    """Derived from timestamps; never stored."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


DEPLOYMENTS = ("gov_cloud", "on_premise", "edge", "saas", "any")
"""Where a solution may run: 政务云, 本地机房, 端侧, SaaS, 不限."""


class Scenario(Table, table=True):
    """A need. Written by its organisation; a published text changes only by import or through its methods."""

    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "external_id"),
        sa.CheckConstraint("budget_min_fen IS NULL OR budget_min_fen >= 0", name="budget_min_not_negative"),
        sa.CheckConstraint(
            "budget_max_fen IS NULL OR budget_min_fen IS NULL OR budget_max_fen >= budget_min_fen",
            name="budget_in_order",
        ),
        sa.CheckConstraint("published_at IS NULL OR number IS NOT NULL", name="published_has_number"),
        sa.CheckConstraint("closed_at IS NULL OR published_at IS NOT NULL", name="closed_was_published"),
        sa.CheckConstraint("lang IN ('zh', 'en')", name="lang_known"),
    )

    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    batch_id: int | None = Field(default=None, foreign_key="batch.id", index=True)
    district_id: int | None = Field(default=None, foreign_key="district.id", index=True)
    external_id: str | None = Field(
        default=None, max_length=120, description="Id in the file it was imported from."
    )
    number: str | None = Field(
        default=None, max_length=60, unique=True, description="Public number, for permalinks."
    )
    title: str = Field(max_length=300)
    text: str = Field(sa_type=sa.Text, description="The need in its owner's words.")
    lang: str = Field(default="zh", max_length=2)
    kind: ScenarioKind = Field(default=ScenarioKind.GOVERNMENT, sa_type=enum_column(ScenarioKind))
    domain: str = Field(
        default="other", max_length=60, index=True, description="Code of the field, e.g. public_service."
    )
    volume_note: str = Field(default="", sa_type=sa.Text, description="Present process and volume.")
    metric: str = Field(default="", max_length=300, description="Outcome metric.")
    baseline: str = Field(default="", max_length=200)
    target: str = Field(default="", max_length=200)
    data_note: str = Field(default="", sa_type=sa.Text, description="Data available.")
    data_access: str = Field(default="", max_length=300)
    deployment: list[str] = Field(default=[], sa_type=sa.JSON, description="Codes from DEPLOYMENTS.")
    security_note: str = Field(default="", max_length=500)
    budget_min_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    budget_max_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    opens_on: date | None = None
    deadline_on: date | None = Field(
        default=None, index=True, description="Last day on which answers are taken."
    )
    pilot_from_on: date | None = None
    pilot_to_on: date | None = None
    acceptance: str = Field(default="", sa_type=sa.Text, description="How it will be accepted.")
    procurement_note: str = Field(default="", max_length=300)
    contact_name: str = Field(default="", max_length=120)
    contact_email: str = Field(default="", max_length=254)
    is_demo: bool = Field(default=False)
    updated_at: datetime = Field(default_factory=utcnow, sa_type=UtcDateTime)
    submitted_at: datetime | None = moment()
    returned_at: datetime | None = moment()
    approved_at: datetime | None = moment()
    published_at: datetime | None = moment(index=True)
    closed_at: datetime | None = moment()
    withdrawn_at: datetime | None = moment()
    site: str = Field(
        default="",
        max_length=300,
        sa_column_kwargs={"server_default": ""},
        description="Where the pilot runs.",
    )
    revision: int = Field(
        default=1,
        sa_column_kwargs={"server_default": "1"},
        description="Goes up with every change of a draft, so that two windows cannot overwrite each other.",
    )

    organisation: Organisation = Relationship()
    district: District | None = Relationship()
    batch: Batch | None = Relationship()
    requirements: list["Requirement"] = Relationship(
        back_populates="scenario",
        sa_relationship_kwargs={"order_by": "Requirement.position", "cascade": "all, delete-orphan"},
    )

    @property
    def status(self) -> ScenarioStatus:
        """The state, from the latest fact: withdrawn and closed are final."""
        if self.withdrawn_at is not None:
            return ScenarioStatus.WITHDRAWN
        if self.closed_at is not None:
            return ScenarioStatus.CLOSED
        if self.published_at is not None:
            return ScenarioStatus.PUBLISHED
        return self._status_before_publication()

    def _status_before_publication(self) -> ScenarioStatus:
        if self.approved_at is not None:
            return ScenarioStatus.APPROVED
        if self.returned_at is not None:
            return ScenarioStatus.RETURNED
        return ScenarioStatus.DRAFT if self.submitted_at is None else ScenarioStatus.IN_REVIEW

    def is_open(self, on: date) -> bool:
        """Whether answers are taken on that day: published, not closed, the deadline not past."""
        return self.status is ScenarioStatus.PUBLISHED and (
            self.deadline_on is None or self.deadline_on >= on
        )

    def submit(self, now: datetime) -> None:
        """Hand a draft, or a returned text, to review."""
        allowed = (ScenarioStatus.DRAFT, ScenarioStatus.RETURNED)
        self._refuse_unless(*allowed, message=N_("只有草稿和退回的场景可以提交审核。"))
        self.submitted_at, self.returned_at = now, None

    def return_for_changes(self, now: datetime) -> None:
        """Send a text in review back to its author."""
        self._refuse_unless(ScenarioStatus.IN_REVIEW, message=N_("只有审核中的场景可以退回。"))
        self.returned_at = now

    def approve(self, now: datetime) -> None:
        """Let a reviewed text wait for its batch."""
        self._refuse_unless(ScenarioStatus.IN_REVIEW, message=N_("只有审核中的场景可以通过。"))
        self.approved_at = now

    def reopen(self, now: datetime) -> None:
        """Send an approved text that still waits for its batch back to its author."""
        self._refuse_unless(ScenarioStatus.APPROVED, message=N_("只有等批次的场景可以撤回通过。"))
        self.returned_at, self.approved_at, self.batch_id = now, None, None

    def publish(self, now: datetime, *, number: str) -> None:
        """Show an approved text to everybody under its public number."""
        self._refuse_unless(ScenarioStatus.APPROVED, message=N_("只有审核通过的场景可以发布。"))
        self.number, self.published_at = number, now

    def close(self, now: datetime) -> None:
        """Take no more answers; the page stays."""
        self._refuse_unless(ScenarioStatus.PUBLISHED, message=N_("只有已发布的场景可以结束征集。"))
        self.closed_at = now

    def withdraw(self, now: datetime) -> None:
        """Take the scenario back, at any time before it is closed."""
        if self.status in (ScenarioStatus.CLOSED, ScenarioStatus.WITHDRAWN):
            raise InvalidTransition("已结束或已撤回的场景不能撤回。")
        self.withdrawn_at = now

    def _refuse_unless(self, *allowed: ScenarioStatus, message: str) -> None:
        if self.status not in allowed:
            raise InvalidTransition(message)


class Requirement(Table, table=True):
    """One testable statement of a scenario in the buyer's words; must or should. Replaced with its text."""

    __table_args__ = (
        sa.UniqueConstraint("scenario_id", "position"),
        sa.CheckConstraint("position > 0", name="position_from_one"),
    )

    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    position: int
    text: str = Field(sa_type=sa.Text)
    must: bool = Field(default=True)

    scenario: Scenario = Relationship(back_populates="requirements")


def published(on: date | None = None) -> Any:
    """The SQL condition "shown to everybody"; with a day, also "still open on that day" (twin of `is_open`)."""
    shown = sa.and_(col(Scenario.published_at).is_not(None), col(Scenario.withdrawn_at).is_(None))
    if on is None:
        return shown
    in_time = sa.or_(col(Scenario.deadline_on).is_(None), col(Scenario.deadline_on) >= on)
    return sa.and_(shown, col(Scenario.closed_at).is_(None), in_time)


def published_scenarios(session: Session) -> list[Scenario]:
    """Every published scenario that was not withdrawn, closed ones included, by id."""
    return list(session.exec(select(Scenario).where(published()).order_by(col(Scenario.id))))


def open_scenarios(session: Session, *, on: date) -> list[Scenario]:
    """The scenarios that take answers on that day, by id."""
    return list(session.exec(select(Scenario).where(published(on)).order_by(col(Scenario.id))))


def get_published_scenario(session: Session, number: str) -> Scenario:
    """The published scenario with this public number. NotFound for drafts and withdrawn ones alike."""
    row = session.exec(select(Scenario).where(col(Scenario.number) == number, published())).first()
    if row is None:
        raise NotFound("没有这个场景，或者它已经撤回。")
    return row


def get_scenario(session: Session, scenario_id: int, *, organisation_id: int) -> Scenario:
    """A scenario of this organisation. NotFound when it does not exist or is another's."""
    row = find_row(session, Scenario, scenario_id)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound("没有这个场景。")
    return row


def organisation_scenarios(session: Session, organisation_id: int) -> list[Scenario]:
    """All scenarios of an organisation, newest first."""
    statement = select(Scenario).where(col(Scenario.organisation_id) == organisation_id)
    return list(session.exec(statement.order_by(col(Scenario.id).desc())))
