"""Tables as files that spreadsheet programs open: UTF-8 with a mark, and nothing in a cell that they would run.

A list page whose address ends in `as=csv` or `as=xlsx` answers with all rows of its present filter. It is the page's
own view that gives them, so a file never holds what its reader may not see.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from flask import Response, g, request

from models.errors import InvalidInput, NotFound
from models.export import MAX_XLSX_CELL, cell
from models.i18n import N_, gettext
from web.reader import address_with

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Columns = Sequence[tuple[str, Callable[[Any], object]]]
"""For each column its words (marked for translation) and what stands in it for one item of the list."""


def asked_table(name: str, columns: Columns, items: Callable[[], Iterable[Any]]) -> Response | None:
    """The list as the file the address asks for, or None where it asks for the page.

    items: gives every item of the present filter, on all pages; called only where a file is wanted.
    """
    ending = request.args.get("as", "")
    if ending not in ("csv", "xlsx"):
        return None
    header = [gettext(g.locale, words) for words, _ in columns]
    rows = [[value(item) for _, value in columns] for item in items()]
    return file_answer(name, ending, header, rows)


def file_answer(name: str, ending: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The table as a .csv or .xlsx file of this name; NotFound for another ending."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(N_("只有 CSV 和 Excel 两种文件。"))
    make = csv_answer if ending == "csv" else xlsx_answer
    return make(f"{name}.{ending}", header, rows)


def file_address(ending: str) -> str:
    """This page's address, with its filter, as a file."""
    return address_with(**{"as": ending})


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A .csv file to be saved under this name."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([cell(_local(value)) for value in row] for row in rows)
    return _download(name, text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8")


def xlsx_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A workbook to be saved under this name; dates are dates. InvalidInput for a text no cell holds."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet()
        forms = {kind: book.add_format({"num_format": form}) for kind, form in DATE_FORMS.items()}
        for column, words in enumerate(header):
            sheet.write_string(0, column, words, book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(map(_local, row)):
                if isinstance(value, date):
                    sheet.write_datetime(line, column, value, forms[type(value)])
                else:
                    sheet.write(line, column, _fitting(cell(value)))
    return _download(name, content.getvalue(), XLSX_TYPE)


DATE_FORMS: dict[type, str] = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm"}


def _local(value: object) -> object:
    """A moment as the clock on the reader's wall shows it, to the minute; everything else as it is."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(g.zone).replace(tzinfo=None, second=0, microsecond=0)


def _fitting(value: str | int | float) -> str | int | float:
    if isinstance(value, str) and len(value) > MAX_XLSX_CELL:
        raise InvalidInput(N_("有一格太长，Excel 放不下，请导出 CSV。"))
    return value


def _download(name: str, content: bytes, media_type: str) -> Response:
    answer = Response(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
