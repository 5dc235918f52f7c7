"""The same list as workbook, document, PDF file and .csv gives the same rows, each with its own addresses."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from models.errors import InvalidInput
from models.scenario import Scenario
from models.transfer import ImportOptions, read_import
from models.transfer_file import Sheet
from tests.factories import MONDAY
from tests.import_rows import TODAY, bring_file, counts
from tests.list_files import HEADER, NOTE, ROWS, TITLE, page_of_list, write_document, write_workbook
from tests.pdf_pages import SCAN, print_page


def sheet_of(path: Path, **options: str) -> Sheet:
    return read_import(path, "scenarios", ImportOptions(now=MONDAY, today=TODAY, **options))


def values(sheet: Sheet) -> list[list[str]]:
    return [[row.values[column] for column in HEADER] for row in sheet.rows if row.values is not None]


def test_a_workbook_gives_rows_with_cells(tmp_path: Path) -> None:
    sheet = sheet_of(write_workbook(tmp_path / "a.xlsx"))

    assert list(sheet.ordered) == HEADER
    assert values(sheet) == ROWS
    assert sheet.where(6, "需求/需求描述") == "D6"
    assert (sheet.table, list(sheet.tables)) == ("清单", ["说明", "清单"])
    assert [text for _, text in sheet.left_out] == [TITLE, NOTE]


@pytest.mark.parametrize("in_two", [False, True])
def test_a_document_gives_the_same_rows(tmp_path: Path, in_two: bool) -> None:
    sheet = sheet_of(write_document(tmp_path / "a.docx", in_two=in_two))

    assert values(sheet) == ROWS
    assert sheet.where(sheet.rows[-1].line) == ("表 2 第 3 行" if in_two else "表 1 第 5 行")


@pytest.mark.browser
def test_a_pdf_file_gives_the_same_rows(tmp_path: Path) -> None:
    sheet = sheet_of(print_page(page_of_list(), tmp_path / "a.pdf"))

    assert values(sheet) == ROWS
    assert sheet.where(sheet.rows[0].line) == "第 1 页第 3 行"


@pytest.mark.browser
def test_a_pdf_table_that_goes_on_over_the_page_is_one_table(tmp_path: Path) -> None:
    sheet = sheet_of(print_page(page_of_list(break_after=2), tmp_path / "a.pdf"))

    assert values(sheet) == ROWS
    assert sheet.where(sheet.rows[-1].line) == "第 2 页第 3 行"


def test_a_scanned_pdf_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(SCAN)

    with pytest.raises(InvalidInput, match="扫描件"):
        sheet_of(tmp_path / "a.pdf")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_is_read_in_every_encoding_and_with_every_separator(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([[TITLE], HEADER, *ROWS])
    (tmp_path / "a.csv").write_bytes(text.getvalue().encode(encoding))

    sheet = sheet_of(tmp_path / "a.csv")

    assert values(sheet) == ROWS
    assert [text for _, text in sheet.left_out] == [TITLE]


def test_a_sheet_can_be_chosen_and_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx")

    assert sheet_of(path, table="清单").table == "清单"
    with pytest.raises(InvalidInput, match="没有“别的”这张表"):
        sheet_of(path, table="别的")


def test_a_workbook_is_imported_like_any_other_file(session: Session, tmp_path: Path, now: datetime) -> None:
    report = bring_file(session, "scenarios", write_workbook(tmp_path / "a.xlsx"), now=now)

    assert counts(report) == (3, 0, 0, 0)
    assert [row["title"] for row in report.first_rows] == [row[2] for row in ROWS]
    titles = session.exec(select(Scenario.title).where(Scenario.external_id == "S3")).all()
    assert titles == ["河道漂浮物"]


def test_an_error_names_the_cell(session: Session, tmp_path: Path, now: datetime) -> None:
    path = write_document(tmp_path / "b.docx")
    report = bring_file(session, "scenarios", path, now=now, mapping={"发布单位": "district"})

    assert report.where(report.errors[0]).startswith("表 1 第 3 行")
