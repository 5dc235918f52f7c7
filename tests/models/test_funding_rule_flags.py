"""What an officer sees before a rule is approved."""

import string
from datetime import date
from typing import Any

import pytest

from models.funding_condition import SourceGrade
from models.funding_rule import FundingKind
from models.funding_rule_flags import FLAGS, REFUSING, Flag, find_flags, word_flag
from tests.funding_examples import ON, WAN, make_condition, make_rule

IN_USE = make_condition("pilot_in_use")


def codes(rule: Any, *stored: Any) -> list[str]:
    return [flag.code for flag in find_flags(rule, stored, ON)]


def sound(**values: Any) -> Any:
    return make_rule(IN_USE, **{"cap_fen": 50 * WAN, **values})


def test_a_sound_rule_has_none() -> None:
    assert codes(sound()) == []


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"conditions": []}, "no_conditions"),
        ({"tiers": [10 * WAN, 60 * WAN]}, "tier_over_cap"),
        ({"yearly_cap_fen": 40 * WAN}, "yearly_below_cap"),
        ({"pool_fen": 40 * WAN}, "pool_below_cap"),
        ({"valid_from_on": None}, "no_beginning"),
        ({"valid_until_on": None}, "no_end"),
        ({"valid_until_on": date(2026, 11, 22)}, "over"),
        ({"cap_fen": None}, "no_amount"),
        ({"window_from_on": date(2025, 12, 31), "window_until_on": date(2026, 1, 31)}, "window_outside"),
        ({"window_until_on": date(2027, 1, 1)}, "window_outside"),
        ({"source_grade": SourceGrade.B}, "weak_source"),
    ],
)
def test_each_thing_to_see_is_flagged(values: dict[str, Any], code: str) -> None:
    assert codes(sound(**values)) == [code]


def test_pointers_elsewhere_need_no_sum() -> None:
    assert codes(sound(cap_fen=None, kind=FundingKind.INFO)) == []


def test_the_version_it_replaces_is_named() -> None:
    flags = find_flags(sound(version=2, replaces_earlier=True, valid_from_on=date(2026, 7, 1)), [sound()], ON)

    assert [(flag.code, flag.values["version"]) for flag in flags] == [("takes_over", 1)]


def test_rules_of_one_group_that_overlap_are_flagged_and_others_are_not() -> None:
    rule = sound(stacking_group="city")

    assert codes(rule, sound(programme="other_one", stacking_group="city")) == ["overlaps"]
    assert codes(rule, sound(programme="other_one", stacking_group="country")) == []
    after = sound(
        programme="other_one",
        stacking_group="city",
        valid_from_on=date(2027, 1, 1),
        valid_until_on=date(2027, 2, 1),
    )
    assert codes(rule, after) == []
    assert codes(rule, sound(programme="other_one", stacking_group="city", valid_from_on=None)) == []


def test_one_rule_entered_twice_under_two_codes_is_flagged() -> None:
    rule, other = (
        sound(document_number="深〔2026〕1号"),
        sound(programme="twin", document_number="深〔2026〕1号"),
    )

    assert codes(rule, other) == ["same_document"]
    assert codes(rule, sound(programme="twin", document_number="深〔2026〕2号")) == []


def test_what_must_be_mended_comes_first() -> None:
    flags = find_flags(sound(conditions=[], valid_until_on=None), [], ON)

    assert [(flag.code, flag.refuses) for flag in flags] == [("no_conditions", True), ("no_end", False)]


def test_every_flag_has_a_sentence_in_both_languages_with_the_same_places() -> None:
    for code, (chinese, english) in FLAGS.items():
        assert chinese[-1] == "。" and english[-1] in ".?", code
        places = [
            {name for _, name, _, _ in string.Formatter().parse(words) if name}
            for words in (chinese, english)
        ]
        assert places[0] == {name.removesuffix("_en") for name in places[1]}, code
    assert set(FLAGS) >= REFUSING


def test_values_are_written_as_the_reader_writes_them() -> None:
    flag = Flag("tier_over_cap", {"tier_fen": 60 * WAN, "cap_fen": 50 * WAN})

    assert word_flag(flag, "zh") == "最高一档60万元超过了每项上限50万元。"
    assert "CNY 600,000" in word_flag(flag, "en")
