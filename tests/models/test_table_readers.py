from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest
import xlsxwriter

from models.errors import InvalidInput
from models.table_readers import read_grids
from tests.list_files import write_document, write_workbook


def package(path: Path, parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def refusal(path: Path, ending: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_grids(path, ending)
    return caught.value.message


def test_every_sheet_of_a_workbook_is_a_grid_with_its_merged_areas(tmp_path: Path) -> None:
    grids = read_grids(write_workbook(tmp_path / "a.xlsx"), ".xlsx")

    assert [grid.name for grid in grids] == ["说明", "清单"]
    assert grids[1].cells[4][1] == grids[1].cells[5][1] == "某区城管局"
    assert (4, 1, 5, 1) in grids[1].merges


def test_dates_and_whole_numbers_of_a_workbook_are_text_as_a_list_has_it(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["编号", "截止"])
        sheet.write(1, 0, 12)
        sheet.write_datetime(1, 1, date(2026, 12, 31), day)
        sheet.write_row(2, 0, [1.5, True])

    (grid,) = read_grids(tmp_path / "a.xlsx", ".xlsx")

    assert grid.cells[1:] == [["12", "2026-12-31"], ["1.5", "是"]]


def test_a_document_gives_its_tables_with_merged_areas(tmp_path: Path) -> None:
    (grid,) = read_grids(write_document(tmp_path / "a.docx"), ".docx")

    assert grid.cells[3][1] == "某区城管局"
    assert (0, 2, 0, 3) in grid.merges
    assert grid.place(2) == "表 1 第 3 行"


def test_a_document_without_table_says_so(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "a.docx"))

    assert refusal(tmp_path / "a.docx", ".docx") == "文档里没有表格。"


@pytest.mark.parametrize("ending", [".xlsx", ".docx", ".pdf"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"<html>not what it says</html>")

    assert "不符" in refusal(path, ending)


def test_a_document_called_a_workbook_is_refused(tmp_path: Path) -> None:
    path = write_document(tmp_path / "a.docx")

    assert refusal(path, ".xlsx") == "内容与扩展名不符。"


@pytest.mark.parametrize("ending", [".xlsx", ".docx"])
def test_a_file_with_a_password_says_so(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))

    assert "密码" in refusal(path, ending)


@pytest.mark.parametrize("ending", [".xlsx", ".docx"])
def test_a_truncated_file_is_refused(tmp_path: Path, ending: str) -> None:
    write = write_workbook if ending == ".xlsx" else write_document
    path = write(tmp_path / f"a{ending}")
    path.write_bytes(path.read_bytes()[:-200])

    assert "损坏" in refusal(path, ending)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    parts = {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(64 * 2**20)}

    assert "太大" in refusal(package(tmp_path / "a.xlsx", parts), ".xlsx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_billion_laughs_are_refused_before_any_parser_sees_them(tmp_path: Path, encoding: str) -> None:
    laughs = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "haha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    parts = {"word/document.xml": laughs.encode(encoding)}

    assert "实体" in refusal(package(tmp_path / "a.docx", parts), ".docx")


def test_a_huge_sheet_is_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet("宽")
        sheet.write(0, 0, "编号")
        sheet.write(0, 5000, "远")

    assert "太大" in refusal(tmp_path / "a.xlsx", ".xlsx")


def test_a_package_with_empty_parts_is_damaged_not_a_failure(tmp_path: Path) -> None:
    assert "损坏" in refusal(package(tmp_path / "a.xlsx", {"xl/workbook.xml": b""}), ".xlsx")
    assert "损坏" in refusal(package(tmp_path / "a.docx", {"word/document.xml": b""}), ".docx")


def test_a_damaged_pdf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n" + io.BytesIO(b"\x00nonsense" * 50).getvalue())

    with pytest.raises(InvalidInput):
        read_grids(path, ".pdf")
