"""A firm's profile in Chinese as a text, a document, a PDF page: two products, and what holds for the whole firm."""

from __future__ import annotations

from pathlib import Path

import docx

FIRM = "明察智能有限公司"
LINES: list[tuple[str, str]] = [
    ("title", FIRM),
    ("heading", "公司简介"),
    ("text", "我们是一家成立于2024年的一人公司，做城市里看得见的事。"),
    ("heading", "一、车载视频道路病害识别"),
    (
        "text",
        "用车载记录仪视频识别井盖缺失、破损和沉降，召回率91%，误报率8%。支持本地化部署，也可部署在政务云，不支持公有云。"
        "需要对方提供一个月的路面视频。",
    ),
    ("text", "已在南山某街道办试用半年，巡查时间减少一半。"),
    ("heading", "二、热线工单分派"),
    (
        "text",
        "用大模型读懂市民来电，自动分到承办部门，准确率93%，每天可处理两千件工单。以SaaS方式提供，按坐席收费。",
    ),
    ("heading", "备案情况"),
    ("text", "已完成算法备案，大模型备案正在办理。通过等保二级测评。"),
    ("heading", "交付"),
    ("text", "六周交付，目前最多可再接 2 个试点。"),
    ("heading", "联系我们"),
    ("text", "电话：13800000000，邮箱 a@example.cn。"),
    ("text", "网址 https://example.cn/a"),
]


def profile_text() -> str:
    """The profile as somebody would paste it."""
    return "\n".join(text for _, text in LINES)


def write_profile_document(path: Path) -> Path:
    """The profile as a document with headings of its styles, and a table of two columns."""
    document = docx.Document()
    for kind, text in LINES:
        if kind == "text":
            document.add_paragraph(text)
        else:
            document.add_heading(text, level=0 if kind == "title" else 1)
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "客户", "南山某社区中心"
    document.save(str(path))
    return path


def profile_page() -> str:
    """The profile as a page that a browser prints as PDF; paragraphs are long enough to wrap."""
    tags = {"title": "h1", "heading": "h2", "text": "p"}
    return "".join(f"<{tags[kind]}>{text}</{tags[kind]}>" for kind, text in LINES)
