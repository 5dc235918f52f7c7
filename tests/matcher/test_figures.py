import math

import pytest

from matcher.figures import achieved_in, figures_in, shared_phrase, words_in


def read(text):
    return [(figure.measure, figure.unit, figure.value) for figure in figures_in(text)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("漏检率0.31%，过杀率2.4%", [("miss", "percent", 0.31), ("false_alarm", "percent", 2.4)]),
        ("漏放率不高于50ppm", [("miss", "percent", 0.005)]),
        ("召回率９８％", [("recall", "percent", 98)]),
        ("响应时间1.5小时", [("latency", "second", 5400)]),
        ("节拍1.6秒一件", [("cycle", "second", 1.6)]),
        ("96.8%的准确率", [("accuracy", "percent", 96.8)]),
        ("每户每月误报0.8次", [("false_alarm", "times/户/月", 0.8)]),
        ("误报每月每户0.8次", [("false_alarm", "times/户/月", 0.8)]),
        ("1.2 false alarms per crossing and shift", [("false_alarm", "times/班/路口", 1.2)]),
        ("每天单机处理2.6万页", [("throughput", "pages/天", 26_000)]),
        ("单台服务器能接不少于80路", [("throughput", "streams", 80)]),
        ("At least 98 percent field accuracy", [("accuracy", "percent", 98)]),
        ("命中率75%", [("命中率", "percent", 75)]),
        ("入梯识别率98.3%", [(None, "percent", 98.3)]),
        ("一次处理1,400张图", [(None, "sheets", 1400)]),
        ("误报自动过滤率83.6%", [("filtered", "percent", 83.6)]),
    ],
)
def test_a_number_is_read_with_its_measure_and_unit(text, figures):
    assert read(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "误报率下降80%",
        "退单率下降4.4个百分点",
        "false alarm rate cut by 80%",
        "误报约占告警的12%",
        "2026年上线",
        "F1为0.931",
        "适配3.5版本",
        "召回率写在第3页",
    ],
)
def test_changes_shares_years_and_bare_numbers_are_no_figures(text):
    assert figures_in(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("处置中位数由31小时降到9小时", 9 * 3600),
        ("退单率从11.2%降到6.8%", 6.8),
        ("first reply time fell from 6 hours to 40 seconds", 40),
        ("召回率由70%提高到92%", 92),
    ],
)
def test_of_a_development_the_last_value_counts(text, value):
    assert [figure.value for figure in figures_in(text)] == [value]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("误报率5–8%", 5, 8),
        ("误报率5%到8%", 5, 8),
        ("准确率超过98%", 98, math.inf),
        ("准确率98%以上", 98, math.inf),
        ("误报率不高于5%", -math.inf, 5),
        ("误报率5%以内", -math.inf, 5),
        ("准确率不低于95%", 95, math.inf),
        ("no more than 5% false alarms", -math.inf, 5),
        ("误差±6度", 6, 6),
    ],
)
def test_bounds_and_ranges_become_an_interval(text, low, high):
    (figure,) = figures_in(text)

    assert (figure.low, figure.high) == (low, high)


@pytest.mark.parametrize("text", ["召回率不足85%", "召回率达不到85%", "recall below 85%"])
def test_not_reaching_a_value_lies_strictly_below_it(text):
    (figure,) = figures_in(text)

    assert figure.high < 85


@pytest.mark.parametrize(
    ("text", "contexts"),
    [
        ("夜间召回率91.3%，误报率8.7%", ["night", "night"]),
        ("夜间召回率91.3%；召回率94.6%", ["night", None]),
        ("白天召回率94.6%", ["day"]),
    ],
)
def test_the_light_holds_until_the_sentence_ends(text, contexts):
    assert [figure.context for figure in figures_in(text)] == contexts


def test_a_clause_that_only_names_another_case_takes_the_measure_before_it():
    assert read("印刷件字准率99.2%，油印件96.4%") == [
        ("accuracy", "percent", 99.2),
        ("accuracy", "percent", 96.4),
    ]


def test_after_two_measures_nothing_is_taken_over():
    assert read("漏检率1.6%，过杀率6.8%，磨砂件0.9%")[-1] == (None, "percent", 0.9)


def test_a_longer_clause_that_names_something_else_takes_over_nothing():
    assert read("误报率2%，现场复核以后派出有效案件的街道里5%")[-1][0] is None


def test_targets_and_the_time_before_are_not_achieved():
    assert [figure.value for figure in achieved_in("目标召回率95%，原来召回率80%，召回率达到91%")] == [91]


def test_the_words_of_a_need_name_objects_not_measures():
    assert words_in("印刷体字符识别准确率不低于99%") == {"印刷", "刷体", "体字", "字符"}


def test_texts_without_digits_have_no_figures():
    assert figures_in("误报率很低，召回率业内领先") == []


@pytest.mark.parametrize(
    ("one", "other", "length"), [("识别到语音劝离", "内语音劝离并", 4), ("甲乙", "丙丁", 0)]
)
def test_a_shared_phrase_is_a_run_of_han_characters(one, other, length):
    assert shared_phrase(one, other) == length
