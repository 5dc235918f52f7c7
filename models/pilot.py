"""Pilots (试点应用): a match put to work, from plan to real use.

Life: planned → agreed → running → in use → accepted, or stopped on the way. A pilot cannot be agreed without a
success metric, a decision owner and a decision date: most pilots that die do so because nobody had to decide.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, find_row, moment
from models.capability import Capability
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.i18n import N_
from models.match import Match
from models.organisation import Organisation
from models.scenario import Scenario

EASTMOST = timedelta(hours=14)
"""Offset of the zone in which days begin first: a day that has not begun there has begun nowhere."""


class PilotStatus(StrEnum):
    """Derived from timestamps."""

    PLANNED = "planned"
    AGREED = "agreed"
    RUNNING = "running"
    IN_USE = "in_use"
    ACCEPTED = "accepted"
    STOPPED = "stopped"


class Pilot(Table, table=True):
    """One pilot, born from one introduced match. The agency writes it; both sides read it."""

    __table_args__ = (
        sa.CheckConstraint(
            "agreed_at IS NULL OR (success_metric <> '' AND decision_owner <> '' AND decision_on IS NOT NULL)",
            name="agreed_has_metric_owner_date",
        ),
        sa.CheckConstraint(
            "in_use_at IS NULL OR (go_live_on IS NOT NULL AND n_users IS NOT NULL AND n_users > 0)",
            name="in_use_has_users",
        ),
        sa.CheckConstraint("budget_fen IS NULL OR budget_fen >= 0", name="budget_not_negative"),
        sa.CheckConstraint(
            "(started_at IS NULL OR agreed_at IS NOT NULL) AND (in_use_at IS NULL OR started_at IS NOT NULL)"
            " AND (accepted_at IS NULL OR in_use_at IS NOT NULL)",
            name="steps_in_order",
        ),
        sa.CheckConstraint(
            "stopped_at IS NULL OR (accepted_at IS NULL AND stop_reason <> '')", name="stopped_has_reason"
        ),
    )

    match_id: int = Field(foreign_key="match.id", unique=True)
    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True, description="The firm.")
    capability_id: int = Field(foreign_key="capability.id", index=True)
    title: str = Field(max_length=300)
    scope: str = Field(default="", sa_type=sa.Text)
    success_metric: str = Field(default="", max_length=300)
    baseline: str = Field(default="", max_length=200)
    target: str = Field(default="", max_length=200)
    decision_owner: str = Field(default="", max_length=120)
    decision_on: date | None = Field(default=None, index=True)
    data_terms: str = Field(default="", sa_type=sa.Text)
    budget_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    starts_on: date | None = None
    ends_on: date | None = None
    go_live_on: date | None = None
    n_users: int | None = None
    usage_note: str = Field(default="", sa_type=sa.Text)
    is_demo: bool = Field(default=False)
    agreed_at: datetime | None = moment()
    started_at: datetime | None = moment()
    in_use_at: datetime | None = moment(index=True)
    accepted_at: datetime | None = moment()
    stopped_at: datetime | None = moment()
    stop_reason: str = Field(default="", max_length=500)
    voucher_programmes: list[str] = Field(
        default_factory=list,
        sa_type=sa.JSON,
        sa_column_kwargs={"server_default": "[]"},
        description="Programmes of vouchers the plan counts on, by their codes.",
    )

    match: Match = Relationship()
    scenario: Scenario = Relationship()
    organisation: Organisation = Relationship()
    capability: Capability = Relationship()

    @property
    def status(self) -> PilotStatus:
        """The state, from the latest fact."""
        if self.stopped_at is not None:
            return PilotStatus.STOPPED
        steps = (
            (self.accepted_at, PilotStatus.ACCEPTED),
            (self.in_use_at, PilotStatus.IN_USE),
            (self.started_at, PilotStatus.RUNNING),
            (self.agreed_at, PilotStatus.AGREED),
        )
        return next((status for at, status in steps if at is not None), PilotStatus.PLANNED)

    def agree(self, now: datetime) -> None:
        """Both sides signed. InvalidInput names what is missing among metric, owner and decision date."""
        self._refuse_unless(PilotStatus.PLANNED, N_("只有计划中的试点可以签订。"))
        missing: dict[str, str] = {}
        if not self.success_metric.strip():
            missing["success_metric"] = N_("成效指标：要写清用什么数衡量。")
        if not self.decision_owner.strip():
            missing["decision_owner"] = N_("决定人：要写清谁来决定去留。")
        if self.decision_on is None:
            missing["decision_on"] = N_("决定日期：要写清哪天决定。")
        if missing:
            raise InvalidInput("试点还不能签订，缺成效指标、决定人或决定日期。", fields=missing)
        self.agreed_at = now

    def start(self, now: datetime) -> None:
        """Work begins."""
        self._refuse_unless(PilotStatus.AGREED, N_("只有已签订的试点可以开始。"))
        self.started_at = now

    def put_in_use(self, now: datetime, *, go_live_on: date, n_users: int, usage_note: str = "") -> None:
        """The product works in the real process, with users, since `go_live_on` (today or earlier).

        Which day it is depends on the zone, which a form knows: refused here is only what is tomorrow everywhere.
        """
        self._refuse_unless(PilotStatus.RUNNING, N_("只有试用中的试点可以转为投入使用。"))
        fields: dict[str, str] = {}
        if go_live_on > (now.astimezone(UTC) + EASTMOST).date():
            fields["go_live_on"] = N_("上线日期不能晚于今天。")
        if n_users <= 0:
            fields["n_users"] = N_("使用人数要大于 0。")
        if fields:
            raise InvalidInput("投入使用的记录有误。", fields=fields)
        self.in_use_at, self.go_live_on, self.n_users = now, go_live_on, n_users
        self.usage_note = usage_note.strip()

    def accept(self, now: datetime) -> None:
        """Accepted (验收通过) by the scenario's owner."""
        self._refuse_unless(PilotStatus.IN_USE, N_("只有投入使用的试点可以验收。"))
        self.accepted_at = now

    def stop(self, now: datetime, *, reason: str) -> None:
        """End it before acceptance, with the reason."""
        if self.status in (PilotStatus.ACCEPTED, PilotStatus.STOPPED):
            raise InvalidTransition("试点已经结束。")
        if not reason.strip():
            raise InvalidInput("终止试点要写原因。", fields={"stop_reason": N_("要写原因。")})
        self.stopped_at, self.stop_reason = now, reason.strip()

    def _refuse_unless(self, allowed: PilotStatus, message: str) -> None:
        if self.status is not allowed:
            raise InvalidTransition(message)


