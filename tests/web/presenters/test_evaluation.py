from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from matcher.comparisons import SIGNALS
from matcher.scoring import ENGINE_VERSION, WEIGHTS
from matcher.weight_trial import CHECKS as CODES
from models.match import Band
from models.weight_version import list_versions
from tests.factories import MONDAY
from tests.weightings import make_weights
from web.presenters.evaluation import (
    BOTTOM,
    CHECKS,
    LACKING,
    TOP,
    check_rows,
    drift_charts,
    may_activate,
    needs,
    reason_table,
    shown_proposal,
    weight_rows,
)


def test_every_condition_of_the_gate_has_its_words() -> None:
    assert tuple(CHECKS) == CODES


def test_without_a_version_the_weights_in_force_are_the_built_in_ones() -> None:
    rows = weight_rows(None, None, "zh")

    assert len(rows) == len(SIGNALS)
    assert rows[1].words == "案例证实"
    assert rows[1].built_in == rows[1].in_force == WEIGHTS.proven
    assert rows[1].proposed is None


def test_a_proposal_stands_beside_what_is_in_force(session: Session) -> None:
    in_force, proposal = (
        make_weights(session, proven=0.5, activated_at=MONDAY),
        make_weights(session, proven=0.7),
    )

    row = weight_rows(in_force, proposal, "en")[1]

    assert (row.words, row.built_in, row.in_force, row.proposed, row.deviation) == (
        "Proven by cases",
        0.3,
        0.5,
        0.7,
        0.1,
    )


def test_conditions_carry_what_was_measured(session: Session) -> None:
    rows = check_rows(make_weights(session), "zh")

    assert [row.passed for row in rows] == [True] * 4
    assert (rows[1].before, rows[1].after, rows[1].low) == (0.8, 0.9, 0.05)
    assert rows[2].low is None


def test_without_labels_there_is_nothing_to_compare(session: Session) -> None:
    version = make_weights(session, passed=False)
    version.gate = {**version.gate, "labels_ndcg": None, "labels_before": None, "labels_after": None}

    assert check_rows(version, "zh")[3].low is None


def test_what_is_lacking_is_worded() -> None:
    assert [need.words for need in needs([[name, 1, 2] for name in LACKING], "zh")] == list(LACKING.values())


def test_only_an_open_proposal_is_shown_and_only_one_that_fits_can_be_put_in_force(session: Session) -> None:
    old = make_weights(session)
    assert shown_proposal(list_versions(session)) is old
    assert may_activate(old, None, ENGINE_VERSION)
    assert not may_activate(old, None, "another")
    assert not may_activate(None, None, ENGINE_VERSION)

    in_force = make_weights(session, activated_at=MONDAY)
    assert shown_proposal(list_versions(session)) is None
    assert not may_activate(old, in_force, ENGINE_VERSION)
    in_force.revert(MONDAY + timedelta(days=1), by=None)
    assert shown_proposal(list_versions(session)) is None

    refused = make_weights(session, passed=False)
    assert shown_proposal(list_versions(session)) is refused
    assert not may_activate(refused, None, ENGINE_VERSION)


def test_reasons_stand_by_how_often_they_are_given() -> None:
    rows = [
        {"side": "agency", "reason": "price", "domain": "research", "n": 1, "about_fit": False},
        {"side": "agency", "reason": "out_of_scope", "domain": "city_governance", "n": 2, "about_fit": True},
        {"side": "agency", "reason": "out_of_scope", "domain": "research", "n": 1, "about_fit": True},
        {"side": "firm", "reason": "not_my_field", "domain": "city_governance", "n": 1, "about_fit": True},
    ]

    domains, table = reason_table(rows, "zh")

    assert domains == ["城市治理", "科学研究"]
    assert [(row.words, row.n, list(row.counts)) for row in table] == [
        ("做的不是这件事", 3, [2, 1]), ("不是我做的方向", 1, [1, 0]), ("价格超出预算", 1, [0, 1]),
    ]  # fmt: skip


def months(*rows: tuple[str, float, float]) -> dict:
    return {
        "months": [
            {"month": month, "n_scenarios": 1, "strong": strong, "relevance": best} for month, strong, best in rows
        ],
        "acceptance": [
            {"month": rows[0][0], "bands": {band.value: [1, 3] if band is Band.STRONG else [0, 0] for band in Band}}
        ] if rows else [],
    }  # fmt: skip


def test_lines_lie_within_their_picture_and_a_month_without_answers_has_no_point() -> None:
    charts = dict(drift_charts(months(("2026-10", 0.0, 2.5), ("2026-11", 1.0, 5.0)), "zh"))

    (line,) = charts["strong"].lines
    assert [y for _, y in line.points] == [BOTTOM, TOP]
    assert [words for _, words in charts["strong"].ticks] == ["0%", "50%", "100%"]
    assert [words for _, words in charts["relevance"].ticks] == ["0", "2.5", "5"]
    strong, possible, _ = charts["wanted"].lines
    assert (strong.words, strong.values, len(possible.points)) == ("强", [0.25], 0)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_without_data_a_chart_has_no_columns(locale: str) -> None:
    assert all(not chart.columns for _, chart in drift_charts(months(), locale))
