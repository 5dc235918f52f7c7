from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.vagueness import TEXTS, Finding, Wording, find_vague, has_figure

CLEAR = Wording(
    text="每天 1,800 件工单靠人工分派。",
    metric="分派到位的中位小时数",
    baseline="26 小时",
    target="4 小时",
    requirements=("分派准确率不低于90%",),
)


def found(requirement: str) -> list[tuple[str, str]]:
    """The findings of one requirement in an otherwise clear need."""
    wording = Wording(**{**vars_of(CLEAR), "requirements": (requirement,)})
    return [(finding.code, finding.phrase) for finding in find_vague(wording)]


def vars_of(wording: Wording) -> dict[str, object]:
    return {name: getattr(wording, name) for name in wording.__slots__}


def test_a_clear_need_has_nothing_vague() -> None:
    assert find_vague(CLEAR) == []


@pytest.mark.parametrize(
    ("text", "code", "phrase"),
    [
        ("希望尽快派单", "vague_speed", "尽快"),
        ("发现后及时告警", "vague_speed", "及时"),
        ("画面实时上传", "vague_speed", "实时"),
        ("高效处理工单", "vague_speed", "高效"),
        ("快速识别异常", "vague_speed", "快速"),
        ("第一时间通知网格员", "vague_speed", "第一时间"),
        ("must respond quickly to every call", "vague_speed", "quickly"),
        ("alerts in real time", "vague_speed", "real time"),
        ("Efficient handling of permits", "vague_speed", "Efficient"),
        ("采用先进技术", "vague_quality", "先进"),
        ("提升智能化水平", "vague_quality", "智能化"),
        ("达到国内一流水准", "vague_quality", "一流"),
        ("行业领先的识别能力", "vague_quality", "领先"),
        ("高精度识别", "vague_quality", "高精度"),
        ("精准分派", "vague_quality", "精准"),
        ("显著减少漏报", "vague_quality", "显著"),
        ("明显提升满意度", "vague_quality", "明显提升"),
        ("a state-of-the-art model", "vague_quality", "state-of-the-art"),
        ("highly accurate detection", "vague_quality", "accurate"),
        ("an Intelligent assistant", "vague_quality", "Intelligent"),
        ("a robust, reliable service", "vague_quality", "robust"),
        ("界面友好", "vague_ease", "界面友好"),
        ("操作便捷", "vague_ease", "操作便捷"),
        ("系统要简单易用", "vague_ease", "简单易用"),
        ("可灵活配置", "vague_ease", "灵活"),
        ("a user-friendly console", "vague_ease", "user-friendly"),
        ("intuitive for clerks", "vague_ease", "intuitive"),
        ("处理大量来电", "vague_amount", "大量"),
        ("支持若干方言", "vague_amount", "若干"),
        ("具有一定规模的案例", "vague_amount", "一定规模"),
        ("handles many documents", "vague_amount", "many"),
        ("a large number of forms", "vague_amount", "large number"),
        ("指定品牌的摄像机", "names_product", "指定品牌"),
        ("摄像机型号为X200", "names_product", "型号为X200"),
        ("品牌：某某", "names_product", "品牌：某某"),
        ("采用某某公司的产品", "names_product", "采用某某公司的产品"),
        ("使用RTX 4090显卡", "names_product", "使用RTX 4090"),
        ("采用DS-2CD3T46摄像机", "names_product", "采用DS-2CD3T46"),
        ("必须是原厂配件", "names_product", "原厂"),
        ("唯一供应商供货", "names_product", "唯一供应商"),
        ("Must use Acme Vision", "names_product", "Must use Acme Vision"),
        ("Brand: Acme", "names_product", "Brand: Acme"),
        ("model number X-200", "names_product", "model number X-200"),
        ("a sole-source camera", "names_product", "sole-source"),
    ],
)
def test_what_nobody_can_measure_is_quoted_with_its_kind(text: str, code: str, phrase: str) -> None:
    assert (code, phrase) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "及时派单，30分钟内到场",
        "快速识别，单张不超过0.5秒",
        "高精度识别井盖，召回率不低于90%",
        "三秒内实时告警",
        "responds quickly, within 5 seconds",
        "ten times faster, an efficient process",
        "快速路上的抛洒物识别",
        "快速公交站台",
        "在同一流程中办结",
        "先进制造企业",
        "货物先进先出",
        "人工智能辅助审核",
        "灵活就业人员参保",
        "高精度地图更新",
        "智能手表",
        "reads a smart meter",
        "an advanced manufacturing site",
        "识别产品型号和批次",
        "换型号时间不超过5分钟",
        "品牌不限",
        "显卡采用RTX 4090或同等产品",
        "Must use Acme Vision or equivalent",
        "数据采用GB28181协议",
        "遵循ISO27001",
        "使用A4纸打印",
        "视频采用H.264编码",
        "must use the existing network",
        "领先于故障三天预警",
    ],
)
def test_what_is_measured_or_means_something_else_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"metric": " "}, Finding("no_metric", "metric")),
        ({"baseline": ""}, Finding("no_baseline", "baseline")),
        ({"target": ""}, Finding("no_target", "target")),
        ({"baseline": "人工处理很慢"}, Finding("baseline_without_figure", "baseline", "人工处理很慢")),
        ({"target": "达到先进水平"}, Finding("target_without_figure", "target", "达到先进水平")),
        ({"requirements": ()}, Finding("no_requirements", "requirement")),
        ({"requirements": (" ",)}, Finding("no_requirements", "requirement")),
        ({"text": "工单靠人工分派。"}, Finding("no_figure", "volume_note")),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, object], finding: Finding) -> None:
    assert finding in find_vague(Wording(**{**vars_of(CLEAR), **changes}))


