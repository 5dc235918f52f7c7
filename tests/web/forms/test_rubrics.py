"""Scoring criteria in a form: whole, named once, weights that sum to 100."""

import pytest

from models.errors import InvalidInput
from models.rubric import default_criteria
from web.forms.rubrics import n_lines, parse_rubric, typed_of

TYPED = typed_of(default_criteria("zh"))


def test_criteria_survive_the_form() -> None:
    assert tuple(parse_rubric(TYPED)) == default_criteria("zh")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"weight_1": "34"}, "weight_1"),
        ({"weight_2": "很多"}, "weight_2"),
        ({"weight_2": "0"}, "weight_2"),
        ({"name_3": ""}, "name_3"),
        ({"name_3": TYPED["name_2"]}, "name_3"),
        ({"name_3": "长" * 61}, "name_3"),
        ({"anchor_4_2": " "}, "anchor_4_2"),
        ({"anchor_4_2": "长" * 301}, "anchor_4_2"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changed: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rubric({**TYPED, **changed})

    assert list(refused.value.fields) == [field]


def test_no_criteria_are_none() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rubric({"weight_1": "100"})

    assert list(refused.value.fields) == ["name_1"]


def test_one_line_more_is_shown_up_to_eight() -> None:
    assert n_lines({}) == 1
    assert n_lines(TYPED) == 6
    assert n_lines({"name_8": "甲"}) == 8
