"""Releasing a batch: at its moment every approved scenario in it becomes public under its number, all at once."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.audit import record
from models.batch import Batch
from models.batch_list import freeze_list
from models.errors import InvalidTransition
from models.i18n import N_
from models.rubric import lock_rubric
from models.scenario import Scenario


def approved() -> sa.ColumnElement[bool]:
    """The SQL condition "approved and not published yet"; twin of ScenarioStatus.APPROVED."""
    return sa.and_(
        col(Scenario.approved_at).is_not(None),
        col(Scenario.published_at).is_(None),
        col(Scenario.withdrawn_at).is_(None),
        col(Scenario.closed_at).is_(None),
    )


def waiting_scenarios(session: Session, batch_id: int | None) -> list[Scenario]:
    """The approved scenarios that wait for this batch, or for any where None, in the order of their approval."""
    statement = select(Scenario).where(approved(), col(Scenario.batch_id) == batch_id)
    return list(session.exec(statement.order_by(col(Scenario.approved_at), col(Scenario.id))))


def place_scenario(scenario: Scenario, batch: Batch) -> None:
    """Let an approved scenario wait for this batch. InvalidTransition if it is not approved or does not fit."""
    if scenario.status != "approved":
        raise InvalidTransition(N_("只有审核通过、还没有发布的场景可以排进批次。"))
    if scenario.batch_id not in (None, batch.id):
        raise InvalidTransition(N_("这个场景已经排在另一批里，先从那一批里拿出来。"))
    batch.refuse_unless_fitting(scenario)
    scenario.batch_id = batch.key


def take_out(scenario: Scenario, batch: Batch) -> None:
    """Let it wait for another batch. InvalidTransition once the batch is out, or if it is not in it."""
    if batch.released_at is not None or scenario.batch_id != batch.id or scenario.status != "approved":
        raise InvalidTransition(N_("这个场景不在这一批里，或者这一批已经发布。"))
    scenario.batch_id = None


def due_batches(session: Session, *, now: datetime) -> list[int]:
    """The ids of the batches whose moment has come and that are not out, by id."""
    statement = select(Batch.id).where(col(Batch.released_at).is_(None), col(Batch.releases_at) <= now)
    return [batch_id for batch_id in session.exec(statement.order_by(col(Batch.id))) if batch_id is not None]


def is_late(scenario: Scenario, on: date) -> bool:
    """Whether its deadline is past on that day: published then, it would be closed from the start."""
    return scenario.deadline_on is not None and scenario.deadline_on < on


def release_batch(session: Session, batch: Batch, *, now: datetime, on: date) -> list[Scenario]:
    """Publish what waits for this batch and freeze its list; what was published, in the order of the list.

    on: the day of `now` where the installation is. Scenarios whose deadline is past are taken out and go on waiting.
    Where nothing can be published the batch stays and the list is empty. InvalidTransition if it is out already: of
    two who release at once, the database lets one.
    """
    waiting = waiting_scenarios(session, batch.key)
    for row in waiting:
        if is_late(row, on):
            row.batch_id = None
            record(
                session, actor=None, action="scenario.left_out", subject=row, details={"batch": batch.number}
            )
    ready = [row for row in waiting if not is_late(row, on)]
    if not ready:
        return []
    _claim(session, batch, now)
    for position, row in enumerate(ready, 1):
        row.publish(now, number=f"{batch.number}-{position:03d}")
        record(session, actor=None, action="scenario.published", subject=row, details={"batch": batch.number})
        lock_rubric(session, row, now=now)
    session.flush()
    original = freeze_list(session, batch, ready, now=now)
    record(
        session,
        actor=None,
        action="batch.released",
        subject=batch,
        details={"scenarios": len(ready), "sha256": original.sha256},
    )
    return ready


def _claim(session: Session, batch: Batch, now: datetime) -> None:
    session.flush()
    taken = session.execute(
        sa.update(Batch)
        .where(col(Batch.id) == batch.key, col(Batch.released_at).is_(None))
        .values(released_at=now)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise InvalidTransition(N_("这个批次已经发布。"))
    session.refresh(batch)
