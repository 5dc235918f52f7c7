"""Marks on the scale, answers with known reasons, reasons that say something."""

import pytest
from werkzeug.datastructures import MultiDict

from models.errors import InvalidInput
from models.jury_decision import Answer
from models.match import DeclineReason
from web.forms.juries import RecusalForm, ReviseForm, SettleForm, parse_answers, parse_marks, parse_seat
from web.forms.parsing import parse


def test_marks_that_are_not_given_are_left_out() -> None:
    assert parse_marks({"score_1": "3", "comment_1": " 好 ", "score_3": "0"}, 5) == {1: (3, "好"), 3: (0, "")}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"score_1": "4"}, "score_1"),
        ({"score_1": "-1"}, "score_1"),
        ({"comment_2": "没有分"}, "score_2"),
        ({"score_1": "1", "comment_1": "长" * 2001}, "comment_1"),
    ],
)
def test_a_wrong_mark_is_named(sent: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_marks(sent, 5)

    assert list(refused.value.fields) == [field]


def test_answers_are_read_by_proposal_and_a_selection_needs_no_reason() -> None:
    sent = MultiDict(
        [
            ("outcome_1", "selected"), ("reasons_1", "price"), ("text_1", "好"),
            ("outcome_2", "not_selected"), ("reasons_2", "price"), ("reasons_2", "deployment"),
            ("outcome_3", "perhaps"),
        ]
    )  # fmt: skip

    assert parse_answers(sent, [1, 2, 3]) == {
        1: Answer(True, (), "好"),
        2: Answer(False, (DeclineReason.DEPLOYMENT, DeclineReason.PRICE), ""),
    }


@pytest.mark.parametrize(("name", "value"), [("reasons_1", "because"), ("text_1", "长" * 2001)])
def test_what_is_unknown_or_too_long_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_answers(MultiDict([("outcome_1", "selected"), (name, value)]), [1])

    assert list(refused.value.fields) == [name]


def test_small_forms_say_what_they_need() -> None:
    assert parse_seat({"user_id": "7"}) == 7
    assert parse(SettleForm, {}).note == ""
    assert parse(ReviseForm, {"position": "1", "score": "0", "reason": "读了"}).score == 0
    for form, sent in (
        (RecusalForm, {"reason": " "}),
        (ReviseForm, {"position": "1", "score": "4", "reason": "x"}),
    ):
        with pytest.raises(InvalidInput):
            parse(form, sent)
    with pytest.raises(InvalidInput):
        parse_seat({"user_id": "甲"})
