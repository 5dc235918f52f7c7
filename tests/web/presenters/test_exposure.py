from __future__ import annotations

from web.presenters.exposure import share_rows


def test_shares_are_whole_percentages_of_all_firms_and_of_all_impressions() -> None:
    rows = share_rows(
        [
            {"kind": "one_person", "n_firms": 2, "n_impressions": 1},
            {"kind": "larger", "n_firms": 1, "n_impressions": 3},
        ],
        str.upper,
    )

    assert [(row.words, row.firm_percent, row.shown_percent) for row in rows] == [
        ("ONE_PERSON", 67, 25),
        ("LARGER", 33, 75),
    ]


def test_without_an_impression_nobody_has_a_share() -> None:
    (row,) = share_rows([{"kind": None, "n_firms": 4, "n_impressions": 0}], lambda kind: "没写区")

    assert (row.firm_percent, row.shown_percent) == (100, 0)
    assert share_rows([], str) == []
