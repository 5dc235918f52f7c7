"""A text to try, without a log-in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import field_validator

from models.i18n import N_
from web.forms.parsing import Form, filled, sentence

MIN_TEXT, MAX_TEXT = 20, 4000


class TryForm(Form):
    """What somebody offers or needs, in their own words."""

    side: Literal["offer", "need"]
    text: Annotated[str, filled(MAX_TEXT * 10)]

    @field_validator("text")
    @classmethod
    def readable_length(cls, value: str) -> str:
        """Long enough to say something, short enough to be read while somebody waits."""
        if len(value) < MIN_TEXT:
            raise sentence(N_("太短。写三五句：做什么、给谁用、到什么程度。"))
        if len(value) > MAX_TEXT:
            raise sentence(N_("太长，最多 4000 字。留下最要紧的几段。"))
        return value