def make_pilot(match: Match, capability: Capability, *, title: str) -> Pilot:
    """A planned pilot, not yet saved. InvalidTransition if the two sides were not introduced."""
    if match.introduced_at is None:
        raise InvalidTransition("双方对接之后才能建试点。")
    if match.scenario.published_at is None:
        raise InvalidTransition("场景还没有发布，不能建试点。")
    if capability.organisation_id != match.organisation_id:
        raise InvalidInput("这项能力不属于这家企业。")
    return Pilot(
        match_id=match.key,
        scenario_id=match.scenario_id,
        organisation_id=match.organisation_id,
        capability_id=capability.key,
        title=title,
    )


def find_pilot(session: Session, match_id: int) -> Pilot | None:
    """The pilot of a match, or None."""
    return session.exec(select(Pilot).where(col(Pilot.match_id) == match_id)).first()


def get_pilot(session: Session, pilot_id: int, *, organisation_id: int | None) -> Pilot:
    """A pilot to which this organisation is a party; NotFound otherwise. None: any, for officers."""
    row = find_row(session, Pilot, pilot_id)
    if row is None:
        raise NotFound("没有这个试点。")
    if organisation_id is not None and organisation_id not in (
        row.organisation_id,
        row.scenario.organisation_id,
    ):
        raise NotFound("没有这个试点。")
    return row


def organisation_pilots(session: Session, organisation_id: int) -> list[Pilot]:
    """Pilots to which the organisation is a party, newest first."""
    statement = (
        select(Pilot)
        .join(Scenario, col(Scenario.id) == col(Pilot.scenario_id))
        .where(
            (col(Pilot.organisation_id) == organisation_id)
            | (col(Scenario.organisation_id) == organisation_id)
        )
        .order_by(col(Pilot.id).desc())
    )
    return list(session.exec(statement))


def pilots_in_use(session: Session) -> list[Pilot]:
    """Pilots that reached real use and were not stopped, accepted ones included, by id."""
    statement = select(Pilot).where(col(Pilot.in_use_at).is_not(None), col(Pilot.stopped_at).is_(None))
    return list(session.exec(statement.order_by(col(Pilot.id))))
