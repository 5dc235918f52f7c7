from __future__ import annotations

import pytest

from models.table_grid import TableGrid, column_letters, fill_merges, find_table, join_continued

KNOWN = {"编号", "描述", "期限/截止"}.__contains__


def grid(*rows: list[str], merges: list[tuple[int, int, int, int]] | None = None) -> TableGrid:
    cells = [list(row) for row in rows]
    kept = fill_merges(cells, merges or [])
    return TableGrid("表", cells, list(range(1, len(cells) + 1)), merges=kept)


@pytest.mark.parametrize(("place", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_called_as_in_a_workbook(place: int, letters: str) -> None:
    assert column_letters(place) == letters


def test_a_merged_area_carries_its_text_everywhere_and_is_cut_to_the_table() -> None:
    cells = [["甲", ""], ["", "乙"]]

    kept = fill_merges(cells, [(0, 0, 900_000, 0), (7, 7, 8, 8)])

    assert cells == [["甲", ""], ["甲", "乙"]]
    assert kept == [(0, 0, 1, 0)]


def test_title_rows_and_notes_are_left_out_and_named() -> None:
    found = find_table(
        grid(
            ["某区清单", "", ""],
            ["", "", ""],
            ["编号", "描述", "备注"],
            ["1", "甲", ""],
            ["注：完", "", ""],
            merges=[(0, 0, 0, 2)],
        ),
        KNOWN,
    )

    assert found is not None
    assert found.header == ["编号", "描述", "备注"]
    assert found.rows == [3]
    assert found.left_out == [("第 1 行", "某区清单"), ("第 5 行", "注：完")]


def test_two_header_rows_become_one() -> None:
    found = find_table(
        grid(
            ["编号", "期限", ""], ["", "开始", "截止"], ["1", "a", "b"], merges=[(0, 0, 1, 0), (0, 1, 0, 2)]
        ),
        KNOWN,
    )

    assert found is not None
    assert found.header == ["编号", "期限/开始", "期限/截止"]
    assert found.rows == [2]


def test_without_known_names_the_first_row_that_looks_like_a_header_is_it() -> None:
    found = find_table(grid(["清单", ""], ["x", "y"], ["1", "2"], merges=[(0, 0, 0, 1)]), lambda _: False)

    assert found is not None
    assert found.header == ["x", "y"]


def test_a_name_that_comes_twice_gets_its_number() -> None:
    found = find_table(grid(["编号", "描述", "描述"], ["1", "甲", "乙"]), KNOWN)

    assert found is not None
    assert found.header == ["编号", "描述（第2列）", "描述（第3列）"]


def test_nothing_but_one_long_text_is_no_table() -> None:
    assert find_table(grid(["长" * 100, "又" * 100]), KNOWN) is None


def test_a_table_goes_on_where_the_next_has_no_heading_of_its_own() -> None:
    first = grid(["编号", "描述"], ["1", "甲"])
    repeated = grid(["编号", "描述"], ["2", "乙"])
    bare = grid(["3", "丙"])
    other = grid(["编号", "别的"], ["9", "丁"])
    wider = grid(["4", "戊", "己"])

    joined = join_continued(
        [first, repeated, bare, other, wider], lambda each: any(map(KNOWN, each.cells[0]))
    )

    assert [len(each.cells) for each in joined] == [5, 2, 1]
    assert joined[0].lines == [1, 2, 3, 4, 5]
    found = find_table(joined[0], KNOWN)
    assert found is not None
    assert [joined[0].cells[row][1] for row in found.rows] == ["甲", "乙", "丙"]
