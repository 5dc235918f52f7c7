"""Survey demand and supply after matching: the gap map and the exposure of firms, one row a day for the pages.

Nothing is written while rows, index, scores and policy are what the last survey rests on. Which rotation lists follow
is decided here and nowhere else: it is stored with the survey.
"""

import hashlib

from jobs.runner import Run
from matcher.survey import survey_exposure, survey_gaps
from matcher.workshop import Workshop
from models.capability import listed_firms
from models.market_survey import MarketSurvey, find_survey, newest_score_id, record_survey, score_lines
from models.rotation import ExposurePolicy


def survey_market(run: Run, *, workshop: Workshop, policy: ExposurePolicy) -> None:
    """Make today's survey, unless nothing has changed or there is no index yet."""
    with workshop.turn:
        # It may have waited long for its turn.
        if not run.is_stopping():
            _survey(run, workshop, policy)


def _survey(run: Run, workshop: Workshop, policy: ExposurePolicy) -> None:
    inputs = workshop.inputs(workshop.rows_now())
    if not inputs:
        run.counts.skip("index_not_ready")
        return
    on = workshop.today()
    with run.reading() as session:
        parts = [inputs, str(newest_score_id(session)), policy.value]
        inputs_hash = hashlib.sha256(" ".join(parts).encode()).hexdigest()
        last = find_survey(session)
        if last is not None and (last.on, last.inputs_hash) == (on, inputs_hash):
            run.counts.skip("nothing_new")
            return
        recommender = workshop.recommender()
        lines = score_lines(session, on=on)
        exposure = survey_exposure(lines, listed_firms(session), on=on)
    # Cutting texts may load the model; no session is open meanwhile.
    gaps = survey_gaps(recommender, lines)
    survey = MarketSurvey(
        on=on,
        computed_at=run.now,
        inputs_hash=inputs_hash,
        policy=policy,
        gaps=gaps.to_json(),
        exposure=exposure.to_json(),
    )
    with run.transaction() as session:
        record_survey(session, survey)
    run.counts.did("surveyed")