def test_a_figure_in_the_present_process_does_for_the_problem() -> None:
    wording = Wording(**{**vars_of(CLEAR), "text": "靠人工分派。", "volume_note": "每天三百件。"})

    assert find_vague(wording) == []


def test_findings_come_field_by_field_and_name_the_requirement() -> None:
    wording = Wording(
        **{
            **vars_of(CLEAR),
            "text": "每天300件。希望尽快派单，界面友好。",
            "requirements": ("准确率90%", "采用先进算法"),
            "acceptance": "效果显著",
        }
    )

    assert find_vague(wording) == [
        Finding("vague_speed", "text", "尽快"),
        Finding("vague_ease", "text", "界面友好"),
        Finding("vague_quality", "requirement", "先进", 2),
        Finding("vague_quality", "acceptance", "显著"),
    ]


def test_a_phrase_is_told_once_a_field() -> None:
    assert found("高效受理，高效办结") == [("vague_speed", "高效")]


def test_a_figure_in_the_next_sentence_belongs_to_the_next_sentence() -> None:
    assert found("尽快派单。每天300件。") == [("vague_speed", "尽快")]


@pytest.mark.parametrize("text", ["3", "百分之 ９", "三天", "两个", "ten calls", "半天", "3.5米"])
def test_a_number_is_a_figure(text: str) -> None:
    assert has_figure(text)


@pytest.mark.parametrize("text", ["", "一些", "统一受理", "someone", "often"])
def test_a_word_is_none(text: str) -> None:
    assert not has_figure(text)


@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=4))
def test_the_same_words_give_the_same_findings_and_every_phrase_is_in_them(
    text: str, requirements: list[str]
) -> None:
    wording = Wording(text=text, target=text[:50], requirements=tuple(requirements))

    findings = find_vague(wording)

    assert findings == find_vague(wording)
    assert {finding.field for finding in findings} <= {*TEXTS, "metric", "baseline"}
    assert all(finding.phrase in "\n".join([text, *requirements]) for finding in findings)


def test_a_long_text_takes_no_long_time() -> None:
    wording = Wording(text="采用" * 5000, requirements=("型号" * 3000, "高" * 9000))

    assert all(finding.code != "names_product" for finding in find_vague(wording))
