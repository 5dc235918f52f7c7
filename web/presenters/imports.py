"""What the fields of a list are called, how they are written, and templates of lists to fill in."""

from __future__ import annotations

import csv
import io

import xlsxwriter

from models.i18n import N_, gettext
from models.transfer_columns import HEADERS, REQUIRED
from models.transfer_rows import ROW_MODELS

FIELDS = {
    "id": N_("编号"),
    "title": N_("标题"),
    "text": N_("描述"),
    "lang": N_("语言"),
    "publisher": N_("发布单位"),
    "kind": N_("类型"),
    "domain": N_("领域"),
    "district": N_("区"),
    "requirements": N_("要求"),
    "data": N_("可提供数据"),
    "deployment": N_("部署方式"),
    "budget_min_fen": N_("预算下限（分）"),
    "budget_max_fen": N_("预算上限（分）"),
    "opens_on": N_("开始日期"),
    "deadline_on": N_("截止日期"),
    "metric": N_("成效指标"),
    "baseline": N_("现状值"),
    "target": N_("目标值"),
    "contact": N_("联系邮箱"),
    "firm": N_("企业名称"),
    "team_size": N_("团队人数"),
    "community": N_("社区"),
    "industries": N_("行业"),
    "technologies": N_("技术"),
    "filings": N_("备案"),
    "maturity": N_("成熟度"),
    "capacity": N_("可承接试点数"),
    "url": N_("网址"),
    "cases": N_("案例"),
}

NOTES = {
    "id": N_("必填。同一家机构里不重复；再导入时按它更新。"),
    "text": N_("必填。写清楚要解决什么，或能做什么。"),
    "requirements": N_("一条一项，用分号隔开。"),
    "deployment": N_("政务云、本地、端侧、SaaS、不限；几项用分号隔开。"),
    "budget_min_fen": N_("整数，单位是分：30 万元写 30000000。"),
    "budget_max_fen": N_("整数，单位是分：30 万元写 30000000。"),
    "opens_on": N_("写成 2026-12-31。"),
    "deadline_on": N_("写成 2026-12-31。"),
    "district": N_("要是已登记的区。"),
    "community": N_("要是已登记的社区。"),
    "contact": N_("一个邮箱；对方同意后才会收到邮件。"),
    "maturity": N_("设想、样机、试用、商用。"),
    "cases": N_("一个案例一项，用分号隔开。"),
    "lang": N_("中文或英文；不写就按文字判断。"),
}


def field_words(name: str, locale: str) -> str:
    """What a field is called; fields we do not know as they are."""
    return gettext(locale, FIELDS[name]) if name in FIELDS else name


def field_choices(kind: str, locale: str) -> list[tuple[str, str]]:
    """Field and words, in the order of the template."""
    return [(name, field_words(name, locale)) for name in ROW_MODELS[kind].model_fields]


def template_columns(kind: str, locale: str) -> list[tuple[str, str, str]]:
    """For each column of a template: its name (one that import knows), what it is, how it is written."""
    place = 1 if locale == "zh" else 0
    rows = []
    for name in sorted(ROW_MODELS[kind].model_fields, key=lambda each: each not in REQUIRED):
        known = [each for each in HEADERS[name] if each.isascii() != (locale == "zh")]
        column = known[0] if known else HEADERS[name][min(place, len(HEADERS[name]) - 1)]
        note = gettext(locale, NOTES[name]) if name in NOTES else ""
        rows.append((column, field_words(name, locale), note))
    return rows


def template_csv(kind: str, locale: str) -> bytes:
    """A .csv file with the header alone, marked as UTF-8 for spreadsheet programs."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow([column for column, _, _ in template_columns(kind, locale)])
    return text.getvalue().encode("utf-8-sig")


def template_workbook(kind: str, locale: str) -> bytes:
    """A workbook: the header to fill in, and a second sheet that explains each column."""
    content = io.BytesIO()
    columns = template_columns(kind, locale)
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(gettext(locale, N_("清单")))
        for place, (column, _, _) in enumerate(columns):
            sheet.write_string(0, place, column, bold)
        sheet.set_column(0, len(columns) - 1, 18)
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet(gettext(locale, N_("说明")))
        for place, words in enumerate((N_("列名"), N_("是什么"), N_("怎么写"))):
            notes.write_string(0, place, gettext(locale, words), bold)
        for line, row in enumerate(columns, start=1):
            for place, words in enumerate(row):
                notes.write_string(line, place, words)
        notes.set_column(0, 2, 36)
    return content.getvalue()
