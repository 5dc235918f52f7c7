"""The record as a document: set from data, the same bytes each time, its codes in words."""

from typing import Any

import pytest

from jobs import list_pdf
from jobs.list_pdf import FontMissing
from jobs.record_pdf import readable, set_record
from tests.jobs.sending import SHENZHEN

MARK = {
    "evaluator": "评委甲", "criterion": 1, "score": 3, "comment": "#panic() 好", "revised_score": 2,
    "revised_reason": "读了别人的意见",
}  # fmt: skip
RECORD: dict[str, Any] = {
    "scenario": {"number": "NS-001", "title": "井盖 $x$", "lang": "zh"}, "agency": "某局", "is_demo": True,
    "criteria": [{"name": "逐条满足要求", "weight": 100, "anchors": ["0", "1", "2", "3"]}],
    "criteria_sha256": "c" * 64, "begun_at": "2026-11-20T02:00:00+00:00", "scored_at": None,
    "settled_at": "2026-11-22T02:00:00+00:00", "settle_note": "", "decided_at": "2026-11-23T18:30:00+00:00",
    "decided_by": "周敏", "withdrawn": ["丙"],
    "evaluators": [
        {"name": "评委甲", "recused_at": None, "recusal_reason": ""},
        {"name": "评委乙", "recused_at": "2026-11-21T02:00:00+00:00", "recusal_reason": "任职"},
    ],
    "proposals": [
        {
            "firm": "甲", "rank": 1, "points_tenths": 817, "version": 2, "version_sha256": "v" * 64, "selected": False,
            "reasons": ["price"], "text": "超出预算。", "marks": [MARK],
        }
    ],
}  # fmt: skip


def test_the_document_is_set_and_the_same_each_time() -> None:
    first, second = (set_record(RECORD, sha256="0" * 64, zone=SHENZHEN) for _ in range(2))

    assert first.startswith(b"%PDF-")
    assert first == second


def test_a_record_without_proposals_is_a_document_too() -> None:
    empty = {**RECORD, "proposals": [], "withdrawn": []}

    assert set_record(empty, sha256="0" * 64, zone=SHENZHEN).startswith(b"%PDF-")


def test_codes_are_words_and_moments_local() -> None:
    shown = readable(RECORD, zone=SHENZHEN)

    assert shown["decided_at"] == "2026-11-24 02:30"
    assert shown["scored_at"] == ""
    assert (shown["proposals"][0]["points"], shown["proposals"][0]["reasons"]) == ("81.7", ["价格超出预算"])


def test_without_a_chinese_font_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_pdf, "FONTS", ("A Font That Nobody Has",))

    with pytest.raises(FontMissing):
        set_record(RECORD, sha256="0" * 64, zone=SHENZHEN)
