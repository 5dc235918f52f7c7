"""What a proposal's form takes, what it refuses at which field, and what must be there to hand in."""

import pytest

from models.errors import InvalidInput
from tests.judging import bid_content
from web.forms.bids import check_submittable, n_shown, parse_bid, typed_of

ANSWERS = bid_content()["answers"]


def test_a_content_survives_the_form() -> None:
    content = bid_content(partners=[{"name": "灯下算力", "part": "算力"}])

    assert parse_bid(typed_of(content), ANSWERS) == content


def test_lines_without_words_are_left_out_and_the_order_stays() -> None:
    sent = {"milestone_3": "第三", "weeks_3": "9", "milestone_1": "第一", "weeks_1": "2", "milestone_2": "  "}

    content = parse_bid(sent, [])

    assert content["milestones"] == [{"text": "第一", "weeks": 2}, {"text": "第三", "weeks": 9}]


def test_answers_that_the_page_did_not_send_stay() -> None:
    assert parse_bid({"answer_1": "新的"}, ANSWERS)["answers"] == [
        {**ANSWERS[0], "answer": "新的"},
        ANSWERS[1],
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price_fen", "三十"),
        ("price_fen", "-1"),
        ("verdict_1", "maybe"),
        ("weeks_1", "0"),
        ("weeks_1", ""),
        ("weeks_1", "521"),
        ("answer_2", "长" * 2001),
        ("quote_2", "长" * 1001),
        ("summary", "长" * 2001),
        ("milestone_1", "长" * 301),
        ("partner_1", "长" * 201),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(field: str, value: str) -> None:
    sent = {**typed_of(bid_content()), field: value}

    with pytest.raises(InvalidInput) as refused:
        parse_bid(sent, ANSWERS)

    assert list(refused.value.fields) == [field]


def test_what_says_enough_may_be_handed_in() -> None:
    check_submittable(bid_content())


def test_everything_that_is_missing_is_named_at_once() -> None:
    answers = [
        {**ANSWERS[0], "quote": ""},
        {**ANSWERS[1], "answer": ""},
        {**ANSWERS[1], "position": 3, "must": False},
    ]
    content = bid_content(
        summary="", plan="", start="", answers=answers, milestones=[], price_fen=None,
        partners=[{"name": "灯下算力", "part": ""}],
    )  # fmt: skip

    with pytest.raises(InvalidInput) as refused:
        check_submittable(content)

    assert sorted(refused.value.fields) == [
        "answer_2", "milestone_1", "part_1", "plan", "price_fen", "quote_1", "start", "summary",
    ]  # fmt: skip


def test_a_free_offer_has_a_price() -> None:
    check_submittable(bid_content(price_fen=0))


def test_one_line_more_than_is_filled_is_shown() -> None:
    typed = {"partner_1": "甲", "partner_2": "乙"}

    assert n_shown(typed, "partner", least=1, most=6) == 3
    assert n_shown(typed, "partner", least=1, most=2) == 2
    assert n_shown({}, "milestone", least=3, most=8) == 3
