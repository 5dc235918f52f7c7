import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.coverage import (
    MET_STRENGTH,
    PARTLY_STRENGTH,
    CoveredRequirement,
    Evidence,
    Verdict,
    cover,
    share_covered,
)
from matcher.documents import Document, DocumentKind, Facts, RequirementText, Statement

STRONG = MET_STRENGTH + 1
FAIR = PARTLY_STRENGTH + 0.1
FAINT = PARTLY_STRENGTH - 0.1
VAGUE = "可以看清路面上的各种问题。"


def need(text, *, must=True, topic="车载视频识别道路井盖病害"):
    return RequirementText(position=2, text=text, must=must, derived=False, topic=topic)


def said(text, strength=STRONG, *, lang="zh", position=1):
    return Evidence(text, lang, "text", f"capability:1#{position}", strength)


def offer(*texts, deployment=(), filings=()):
    statements = tuple(Statement("text", text) for text in texts)
    return Document(DocumentKind.CAPABILITY, 1, "zh", statements, facts=Facts(deployment, filings))


def judge(text, *evidences, capability=None):
    return cover(need(text), capability or offer(), evidences, lang="zh")


@pytest.mark.parametrize(
    ("strength", "verdict"),
    [(STRONG, Verdict.MET), (FAIR, Verdict.PARTLY), (FAINT, Verdict.UNKNOWN)],
)
def test_without_figures_likeness_decides(strength, verdict):
    assert judge("告警带坐标和截图", said("结果带截图和坐标。", strength)).verdict is verdict


def test_no_statement_is_no_refusal():
    row = judge("告警带坐标和截图")

    assert (row.verdict, row.evidence, row.counter) == (Verdict.UNKNOWN, None, None)


def test_the_row_keeps_what_was_asked_and_where_the_quote_is_from():
    row = judge("告警带坐标和截图", said("结果带截图和坐标。"))

    assert row.to_json() == {
        "position": 2,
        "text": "告警带坐标和截图",
        "must": True,
        "derived": False,
        "lang": "zh",
        "verdict": "met",
        "evidence": "结果带截图和坐标。",
        "evidence_lang": "zh",
        "evidence_source": "text",
        "evidence_id": "capability:1#1",
        "cross_language": False,
        "counter": None,
    }


def test_a_quote_in_another_language_is_marked():
    assert judge("告警带坐标和截图", said("Alerts carry coordinates.", lang="en")).cross_language


def test_a_worse_figure_is_quoted_as_counter_evidence():
    row = judge("误报率不高于5%", said("夜间召回率91.3%，误报率8.7%。"))

    assert (row.verdict, row.evidence, row.counter) == (Verdict.UNMET, None, "夜间召回率91.3%，误报率8.7%。")


def test_a_worse_figure_in_the_second_statement_is_found():
    row = judge("误报率不高于5%", said(VAGUE), said("误报率8.7%。", FAIR, position=7))

    assert (row.verdict, row.counter, row.evidence_id) == (Verdict.UNMET, "误报率8.7%。", "capability:1#7")


def test_the_statement_with_the_good_figure_is_quoted_before_the_most_alike():
    row = judge("误报率不高于5%", said(VAGUE), said("误报率3%。", FAIR))

    assert (row.verdict, row.evidence) == (Verdict.MET, "误报率3%。")


def test_a_figure_that_is_asked_for_and_not_given_is_partly_met():
    assert judge("误报率不高于5%", said(VAGUE)).verdict is Verdict.PARTLY


def test_one_of_two_figures_is_partly_met():
    assert judge("误报率不高于5%，漏检率不高于1%", said("误报率3%。")).verdict is Verdict.PARTLY


def test_a_good_and_a_bad_figure_are_shown_side_by_side():
    row = judge("误报率不高于5%", said("误报率3%。"), said("误报率8%。"))

    assert (row.verdict, row.evidence, row.counter) == (Verdict.PARTLY, "误报率3%。", "误报率8%。")


def test_a_sentence_with_both_is_quoted_once():
    row = judge("支持粤语、潮汕话，字准率不低于85%", said("粤语字准率94%，潮汕话字准率83%。"))

    assert (row.verdict, row.counter) == (Verdict.PARTLY, None)


def test_a_number_that_would_do_counts_only_in_a_sentence_very_alike():
    required = "从漏步发生到亮灯提示不超过2秒"

    assert judge(required, said("发现问题1秒内亮灯。")).verdict is Verdict.MET
    assert judge(required, said("发现问题1秒内亮灯。", FAIR)).verdict is Verdict.PARTLY


FAR = [said(VAGUE, FAINT, position=n) for n in range(4)]
MANHOLES = offer("用车载视频识别道路井盖病害。")


def test_a_figure_anywhere_in_the_text_decides_for_a_firm_of_that_field():
    row = judge("误报率不高于5%", *FAR, said("误报率8.7%。", 0.2, position=9), capability=MANHOLES)

    assert (row.verdict, row.counter, row.evidence_id) == (Verdict.UNMET, "误报率8.7%。", "capability:1#9")


def test_a_need_that_is_only_a_figure_is_met_by_the_figure():
    row = judge("误报率不高于5%", *FAR, said("三个城区里，误报率3%。", 0.2), capability=MANHOLES)

    assert (row.verdict, row.evidence) == (Verdict.MET, "三个城区里，误报率3%。")


def test_a_need_that_says_more_than_a_figure_is_not():
    required = "嘈杂环境下误报率不高于5%"

    assert judge(required, *FAR, said("误报率3%。", 0.2), capability=MANHOLES).verdict is Verdict.PARTLY


