"""What the operator of the demo thinks of pairs: labels to measure the ranking with."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session

from models.base import Table
from models.demo_matches import Moments
from models.pair_label import LabelGrade, LabelSource
from models.pair_label_file import make_label


def seed_labels(
    session: Session, rows: Mapping[str, Table], moments: Moments, *, records: Iterable[Mapping[str, Any]]
) -> int:
    """Label the pairs of the file; returns how many. Flushes, never commits."""
    n_labels = 0
    for record in records:
        at = moments.moment(record["labelled_offset_days"])
        assert at is not None
        pair = (rows[record["scenario"]].key, rows[record["firm"]].key)
        session.add(make_label(pair, LabelGrade(record["grade"]), LabelSource.DEMO, by=None, now=at))
        n_labels += 1
    session.flush()
    return n_labels
