from __future__ import annotations

import pytest

from models.addendum import MAX_WHAT, MAX_WHY
from models.errors import InvalidInput
from web.forms.addenda import AddendumForm
from web.forms.parsing import parse


@pytest.mark.parametrize(
    ("field", "value"),
    [("what", ""), ("why", "  "), ("what", "长" * (MAX_WHAT + 1)), ("why", "长" * (MAX_WHY + 1))],
)
def test_both_are_said_and_neither_is_too_long(field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(AddendumForm, {"what": "甲", "why": "乙", field: value})

    assert set(refused.value.fields) == {field}
