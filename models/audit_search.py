"""Looking through the audit: which events a question names, newest first, a page at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from models.audit import AuditEvent
from models.organisation import Organisation
from models.user import User


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """What is looked for; what is empty or None narrows nothing.

    person, organisation: part of a name, or of a person's address. action: one action, or the part before the point.
    text: part of the action, of what it was done to, or of the values kept with it. since, until: moments, the end not
    included. district_ids: only acts of people whose organisation lies there.
    """

    person: str = ""
    organisation: str = ""
    action: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    district_ids: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """One event with the names behind its ids; None for what a job did."""

    event: AuditEvent
    person: str | None
    organisation: str | None


def count_events(session: Session, asked: AuditQuestion) -> int:
    """How many events the question names."""
    return int(session.exec(_narrowed(select(func.count(col(AuditEvent.id))), asked)).one())


def find_events(session: Session, asked: AuditQuestion, *, offset: int, limit: int) -> list[FoundEvent]:
    """Part of the events the question names, newest first."""
    statement = _narrowed(select(AuditEvent, User.name, Organisation.name), asked)
    newest = (col(AuditEvent.created_at).desc(), col(AuditEvent.id).desc())
    rows = session.exec(statement.order_by(*newest).offset(offset).limit(limit))
    return [FoundEvent(*row) for row in rows]


def _narrowed(statement: Any, asked: AuditQuestion) -> Any:
    statement = (
        statement.select_from(AuditEvent)
        .outerjoin(User, col(User.id) == col(AuditEvent.actor_user_id))
        .outerjoin(Organisation, col(Organisation.id) == col(AuditEvent.organisation_id))
    )
    if asked.person:
        names = (col(User.name), col(User.email))
        statement = statement.where(
            sa.or_(*(each.icontains(asked.person, autoescape=True) for each in names))
        )
    if asked.organisation:
        homes = (col(Organisation.name), col(Organisation.name_en))
        statement = statement.where(
            sa.or_(*(each.icontains(asked.organisation, autoescape=True) for each in homes))
        )
    if asked.action:
        is_one, begins = col(AuditEvent.action) == asked.action, f"{asked.action}."
        statement = statement.where(
            sa.or_(is_one, col(AuditEvent.action).startswith(begins, autoescape=True))
        )
    if asked.text:
        texts = (AuditEvent.action, AuditEvent.subject_kind, sa.cast(AuditEvent.details, sa.Text))
        statement = statement.where(
            sa.or_(*(sa.cast(each, sa.Text).icontains(asked.text, autoescape=True) for each in texts))
        )
    if asked.since is not None:
        statement = statement.where(col(AuditEvent.created_at) >= asked.since)
    if asked.until is not None:
        statement = statement.where(col(AuditEvent.created_at) < asked.until)
    if asked.district_ids is not None:
        statement = statement.where(col(Organisation.district_id).in_(asked.district_ids))
    return statement
