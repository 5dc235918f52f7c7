import pytest

from matcher.asked_facts import asked_facts, asked_filings, has_filings, place_fits, stated_against_place
from matcher.documents import Document, DocumentKind, Facts, Statement


def offer(text, *deployment):
    return Document(
        DocumentKind.CAPABILITY, 1, "zh", (Statement("text", text),), facts=Facts(deployment=deployment)
    )


@pytest.mark.parametrize(
    ("text", "places", "inside", "alone"),
    [
        ("部署在政务云", ("gov_cloud",), False, True),
        ("整套部署在政务云或车载边缘盒，视频不出域", ("gov_cloud", "edge"), True, True),
        ("全部部署在行内机房，不外呼公网接口", ("on_premise",), True, True),
        ("部署在厂内，断网可继续录入", ("on_premise",), False, False),
        ("在厂内部署并与ERP、MES对接", ("on_premise",), False, False),
        ("单台边缘设备带不少于8个工位", ("edge",), False, False),
        ("视频在车间内处理，不出厂", (), True, True),
        ("Runs on a local edge box", ("edge",), False, True),
    ],
)
def test_a_requirement_may_ask_where_it_runs(text, places, inside, alone):
    asked = asked_facts(text)

    assert (asked.places, asked.inside, asked.alone) == (places, inside, alone)


@pytest.mark.parametrize("text", ["误报率不高于5%", "与工单系统对接", "Drafts replies in French", ""])
def test_most_requirements_ask_for_no_facts(text):
    assert asked_facts(text) is None


@pytest.mark.parametrize(
    ("text", "filings"),
    [
        ("所用大模型和算法已备案", ("algorithm_filing", "model_filing")),
        ("所用大模型已完成国家备案", ("model_filing",)),
        ("系统通过等保三级", ("mlps_3",)),
        ("the language model has completed filing", ("model_filing",)),
        ("完成安全评估", ("security_assessment",)),
        ("数据备份三份", ()),
    ],
)
def test_a_requirement_may_name_filings(text, filings):
    assert asked_filings(text) == filings


@pytest.mark.parametrize(
    ("asked", "filed", "enough"),
    [
        (["model_filing"], ["model_filing", "mlps_2"], True),
        (["model_filing", "algorithm_filing"], ["algorithm_filing"], False),
        (["mlps_2"], ["mlps_3"], True),
        (["mlps_3"], ["mlps_2"], False),
    ],
)
def test_all_filings_are_needed_and_a_higher_level_counts_for_a_lower(asked, filed, enough):
    assert has_filings(asked, filed) is enough


@pytest.mark.parametrize(
    ("text", "offered", "fits"),
    [
        ("部署在政务云", ["on_premise"], True),
        ("部署在政务云", ["saas"], False),
        ("部署在政务云", ["edge"], None),
        ("部署在政务云", [], None),
        ("图像不出厂", ["saas"], False),
        ("图像不出厂", ["edge", "saas"], True),
        ("图像不出厂", ["gov_cloud"], None),
        ("在单位机房运行", ["any"], True),
    ],
)
def test_only_pure_saas_rules_a_place_out(text, offered, fits):
    assert place_fits(asked_facts(text), offered) is fits


@pytest.mark.parametrize(
    ("text", "deployment"),
    [
        ("网页版，仅提供SaaS，不支持本地部署。", ["saas"]),
        ("用第三方语音接口，只能公有云。", []),
        ("视频上传到我们租用的公有云，保留180天。", ["saas", "edge"]),
        ("Hosted only.", []),
        ("There is no private installation.", ["saas"]),
    ],
)
def test_a_firm_may_say_itself_that_it_is_hosted_only(text, deployment):
    statement, sentence = stated_against_place(offer(f"识别裂缝。{text}", *deployment))

    assert (statement.source, sentence) == ("text", text)


@pytest.mark.parametrize(
    ("text", "deployment"),
    [
        ("支持公有云，也可装在客户服务器。", ["saas", "on_premise"]),
        ("图像可放政务云处理。", []),
        ("告警图片存政务云，保留30天。", ["gov_cloud"]),
        ("演示数据存在公有云。", ["on_premise"]),
    ],
)
def test_naming_a_cloud_is_no_such_statement(text, deployment):
    assert stated_against_place(offer(text, *deployment)) is None
