from __future__ import annotations

import pytest

from models.funding import assess
from models.funding_options import Option
from tests.funding_examples import ON, UNKNOWN_FACTS, WAN, make_condition, make_facts, make_rule
from web.presenters.options import present_option, word_reason

IN_USE = make_condition("pilot_in_use", code="in_use")


def option(facts=None, **values) -> Option:
    conditions = values.pop("conditions", (IN_USE,))
    rule = make_rule(*conditions, **values)
    return Option(rule, None, assess(facts or make_facts(), rule, ON))


@pytest.mark.parametrize(
    ("values", "facts", "words"),
    [
        ({"tiers": [WAN, 5 * WAN]}, make_facts(), "评审定哪一档"),
        ({"rate_bp": 3000, "spend_purpose": "model"}, make_facts(), "按已有凭证的模型支出算"),
        ({"rate_bp": 3000, "spend_purpose": "model"}, UNKNOWN_FACTS, "按模型支出的 30% 算，还没有支出凭证"),
        ({"cap_fen": WAN}, make_facts(), "只知道上限"),
        ({}, make_facts(), "没有写金额"),
        (
            {"conditions": (make_condition("team_size_min", people=9),), "cap_fen": WAN},
            make_facts(),
            "现在领不到",
        ),
    ],
)
def test_every_range_has_its_reason_in_both_languages(values, facts, words: str) -> None:
    row = option(facts, **values)

    assert words in word_reason(row, "zh")
    assert not [letter for letter in word_reason(row, "en") if "一" <= letter <= "龥"]


def test_what_stands_in_the_way_comes_first_and_missing_is_said_once() -> None:
    conditions = (
        IN_USE,
        make_condition("officer_checks", code="office"),
        make_condition("filing_present", code="filing", filing="algorithm_filing"),
        make_condition("team_size_min", code="team", people=9),
    )

    view = present_option(option(conditions=conditions, cap_fen=WAN), "zh", on=ON)

    assert [line.verdict for line in view.clauses] == ["unmet", "unknown", "unknown", "met", "met"]
    assert [guided for _, guided in view.missing] == [True, False]
    assert view.amount == "暂时估不出金额。"
