"""Units that posted nothing while a batch collects, for the reminder before its window shuts."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.batch import Batch, planned_batches
from models.organisation import Organisation, OrganisationKind
from models.scenario import Scenario
from models.user import Role, User, UserRole

REMIND_AHEAD = timedelta(days=7)
"""A week before the window shuts: time to write, and late enough that most have answered on their own."""

POSTING = (OrganisationKind.AGENCY, OrganisationKind.ENTERPRISE)


def collecting_batches(session: Session, *, on: date) -> list[Batch]:
    """The batches whose window is open on that day and shuts within REMIND_AHEAD, by release."""
    return [
        batch
        for batch in planned_batches(session)
        if batch.collects_on(on)
        and batch.collects_until_on is not None
        and batch.collects_until_on - on <= REMIND_AHEAD
    ]


def has_posted(session: Session, organisation_id: int, *, since: datetime) -> bool:
    """Whether it handed in or published a scenario since that moment."""
    statement = sa.select(
        sa.exists().where(
            col(Scenario.organisation_id) == organisation_id,
            col(Scenario.withdrawn_at).is_(None),
            sa.or_(col(Scenario.submitted_at) >= since, col(Scenario.published_at) >= since),
        )
    )
    return bool(session.execute(statement).scalar())


def silent_units(session: Session, batch: Batch, *, since: datetime) -> list[Organisation]:
    """The active organisations that post, have a person who may, and posted nothing since then; by id.

    since: the moment its window opened. A batch of one district asks the units of that district.
    """
    has_person = sa.exists().where(
        col(User.organisation_id) == col(Organisation.id),
        col(User.locked_at).is_(None),
        col(UserRole.user_id) == col(User.id),
        col(UserRole.role) == Role.AGENCY,
    )
    statement = select(Organisation).where(
        col(Organisation.kind).in_(POSTING),
        col(Organisation.approved_at).is_not(None),
        col(Organisation.suspended_at).is_(None),
        has_person,
    )
    if batch.district_id is not None:
        statement = statement.where(col(Organisation.district_id) == batch.district_id)
    rows = session.exec(statement.order_by(col(Organisation.id)))
    return [row for row in rows if not has_posted(session, row.key, since=since)]
