from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from python_calamine import CalamineWorkbook

from models.errors import InvalidInput, NotFound
from web.tables import asked_table, csv_answer, file_address, file_answer, xlsx_answer


def test_a_file_has_the_mark_spreadsheets_need_and_no_cell_they_run(app: Flask) -> None:
    with app.test_request_context():
        answer = csv_answer("rows.csv", ["要求", "条"], [["=1+1", 2], ["有,逗号", None]])

    assert answer.get_data() == '\ufeff要求,条\r\n\'=1+1,2\r\n"有,逗号",\r\n'.encode()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rows.csv"'
    assert answer.mimetype == "text/csv"


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"]


def test_a_workbook_holds_no_formula_and_its_dates_are_dates(app: Flask) -> None:
    with app.test_request_context():
        g.zone = ZoneInfo("Asia/Shanghai")
        moment = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
        rows = [[text, None] for text in FORMULAS] + [[date(2026, 12, 31), moment]]
        content = xlsx_answer("rows.xlsx", ["甲", "乙"], rows).get_data()

    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert all(str(row[0]).startswith("'") for row in cells[1:-1])
    assert cells[-1] == [date(2026, 12, 31), datetime(2027, 1, 1, 0, 30)]  # noqa: DTZ001 - a cell has no zone


def test_a_text_no_cell_holds_is_refused(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(InvalidInput, match="Excel 放不下"):
        xlsx_answer("rows.xlsx", ["甲"], [["长" * 40_000]])


def test_a_page_without_a_wish_is_no_file(app: Flask) -> None:
    with app.test_request_context("/scenarios"):
        assert asked_table("rows", [], list) is None
    with app.test_request_context("/scenarios?band=all&page=2"):
        assert file_address("csv") == "/scenarios?band=all&page=2&as=csv"


def test_a_file_is_named_after_its_ending_and_another_ending_is_not_found(app: Flask) -> None:
    with app.test_request_context():
        answers = [file_answer("rows", ending, ["甲"], [[1]]) for ending in ("csv", "xlsx")]
        with pytest.raises(NotFound):
            file_answer("rows", "pdf", ["甲"], [[1]])

    names = [answer.headers["Content-Disposition"] for answer in answers]
    assert names == ['attachment; filename="rows.csv"', 'attachment; filename="rows.xlsx"']
