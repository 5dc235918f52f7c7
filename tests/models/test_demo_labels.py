from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from models.demo import records
from models.demo_labels import seed_labels
from models.pair_label import LabelGrade, LabelSource, present_labels
from tests.factories import make_firm, make_scenario

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class Days:
    """Offsets as whole days from NOW."""

    def moment(self, offset: int | None) -> datetime | None:
        return None if offset is None else NOW + timedelta(days=offset)


def test_a_record_becomes_a_label_of_the_demo(session: Session) -> None:
    rows = {"S": make_scenario(session), "F": make_firm(session)}
    record = {"scenario": "S", "firm": "F", "grade": "fits", "labelled_offset_days": -2}

    n_labels = seed_labels(session, rows, Days(), records=[record])

    (label,) = present_labels(session).values()
    assert n_labels == 1
    assert (label.scenario_id, label.organisation_id) == (rows["S"].key, rows["F"].key)
    assert (label.grade, label.source, label.labelled_at) == (
        LabelGrade.FITS, LabelSource.DEMO, NOW - timedelta(days=2),
    )  # fmt: skip


def test_the_file_labels_every_pair_once_and_names_what_there_is() -> None:
    rows = list(records("labels.jsonl"))
    pairs = [(row["scenario"], row["firm"]) for row in rows]

    assert len(set(pairs)) == len(pairs)
    assert {scenario for scenario, _ in pairs} <= {row["key"] for row in records("scenarios.jsonl")}
    assert {firm for _, firm in pairs} <= {row["key"] for row in records("firms.jsonl")}
    assert {row["grade"] for row in rows} == {grade.value for grade in LabelGrade}
    assert all(row["labelled_offset_days"] < 0 for row in rows)
