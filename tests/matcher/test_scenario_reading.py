from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.scenario_reading import MAX_REQUIREMENTS, ProposedScenario, propose_scenario
from models.paragraph import paragraphs_of

TODAY = date(2026, 11, 27)
PARKING = (
    "片区有路内停车位6,400个，目前由协管员每天巡查两次。平均处置时间由5小时缩短到1小时。希望用路侧视频自动发现占道停车并派单。"
    "要求识别准确率不低于94%，夜间也能用。最好能统计周转率。路侧录像约3,000小时可提供，须脱敏后在政务云使用，不得外传。"
    "先在两条街道试点，预算30-50万元，采用询价方式采购。试点时间2027年3月1日至8月31日，抽检500起验收。12月20日前提交方案。"
    "联系人：林溪，邮箱lin@example.cn。"
)


def read(text: str) -> ProposedScenario:
    found = propose_scenario(paragraphs_of(text), today=TODAY)
    assert found is not None
    return found


def values(text: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for each in read(text).fields:
        found.setdefault(each.kind, []).append(dict(each.values))
    return found


def test_a_paragraph_fills_the_form() -> None:
    found = values(PARKING)

    assert found["outcome"] == [{"metric": "平均处置时间", "baseline": "5小时", "target": "1小时"}]
    assert found["volume_note"][0]["volume_note"].startswith("片区有路内停车位6,400个")
    assert found["budget"] == [{"budget_min_fen": "30", "budget_max_fen": "50"}]
    assert found["deadline_on"] == [{"deadline_on": "2026-12-20"}]
    assert found["pilot"] == [{"pilot_from_on": "2027-03-01", "pilot_to_on": "2027-08-31"}]
    assert found["deployment"] == [{"deployment": "gov_cloud"}]
    assert (found["site"][0]["site"], found["security_note"][0]["security_note"]) == (
        "先在两条街道试点",
        "不得外传",
    )
    assert found["contact"] == [{"contact_name": "林溪", "contact_email": "lin@example.cn"}]
    assert [(each["req_1"], each["must_1"]) for each in found["requirement"]] == [
        ("要求识别准确率不低于94%，夜间也能用。", "must"),
        ("最好能统计周转率。", "should"),
    ]


def test_whom_to_call_is_no_part_of_the_text_and_the_rest_is_as_written() -> None:
    found = read(PARKING)

    assert found.text == PARKING.partition("联系人")[0]
    assert found.title == "用路侧视频自动发现占道停车并派单"


def test_each_field_names_a_sentence_of_the_text() -> None:
    assert all(each.source in PARKING for each in read(PARKING).fields)


def test_english_is_read_too() -> None:
    found = values(
        "Leaks in ageing pipes\nTwo crews walk 9 km per day. "
        "We want to reduce the time to find a leak from 21 days to 3 days. "
        "The system must locate a leak within 5 metres. It should run offline. Contact: Ann Lee, ann@example.org."
    )

    assert found["outcome"] == [{"metric": "time to find a leak", "baseline": "21 days", "target": "3 days"}]
    assert [each["must_1"] for each in found["requirement"]] == ["must", "should"]
    assert found["contact"] == [{"contact_name": "Ann Lee", "contact_email": "ann@example.org"}]


def test_a_heading_is_the_title() -> None:
    assert read("热线质检\n现在人工抽检，每天两百通。希望全量质检。").title == "热线质检"


@pytest.mark.parametrize(
    ("told", "amounts"),
    [
        ("预算约40万元", {"budget_max_fen": "40"}),
        ("预算35万到60万元", {"budget_min_fen": "35", "budget_max_fen": "60"}),
        ("经费不超过1.2亿元", {"budget_max_fen": "12000"}),
        ("费用8000元以内", {"budget_max_fen": "0.8"}),
    ],
)
def test_money_is_read_in_ten_thousands(told: str, amounts: dict[str, str]) -> None:
    assert values(f"希望自动巡河。{told}。")["budget"] == [amounts]


def test_figures_that_are_no_money_and_days_that_are_none_are_left() -> None:
    found = values("希望自动巡河，误报不超过5%。截止2月30日。预算另议。")

    assert "budget" not in found and "deadline_on" not in found


def test_the_government_cloud_is_no_domain() -> None:
    assert "domain" not in values("希望自动巡查，部署在政务云。")


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_said_is_nothing_read(text: str) -> None:
    assert propose_scenario(paragraphs_of(text), today=TODAY) is None


@given(st.text(max_size=400))
def test_any_text_is_read_or_says_nothing(text: str) -> None:
    found = propose_scenario(paragraphs_of(text), today=TODAY)

    assert found is None or len([f for f in found.fields if f.kind == "requirement"]) <= MAX_REQUIREMENTS
