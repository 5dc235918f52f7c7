"""Addenda: what changed after publication and why. The published text stays as it is; an addendum stands beside it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table
from models.bid import Bid
from models.errors import InvalidTransition
from models.i18n import N_
from models.match import Match
from models.scenario import Scenario, ScenarioStatus
from models.user import User

MAX_WHAT = 2000
MAX_WHY = 1000


class Addendum(Table, table=True):
    """One addendum of one scenario. Made by its agency, public at once, never changed and never taken away."""

    __table_args__ = (
        sa.UniqueConstraint("scenario_id", "serial"),
        sa.CheckConstraint("what <> '' AND why <> ''", name="says_what_and_why"),
    )

    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    serial: int = Field(description="From 1, by scenario.")
    what: str = Field(sa_type=sa.Text, description="What is different from now on.")
    why: str = Field(sa_type=sa.Text)
    issued_by_user_id: int | None = Field(default=None, foreign_key="user.id")

    scenario: Scenario = Relationship()


def issue_addendum(  # noqa: PLR0913  (columns of the row)
    session: Session, scenario: Scenario, *, what: str, why: str, by: User, now: datetime
) -> Addendum:
    """Add to a published scenario. InvalidTransition for one that is not public, or closed."""
    if scenario.status is not ScenarioStatus.PUBLISHED:
        raise InvalidTransition(N_("只有公开、没有结束的场景可以发变更说明。"))
    row = Addendum(
        created_at=now,
        scenario_id=scenario.key,
        serial=len(list_addenda(session, scenario.key)) + 1,
        what=what,
        why=why,
        issued_by_user_id=by.key,
    )
    session.add(row)
    session.flush()
    return row


def list_addenda(session: Session, scenario_id: int) -> list[Addendum]:
    """The addenda of a scenario, oldest first."""
    statement = select(Addendum).where(col(Addendum.scenario_id) == scenario_id)
    return list(session.exec(statement.order_by(col(Addendum.serial))))


def concerned_firms(session: Session, scenario_id: int) -> list[int]:
    """The ids of the firms an addendum concerns, in order: invited, interested or introduced, and nobody said no; and
    those that write or handed in a proposal which is neither withdrawn nor decided.
    """
    writing = select(Bid.organisation_id).where(
        col(Bid.scenario_id) == scenario_id,
        col(Bid.withdrawn_at).is_(None),
        col(Bid.selected_at).is_(None),
        col(Bid.not_selected_at).is_(None),
    )
    statement = select(Match.organisation_id).where(
        col(Match.scenario_id) == scenario_id,
        sa.or_(col(Match.invited_at).is_not(None), col(Match.interested_at).is_not(None)),
        sa.or_(
            col(Match.introduced_at).is_not(None),
            sa.and_(col(Match.declined_at).is_(None), col(Match.dismissed_at).is_(None)),
        ),
    )
    return sorted({*session.exec(statement), *session.exec(writing)})
