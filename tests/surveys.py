"""A market survey of a test's own rows: the real chain with the hashing embedder, over the scores that are stored."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from matcher.survey import survey_exposure, survey_gaps
from models.capability import listed_firms
from models.market_survey import MarketSurvey, record_survey, score_lines
from models.rotation import ExposurePolicy
from tests.matcher.market import NOW, TODAY, Chain


def make_survey(
    session: Session,
    folder: Path,
    *,
    policy: ExposurePolicy = ExposurePolicy.OFF,
    on: date = TODAY,
    now: datetime = NOW,
) -> MarketSurvey:
    """Survey what the session holds, and store it."""
    lines = score_lines(session, on=on)
    survey = MarketSurvey(
        on=on,
        computed_at=now,
        inputs_hash="test",
        policy=policy,
        gaps=survey_gaps(Chain(session, folder / "index").updated(), lines).to_json(),
        exposure=survey_exposure(lines, listed_firms(session), on=on).to_json(),
    )
    return record_survey(session, survey)
