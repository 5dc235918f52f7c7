"""Evaluations (评估): how good the ranking is on the installation's own labels and decisions, as of a day.

One row a day, written by the job measure_quality and renewed while the day brings news; the page reads it and computes
nothing. The days before stay to compare with.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, UtcDateTime


class Evaluation(Table, table=True):
    """The figures of one day. Written by measure_quality only; the newest of a day replaces the earlier."""

    on: date = Field(unique=True, description="The installation's day.")
    computed_at: datetime = Field(sa_type=UtcDateTime)
    inputs_hash: str = Field(max_length=64, description="Scores, labels, decisions and versions it rests on.")
    engine_version: str = Field(max_length=80)
    weights_serial: int = Field(description="The weighting in force; 0: the built-in one.")
    figures: dict[str, Any] = Field(sa_type=sa.JSON, description="As matcher/quality.py gives them.")


def find_evaluation(session: Session) -> Evaluation | None:
    """The newest evaluation, or None before the first."""
    return session.exec(select(Evaluation).order_by(col(Evaluation.on).desc()).limit(1)).first()


def record_evaluation(session: Session, evaluation: Evaluation) -> Evaluation:
    """Keep an evaluation in place of an earlier one of the same day. Flushes only."""
    row = session.exec(select(Evaluation).where(col(Evaluation.on) == evaluation.on)).first()
    if row is None:
        row = evaluation
    else:
        for name in ("computed_at", "inputs_hash", "engine_version", "weights_serial", "figures"):
            setattr(row, name, getattr(evaluation, name))
    session.add(row)
    session.flush()
    return row
