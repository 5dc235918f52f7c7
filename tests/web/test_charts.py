from __future__ import annotations

import pytest

from models.match import Band
from models.scenario import Scenario
from web.charts import band_rows, shorten


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
