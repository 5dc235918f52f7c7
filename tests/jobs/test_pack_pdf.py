"""The evidence pack as a document: set from its manifest, the same bytes each time, its codes in words."""

import io
import json
import zipfile
from typing import Any

import pytest

from jobs import list_pdf
from jobs.list_pdf import FontMissing
from jobs.pack_pdf import readable, set_pack

CLAUSES = [{"code": "a", "verdict": "met"}, {"code": "b", "verdict": "unknown"}]
MANIFEST: dict[str, Any] = {
    "as_of": "2026-11-23",
    "is_demo": True,
    "scenario": {"number": "NS-001", "title": "井盖 $x$ #panic()", "owner": "某局", "published_on": "2026-08-03"},
    "firm": {"name": "甲视觉", "credit_code": None},
    "capability": "路面识别",
    "chain": dict.fromkeys(
        ("introduced_on", "agreed_on", "started_on", "go_live_on", "accepted_on", "stopped_on"), None
    ),
    "agreement": {
        "title": "两条主干道试点", "success_metric": "小时数", "baseline": "26", "target": "4",
        "decision_owner": "李科长", "decision_on": "2027-04-10", "data_terms": "",
    },
    "milestones": [{"title": "上线", "due_on": "2026-12-01", "done_on": None}],
    "usage": [
        {
            "from_on": "2026-11-01", "to_on": "2026-11-07", "n_users": 9, "volume": 340, "unit": "件",
            "metric_value": "", "issues": "",
        }
    ],
    "documents": [
        {
            "title": "测试报告", "sha256": "a" * 64, "issuer": "某检测机构", "number": "JC-1",
            "issued_on": "2026-11-01", "checked_on": None,
        }
    ],
    "assessments": [
        {
            "title": "政务场景资助", "document_number": "深政数规〔2025〕2号", "rule_version": 1,
            "assessed_on": "2026-11-23", "verdict": "unknown", "clauses": CLAUSES,
            "amount_fen": [100_000_000, 500_000_000],
            "missing": [
                {"code": "use_report", "where_to_get": "scenario_owner", "clause": "b"},
                {"code": "use_report", "where_to_get": "scenario_owner", "clause": "c"},
            ],
        }
    ],
}  # fmt: skip
EMPTY = {**MANIFEST, "milestones": [], "usage": [], "documents": [], "assessments": []}


def packed(manifest: dict[str, Any]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as pack:
        pack.writestr("manifest.json", json.dumps(manifest))
    return made.getvalue()


def test_the_document_is_set_and_the_same_each_time() -> None:
    first, second = (set_pack(packed(MANIFEST)) for _ in range(2))

    assert first.startswith(b"%PDF-")
    assert first == second


def test_a_pack_with_nothing_in_it_is_a_document_too() -> None:
    assert set_pack(packed(EMPTY)).startswith(b"%PDF-")


def test_codes_are_words_and_what_is_missing_is_said_once() -> None:
    (row,) = readable(MANIFEST)["assessments"]

    assert (row["verdict"], row["amount"], row["tally"]) == ("不明", "100万元至500万元", "满足 1，不明 1")
    assert row["missing"] == ["用户使用报告：找场景方。"]


def test_without_a_chinese_font_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_pdf, "FONTS", ("A Font That Nobody Has",))

    with pytest.raises(FontMissing, match="中文字体"):
        set_pack(packed(MANIFEST))
