"""Questions asked of matches: the present view of every pair, by scenario or by firm."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select

from models.base import find_row
from models.capability import Capability, listed
from models.errors import NotFound
from models.market_survey import find_rotation
from models.match import Band, Match, MatchScore, newer_exists, touched
from models.organisation import Organisation
from models.rotation import NO_ROTATION, Move, Standing, rotate
from models.scenario import Scenario, published


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """A match with its best present score: one firm on a scenario's page, or one scenario on a firm's.

    move: what rotation did to its place in the list of a scenario.
    """

    match: Match
    score: MatchScore
    n_other_capabilities: int = 0
    move: Move = Move.NONE


BAND_ORDER = {Band.STRONG: 0, Band.POSSIBLE: 1, Band.WEAK: 2, Band.NOT_ENOUGH_INFORMATION: 3}


def present_scores(*conditions: Any) -> Any:
    """SELECT of (Match, MatchScore): the newest score of each pair of texts, listed capabilities only."""
    return newest_scores(listed(), *conditions)


def newest_scores(*conditions: Any) -> Any:
    """SELECT of (Match, MatchScore): the newest score of each pair of texts, by serial, whatever became of either."""
    return (
        select(Match, MatchScore)
        .join(MatchScore, col(MatchScore.match_id) == col(Match.id))
        .join(Capability, col(Capability.id) == col(MatchScore.capability_id))
        .join(Organisation, col(Organisation.id) == col(Match.organisation_id))
        .join(Scenario, col(Scenario.id) == col(Match.scenario_id))
        .where(~newer_exists(), *conditions)
        .options(
            joinedload(Match.organisation),  # type: ignore[arg-type]
            joinedload(MatchScore.capability).selectinload(Capability.cases),  # type: ignore[arg-type]
            joinedload(MatchScore.capability).selectinload(Capability.proofs),  # type: ignore[arg-type]
            joinedload(Match.scenario).selectinload(Scenario.requirements),  # type: ignore[arg-type]
            joinedload(Match.scenario).joinedload(Scenario.organisation),  # type: ignore[arg-type]
        )
    )


def recommendable(*conditions: Any) -> Any:
    """The SQL condition "may be recommended": the firm has room, and what else is given; what people acted on stays."""
    has_room = sa.or_(col(Capability.capacity).is_(None), col(Capability.capacity) > 0)
    return sa.or_(touched(), sa.and_(has_room, *conditions))


def scenario_matches(session: Session, scenario_id: int) -> list[ScoredPair]:
    """Firms for a scenario, each with its best capability, best first; abstentions last; ties by id.

    Once it is closed or withdrawn, only those on which somebody acted. A deadline that has passed hides nobody: the
    agency still decides. Where rotation is on, near ties within a band are in its order (models/rotation.py).
    """
    is_running = sa.and_(published(), col(Scenario.closed_at).is_(None))
    rows = session.exec(
        present_scores(col(Match.scenario_id) == scenario_id, recommendable(is_running))
    ).all()
    moved = rotate(_best_per_match(rows), _standing, find_rotation(session))
    return [replace(pair, move=move) for pair, move in moved]


def place_move(session: Session, match: Match) -> Move:
    """What rotation did to a pair's place in its scenario's list."""
    if find_rotation(session) == NO_ROTATION:
        return Move.NONE
    pairs = scenario_matches(session, match.scenario_id)
    return next((pair.move for pair in pairs if pair.match.key == match.key), Move.NONE)


def _standing(pair: ScoredPair) -> Standing:
    return Standing(pair.match.organisation_id, pair.score.band, pair.score.score)


def organisation_matches(session: Session, organisation_id: int, *, on: date) -> list[ScoredPair]:
    """Open scenarios for a firm, each with its best capability, best first; pairs already acted on included."""
    rows = session.exec(
        present_scores(col(Match.organisation_id) == organisation_id, published(on), recommendable())
    ).all()
    return _best_per_match(rows)


def organisation_applications(session: Session, organisation_id: int) -> list[ScoredPair]:
    """Pairs of a firm in which a side asked to talk, newest first.

    They stay when the scenario is closed or withdrawn or the capability is taken down: a firm keeps sight of what it
    answered.
    """
    asked = sa.or_(col(Match.invited_at).is_not(None), col(Match.interested_at).is_not(None))
    rows = session.exec(newest_scores(col(Match.organisation_id) == organisation_id, asked)).all()
    return sorted(_best_per_match(rows), key=lambda pair: -pair.match.key)


def agency_matches(session: Session, agency_id: int) -> list[ScoredPair]:
    """The pairs of all scenarios of an agency, as in each one's list but for its rotation, best first."""
    is_running = sa.and_(published(), col(Scenario.closed_at).is_(None))
    rows = session.exec(
        present_scores(col(Scenario.organisation_id) == agency_id, recommendable(is_running))
    ).all()
    return _best_per_match(rows)


