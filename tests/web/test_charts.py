from __future__ import annotations

import pytest

from models.match import Band
from models.scenario import Scenario
from web.charts import balance_rows, band_rows, curve_points, shorten


def scenario(id_: int) -> Scenario:
    return Scenario(id=id_, organisation_id=1, title="题目", text="t", number=f"N-{id_}")


def test_bars_are_on_the_scale_of_the_longest() -> None:
    rows = band_rows([scenario(1), scenario(2)], {1: {Band.STRONG: 1, Band.WEAK: 3}, 2: {Band.POSSIBLE: 2}})

    assert [row.n for row in rows] == [4, 2]
    assert [(s.band, s.start, s.share) for s in rows[0].segments] == [
        ("strong", 0.0, 0.25),
        ("weak", 0.25, 0.75),
    ]
    assert rows[1].segments[0].share == 0.5


def test_abstentions_are_no_candidates() -> None:
    rows = band_rows([scenario(1)], {1: {Band.NOT_ENOUGH_INFORMATION: 5}})

    assert (rows[0].n, list(rows[0].segments)) == (0, [])


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("短题", 10, "短题"), ("一二三四五六", 8, "一二三…"), ("abcdefgh", 5, "abcd…"), ("", 5, "")],
)
def test_titles_are_cut_by_width_not_by_count(text: str, width: int, shown: str) -> None:
    assert shorten(text, width) == shown


def tally(domain: str, *counts: int) -> dict[str, object]:
    kinds = ("n_met", "n_partly", "n_unsupplied", "n_wanted", "n_unwanted")
    return {"domain": domain, **dict(zip(kinds, counts, strict=True))}


def test_demand_and_supply_are_on_one_scale_and_no_piece_is_empty() -> None:
    first, second = balance_rows([tally("research", 4, 0, 4, 1, 1), tally("other", 0, 0, 0, 0, 2)])

    assert (first.n_requirements, first.n_capabilities) == (8, 2)
    assert [(piece.kind, piece.start, piece.share) for piece in first.demand] == [
        ("met", 0.0, 0.5),
        ("unsupplied", 0.5, 0.5),
    ]
    assert [(piece.kind, piece.share) for piece in first.supply] == [("wanted", 0.125), ("unwanted", 0.125)]
    assert (list(second.demand), second.supply[0].share) == ([], 0.25)


def test_no_domain_has_no_row() -> None:
    assert balance_rows([]) == []


def test_a_curve_is_drawn_from_the_lower_left() -> None:
    assert curve_points([(0, 0), (0.5, 0.25), (1, 1)], left=10, bottom=110, size=100) == "10,110 60,85 110,10"
