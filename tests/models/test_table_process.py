from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from models.errors import InvalidInput
from models.table_process import read_paragraphs, read_tables
from tests.list_files import write_document, write_workbook
from tests.profile_texts import FIRM, write_profile_document

HEAD = '<?xml version="1.0"?><{0} xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{1}</{0}>'


def test_tables_come_back_from_the_process_as_they_were_read(tmp_path: Path) -> None:
    grids = read_tables(write_workbook(tmp_path / "a.xlsx"), ".xlsx")

    assert [grid.name for grid in grids] == ["说明", "清单"]
    assert (4, 1, 5, 1) in grids[1].merges
    assert grids[1].has_letters


def test_a_refusal_of_the_process_is_said_in_its_words(tmp_path: Path) -> None:
    path = write_document(tmp_path / "a.docx")

    with pytest.raises(InvalidInput, match="内容与扩展名不符"):
        read_tables(path, ".xlsx")


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="太久"):
        read_tables(write_workbook(tmp_path / "a.xlsx"), ".xlsx", seconds=0.01)


def test_two_far_apart_cells_cost_no_more_than_the_process_may_have(tmp_path: Path) -> None:
    # A few bytes that span 1,048,576 rows of 16,384 columns; a dense table of them would take terabytes.
    far = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    cells = f'<sheetData><row r="1"><c r="A1"><v>1</v></c></row>{far}</sheetData>'
    path = write_workbook(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = HEAD.format("worksheet", cells).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)

    with pytest.raises(InvalidInput):
        read_tables(path, ".xlsx")


def test_paragraphs_come_back_from_the_process_as_they_were_read(tmp_path: Path) -> None:
    found = read_paragraphs(write_profile_document(tmp_path / "a.docx"), ".docx")

    assert (found[0].text, found[0].heading) == (FIRM, True)
    with pytest.raises(InvalidInput, match="内容与扩展名不符"):
        read_paragraphs(write_workbook(tmp_path / "b.xlsx"), ".docx")
