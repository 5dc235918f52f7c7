"""Market surveys (供需盘点): what demand and supply looked like on a day, as the job survey_market saw it.

One row a day, renewed whenever matching has something new: pages show it without computing anything, and the days
before stay to compare with. It is a view of other rows and decides nothing, with one exception: the rotation it names
is what lists follow until the next survey (models/rotation.py).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, UtcDateTime, enum_column
from models.capability import Capability, listed
from models.match import Band, Match, MatchScore, newer_exists, touched
from models.organisation import Organisation
from models.rotation import NO_ROTATION, ExposurePolicy, Rotation
from models.scenario import Scenario, published


class MarketSurvey(Table, table=True):
    """Demand and supply on one day. Written by the job survey_market only; the newest of a day replaces the earlier."""

    __tablename__ = "market_survey"

    on: date = Field(unique=True, description="The installation's day.")
    computed_at: datetime = Field(sa_type=UtcDateTime)
    inputs_hash: str = Field(max_length=64, description="Rows, index, scores and policy it rests on.")
    policy: ExposurePolicy = Field(default=ExposurePolicy.OFF, sa_type=enum_column(ExposurePolicy))
    gaps: dict[str, Any] = Field(default={}, sa_type=sa.JSON, description="As matcher/gap_map.py gives it.")
    exposure: dict[str, Any] = Field(
        default={}, sa_type=sa.JSON, description="As matcher/exposure.py gives it."
    )


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """The present view of one pair of an open scenario and a listed capability.

    is_answered: one side has asked, answered or refused. may_be_shown: it stands in the scenario's list.
    """

    match_id: int
    scenario_id: int
    organisation_id: int
    capability_id: int
    band: Band
    score: float
    coverage: list[dict[str, Any]]
    is_answered: bool
    may_be_shown: bool


def score_lines(session: Session, *, on: date) -> list[ScoreLine]:
    """Every present view, by scenario and capability; columns only, because there may be many."""
    has_room = sa.or_(col(Capability.capacity).is_(None), col(Capability.capacity) > 0)
    answers = (
        Match.introduced_at,
        Match.declined_at,
        Match.dismissed_at,
        Match.invited_at,
        Match.interested_at,
    )
    statement = (
        sa.select(
            col(MatchScore.match_id),
            col(MatchScore.scenario_id),
            col(Match.organisation_id),
            col(MatchScore.capability_id),
            col(MatchScore.band),
            col(MatchScore.score),
            col(MatchScore.coverage),
            sa.or_(*(col(at).is_not(None) for at in answers)),
            sa.or_(touched(), has_room),
        )
        .join(Match, col(Match.id) == col(MatchScore.match_id))
        .join(Capability, col(Capability.id) == col(MatchScore.capability_id))
        .join(Organisation, col(Organisation.id) == col(Match.organisation_id))
        .join(Scenario, col(Scenario.id) == col(MatchScore.scenario_id))
        .where(~newer_exists(), listed(), published(on))
        .order_by(col(MatchScore.scenario_id), col(MatchScore.capability_id))
    )
    return [ScoreLine(*row) for row in session.execute(statement)]


def newest_score_id(session: Session) -> int:
    """Id of the last score written, 0 before the first: what tells that matching has moved on."""
    return session.exec(select(sa.func.max(col(MatchScore.id)))).one() or 0


def find_survey(session: Session) -> MarketSurvey | None:
    """The newest survey, or None before the first."""
    return session.exec(select(MarketSurvey).order_by(col(MarketSurvey.on).desc()).limit(1)).first()


def record_survey(session: Session, survey: MarketSurvey) -> MarketSurvey:
    """Keep a survey in place of an earlier one of the same day. Flushes only."""
    row = session.exec(select(MarketSurvey).where(col(MarketSurvey.on) == survey.on)).first()
    if row is None:
        row = survey
    else:
        for name in ("computed_at", "inputs_hash", "policy", "gaps", "exposure"):
            setattr(row, name, getattr(survey, name))
    session.add(row)
    session.flush()
    return row


def find_rotation(session: Session) -> Rotation:
    """The rotation lists follow now: that of the newest survey, or none where its policy is off."""
    statement = select(MarketSurvey.policy, MarketSurvey.exposure).order_by(col(MarketSurvey.on).desc())
    found = session.exec(statement.limit(1)).first()
    if found is None or found[0] is not ExposurePolicy.ROTATE:
        return NO_ROTATION
    crowded, favoured = found[1]["crowded"], found[1]["favoured"]
    return Rotation(crowded=frozenset(crowded), favoured=frozenset(favoured))
