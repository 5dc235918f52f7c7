from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import Session, select

from models.evaluation import Evaluation, find_evaluation, record_evaluation
from tests.factories import MONDAY

DAY = date(2026, 11, 16)


def made(on: date, digest: str) -> Evaluation:
    return Evaluation(
        on=on,
        computed_at=MONDAY,
        inputs_hash=digest,
        engine_version="3",
        weights_serial=0,
        figures={"n": digest},
    )


def test_before_the_first_there_is_none(session: Session) -> None:
    assert find_evaluation(session) is None


def test_a_day_has_one_row_and_the_days_before_stay(session: Session) -> None:
    record_evaluation(session, made(DAY, "a"))
    record_evaluation(session, made(DAY + timedelta(days=1), "b"))
    record_evaluation(session, made(DAY + timedelta(days=1), "c"))

    rows = session.exec(select(Evaluation).order_by(Evaluation.on)).all()

    assert [(row.on, row.inputs_hash) for row in rows] == [(DAY, "a"), (DAY + timedelta(days=1), "c")]
    found = find_evaluation(session)
    assert found is not None
    assert found.figures == {"n": "c"}
