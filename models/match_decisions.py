"""Decisions (决定): what agencies and firms answered about pairs, with the view of the pair they had before them.

The facts the weights are learnt from (matcher/comparisons.py) and the page of figures counts. Only what people said
counts: a pair that nobody answered is no refusal, because nobody may have looked at it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.match import FIT_DECLINES, FIT_DISMISSALS, Band, Match, MatchScore, touched
from models.match_queries import BAND_ORDER
from models.scenario import Scenario


class Decider(StrEnum):
    """Which side decided."""

    AGENCY = "agency"
    FIRM = "firm"


@dataclass(frozen=True, slots=True)
class View:
    """What the machine thought of one firm for one scenario: its best capability. signals: as stored with the score."""

    match_id: int
    scenario_id: int
    organisation_id: int
    capability_id: int
    serial: int
    made_at: datetime
    band: Band
    score: float
    signals: Mapping[str, float | None]
    engine_version: str
    weights_serial: int

    @property
    def version(self) -> tuple[str, int]:
        """What made it: engine and weighting."""
        return self.engine_version, self.weights_serial


@dataclass(frozen=True, slots=True)
class Decision:
    """One side's answer to one pair. wanted: None for a refusal that says nothing of fit.

    decider_id: the organisation that answered. list_id: what it chose from; a scenario's list for an agency, its own
    list for a firm. view: what it saw, or, where that was not kept, the first view made since; None without any.
    """

    match_id: int
    scenario_id: int
    organisation_id: int
    domain: str
    side: Decider
    decider_id: int
    list_id: int
    wanted: bool | None
    reason: str
    decided_at: datetime
    view: View | None = None

    @property
    def chosen_id(self) -> int:
        """What was chosen or refused on the list: a firm for an agency, a scenario for a firm."""
        return self.organisation_id if self.side is Decider.AGENCY else self.scenario_id


def list_decisions(session: Session, *, engine_version: str) -> list[Decision]:
    """Every answer there is, by match, each with the view of this engine the person had or came nearest to having."""
    rows = session.exec(
        select(Match, Scenario.domain, Scenario.organisation_id)
        .join(Scenario, col(Scenario.id) == col(Match.scenario_id))
        .where(touched())
        .order_by(col(Match.id))
    ).all()
    found = [decision for row in rows for decision in _answers(*row)]
    views = _views_by_match(session, engine_version)
    return [_seen(decision, views[decision.match_id]) for decision in found]


def decisions_digest(session: Session) -> str:
    """SHA-256, hex, over every answer there is: what tells that somebody answered or took an answer back."""
    statement = (
        sa.select(
            col(Match.id),
            col(Match.invited_at),
            col(Match.declined_at),
            col(Match.decline_reason),
            col(Match.interested_at),
            col(Match.dismissed_at),
            col(Match.dismiss_reason),
        )
        .where(touched())
        .order_by(col(Match.id))
    )
    digest = hashlib.sha256()
    for row in session.execute(statement):
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _answers(match: Match, domain: str, agency_id: int) -> Iterator[Decision]:
    """At most one of each side: a refusal outranks the wish before it."""
    pair: dict[str, Any] = {
        "match_id": match.key,
        "scenario_id": match.scenario_id,
        "organisation_id": match.organisation_id,
    }
    agency: dict[str, Any] = {
        **pair, "domain": domain, "side": Decider.AGENCY, "decider_id": agency_id, "list_id": match.scenario_id,
    }  # fmt: skip
    firm: dict[str, Any] = {
        **pair, "domain": domain, "side": Decider.FIRM, "decider_id": match.organisation_id,
        "list_id": match.organisation_id,
    }  # fmt: skip
    if match.declined_at is not None and match.decline_reason is not None:
        wanted = False if match.decline_reason in FIT_DECLINES else None
        yield Decision(**agency, wanted=wanted, reason=match.decline_reason, decided_at=match.declined_at)
    elif match.invited_at is not None:
        yield Decision(**agency, wanted=True, reason="", decided_at=match.invited_at)
    if match.dismissed_at is not None and match.dismiss_reason is not None:
        wanted = False if match.dismiss_reason in FIT_DISMISSALS else None
        yield Decision(**firm, wanted=wanted, reason=match.dismiss_reason, decided_at=match.dismissed_at)
    elif match.interested_at is not None:
        yield Decision(**firm, wanted=True, reason="", decided_at=match.interested_at)


def _seen(decision: Decision, views: list[View]) -> Decision:
    before = [view for view in views if view.made_at <= decision.decided_at]
    view = best_view(newest_views(before) or first_views(views))
    return replace(decision, view=view)


def newest_views(views: Iterable[View]) -> list[View]:
    """The newest view of each pair of texts among these."""
    return list({(view.scenario_id, view.capability_id): view for view in sorted(views, key=_age)}.values())


def first_views(views: Iterable[View]) -> list[View]:
    """The first view of each pair of texts among these."""
    by_age = sorted(views, key=_age, reverse=True)
    return list({(view.scenario_id, view.capability_id): view for view in by_age}.values())


def _age(view: View) -> int:
    return view.serial


def best_view(views: Iterable[View]) -> View | None:
    """The view a page shows of a firm, the best of its capabilities; None of none."""
    return min(views, key=page_order, default=None)


def page_order(view: View) -> tuple[int, float, int, int]:
    """The sort key of lists: band, then score, then ids."""
    return (BAND_ORDER[view.band], -view.score, view.capability_id, view.scenario_id)


def scenario_views(session: Session, scenario_ids: Collection[int]) -> dict[int, list[View]]:
    """Every view ever stored for these scenarios, by scenario, whatever became of either side since."""
    found: dict[int, list[View]] = {id_: [] for id_ in scenario_ids}
    for view in _views(session, col(MatchScore.scenario_id).in_(scenario_ids)):
        found[view.scenario_id].append(view)
    return found


def _views_by_match(session: Session, engine_version: str) -> dict[int, list[View]]:
    found: dict[int, list[View]] = defaultdict(list)
    for view in _views(session, touched(), col(MatchScore.engine_version) == engine_version):
        found[view.match_id].append(view)
    return found


def _views(session: Session, *conditions: Any) -> Iterator[View]:
    """Columns only, because there may be many."""
    statement = (
        sa.select(
            col(MatchScore.match_id),
            col(MatchScore.scenario_id),
            col(Match.organisation_id),
            col(MatchScore.capability_id),
            col(MatchScore.serial),
            col(MatchScore.created_at),
            col(MatchScore.band),
            col(MatchScore.score),
            col(MatchScore.signals),
            col(MatchScore.engine_version),
            col(MatchScore.weights_serial),
        )
        .join(Match, col(Match.id) == col(MatchScore.match_id))
        .where(*conditions)
        .order_by(col(MatchScore.id))
    )
    return (View(*row) for row in session.execute(statement))
