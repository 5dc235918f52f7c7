import json

import pytest

from matcher.coverage import CoveredRequirement, Verdict
from matcher.explanation import (
    MAX_REASONS,
    QUOTE_CHARACTERS,
    Reason,
    Voice,
    counter_words,
    evidence_words,
    gaps_for,
    reasons_for,
    word,
    word_codes,
    word_step,
)
from matcher.gates import Gate
from models.i18n import LOCALES


def row(verdict, text="误报率不高于5%", *, position=2, must=True, **values):
    defaults = {"evidence_lang": "zh", "evidence_source": "text", "evidence_id": "capability:1#1"}
    return CoveredRequirement(position, text, must, False, "zh", verdict, **{**defaults, **values})


def facts(verdict, text, source, codes, **values):
    return row(verdict, text, evidence_source=source, evidence=codes, evidence_lang=None, **values)


MISSED = row(Verdict.UNMET, counter="误报率8.7%。")
ROWS = {
    "requirement_unmet": MISSED,
    "requirement_disputed": row(Verdict.PARTLY, evidence="误报率3%。", counter="误报率8%。"),
    "figure_mixed": row(
        Verdict.PARTLY, "支持粤语、潮汕话，字准率不低于85%", evidence="粤语字准率94%，潮汕话83%。"
    ),
    "figure_missing": row(Verdict.PARTLY, evidence="误报很少。"),
    "requirement_unknown": row(Verdict.UNKNOWN, "与工单系统对接"),
    "rest_unknown": facts(Verdict.PARTLY, "部署在厂内，断网可继续录入", "deployment", "on_premise"),
    "deployment_unmet": row(Verdict.UNMET, "图像不出厂", counter="saas", evidence_source="deployment"),
    "filing_missing": row(Verdict.UNKNOWN, "所用大模型和算法已备案"),
}


def told(reason, locale="zh", voice=Voice.AGENCY):
    """The sentence as told from what is stored: through JSON and back."""
    stored = json.loads(json.dumps(reason.to_json()))
    return word(stored["code"], stored["values"], locale, voice)


@pytest.mark.parametrize("code", ROWS)
def test_each_kind_of_row_has_its_gap(code):
    (gap,) = gaps_for([ROWS[code]])

    assert gap.code == code


@pytest.mark.parametrize("voice", Voice)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", ROWS)
def test_every_gap_is_worded_from_what_is_stored_with_its_step(code, locale, voice):
    (gap,) = gaps_for([ROWS[code]])

    assert told(gap, locale, voice)
    assert word_step(gap.to_json()["step"], gap.to_json()["values"], locale, voice)


@pytest.mark.parametrize(
    ("item", "step"),
    [
        (MISSED, "retest"),
        (row(Verdict.UNMET, "识别井盖缺失、移位", counter="缺失和移位暂不支持。"), "find_partner"),
        (row(Verdict.UNMET, "图像不出厂", counter="仅提供SaaS。"), "offer_deployment"),
        (ROWS["figure_missing"], "add_test_report"),
        (ROWS["requirement_disputed"], "clear_up"),
        (ROWS["requirement_unknown"], "ask_question"),
        (ROWS["filing_missing"], "file_filing"),
    ],
)
def test_the_step_follows_from_what_is_missing(item, step):
    assert gaps_for([item])[0].step == step


@pytest.mark.parametrize(
    ("item", "spend"),
    [
        (MISSED, ["compute", "corpus"]),
        (ROWS["figure_mixed"], ["compute", "corpus"]),
        (ROWS["filing_missing"], ["model"]),
        (row(Verdict.UNMET, "单件检测节拍不超过1.5秒", counter="节拍4秒一件。"), None),
        (ROWS["figure_missing"], None),
        (facts(Verdict.PARTLY, "大模型已备案，等保三级", "filings", "model_filing"), None),
    ],
)
def test_what_would_have_to_be_bought_is_stored_where_money_can_close_the_gap(item, spend):
    assert gaps_for([item])[0].values.get("spend") == spend


def test_a_partly_met_requirement_with_nothing_to_name_is_no_gap():
    assert gaps_for([row(Verdict.PARTLY, "告警带坐标", evidence="结果带坐标。")]) == []


def test_only_filings_that_are_not_on_record_are_asked_for():
    (gap,) = gaps_for([facts(Verdict.PARTLY, "所用大模型和算法已备案", "filings", "algorithm_filing")])

    assert gap.values["filings"] == ["model_filing"]
    assert "省" in word_step("file_filing", gap.values, "zh")


def test_gaps_stand_hardest_first():
    rows = [
        row(Verdict.UNKNOWN, "与工单系统对接", position=1),
        row(Verdict.UNMET, position=4, must=False, counter="误报率9%。"),
        row(Verdict.UNMET, position=5, counter="误报率9%。"),
        row(Verdict.MET, position=6, evidence="误报率3%。"),
    ]
    gate = Gate("deployment_conflict", closed=False, values={"wanted": ["gov_cloud"], "offered": ["saas"]})

    gaps = gaps_for(rows, [gate], ["case_missing"])

    assert [(gap.code, gap.values.get("position")) for gap in gaps] == [
        ("deployment_conflict", None),
        ("requirement_unmet", 5),
        ("requirement_unmet", 4),
        ("requirement_unknown", 1),
        ("case_missing", None),
    ]


