"""Answers to a match: the firm's interest, and each side's no with its reason."""

from __future__ import annotations

from typing import Annotated

from models.match import DeclineReason, DismissReason
from web.forms.parsing import Form, OptionalDate, filled, maybe


class InterestForm(Form):
    """Three fields and no more: how, when, and what the firm must know first."""

    note: Annotated[str, filled(2000)]
    start: Annotated[str, filled(200)]
    question: Annotated[str, maybe(1000)] = ""


class DeclineForm(Form):
    """The agency's no; the firm reads both."""

    reason: DeclineReason
    note: Annotated[str, maybe(1000)] = ""


class HideForm(Form):
    """Out of sight until a day, or for good where none is given."""

    until: OptionalDate = None


class DismissForm(Form):
    """The firm's no."""

    reason: DismissReason
