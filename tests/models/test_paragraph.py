from __future__ import annotations

import pytest

from models.paragraph import MAX_HEADING, Paragraph, looks_like_heading, paragraphs_of


def test_lines_become_paragraphs_and_short_ones_head_what_follows():
    assert paragraphs_of("产品\n\n识别井盖。 \n## 二、工单\n分派工单。\n末行") == [
        Paragraph("产品", heading=True),
        Paragraph("识别井盖。"),
        Paragraph("二、工单", heading=True),
        Paragraph("分派工单。"),
        Paragraph("末行", heading=False),
    ]
    assert paragraphs_of("\n # \n") == []


@pytest.mark.parametrize(
    ("line", "is_heading"),
    [
        ("公司简介", True),
        ("做完了。", False),
        ("- 一项", False),
        ("长" * (MAX_HEADING + 1), False),
        ("要求：", False),
        ("网址 https://a.example", False),
    ],
)
def test_a_heading_is_short_and_no_sentence(line, is_heading):
    assert looks_like_heading(line) is is_heading
