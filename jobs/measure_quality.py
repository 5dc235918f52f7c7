"""Measure the ranking on labels and decisions: one row a day for the page, renewed while the day brings news.

It reads stored rows only, so it needs neither model nor index and takes no turn with the jobs that do.
"""

import hashlib
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from jobs.runner import Run
from matcher.proposal import LEARNING_VERSION, gather_material
from matcher.quality import figures_of
from matcher.scoring import ENGINE_VERSION
from matcher.weighting import weighting_in_force
from models.evaluation import Evaluation, find_evaluation, record_evaluation
from models.market_survey import newest_score_id
from models.match_decisions import decisions_digest
from models.pair_label import newest_label_id


def measure_quality(run: Run, *, today: Callable[[], date], zone: ZoneInfo) -> None:
    """Make today's figures, unless they rest on the same as the last ones."""
    on = today()
    with run.reading() as session:
        inputs_hash = _inputs_hash(session, on)
        last = find_evaluation(session)
        if last is not None and (last.on, last.inputs_hash) == (on, inputs_hash):
            run.counts.skip("nothing_new")
            return
        material = gather_material(session, on=on, zone=zone)
    figures = figures_of(material, zone)
    evaluation = Evaluation(
        on=on,
        created_at=run.now,
        computed_at=run.now,
        inputs_hash=inputs_hash,
        engine_version=material.version[0],
        weights_serial=material.version[1],
        figures=figures,
    )
    with run.transaction() as session:
        record_evaluation(session, evaluation)
    run.counts.did("measured")


def _inputs_hash(session: Session, on: date) -> str:
    parts = [
        on.isoformat(),
        LEARNING_VERSION,
        ENGINE_VERSION,
        str(weighting_in_force(session).serial),
        str(newest_score_id(session)),
        str(newest_label_id(session)),
        decisions_digest(session),
    ]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()
