"""Who did what, when: one row per change, in the same commit as the change. Rows are only ever added."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table
from models.user import User


class AuditEvent(Table, table=True):
    """One act of one person (or of a job: no actor). Never changed, never deleted."""

    __tablename__ = "audit_event"

    actor_user_id: int | None = Field(default=None, foreign_key="user.id", index=True)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    action: str = Field(max_length=80, index=True, description="Fixed word, e.g. match.invited.")
    subject_kind: str = Field(max_length=40)
    subject_id: int = Field(index=True)
    details: dict[str, Any] = Field(default={}, sa_type=sa.JSON, description="Values, never free text.")


def record(
    session: Session,
    *,
    actor: User | None,
    action: str,
    subject: Table,
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add the event for a change; the caller's commit carries both. The subject is flushed so that it has an id."""
    session.add(subject)
    session.flush()
    event = AuditEvent(
        actor_user_id=None if actor is None else actor.key,
        organisation_id=None if actor is None else actor.organisation_id,
        action=action,
        subject_kind=str(type(subject).__tablename__),
        subject_id=subject.key,
        details=details or {},
    )
    session.add(event)
    return event


def record_import(session: Session, *, action: str, subjects: Iterable[Table], now: datetime) -> None:
    """Add one event for each row that a command changed, in one statement; the rows have been flushed. No actor."""
    events = [
        {
            "created_at": now,
            "action": action,
            "subject_kind": str(type(subject).__tablename__),
            "subject_id": subject.key,
            "details": {},
        }
        for subject in subjects
    ]
    if events:
        session.execute(sa.insert(AuditEvent), events)


def subject_events(session: Session, subject_kind: str, subject_id: int) -> list[AuditEvent]:
    """What happened to one thing, oldest first."""
    statement = select(AuditEvent).where(
        col(AuditEvent.subject_kind) == subject_kind, col(AuditEvent.subject_id) == subject_id
    )
    return list(session.exec(statement.order_by(col(AuditEvent.id))))