def test_reasons_stand_strongest_first_and_extras_last():
    rows = [
        row(Verdict.PARTLY, position=1, evidence="误报很少。"),
        row(Verdict.MET, position=2, must=False, evidence="误报率3%。"),
        row(Verdict.MET, position=3, evidence="误报率3%。"),
        row(Verdict.UNKNOWN, position=4),
    ]

    reasons = reasons_for(rows, [Reason("capacity_free", {"n": 1})])

    assert [reason.values.get("position") for reason in reasons] == [3, 2, 1, None]
    assert MAX_REASONS == 3


def test_filings_on_record_are_a_reason():
    (reason,) = reasons_for([facts(Verdict.MET, "所用大模型已备案", "filings", "model_filing")])

    assert told(reason) == "已登记备案或测评：大模型备案"


def test_the_same_facts_are_told_once():
    rows = [facts(Verdict.MET, "部署在政务云", "deployment", "gov_cloud", position=n) for n in (1, 2)]

    assert [reason.values["position"] for reason in reasons_for(rows)] == [1]


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        (
            Reason("requirement_met", {"position": 3, "quote": "误报率3%", "quote_lang": "zh"}),
            "第 3 条有依据：“误报率3%”",
            "Requirement 3 is backed by: “误报率3%” (in Chinese)",
        ),
        (
            Reason(
                "requirement_met", {"position": 3, "quote": "Alerts carry coordinates", "quote_lang": "en"}
            ),
            "第 3 条有依据：“Alerts carry coordinates”（英文原文）",
            "Requirement 3 is backed by: “Alerts carry coordinates”",
        ),
        (
            Reason("deployment_conflict", {"wanted": ["gov_cloud", "edge"], "offered": ["saas"]}),
            "部署方式不合：需要政务云、端侧，企业提供SaaS",
            "Deployment does not fit: wanted government cloud, edge device, offered SaaS",
        ),
    ],
)
def test_sentences_read_like_this(reason, zh, en):
    assert (told(reason, "zh"), told(reason, "en")) == (zh, en)


def test_the_firm_is_addressed():
    (gap,) = gaps_for([MISSED])

    assert told(gap) == "第 2 条“误报率不高于5%”未满足，企业写的是：“误报率8.7%”"
    assert told(gap, voice=Voice.FIRM) == "第 2 条“误报率不高于5%”未满足，你写的是：“误报率8.7%”"


@pytest.mark.parametrize("clause", ["结果推送到工单系统，", "Alerts go to the work order system, "])
def test_a_long_quote_is_shortened_in_a_sentence(clause):
    lang = {"结": "zh", "A": "en"}[clause[0]]

    (reason,) = reasons_for([row(Verdict.MET, evidence=clause * 30)])

    assert len(reason.values["quote"]) <= QUOTE_CHARACTERS[lang] + 2
    assert reason.values["quote"].endswith("…")


@pytest.mark.parametrize(
    ("item", "evidence", "counter"),
    [
        (facts(Verdict.MET, "x", "deployment", "gov_cloud,edge"), "政务云、端侧", None),
        (row(Verdict.MET, evidence="误报率3%。"), "误报率3%。", None),
        (row(Verdict.UNMET, counter="saas", evidence_source="deployment"), "SaaS", "SaaS"),
        (MISSED, "误报率8.7%。", "误报率8.7%。"),
        (
            facts(Verdict.PARTLY, "x", "deployment", "gov_cloud", counter="仅提供SaaS。"),
            "政务云",
            "仅提供SaaS。",
        ),
        (row(Verdict.UNKNOWN), None, None),
    ],
)
def test_a_stored_row_shows_its_quote_and_what_speaks_against(item, evidence, counter):
    stored = json.loads(json.dumps(item.to_json()))

    assert (evidence_words(stored, "zh"), counter_words(stored, "zh")) == (evidence, counter)


def test_codes_are_worded_and_unknown_ones_shown_as_they_are():
    assert word_codes(["mlps_3", "iso_27001"], "en") == "MLPS level 3, iso_27001"


@pytest.mark.parametrize(
    ("code", "values", "locale"),
    [("no_such_code", {}, "zh"), ("case_missing", {}, "fr"), ("requirement_met", {"position": 1}, "zh")],
)
def test_what_does_not_exist_is_an_error(code, values, locale):
    with pytest.raises(KeyError):
        word(code, values, locale)


def test_a_reason_without_a_step_stores_none():
    assert Reason("capacity_free", {"n": 1}).to_json() == {"code": "capacity_free", "values": {"n": 1}}
