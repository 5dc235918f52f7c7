from itertools import pairwise

import pytest

from matcher.measures import COUNTERS, MEASURES, UNITS


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("误报自动过滤率", "filtered"),
        ("误报率", "false_alarm"),
        ("过杀", "false_alarm"),
        ("false alarms", "false_alarm"),
        ("漏检率", "miss"),
        ("召回率", "recall"),
        ("错误检出率", "recall"),
        ("字准率", "accuracy"),
        ("节拍", "cycle"),
        ("换型调试", "changeover"),
    ],
)
def test_a_word_belongs_to_the_first_measure_that_names_it(text, key):
    found = next(measure for measure in MEASURES if measure.pattern.search(text))

    assert found.key == key


def test_keys_of_measures_are_unique():
    keys = [measure.key for measure in MEASURES]

    assert len(keys) == len(set(keys))


def test_no_word_is_both_a_unit_and_a_counter():
    assert UNITS.keys() & COUNTERS.keys() == set()


def test_units_of_time_grow_in_the_order_people_expect():
    factors = [UNITS[unit][1] for unit in ("毫秒", "秒", "分钟", "小时", "天", "周", "个月", "年")]

    assert all(smaller < larger for smaller, larger in pairwise(factors))


def test_every_measure_is_counted_in_a_canonical_unit():
    canonical = {unit for unit, _ in UNITS.values()} | set(COUNTERS.values())

    assert all(measure.units <= canonical for measure in MEASURES)
