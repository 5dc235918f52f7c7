"""What machines write about pairs: new `Match` rows and appended `MatchScore` rows, never a change to either.

A score is appended only when what it rests on has changed, so computing again without news writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.match import Band, Match, MatchScore


@dataclass(frozen=True, slots=True)
class NewScore:
    """The machine's view of one pair, ready to be written. payload: coverage, reasons, gaps, signals."""

    capability_id: int
    organisation_id: int
    inputs_hash: str
    score: float
    band: Band
    payload: dict[str, Any]
    weights_serial: int = 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many rows were written."""

    matches: int = 0
    scores: int = 0


def append_scores(
    session: Session,
    scenario_id: int,
    scores: Sequence[NewScore],
    *,
    versions: tuple[str, str],
    now: datetime,
) -> Recorded:
    """Write the views of a scenario's pairs that are news. versions: of the engine and of the index. Flushes only."""
    latest = newest_views(session, scenario_id)
    none = (0, "")
    news = [score for score in scores if latest.get(score.capability_id, none)[1] != score.inputs_hash]
    matches, n_new = _matches(session, scenario_id, {score.organisation_id for score in news}, now)
    for score in news:
        session.add(
            MatchScore(
                created_at=now,
                match_id=matches[score.organisation_id].key,
                scenario_id=scenario_id,
                capability_id=score.capability_id,
                serial=latest.get(score.capability_id, none)[0] + 1,
                engine_version=versions[0],
                index_version=versions[1],
                inputs_hash=score.inputs_hash,
                weights_serial=score.weights_serial,
                score=score.score,
                band=score.band,
                **score.payload,
            )
        )
    session.flush()
    return Recorded(matches=n_new, scores=len(news))


def _matches(
    session: Session, scenario_id: int, firms: set[int], now: datetime
) -> tuple[dict[int, Match], int]:
    """The pair's row for each firm, made where it is missing; and how many were made."""
    statement = select(Match).where(col(Match.scenario_id) == scenario_id)
    matches = {match.organisation_id: match for match in session.exec(statement)}
    missing = sorted(firms - set(matches))
    for firm_id in missing:
        matches[firm_id] = Match(scenario_id=scenario_id, organisation_id=firm_id, created_at=now)
        session.add(matches[firm_id])
    session.flush()
    return matches, len(missing)


def newest_views(session: Session, scenario_id: int) -> dict[int, tuple[int, str]]:
    """Serial and inputs hash of the newest view of each capability, by id: what need not be computed again."""
    statement = (
        select(MatchScore.capability_id, MatchScore.serial, MatchScore.inputs_hash)
        .where(col(MatchScore.scenario_id) == scenario_id)
        .order_by(col(MatchScore.capability_id), col(MatchScore.serial))
    )
    return {capability_id: (serial, digest) for capability_id, serial, digest in session.exec(statement)}
