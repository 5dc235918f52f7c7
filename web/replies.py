"""How fast an organisation answers firms: the median over real answers, never an estimate."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlmodel import Session, col, select

from models.match import Match
from models.scenario import Scenario

WINDOW = timedelta(days=183)

MIN_ANSWERS = 3
"""Answers from which on a median is shown; of one or two it would tell of the case, not of the organisation."""


@dataclass(frozen=True, slots=True)
class ReplyTime:
    """Days from a firm's interest to the answer. n: answers in the last half year."""

    median_days: float
    n: int

    @property
    def is_enough(self) -> bool:
        """Whether the median says something."""
        return self.n >= MIN_ANSWERS


def reply_times(
    session: Session, organisation_ids: Collection[int], *, now: datetime
) -> dict[int, ReplyTime]:
    """The reply time of each organisation that answered at least once in the last half year."""
    rows = session.exec(
        select(Scenario.organisation_id, Match.interested_at, Match.invited_at, Match.declined_at)
        .join(Scenario, col(Scenario.id) == col(Match.scenario_id))
        .where(
            col(Scenario.organisation_id).in_(organisation_ids),
            col(Match.interested_at) >= now - WINDOW,
        )
    ).all()
    waits: dict[int, list[float]] = {}
    for organisation_id, interested_at, invited_at, declined_at in rows:
        answers = [at for at in (invited_at, declined_at) if at is not None and at >= interested_at]
        if answers:
            waits.setdefault(organisation_id, []).append((min(answers) - interested_at) / timedelta(days=1))
    return {key: ReplyTime(round(median(days), 1), len(days)) for key, days in waits.items()}


def interest_counts(session: Session, scenario_ids: Collection[int]) -> dict[int, int]:
    """How many firms want to talk about each scenario."""
    rows = session.exec(
        select(Match.scenario_id).where(
            col(Match.scenario_id).in_(scenario_ids), col(Match.interested_at).is_not(None)
        )
    ).all()
    counts: dict[int, int] = {}
    for scenario_id in rows:
        counts[scenario_id] = counts.get(scenario_id, 0) + 1
    return counts
