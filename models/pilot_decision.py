"""What was decided about a pilot (去留决定): scale, extend to another day, or stop; and which ones nobody decided.

A pilot whose decision date passes without any of it is in purgatory: it costs both sides and ends nowhere.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, enum_column
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_
from models.pilot import Pilot, PilotStatus

UNDECIDED = (PilotStatus.AGREED, PilotStatus.RUNNING, PilotStatus.IN_USE)


class Outcome(StrEnum):
    """推广 scale, 延期 extend, 终止 stop."""

    SCALE = "scale"
    EXTEND = "extend"
    STOP = "stop"


class PilotDecision(Table, table=True):
    """One decision. Appended; an extension names the next day, which becomes the pilot's."""

    __tablename__ = "pilot_decision"
    __table_args__ = (
        sa.CheckConstraint("(outcome = 'extend') = (next_decision_on IS NOT NULL)", name="extended_to_a_day"),
        sa.CheckConstraint("decided_by <> '' AND note <> ''", name="by_somebody_for_a_reason"),
    )

    pilot_id: int = Field(foreign_key="pilot.id", index=True)
    outcome: Outcome = Field(sa_type=enum_column(Outcome))
    decided_on: date
    decided_by: str = Field(max_length=120)
    note: str = Field(max_length=500)
    next_decision_on: date | None = None
    recorded_by_user_id: int | None = Field(default=None, foreign_key="user.id")


def decide_pilot(
    session: Session, pilot: Pilot, decision: PilotDecision, *, now: datetime, today: date
) -> None:
    """Keep a decision and do what it says: stop the pilot, or move its decision date.

    InvalidTransition for a pilot that has ended, or is scaled before it is in use. InvalidInput for days out of order.
    """
    if pilot.status not in (*UNDECIDED, PilotStatus.ACCEPTED):
        raise InvalidTransition("已签、没有终止的试点才谈得上去留。")
    if decision.outcome is Outcome.SCALE and pilot.status not in (PilotStatus.IN_USE, PilotStatus.ACCEPTED):
        raise InvalidTransition("投入使用之后才能推广。")
    _check_days(decision, today)
    if decision.outcome is Outcome.STOP:
        pilot.stop(now, reason=decision.note)
    elif decision.outcome is Outcome.EXTEND:
        pilot.decision_on = decision.next_decision_on
    if decision.outcome is not Outcome.EXTEND:
        decision.next_decision_on = None
    session.add(decision)
    session.flush()


def _check_days(decision: PilotDecision, today: date) -> None:
    fields: dict[str, str] = {}
    if decision.decided_on > today:
        fields["decided_on"] = N_("还没到那天。")
    following = decision.next_decision_on
    if decision.outcome is Outcome.EXTEND and (following is None or following <= today):
        fields["next_decision_on"] = N_("延期要写今天以后的一个决定日期。")
    if fields:
        raise InvalidInput("去留决定有几处要改。", fields=fields)


def pilot_decisions(session: Session, pilot_id: int) -> list[PilotDecision]:
    """The decisions about a pilot, the first one first."""
    statement = select(PilotDecision).where(col(PilotDecision.pilot_id) == pilot_id)
    return list(session.exec(statement.order_by(col(PilotDecision.id))))


def is_scaled(session: Session, pilot_id: int) -> bool:
    """Whether somebody decided to scale it."""
    return any(row.outcome is Outcome.SCALE for row in pilot_decisions(session, pilot_id))


def undecided_pilots(session: Session, on: date) -> list[int]:
    """The ids of pilots in purgatory: signed, their decision date before `on`, neither accepted, stopped nor scaled."""
    scaled = select(PilotDecision.pilot_id).where(col(PilotDecision.outcome) == Outcome.SCALE)
    statement = select(Pilot.id).where(
        col(Pilot.agreed_at).is_not(None),
        col(Pilot.accepted_at).is_(None),
        col(Pilot.stopped_at).is_(None),
        col(Pilot.decision_on) < on,
        col(Pilot.id).not_in(scaled),
    )
    return [pilot_id for pilot_id in session.exec(statement.order_by(col(Pilot.id))) if pilot_id is not None]