def batch_matches(session: Session, batch_id: int) -> list[ScoredPair]:
    """Every pair of a batch with its best score, best first."""
    rows = session.exec(
        present_scores(col(Scenario.batch_id) == batch_id, published(), recommendable())
    ).all()
    return _best_per_match(rows)


def _best_per_match(rows: Iterable[tuple[Match, MatchScore]]) -> list[ScoredPair]:
    by_match: dict[int, list[tuple[Match, MatchScore]]] = {}
    for match, score in rows:
        by_match.setdefault(match.key, []).append((match, score))
    pairs = []
    for group in by_match.values():
        group.sort(key=lambda pair: rank_key(pair[1]))
        match, score = group[0]
        pairs.append(ScoredPair(match=match, score=score, n_other_capabilities=len(group) - 1))
    return sorted(pairs, key=lambda pair: rank_key(pair.score))


def rank_key(score: MatchScore) -> tuple[int, float, int, int]:
    """Sort key: band, then score descending, then ids, so that equal input gives an equal page."""
    return (BAND_ORDER[score.band], -score.score, score.capability_id, score.scenario_id)


def get_match(
    session: Session, match_id: int, *, agency_id: int | None = None, firm_id: int | None = None
) -> Match:
    """A match of which this organisation is one side. NotFound otherwise.

    Name exactly one side: `agency_id` (owner of the scenario) or `firm_id` (the firm). ValueError if neither or both.
    """
    if (agency_id is None) == (firm_id is None):
        raise ValueError("name exactly one side")
    row = find_row(session, Match, match_id)
    if row is None:
        raise NotFound("没有这条匹配。")
    theirs = (
        row.organisation_id == firm_id if agency_id is None else row.scenario.organisation_id == agency_id
    )
    if not theirs:
        raise NotFound("没有这条匹配。")
    return row


def find_match(session: Session, scenario_id: int, organisation_id: int) -> Match | None:
    """The pair's row, or None when neither machine nor person has made one."""
    statement = select(Match).where(
        col(Match.scenario_id) == scenario_id, col(Match.organisation_id) == organisation_id
    )
    return session.exec(statement).first()


def latest_scores(session: Session, scenario_id: int) -> dict[int, MatchScore]:
    """The newest score of each capability for a scenario, whatever its state, by capability id."""
    statement = (
        select(MatchScore).where(col(MatchScore.scenario_id) == scenario_id).order_by(col(MatchScore.serial))
    )
    return {score.capability_id: score for score in session.exec(statement)}


def find_best_strong(session: Session, scenario_id: int) -> MatchScore | None:
    """The best present strong score of a firm with room that nobody refused, or None."""
    statement = present_scores(
        col(MatchScore.scenario_id) == scenario_id,
        col(MatchScore.band) == Band.STRONG,
        sa.or_(col(Capability.capacity).is_(None), col(Capability.capacity) > 0),
        col(Match.declined_at).is_(None),
        col(Match.dismissed_at).is_(None),
    )
    best = session.exec(
        statement.order_by(col(MatchScore.score).desc(), col(MatchScore.capability_id)).limit(1)
    ).first()
    return None if best is None else best[1]


def touched_pairs(session: Session, scenario_id: int) -> set[int]:
    """Firms on which a person acted for this scenario, by organisation id."""
    statement = select(Match).where(col(Match.scenario_id) == scenario_id)
    return {match.organisation_id for match in session.exec(statement) if match.is_touched}


def scores_of_match(session: Session, match_id: int) -> list[MatchScore]:
    """Every view the machine ever had of a pair, newest first."""
    statement = (
        select(MatchScore)
        .where(col(MatchScore.match_id) == match_id)
        .options(
            selectinload(MatchScore.capability)  # type: ignore[arg-type]
        )
    )
    return sorted(session.exec(statement), key=lambda score: -score.key)
