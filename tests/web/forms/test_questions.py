from __future__ import annotations

import pytest

from models.errors import InvalidInput
from models.question import MAX_ANSWER, MAX_QUESTION
from web.forms.parsing import parse
from web.forms.questions import AnswerForm, QuestionForm


def test_an_answer_is_public_unless_said_otherwise() -> None:
    assert parse(AnswerForm, {"answer": " 可以 "}).visible == "public"
    assert parse(AnswerForm, {"answer": "可以", "visible": "private"}).visible == "private"


@pytest.mark.parametrize("sent", ["", "   ", "长" * (MAX_ANSWER + 1)])
def test_nothing_and_too_much_are_refused(sent: str) -> None:
    for form, name in ((AnswerForm, "answer"), (QuestionForm, "question")):
        with pytest.raises(InvalidInput) as refused:
            parse(form, {name: sent})
        assert set(refused.value.fields) == {name}
    assert parse(QuestionForm, {"question": "长" * MAX_QUESTION})


def test_an_unknown_reader_is_refused() -> None:
    with pytest.raises(InvalidInput):
        parse(AnswerForm, {"answer": "可以", "visible": "nobody"})
