from __future__ import annotations

from types import SimpleNamespace

from tests.web.conftest import COVERAGE
from web.presenters.comparison import matrix
from web.presenters.matches import present_quote


def view(coverage):
    return SimpleNamespace(pairs=[present_quote(item, [], "zh") for item in coverage])


def test_each_requirement_is_a_line_and_each_firm_a_column() -> None:
    met = [{**item, "verdict": "met"} for item in COVERAGE]

    lines = matrix([view(COVERAGE), view(met)])

    assert [(line.position, line.must) for line in lines] == [(1, True), (2, True)]
    assert [[cell.verdict for cell in line.cells] for line in lines] == [["met", "met"], ["unknown", "met"]]


def test_a_requirement_only_one_was_judged_by_leaves_the_others_empty() -> None:
    lines = matrix([view(COVERAGE), view(COVERAGE[:1])])

    assert lines[1].cells[1] is None


def test_another_wording_of_the_same_number_has_a_line_of_its_own() -> None:
    reworded = [{**COVERAGE[0], "text": "改过的要求"}]

    lines = matrix([view(COVERAGE[:1]), view(reworded)])

    assert sorted(line.need for line in lines) == sorted(["改过的要求", COVERAGE[0]["text"]])
    assert [sum(cell is None for cell in line.cells) for line in lines] == [1, 1]
