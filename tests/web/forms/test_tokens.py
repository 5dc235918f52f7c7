from __future__ import annotations

import pytest

from models.api_token import Scope
from models.errors import InvalidInput
from web.forms.tokens import parse_wish


def test_a_wish_is_read_from_the_form():
    wish = parse_wish({"name": " 平台同步 ", "days": "90"}, ["match", "read", "sudo"])

    assert (wish.name, wish.scopes, wish.days) == ("平台同步", [Scope.MATCH, Scope.READ], 90)


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [({"name": "", "days": "90"}, "name"), ({"name": "x", "days": "4000"}, "days"), ({"name": "x"}, "days")],
)
def test_what_is_missing_or_too_long_is_named(sent, wrong):
    with pytest.raises(InvalidInput) as refused:
        parse_wish(sent, ["read"])

    assert list(refused.value.fields) == [wrong]
