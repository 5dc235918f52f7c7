"""A new API token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator

from models.api_token import Scope, TokenWish
from web.forms.parsing import Form, filled, parse

LIFETIMES = ("30", "90", "365")
"""Days a token may work: there is none without an end, because nobody remembers where they all are."""


class TokenForm(Form):
    """What it is called and how long it works."""

    name: Annotated[str, filled(80)]
    days: Annotated[Literal["30", "90", "365"], BeforeValidator(str)]


def parse_wish(sent: Mapping[str, str], ticked: Sequence[str]) -> TokenWish:
    """The token that is wanted. ticked: the scopes; what is none is left out. InvalidInput as for every form."""
    form = parse(TokenForm, sent)
    known = {scope.value for scope in Scope}
    return TokenWish(form.name, [Scope(value) for value in ticked if value in known], int(form.days))
