from __future__ import annotations

import pytest

from matcher.profile_reading import MAX_CAPABILITIES, ProposedCapability, propose_capabilities
from models.paragraph import Paragraph, paragraphs_of
from tests.profile_texts import FIRM, profile_text


def read(text: str) -> list[ProposedCapability]:
    return propose_capabilities(paragraphs_of(text))


def values(found: ProposedCapability, kind: str) -> list[str]:
    return [value for each in found.fields if each.kind == kind for value in each.values.values()]


def test_each_product_with_a_heading_is_a_capability():
    road, calls = read(profile_text())

    assert (road.title, calls.title) == ("车载视频道路病害识别", "热线工单分派")
    assert road.text.startswith("用车载记录仪视频识别井盖缺失")
    assert "热线" not in road.text and FIRM not in road.text
    assert (values(road, "deployment"), values(calls, "deployment")) == (
        ["gov_cloud", "on_premise"],
        ["saas"],
    )
    assert values(calls, "technologies") == ["大模型"]
    assert values(road, "technologies") == []
    assert values(calls, "price_note") == ["以SaaS方式提供，按坐席收费。"]
    assert values(road, "data_needed") == ["需要对方提供一个月的路面视频。"]


def test_what_holds_for_the_whole_firm_is_proposed_for_each():
    for found in read(profile_text()):
        assert values(found, "filings") == ["algorithm_filing", "mlps_2"]
        assert (values(found, "capacity"), values(found, "weeks")) == (["2"], ["6"])
        assert values(found, "url") == ["https://example.cn/a"]


def test_every_proposal_carries_a_sentence_of_the_document():
    text = profile_text()

    sources = [each.source for found in read(text) for each in found.fields]

    assert len(sources) > 10
    assert [source for source in sources if source not in text] == []


def test_a_case_names_its_customer():
    road = read(profile_text())[0]

    assert values(road, "case") == ["已在南山某街道办试用半年，巡查时间减少一半。", "南山某街道办"]
    assert "试用半年" not in road.text


def test_people_and_numbers_to_reach_them_are_left_out():
    shown = str(read(profile_text()))
    texts = "".join(found.text for found in read(profile_text()))

    assert "13800000000" not in shown
    assert "a@example.cn" not in texts


def test_one_product_without_headings_is_one_capability_named_by_its_first_clause():
    (found,) = read("用手机拍照识别发票真伪，三秒出结果。支持私有化部署。")

    assert (found.title, found.text) == (
        "用手机拍照识别发票真伪",
        "用手机拍照识别发票真伪，三秒出结果。支持私有化部署。",
    )


def test_a_firms_name_is_no_product():
    (found,) = read("明察智能有限公司\n识别井盖缺失和破损，召回率91%，能在夜间工作，已有三处在用。")

    assert found.title == "识别井盖缺失和破损"


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("不支持私有化部署，只提供云服务。", "deployment", []),
        ("大模型备案正在办理。", "filings", []),
        ("尚未完成算法备案。", "filings", []),
        ("已通过等保三级测评，算法完成备案。", "filings", ["algorithm_filing", "mlps_3"]),
        ("Runs in your own server room, algorithm filing done.", "filings", ["algorithm_filing"]),
        ("产品已商用，另有两个试点。", "maturity", ["commercial"]),
        ("目前是样机。", "maturity", ["prototype"]),
        ("还能接3个试点。", "maturity", []),
        ("同时可承接五个项目。", "capacity", ["5"]),
        ("交付周期约2个月。", "weeks", ["9"]),
        ("两周上线。", "weeks", ["2"]),
        ("We deliver in 8 weeks.", "weeks", ["8"]),
        ("面向养老和医疗，用毫米波雷达。", "industries", ["public_service", "healthcare"]),
        ("用大语言模型做问答。", "technologies", ["大语言模型"]),
    ],
)
def test_what_a_sentence_ticks(text, kind, expected):
    (found,) = read(f"识别跌倒并通知家属，三十秒内送达。{text}")

    assert values(found, kind) == expected


def test_nothing_written_is_nothing_read():
    assert read("") == read("  \n\n ") == []
    assert propose_capabilities([Paragraph("联系我们", heading=True)]) == []


def test_a_catalogue_of_everything_is_cut_short():
    products = "\n".join(
        f"产品名称{n}\n识别第{n}种情况，并在十秒之内通知到值班的人，夜间也能工作，误报很少。"
        for n in range(40)
    )

    assert len(read(products)) == MAX_CAPABILITIES
