"""The usage log (使用记录) of a pilot: for each period how many used it, for how much, and what the metric was."""

from datetime import date, tzinfo

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_
from models.pilot import Pilot, PilotStatus
from models.user import User

LOGGED = (PilotStatus.RUNNING, PilotStatus.IN_USE, PilotStatus.ACCEPTED)


class UsageEntry(Table, table=True):
    """One period. Written by either side, never changed: the use report is drawn up from it."""

    __tablename__ = "usage_entry"
    __table_args__ = (
        sa.CheckConstraint("from_on <= to_on", name="period_in_order"),
        sa.CheckConstraint("n_users > 0", name="somebody_used_it"),
        sa.CheckConstraint("volume >= 0", name="volume_not_negative"),
    )

    pilot_id: int = Field(foreign_key="pilot.id", index=True)
    from_on: date
    to_on: date = Field(description="Last day, included.")
    n_users: int
    volume: int = Field(sa_type=sa.BigInteger, description="How many units of work went through it.")
    unit: str = Field(max_length=40, description="What is counted, e.g. 件工单.")
    metric_value: str = Field(default="", max_length=200, description="What the success metric was.")
    issues: str = Field(default="", sa_type=sa.Text)
    logged_by_user_id: int | None = Field(default=None, foreign_key="user.id")


def add_usage(  # noqa: PLR0913  (the parts of one period)
    session: Session, pilot: Pilot, entry: UsageEntry, *, by: User, today: date, zone: tzinfo
) -> UsageEntry:
    """Add a period to the log.

    InvalidTransition before the pilot runs; InvalidInput for a period that lies before it, ahead of today, or over one
    that is logged.
    """
    if pilot.status not in LOGGED or pilot.started_at is None:
        raise InvalidTransition("试点开始之后才能记使用情况。")
    fields: dict[str, str] = {}
    if entry.from_on < pilot.started_at.astimezone(zone).date():
        fields["from_on"] = N_("早于试点开始的那天。")
    if entry.to_on > today:
        fields["to_on"] = N_("还没到那天。")
    if entry.to_on < entry.from_on:
        fields["to_on"] = N_("不能早于期间开始。")
    if any(
        row.from_on <= entry.to_on and entry.from_on <= row.to_on for row in pilot_usage(session, pilot.key)
    ):
        fields["from_on"] = N_("和已有的一段重叠，同一天只记一次。")
    if fields:
        raise InvalidInput("使用记录有几处要改。", fields=fields)
    entry.pilot_id, entry.logged_by_user_id = pilot.key, by.key
    session.add(entry)
    session.flush()
    return entry


def pilot_usage(session: Session, pilot_id: int) -> list[UsageEntry]:
    """The log of a pilot, the earliest period first."""
    statement = select(UsageEntry).where(col(UsageEntry.pilot_id) == pilot_id)
    return list(session.exec(statement.order_by(col(UsageEntry.from_on), col(UsageEntry.id))))
