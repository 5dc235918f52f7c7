"""One list in Chinese as a workbook, a document and a PDF file: a title, two header rows, merged cells, a note."""

from __future__ import annotations

import html
from pathlib import Path

import docx
import xlsxwriter

TITLE = "某区2026年场景需求清单"
NOTE = "注：联系方式由区里统一提供。"
TOP = ["编号", "发布单位", "需求", "需求", "期限", "期限"]
BOTTOM = ["编号", "发布单位", "场景名称", "需求描述", "征集开始", "截止日期"]
HEADER = ["编号", "发布单位", "需求/场景名称", "需求/需求描述", "期限/征集开始", "期限/截止日期"]
ROWS = [
    ["S1", "某区城管局", "井盖病害识别", "希望自动发现井盖缺失并派单。", "2026-10-01", "2026-12-31"],
    ["S2", "某区城管局", "占道经营提醒", "希望识别占道经营，五分钟内提醒。", "2026-10-01", "2026-12-31"],
    ["S3", "某区水务局", "河道漂浮物", "希望从摄像头画面里发现漂浮物。", "2026-11-01", "2027-01-31"],
]
AREAS = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3), (0, 4, 0, 5), (2, 1, 3, 1)]
"""Merged areas of header and rows together: first row and column, last row and column."""


def _table() -> list[list[str]]:
    return [TOP, BOTTOM, *ROWS]


def write_workbook(path: Path) -> Path:
    """Title across, an empty row, the table from row 3, a note; a second sheet that is no list."""
    with xlsxwriter.Workbook(str(path)) as book:
        other = book.add_worksheet("说明")
        other.write(0, 0, "请按模板填写")
        sheet = book.add_worksheet("清单")
        sheet.merge_range(0, 0, 0, 5, TITLE)
        table = _table()
        for place, row in enumerate(table):
            for column, text in enumerate(row):
                sheet.write(place + 2, column, text)
        for top, left, bottom, right in AREAS:
            sheet.merge_range(top + 2, left, bottom + 2, right, table[top][left])
        sheet.merge_range(len(table) + 2, 0, len(table) + 2, 5, NOTE)
    return path


def write_document(path: Path, *, in_two: bool = False) -> Path:
    """The table after a title; in_two: its last row in a table of its own, header repeated."""
    document = docx.Document()
    document.add_paragraph(TITLE)
    table = _table()
    parts = [table[:-1], [TOP, BOTTOM, table[-1]]] if in_two else [table]
    for part in parts:
        made = document.add_table(rows=len(part), cols=6)
        for place, row in enumerate(part):
            for column, text in enumerate(row):
                made.cell(place, column).text = text
        for top, left, bottom, right in AREAS:
            if bottom < len(part) and not (part is not parts[0] and top >= 2):
                merged = made.cell(top, left).merge(made.cell(bottom, right))
                merged.text = part[top][left]
        document.add_paragraph("")
    document.add_paragraph(NOTE)
    document.save(str(path))
    return path


def page_of_list(*, rows: list[list[str]] = ROWS, break_after: int | None = None) -> str:
    """The list as a page that a browser prints, ruled; break_after: rows on the first sheet of paper."""
    table = [TOP, BOTTOM, *rows]
    areas = {(top, left): (bottom, right) for top, left, bottom, right in AREAS}
    covered = {
        (row, column)
        for (top, left), (bottom, right) in areas.items()
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }
    lines = []
    for place, row in enumerate(table):
        cells = []
        for column, text in enumerate(row):
            if (place, column) in covered:
                continue
            bottom, right = areas.get((place, column), (place, column))
            spans = f' rowspan="{bottom - place + 1}" colspan="{right - column + 1}"'
            cells.append(f"<td{spans}>{html.escape(text)}</td>")
        style = ' style="break-after:page"' if break_after == place - 1 else ""
        lines.append(f"<tr{style}>{''.join(cells)}</tr>")
    head, body = "".join(lines[:2]), "".join(lines[2:])
    return (
        '<meta charset="utf-8"><style>table{border-collapse:collapse;width:100%}td{border:1px solid;width:16%}'
        f"body{{font-family:'Noto Serif CJK SC'}}</style><h1>{TITLE}</h1>"
        f"<table><thead>{head}</thead><tbody>{body}</tbody></table><p>{NOTE}</p>"
    )
