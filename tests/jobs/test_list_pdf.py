"""The list as a document: set from data, the same bytes each time, and never without a Chinese font."""

import json

import pytest
import typst

from jobs import list_pdf
from jobs.list_pdf import FontMissing, chinese_font, set_list
from tests.jobs.sending import SHENZHEN

ROW = {
    "number": "2027Q1-001", "title": "井盖 #panic() $x$ *甲*", "publisher": "某局", "deadline_on": None,
    "text": "巡查 \\ @nobody <label> [乙]", "metric": "时间", "baseline": "26", "target": "4",
    "requirements": [{"text": "召回率不低于90%", "must": True}, {"text": "给出经纬度", "must": False}],
    "data_note": "", "budget_min_fen": 30_000_000, "budget_max_fen": None, "acceptance": "",
}  # fmt: skip
LIST = {
    "title": "2027年第一季度清单", "title_en": "", "number": "2027Q1", "is_demo": True, "closes_on": None,
    "released_at": "2026-11-23T02:00:00+00:00", "scenarios": [ROW, {**ROW, "requirements": []}],
}  # fmt: skip
ORIGINAL = json.dumps(LIST, ensure_ascii=False).encode()


def test_the_document_is_set_with_chinese_inside_it() -> None:
    content = set_list(ORIGINAL, sha256="0" * 64, zone=SHENZHEN)

    assert content.startswith(b"%PDF-")
    assert b"CJK" in content or b"SourceHan" in content


def test_the_same_list_is_the_same_document() -> None:
    assert set_list(ORIGINAL, sha256="0" * 64, zone=SHENZHEN) == set_list(
        ORIGINAL, sha256="0" * 64, zone=SHENZHEN
    )


def test_an_empty_list_is_a_document_too() -> None:
    assert set_list(
        json.dumps({**LIST, "scenarios": []}).encode(), sha256="0" * 64, zone=SHENZHEN
    ).startswith(b"%PDF-")


def test_without_a_chinese_font_nothing_is_set_and_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(list_pdf, "FONTS", ("A Font That Nobody Has",))

    with pytest.raises(FontMissing, match="fonts-noto-cjk"):
        set_list(ORIGINAL, sha256="0" * 64, zone=SHENZHEN)


def test_the_font_chosen_is_there() -> None:
    assert chinese_font() in typst.Fonts().families()
