from __future__ import annotations

from datetime import date

import pytest

from models.funding_rule import RuleStatus
from models.funding_rule_change import terms_of
from tests.funding_examples import ON, WAN, make_condition, make_rule
from web.presenters.rules import condition_lines, present_rule, term_lines, word_most, word_term, word_window

IN_USE = make_condition("pilot_in_use", code="in_use")


@pytest.mark.parametrize(
    ("values", "chinese", "english"),
    [
        ({"tiers": [100 * WAN, 500 * WAN]}, "500万元 / 100万元", "CNY 5,000,000 / CNY 1,000,000"),
        (
            {"rate_bp": 3000, "spend_purpose": "model", "cap_fen": 200 * WAN},
            "模型的 30%，最多 200万元",
            "30% of spending on models, up to CNY 2,000,000",
        ),
        ({"cap_fen": 5 * WAN}, "最多 5万元", "up to CNY 50,000"),
        ({}, "没有金额", "No sum"),
    ],
)
def test_what_it_gives_at_most_is_said_in_one_line(values, chinese: str, english: str) -> None:
    rule = make_rule(IN_USE, **values)

    assert word_most(rule, "zh") == chinese
    assert word_most(rule, "en").lower() == english.lower()


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (None, None, "没有公布"),
        (date(2026, 12, 1), None, "起受理"),
        (date(2026, 11, 1), None, "截止不明"),
        (date(2026, 11, 1), date(2026, 11, 22), "已截止"),
        (date(2026, 11, 1), ON, "还有 0 天"),
        (date(2026, 11, 1), date(2026, 12, 3), "还有 10 天"),
    ],
)
def test_windows_count_down(first: date | None, last: date | None, words: str) -> None:
    assert words in word_window(make_rule(window_from_on=first, window_until_on=last), "zh", on=ON)


@pytest.mark.parametrize("status", list(RuleStatus))
def test_every_state_has_its_chip(status: RuleStatus) -> None:
    days = {
        RuleStatus.DRAFT: {"valid_from_on": None},
        RuleStatus.IN_FORCE: {"valid_until_on": date(2028, 1, 1)},
        RuleStatus.EXPIRING: {},
        RuleStatus.EXPIRED: {"valid_until_on": date(2026, 11, 22)},
    }[status]

    chips = {locale: present_rule(make_rule(**days), locale, on=ON).chip for locale in ("zh", "en")}

    assert chips["zh"].words != chips["en"].words


def test_terms_stand_beside_what_they_were() -> None:
    before = terms_of(make_rule(IN_USE, cap_fen=50 * WAN))

    lines = {line.name: line for line in term_lines(before, {**before, "cap_fen": 80 * WAN}, "zh")}

    assert (lines["cap_fen"].before, lines["cap_fen"].after) == ("50万元", "80万元")
    assert [name for name, line in lines.items() if line.changed] == ["cap_fen"]
    assert not any(line.changed for line in term_lines(None, before, "zh"))


def test_codes_read_as_words() -> None:
    assert word_term("kind", "voucher", "zh") == "券"
    assert word_term("rate_bp", 1250, "zh") == "12.5%"
    assert word_term("cap_fen", None, "zh") == ""


def test_conditions_say_whether_they_are_new_changed_or_gone() -> None:
    other = make_condition("window_open", code="window")
    before = terms_of(make_rule(IN_USE, other))
    reworded = IN_USE.model_copy(update={"text_zh": "已经在用"})
    after = terms_of(make_rule(reworded, make_condition("yearly_cap", code="cap"), yearly_cap_fen=1))

    states = {line.code: line.state for line in condition_lines(before, after, "zh")}

    assert states == {"in_use": "changed", "cap": "new", "window": "gone"}
    assert {line.state for line in condition_lines(before, before, "zh")} == {"same"}
