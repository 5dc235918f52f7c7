"""A firm's question and the agency's answer."""

from __future__ import annotations

from typing import Annotated, Literal

from models.question import MAX_ANSWER, MAX_QUESTION
from web.forms.parsing import Form, filled


class QuestionForm(Form):
    """What a firm wants to know."""

    question: Annotated[str, filled(MAX_QUESTION)]


class AnswerForm(Form):
    """The answer, and who reads it; public unless it is said otherwise."""

    answer: Annotated[str, filled(MAX_ANSWER)]
    visible: Literal["public", "private"] = "public"
