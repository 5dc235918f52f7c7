import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from matcher.completeness import (
    is_below_floor,
    is_below_need_floor,
    is_other_language,
    missing_fields,
    substance,
)
from matcher.documents import Document, DocumentKind, Statement, text_document
from models.capability import Capability, CapabilityCase, Maturity

THIN = {f"C{n}" for n in (*range(76, 87), *range(215, 221))}


def offer(text, lang="zh", **statements):
    found = [Statement("text", text), *(Statement(source, said) for source, said in statements.items())]
    return Document(DocumentKind.CAPABILITY, 1, lang, tuple(found))


def demo_offers():
    path = Path(models.__file__).parent / "demo_data" / "capabilities.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {
        row["key"]: Document(
            DocumentKind.CAPABILITY,
            1,
            row["lang"],
            (Statement("text", row["text"]), *(Statement("case", case["text"]) for case in row["cases"])),
        )
        for row in rows
    }


def test_of_the_demo_capabilities_exactly_the_thin_ones_are_below_the_floor():
    assert {key for key, document in demo_offers().items() if is_below_floor(document)} == THIN


@pytest.mark.parametrize(
    "text",
    [
        "可做各类产品的外观检测，精度高，速度快，欢迎联系。",
        "Smart city video analytics for many events. Contact us for a demo.",
        "业内领先，效果好，欢迎咨询！" * 20,
        "",
    ],
)
def test_praise_and_invitations_are_no_information(text):
    assert is_below_floor(text_document(text, kind=DocumentKind.CAPABILITY))


def test_one_full_sentence_is_enough_to_judge():
    text = (
        "An assistant that reads incident reports and drafts regulatory filings for medical device companies."
    )

    assert not is_below_floor(text_document(text, kind=DocumentKind.CAPABILITY))


def test_cases_count_and_the_title_does_not():
    case = "三家工厂十一副模具连续运行半年，漏检率和过杀率由厂方抽检确认，复检工位减少三人。"

    assert not is_below_floor(offer("外观检测。", case=case))
    assert is_below_floor(offer("外观检测。", title=case))


@given(st.text(max_size=200), st.text(alphabet="缺陷检测在产线上运行", max_size=40))
def test_saying_more_never_takes_information_away(text, more):
    assert substance(offer(text, case=more)) >= substance(offer(text))


def test_what_is_missing_is_named_most_helpful_first():
    assert missing_fields(offer("外观检测。"), Capability(organisation_id=1, title="x", text="x")) == [
        "text_too_short",
        "deployment_unknown",
        "case_missing",
        "maturity_unknown",
        "capacity_unknown",
    ]


def test_a_full_profile_misses_nothing():
    capability = Capability(
        organisation_id=1, title="x", text="x", deployment=["edge"], maturity=Maturity.PILOT, capacity=0
    )
    capability.cases = [CapabilityCase(capability_id=1, position=1, text="用过")]

    assert (
        missing_fields(
            offer("产线上检测缺陷并自动分拣，结果写回控制器，图像保存九十天可以查询。"), capability
        )
        == []
    )


def test_a_pasted_text_is_asked_for_nothing_but_more_text():
    assert missing_fields(offer("外观检测。"), None) == ["text_too_short"]


@pytest.mark.parametrize(
    ("text", "is_other"),
    [
        ("Система находит повреждённые крышки люков.", True),
        ("マンホールの破損を見つけて担当者に知らせるシステム", True),
        ("맨홀 파손을 찾아 담당자에게 알리는 시스템", True),
        ("识别井盖缺失、破损和沉降，支持普通话和俄语（русский）播报，已在三个街道用了半年。", False),
        ("Détection de fuites sur le réseau, précision 95 %, écart ±2 μm.", False),
        ("", False),
    ],
)
def test_a_text_in_other_letters_is_in_another_language(text, is_other):
    assert is_other_language(text_document(text, kind=DocumentKind.CAPABILITY)) is is_other


def test_a_need_of_a_word_is_below_the_floor_and_one_of_a_sentence_is_not():
    assert is_below_need_floor(text_document("井盖", kind=DocumentKind.SCENARIO))
    assert not is_below_need_floor(text_document("自动发现井盖缺失和破损并派单", kind=DocumentKind.SCENARIO))
