from __future__ import annotations

import pytest

from models.errors import InvalidInput
from models.match import DeclineReason
from web.forms.matches import DeclineForm, DismissForm, InterestForm
from web.forms.parsing import parse


def test_interest_needs_how_and_when_but_no_question() -> None:
    form = parse(InterestForm, {"note": "接现有记录仪", "start": "两周后"})

    assert form.question == ""


def test_a_hundred_thousand_characters_are_refused_with_a_sentence() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(InterestForm, {"note": "字" * 100_000, "start": "两周后"})

    assert caught.value.fields == {"note": "太长，请缩短。"}


def test_reasons_are_from_their_lists() -> None:
    assert parse(DeclineForm, {"reason": "price"}).reason is DeclineReason.PRICE
    with pytest.raises(InvalidInput):
        parse(DismissForm, {"reason": "price"})
