from __future__ import annotations

import pytest

from web.paging import page_number, paginate


def test_a_page_says_which_rows_it_shows() -> None:
    page = paginate(list(range(45)), 3, size=20)

    assert (list(page.rows), page.first, page.last, page.n_pages) == (list(range(40, 45)), 41, 45, 3)


def test_an_empty_list_has_one_empty_page() -> None:
    page = paginate([], 1)

    assert (page.n_pages, page.first, page.last) == (1, 0, 0)


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-3, 1), (99, 3)])
def test_a_page_out_of_range_is_the_nearest(asked: int, given: int) -> None:
    assert paginate(list(range(45)), asked, size=20).number == given


def test_many_pages_are_shortened_with_gaps() -> None:
    assert paginate(list(range(400)), 10, size=20).numbers == [1, 0, 9, 10, 11, 0, 20]


def test_few_pages_are_all_linked() -> None:
    assert paginate(list(range(100)), 1, size=20).numbers == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("sent", ["", "x", "-1", "1.5", "٣", "9" * 9])
def test_nonsense_is_the_first_page(sent: str) -> None:
    assert page_number(sent) == 1
