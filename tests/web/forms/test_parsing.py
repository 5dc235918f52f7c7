from __future__ import annotations

from typing import Annotated

import pytest

from models.errors import InvalidInput
from web.forms.parsing import MESSAGES, Form, OptionalDate, OptionalFen, OptionalInt, filled, maybe, parse


class Example(Form):
    name: Annotated[str, filled(5)]
    note: Annotated[str, maybe(5)] = ""
    on: OptionalDate = None
    budget: OptionalFen = None
    n: OptionalInt = None


def wrong(**sent: str) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        parse(Example, {"name": "ok", **sent})
    return caught.value.fields


def test_empty_fields_are_absent() -> None:
    form = parse(Example, {"name": "ok", "on": "", "budget": " ", "n": ""})

    assert (form.on, form.budget, form.n, form.note) == (None, None, None, "")


@pytest.mark.parametrize(
    ("typed", "fen"), [("30", 30_000_000), ("12.5", 12_500_000), ("1,000", 1_000_000_000), ("0", 0)]
)
def test_money_is_typed_in_wan_and_kept_in_fen(typed: str, fen: int) -> None:
    assert parse(Example, {"name": "ok", "budget": typed}).budget == fen


@pytest.mark.parametrize("typed", ["很多", "-1", "1e400", "NaN", "0.00000001", "99999999999"])
def test_what_is_no_amount_is_explained(typed: str) -> None:
    assert wrong(budget=typed) == {"budget": MESSAGES["money"]}


def test_each_wrong_field_gets_its_sentence() -> None:
    assert wrong(name=" ", note="太长太长太长", on="明天", n="x") == {
        "name": MESSAGES["string_too_short"],
        "note": MESSAGES["string_too_long"],
        "on": MESSAGES["date_parsing"],
        "n": MESSAGES["int_parsing"],
    }


def test_control_characters_are_taken_out() -> None:
    assert parse(Example, {"name": "a\x00b\x07"}).name == "ab"


def test_fields_a_form_does_not_name_are_ignored() -> None:
    assert parse(Example, {"name": "ok", "is_admin": "1"}).model_dump().keys() == {
        "name",
        "note",
        "on",
        "budget",
        "n",
    }
