from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from jobs.measure_quality import measure_quality
from models.db import make_session, transaction
from models.evaluation import Evaluation
from models.match import Match
from models.pair_label import LabelGrade
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import SHENZHEN, make_run
from tests.weightings import make_label, make_learnable, make_weights


@pytest.fixture
def measure(database: Engine, clock: FixedClock) -> Callable[..., dict[str, Any]]:
    """Run the job some minutes later, and return its counts."""

    def run_again(days: int = 0, **values: Any) -> dict[str, Any]:
        clock.advance(timedelta(days=days, minutes=5))
        run = make_run(database, clock, **values)
        measure_quality(run, today=lambda: clock().date(), zone=SHENZHEN)
        return run.counts.to_json()

    return run_again


def rows(database: Engine) -> list[Evaluation]:
    with make_session(database, read_only=True) as session:
        return list(session.exec(select(Evaluation).order_by(Evaluation.on)))


def test_an_empty_installation_is_measured_too(database: Engine, measure) -> None:
    assert measure() == {"done": {"measured": 1}}

    (row,) = rows(database)
    assert row.figures["labels"] is None


def test_a_second_run_writes_nothing(database: Engine, measure) -> None:
    measure()
    (before,) = rows(database)

    assert measure() == {"skipped": {"nothing_new": 1}}
    assert rows(database)[0].computed_at == before.computed_at


def test_the_next_day_has_a_row_of_its_own(database: Engine, measure) -> None:
    measure()

    assert measure(days=1) == {"done": {"measured": 1}}
    assert len(rows(database)) == 2


def test_labels_answers_scores_and_weightings_are_news(database: Engine, measure) -> None:
    measure()
    with transaction(database) as session:
        make_learnable(session, n=8)
    assert measure() == {"done": {"measured": 1}}
    figures = rows(database)[0].figures
    assert (figures["labels"]["n_scenarios"], figures["evidence"]["n_compared"]) == (6, 16)

    with transaction(database) as session:
        invited = select(Match).where(col(Match.invited_at).is_not(None)).order_by(col(Match.id))
        match = session.exec(invited).first()
        make_label(session, match, grade=LabelGrade.CANNOT_TELL)
    assert measure() == {"done": {"measured": 1}}

    with transaction(database) as session:
        session.get(Match, match.key).undo_invite()
    assert measure() == {"done": {"measured": 1}}

    with transaction(database) as session:
        serial = make_weights(session, activated_at=match.created_at).serial
    assert measure() == {"done": {"measured": 1}}
    assert rows(database)[0].weights_serial == serial


def test_a_dry_run_writes_nothing(database: Engine, measure) -> None:
    assert measure(dry_run=True) == {"done": {"measured": 1}}
    assert rows(database) == []
