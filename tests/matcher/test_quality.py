from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from matcher.comparisons import MIN_COMPARED, MIN_DECIDERS, MIN_LISTS
from matcher.quality import (
    Material,
    acceptance_rows,
    band_rows,
    figures_of,
    month_of,
    month_row,
    reason_rows,
    share_interval,
    version_figures,
)
from matcher.scoring import WEIGHTS
from models.match import Band
from models.match_decisions import Decider
from models.pair_label import LabelGrade, LabelSource, PairLabel
from tests.choices import MADE_AT, make_decision, make_view

ZONE = ZoneInfo("Asia/Shanghai")


def label(scenario_id: int, firm_id: int, grade: LabelGrade = LabelGrade.FITS) -> PairLabel:
    return PairLabel(
        scenario_id=scenario_id,
        organisation_id=firm_id,
        grade=grade,
        source=LabelSource.PAGE,
        labelled_at=MADE_AT,
    )


def material(labels=(), views=(), decisions=(), version=("test", 0)) -> Material:
    by_scenario: dict = {row.scenario_id: [] for row in labels}
    for view in views:
        by_scenario.setdefault(view.scenario_id, []).append(view)
    pairs = {(row.scenario_id, row.organisation_id): row for row in labels}
    return Material(pairs, by_scenario, list(decisions), version, WEIGHTS)


def test_without_anything_every_figure_says_nothing() -> None:
    figures = figures_of(material(), ZONE)

    assert figures["n_labels"] == {"fits": 0, "does_not_fit": 0, "cannot_tell": 0}
    assert (figures["labels"], figures["choices"], figures["versions"]) == (None, None, None)
    assert figures["lacking"] == [
        ("n_compared", 0, MIN_COMPARED), ("n_lists", 0, MIN_LISTS), ("n_deciders", 0, MIN_DECIDERS),
    ]  # fmt: skip
    assert [row["fits"] for row in figures["bands"]] == [None] * len(Band)


def test_figures_are_those_of_the_order_that_is_shown() -> None:
    views = [make_view(1, 1, signals={"relevance": 5.0}), make_view(1, 2, signals={"relevance": 4.0})]
    labels = [label(1, 2), label(1, 1, LabelGrade.DOES_NOT_FIT), label(1, 9, LabelGrade.CANNOT_TELL)]

    figures = figures_of(material(labels, views), ZONE)

    assert figures["labels"]["n_scenarios"] == 1
    assert figures["labels"]["ndcg"]["mean"] == pytest.approx(0.6309, abs=1e-4)
    assert figures["labels"]["recall"]["mean"] == 1.0


def test_decisions_are_a_set_of_their_own() -> None:
    decisions = [make_decision(make_view(1, 1)), make_decision(make_view(1, 2), wanted=False)]

    figures = figures_of(material(decisions=decisions), ZONE)

    assert figures["labels"] is None
    assert figures["choices"] == {"n_lists": 1, "ndcg": {"mean": 1.0, "low": 1.0, "high": 1.0}}


def test_a_band_says_how_many_of_its_pairs_fit_and_were_wanted() -> None:
    views = [make_view(1, 1), make_view(1, 2), make_view(1, 3, band=Band.WEAK)]
    labels = [
        label(1, 1),
        label(1, 2, LabelGrade.DOES_NOT_FIT),
        label(1, 3, LabelGrade.CANNOT_TELL),
        label(1, 8),
    ]
    decisions = [
        make_decision(views[0]),
        make_decision(views[2], wanted=False),
        make_decision(views[1], wanted=None),
    ]

    strong, _, weak, _ = band_rows(material(labels, views, decisions))

    assert (strong["n_fits"], strong["n_not"], strong["n_wanted"], strong["n_refused"]) == (1, 1, 1, 0)
    assert (weak["n_fits"], weak["n_not"], weak["n_wanted"], weak["n_refused"]) == (0, 0, 0, 1)
    assert strong["fits"]["mean"] == 0.5