def test_a_refusal_anywhere_in_the_text_counts_for_a_firm_of_that_field():
    row = judge("识别缺失、移位", *FAR, said("缺失和移位暂不支持。", 0.2), capability=MANHOLES)

    assert (row.verdict, row.counter) == (Verdict.UNMET, "缺失和移位暂不支持。")


def test_of_a_firm_of_another_field_only_alike_statements_count():
    row = judge("误报率不高于5%", *FAR, said("误报率8.7%。", 0.2), capability=offer("写短视频文案。"))

    assert row.verdict is Verdict.UNKNOWN


def test_only_the_offending_sentence_is_quoted_against():
    row = judge("误报率不高于5%", said("人名可合并。误报率8.7%。"))

    assert row.counter == "误报率8.7%。"


def test_a_refusal_is_unmet():
    row = judge("识别井盖缺失、破损、移位、沉降", said("缺失和移位暂不支持。"))

    assert (row.verdict, row.counter) == (Verdict.UNMET, "缺失和移位暂不支持。")


def test_a_refusal_beside_a_plain_yes_is_disputed():
    row = judge(
        "识别井盖缺失、破损、移位、沉降", said("分缺失、破损、移位、沉降四类。"), said("缺失和移位暂不支持。")
    )

    assert (row.verdict, row.evidence, row.counter) == (
        Verdict.PARTLY,
        "分缺失、破损、移位、沉降四类。",
        "缺失和移位暂不支持。",
    )


def test_a_statement_that_is_hardly_alike_contradicts_nothing():
    assert judge("误报率不高于5%", said("误报率8.7%。", FAINT)).verdict is Verdict.UNKNOWN


def test_ticked_fields_meet_a_requirement_that_asks_for_nothing_else():
    row = judge("部署在政务云，视频不出域", capability=offer(deployment=("gov_cloud", "edge")))

    assert (row.verdict, row.evidence, row.evidence_source) == (Verdict.MET, "gov_cloud,edge", "deployment")


def test_ticked_fields_answer_one_half_of_a_requirement_that_asks_for_more():
    row = judge("部署在厂内，断网可继续录入", capability=offer(deployment=("on_premise",)))

    assert (row.verdict, row.evidence_source) == (Verdict.PARTLY, "deployment")


def test_filings_on_record_meet_a_requirement_and_some_of_them_do_in_part():
    both, one = (
        offer(filings=("algorithm_filing", "model_filing")),
        offer(filings=("algorithm_filing", "mlps_2")),
    )

    assert judge("所用大模型和算法已备案", capability=both).verdict is Verdict.MET
    assert judge("所用大模型和算法已备案", capability=one).verdict is Verdict.PARTLY
    assert judge("所用大模型和算法已备案", capability=one).evidence == "algorithm_filing"


def test_saas_alone_rules_out_what_must_stay_inside():
    row = judge("图像不出厂", said("图像质量很高。"), capability=offer(deployment=("saas",)))

    assert (row.verdict, row.counter, row.evidence_source) == (Verdict.UNMET, "saas", "deployment")


def test_the_firms_own_sentence_is_quoted_against_it():
    row = judge("图像不出厂", capability=offer("做检测。仅提供SaaS，不支持本地部署。", deployment=("saas",)))

    assert (row.verdict, row.counter, row.evidence_source) == (
        Verdict.UNMET,
        "仅提供SaaS，不支持本地部署。",
        "text",
    )


def test_a_sentence_says_where_it_runs_for_a_firm_that_ticked_nothing():
    assert judge("部署在政务云", capability=offer("仅提供SaaS。")).verdict is Verdict.UNMET


def test_fields_and_text_that_disagree_are_shown_side_by_side():
    row = judge("部署在政务云", capability=offer("仅提供SaaS。", deployment=("gov_cloud",)))

    assert (row.verdict, row.evidence, row.counter) == (Verdict.PARTLY, "gov_cloud", "仅提供SaaS。")


def test_another_place_than_the_one_asked_for_is_no_refusal():
    assert judge("部署在政务云", capability=offer(deployment=("edge",))).verdict is Verdict.UNKNOWN


@given(st.text(max_size=40), st.lists(st.tuples(st.text(max_size=40), st.floats(0, 6)), max_size=3))
def test_any_texts_give_a_verdict_and_an_unmet_one_has_its_quote(text, statements):
    ordered = sorted(statements, key=lambda pair: -pair[1])
    row = judge(text or "x", *(said(*pair) for pair in ordered))

    assert (row.verdict is Verdict.UNMET) <= (row.counter is not None)
    assert (row.verdict in (Verdict.MET, Verdict.PARTLY)) <= (row.evidence is not None)


@given(st.floats(PARTLY_STRENGTH, 6), st.floats(0, 3))
def test_more_likeness_never_lowers_a_verdict_without_figures(strength, more):
    grades = {Verdict.UNKNOWN: 0, Verdict.PARTLY: 1, Verdict.MET: 2}
    weak = judge("告警带坐标和截图", said("结果带截图和坐标。", strength))
    strong = judge("告警带坐标和截图", said("结果带截图和坐标。", strength + more))

    assert grades[strong.verdict] >= grades[weak.verdict]


def row_of(verdict, *, must):
    return CoveredRequirement(1, "x", must, False, "zh", verdict)


def test_the_share_counts_musts_twice_and_partly_as_half():
    rows = [
        row_of(Verdict.MET, must=True),
        row_of(Verdict.UNKNOWN, must=True),
        row_of(Verdict.PARTLY, must=False),
        row_of(Verdict.UNMET, must=False),
    ]

    assert share_covered(rows) == pytest.approx((2 + 0.5) / 6)


def test_without_requirements_there_is_no_share():
    assert share_covered([]) is None
