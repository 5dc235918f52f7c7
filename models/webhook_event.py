"""What happened that a subscription is to be told: read from the audit trail and from the scores, never pushed.

So nothing that changes rows need know of webhooks, and an event is told if and only if its change was committed. What
a person is told is what they may see on the pages at that moment.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.audit import AuditEvent
from models.batch import Batch
from models.capability import Capability, listed
from models.match import Band, Match, MatchScore
from models.organisation import Organisation, OrganisationStatus
from models.pilot import Pilot
from models.scenario import Scenario, published
from models.user import Role, User
from models.webhook import Event, EventKind, Webhook, WebhookDelivery

OFFICERS = (Role.FUNDING_OFFICER, Role.OPERATOR, Role.ADMIN)
"""Who reads every pilot."""

TOLD = (Band.STRONG, Band.POSSIBLE)
"""Bands of which it is told that a match was found."""


News = tuple[EventKind, Event]


@dataclass(frozen=True, slots=True)
class Span:
    """Events after `since` are looked for. on: the day by which scenarios are open."""

    since: datetime
    on: date


def may_be_told(user: User) -> bool:
    """Whether the person may see anything now: neither locked nor of an organisation that may not act."""
    home = user.organisation
    return user.locked_at is None and (home is None or home.status is OrganisationStatus.ACTIVE)


def news_for(session: Session, webhook: Webhook, span: Span) -> list[News]:
    """What this subscription is to be told, oldest first, but for what it is owed already."""
    found = [news for kind in webhook.kinds for news in SOURCES[EventKind(kind)](session, webhook.user, span)]
    known = set(
        session.exec(
            select(WebhookDelivery.event_ref).where(
                col(WebhookDelivery.webhook_id) == webhook.key,
                col(WebhookDelivery.event_ref).in_([event.ref for _, event in found]),
            )
        )
    )
    fresh = [(kind, event) for kind, event in found if event.ref not in known]
    return sorted(fresh, key=lambda news: (news[1].at, news[1].ref))


def _audited(session: Session, span: Span, *conditions: Any) -> Any:
    statement = select(AuditEvent).where(col(AuditEvent.created_at) > span.since, *conditions)
    return session.exec(statement.order_by(col(AuditEvent.id)))


def _ref(row: AuditEvent | MatchScore) -> str:
    return f"{row.__tablename__}:{row.key}"


def _published(session: Session, _user: User, span: Span) -> Iterator[News]:
    for event in _audited(session, span, col(AuditEvent.action) == EventKind.SCENARIO_PUBLISHED.value):
        row = session.get(Scenario, event.subject_id)
        if row is not None and row.published_at is not None and row.withdrawn_at is None:
            data = {"scenario_id": row.key, "number": row.number}
            yield EventKind.SCENARIO_PUBLISHED, Event(_ref(event), event.created_at, data)


def _released(session: Session, _user: User, span: Span) -> Iterator[News]:
    for event in _audited(session, span, col(AuditEvent.action) == EventKind.BATCH_RELEASED.value):
        row = session.get(Batch, event.subject_id)
        if row is not None and row.released_at is not None:
            told = Event(_ref(event), event.created_at, {"number": row.number})
            yield EventKind.BATCH_RELEASED, told


def _pilots(session: Session, user: User, span: Span) -> Iterator[News]:
    reads_all = any(user.has_role(role) for role in OFFICERS)
    is_party = user.has_role(Role.AGENCY) or user.has_role(Role.STARTUP)
    for event in _audited(session, span, col(AuditEvent.subject_kind) == "pilot"):
        row = session.get(Pilot, event.subject_id)
        if row is None:
            continue
        mine = user.organisation_id in (row.organisation_id, row.scenario.organisation_id)
        if reads_all or (is_party and mine):
            data = {"pilot_id": row.key, "action": event.action, "status": row.status.value}
            yield EventKind.PILOT_CHANGED, Event(_ref(event), event.created_at, data)


def _found(session: Session, user: User, span: Span) -> Iterator[News]:
    mine = []
    if user.has_role(Role.STARTUP):
        mine.append(col(Match.organisation_id) == user.organisation_id)
    if user.has_role(Role.AGENCY):
        mine.append(col(Scenario.organisation_id) == user.organisation_id)
    if user.organisation_id is None or not mine:
        return
    statement = (
        select(MatchScore, Match)
        .join(Match, col(Match.id) == col(MatchScore.match_id))
        .join(Scenario, col(Scenario.id) == col(MatchScore.scenario_id))
        .join(Capability, col(Capability.id) == col(MatchScore.capability_id))
        .join(Organisation, col(Organisation.id) == col(Match.organisation_id))
        .where(
            col(MatchScore.created_at) > span.since,
            col(MatchScore.band).in_(TOLD),
            ~_promising_before(),
            listed(),
            published(span.on),
            sa.or_(*mine),
        )
        .order_by(col(MatchScore.id))
    )
    for score, match in session.exec(statement):
        data = {
            "match_id": match.key,
            "scenario_id": match.scenario_id,
            "organisation_id": match.organisation_id,
            "band": score.band.value,
        }
        yield EventKind.MATCH_FOUND, Event(_ref(score), score.created_at, data)


def _promising_before() -> Any:
    """The SQL condition "an earlier view of the same pair was promising already": a pair is found once."""
    earlier = aliased(MatchScore)
    return (
        sa.exists()
        .where(col(earlier.match_id) == col(MatchScore.match_id))
        .where(col(earlier.id) < col(MatchScore.id))
        .where(col(earlier.band).in_(TOLD))
    )


SOURCES: dict[EventKind, Callable[[Session, User, Span], Iterator[News]]] = {
    EventKind.SCENARIO_PUBLISHED: _published,
    EventKind.BATCH_RELEASED: _released,
    EventKind.MATCH_FOUND: _found,
    EventKind.PILOT_CHANGED: _pilots,
}