@pytest.mark.parametrize(("yes", "no"), [(0, 5), (5, 0), (3, 4), (900, 100)])
def test_a_share_lies_within_its_interval_and_more_is_surer(yes: int, no: int) -> None:
    few, many = share_interval(yes, no), share_interval(10 * yes, 10 * no)

    assert 0 <= few["low"] <= few["mean"] <= few["high"] <= 1
    assert many["high"] - many["low"] < few["high"] - few["low"]
    assert share_interval(0, 0) is None


def test_before_and_after_are_measured_on_the_pairs_both_versions_scored() -> None:
    before = {"engine_version": "old", "made_at": MADE_AT - timedelta(days=9)}
    views = [
        make_view(1, 1, **before, score=0.2), make_view(1, 2, **before, score=0.9),
        make_view(1, 1, serial=2, signals={"relevance": 5.0}), make_view(1, 2, serial=2),
        # Only the new engine knows this one; it would stand first.
        make_view(1, 3, signals={"relevance": 9.0}),
    ]  # fmt: skip

    found = version_figures(material([label(1, 1)], views))

    assert found is not None
    assert (found["before"]["engine"], found["after"]["engine"], found["n_scenarios"]) == ("old", "test", 1)
    assert found["before"]["mean"] == pytest.approx(0.6309, abs=1e-4)
    assert found["after"]["mean"] == 1.0


def test_with_one_version_there_is_no_before() -> None:
    assert version_figures(material([label(1, 1)], [make_view(1, 1)])) is None
    elsewhere = make_view(1, 7, engine_version="old")
    assert version_figures(material([label(1, 1)], [make_view(1, 1), elsewhere])) is None


def test_reasons_are_counted_by_domain_and_say_whether_they_are_about_fit() -> None:
    decisions = [
        make_decision(make_view(1, 1), wanted=False),
        make_decision(make_view(1, 2), wanted=False),
        make_decision(make_view(2, 3), wanted=None, domain="research"),
        make_decision(make_view(2, 4)),
    ]

    assert reason_rows(decisions) == [
        {"side": "agency", "reason": "out_of_scope", "domain": "city_governance", "n": 2, "about_fit": True},
        {"side": "agency", "reason": "price", "domain": "research", "n": 1, "about_fit": False},
    ]


def test_acceptance_is_by_month_of_the_city_and_band_of_the_view() -> None:
    late = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)  # already November in Shenzhen
    decisions = [
        make_decision(make_view(1, 1), decided_at=late),
        make_decision(make_view(1, 2, band=Band.WEAK), wanted=False, decided_at=late - timedelta(days=2)),
        make_decision(make_view(1, 3), wanted=None, decided_at=late),
        make_decision(None, wanted=False, decided_at=late),
    ]

    october, november = acceptance_rows(decisions, ZONE)

    assert (october["month"], october["bands"]["weak"]) == ("2026-10", [0, 1])
    assert (november["month"], november["bands"]["strong"]) == ("2026-11", [1, 0])
    assert month_of(late, ZONE) == "2026-11"


def test_a_month_has_the_share_of_strong_firms_and_the_relevance_of_the_best() -> None:
    rich = [make_view(1, n, signals={"relevance": 6.0 - n}) for n in range(1, 7)]
    poor = [make_view(2, 9, band=Band.WEAK, signals={"relevance": 1.0})]

    row = month_row("2026-11", [rich, poor])

    assert (row["n_scenarios"], row["strong"]) == (2, 0.5)
    assert row["relevance"] == pytest.approx((3.0 + 1.0) / 2)


def test_a_firms_own_list_is_told_from_a_scenarios() -> None:
    firm = {"side": Decider.FIRM, "decider_id": 1, "list_id": 1}
    decisions = [make_decision(make_view(1, 1), **firm), make_decision(make_view(2, 1), wanted=False, **firm)]

    assert figures_of(material(decisions=decisions), ZONE)["choices"]["n_lists"] == 1
