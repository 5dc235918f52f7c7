import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.quantities import Outcome, compare, has_quantity, is_only_figures, weigh

NEEDS = {
    "误报率不高于{}%": "误报率{}%",
    "漏检率≤{}%": "在产线上漏检率为{}%",
    "单件检测节拍不超过{}秒": "节拍{}秒一件",
    "false alarm rate no more than {}%": "The false alarm rate is {}%.",
}
percents = st.integers(min_value=1, max_value=99)


@pytest.mark.parametrize(
    ("required", "evidence", "verdict"),
    [
        ("误报率不高于5%", "误报率3.1%", True),
        ("误报率不高于5%", "误报率8.7%", False),
        ("误报率≤5%", "误报率6–8%", False),
        ("误报率不高于5%", "误报率在3-5%之间", True),
        ("误报率不高于5%", "误报率低于3%", True),
        ("真不良漏放率不高于50ppm", "误报滤除率83.6%，放过真缺陷的比例0.018%", False),
        ("单件检测节拍不超过1.5秒", "节拍1.6秒一件，能跟上双穴机台。", False),
        ("可检划痕宽度不大于2微米", "最小可分辨宽2微米的划痕；", True),
        ("每户误报每月不超过1次", "每户每月误报2.3次", False),
        (
            "No more than 3 false alarms per crossing and shift",
            "1.2 false alarms per crossing per shift",
            True,
        ),
        ("单台服务器每天处理不少于5万页", "每天单机处理2.6万页。", False),
        ("response time within 30 minutes", "The response time is 2 hours.", False),
        ("召回率不低于90%", "召回率由70%提高到92%", True),
        ("召回率不低于90%", "召回率达不到90%", False),
    ],
)
def test_figures_of_the_same_thing_are_compared(required, evidence, verdict):
    assert compare(required, evidence) is verdict


@pytest.mark.parametrize(
    ("required", "evidence"),
    [
        ("误报率不高于5%", "误报率5–8%"),
        ("支持粤语、潮汕话，字准率不低于85%", "粤语字准率94%，潮汕话字准率83%"),
        ("误报率不高于5%", "误报率低于8%"),
        ("误报率不高于5%", "召回率91%"),
        ("误报率不高于5%", "误报率下降80%"),
        ("误报率不高于5%", "误报每路每天0.4次"),
        ("每户误报每月不超过1次", "误报每床每月2次"),
        ("召回率不低于90%", "目标召回率85%"),
        ("一致率不低于90%", "与专家一致率88%"),
        ("咨询答复准确率不低于95%", "条款引用正确率94.8%"),
        ("误报率不高于3%", "高光黑件过杀率4.9%"),
        ("预测剩余寿命误差不超过15%", "平均误差22微米"),
        ("准确率不低于95%", "识别率94%"),
    ],
)
def test_what_is_not_clearly_the_same_thing_stays_open(required, evidence):
    assert compare(required, evidence) is None


@pytest.mark.parametrize(
    ("required", "evidence", "verdict"),
    [
        ("召回率不低于90%", "白天召回率96%", None),
        ("召回率不低于90%", "夜间召回率91%", True),
        ("召回率不低于90%", "夜间召回率81%", False),
        ("夜间召回率不低于80%", "召回率70%", None),
        ("夜间召回率不低于80%", "白天召回率70%", None),
        ("召回率不低于90%，夜间不低于80%", "夜间召回率75%", False),
        ("召回率不低于90%，夜间不低于80%", "夜间召回率91.3%", True),
    ],
)
def test_night_proves_the_day_and_the_day_proves_nothing_about_the_night(required, evidence, verdict):
    assert compare(required, evidence) is verdict


def test_one_statement_may_satisfy_and_another_miss():
    (finding,) = weigh("支持粤语、潮汕话，字准率不低于85%", ["粤语字准率94%。", "潮汕话字准率83%。"])

    assert (finding.outcome, finding.supported_by, finding.missed_by) == (Outcome.MIXED, 0, 1)


def test_figures_of_other_objects_in_the_sentence_are_left_out():
    sentence = "印刷件字准率99.2%，油印件96.4%，钢笔手写89.8%。"

    assert compare("印刷体字符识别准确率不低于99%", sentence) is True
    assert compare("油印件字符识别准确率不低于97%", sentence) is False


def test_the_topic_tells_whose_figure_it_is():
    statement = "井盖只做周边破损一类，召回率76%。"
    required = "四类病害召回率不低于90%"

    assert weigh(required, [statement], topic="道路井盖病害识别")[0].outcome is Outcome.MISSED
    assert weigh(required, [statement], topic="排水管道视频判读")[0].outcome is Outcome.OPEN


def test_a_number_of_no_named_measure_is_only_likely():
    (finding,) = weigh("从漏步发生到亮灯提示不超过2秒", ["发现问题1秒内亮灯。"])

    assert finding.outcome is Outcome.LIKELY


def test_two_unnamed_figures_in_the_same_words_are_compared():
    assert compare("一小时视频处理时间不超过10分钟", "一小时视频9分钟出报告。") is True
    assert compare("一小时视频处理时间不超过10分钟", "一小时视频25分钟出报告。") is False


def test_languages_are_not_mixed_up():
    (finding,) = weigh("字段识别准确率不低于95%", ["Field accuracy is 90% on phone photos."])

    assert finding.outcome is Outcome.OPEN


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("误报率不高于5%", True),
        ("提前10分钟以上预警", True),
        ("用1080P视频识别", False),
        ("85分贝噪声下可用", False),
    ],
)
def test_a_need_has_a_figure_when_it_sets_a_bound(text, asks):
    assert has_quantity(text) is asks


def test_a_firm_of_the_field_is_believed_about_figures_that_name_no_object():
    statement = "在三家厂11副模具上，漏检率0.31%，高光件漏检率0.9%。"
    (believed,) = weigh("漏检率不高于0.5%", [statement], topic="注塑件外观检测", in_field=True)
    (other,) = weigh("漏检率不高于0.5%", [statement], topic="注塑件外观检测")

    assert (believed.outcome, other.outcome) == (Outcome.SATISFIED, Outcome.LIKELY)


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("误报率不高于5%", True),
        ("夜间漏报率不高于10%", True),
        ("印刷体准确率不低于99%", False),
        ("对接工单", False),
    ],
)
def test_a_need_may_be_nothing_but_figures(text, only):
    assert is_only_figures(text) is only


@given(
    st.text(max_size=60), st.text(alphabet=st.characters(exclude_categories=["Nd", "No", "Nl"]), max_size=60)
)
def test_texts_without_digits_give_no_verdict(required, evidence):
    assert compare(required, evidence) is None


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_compared(required, evidence):
    assert compare(required, evidence) in (True, False, None)


@given(st.sampled_from(sorted(NEEDS)), percents, percents, percents)
def test_a_better_figure_is_never_judged_worse(need, demanded, reported, improvement):
    required, template = need.format(demanded), NEEDS[need]
    better = max(reported - improvement, 0)
    grades = {False: 0, None: 1, True: 2}

    assert (
        grades[compare(required, template.format(better))]
        >= grades[compare(required, template.format(reported))]
    )


@given(percents, percents)
def test_measures_that_are_not_shared_never_decide(demanded, reported):
    assert compare(f"漏检率不高于{demanded}%", f"误报率{reported}%") is None
