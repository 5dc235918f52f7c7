from __future__ import annotations

from flask import Flask

from web.tables import csv_answer


def test_a_file_has_the_mark_spreadsheets_need_and_no_cell_they_run(app: Flask) -> None:
    with app.test_request_context():
        answer = csv_answer("rows.csv", ["要求", "条"], [["=1+1", 2], ["有,逗号", None]])

    assert answer.get_data() == '\ufeff要求,条\r\n\'=1+1,2\r\n"有,逗号",\r\n'.encode()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rows.csv"'
    assert answer.mimetype == "text/csv"
