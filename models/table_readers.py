"""Tables of workbooks (.xlsx), documents (.docx) and PDF files as grids.

Runs in the limited process of models/table_process.py only: the libraries below are not made for hostile files.
"""

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from models.errors import InvalidInput
from models.table_grid import Merge, TableGrid, fill_merges

MAX_UNPACKED = 200 * 1024 * 1024
"""Bytes all parts of a workbook or document may unpack to."""

MAX_PARTS = 5_000
MAX_RATIO = 200
"""How many times its packed size a part of more than a megabyte may unpack to; honest sheets stay under 30."""

MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_PAGES = 500

CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What old Office files and files with a password begin with."""

CJK = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
RADICAL = re.compile("[\u2e80-\u2fdf]")
"""Signs of radicals: PDF files name glyphs by them that are meant as the character of the same shape (⽇ for 日)."""

SIMPLIFIED = str.maketrans(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰",
    "母民虎西见角贝车長长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙",
)
"""Signs of radicals for which Unicode names no character of the same shape, and those characters."""

BROKEN_LINE = re.compile(f"(?<=[{CJK}])\n(?=[{CJK}])")


def read_grids(path: Path, ending: str) -> list[TableGrid]:
    """All tables of a file with this ending. InvalidInput, in one sentence, where it holds none or is another kind."""
    check_kind(path, ending)
    grids = [grid for grid in READERS[ending](path) if grid.cells and grid.width]
    if not grids:
        raise InvalidInput(NOTHING[ending])
    return grids


def check_kind(path: Path, ending: str) -> None:
    """InvalidInput, in one sentence, where a file is not what its ending says, or unpacks to too much."""
    with path.open("rb") as file:
        beginning = file.read(1024)
    if beginning.startswith(CFB):
        raise InvalidInput("文件有密码，或是旧版 Office 格式。请去掉密码、另存为 .xlsx 或 .docx 再传。")
    if ending == ".pdf":
        if b"%PDF-" not in beginning:
            raise InvalidInput("内容不是 PDF，与扩展名不符。")
    else:
        _check_package(path, {".xlsx": "xl/", ".docx": "word/"}[ending])


def _check_package(path: Path, folder: str) -> None:
    """Refuse what is no such package, what unpacks to too much, and XML that declares entities."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            if not any(part.filename.startswith(folder) for part in parts):
                raise InvalidInput("内容与扩展名不符。")
            _check_sizes(parts)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with package.open(part) as file:
                        _check_prolog(file.read(8192))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError, EOFError) as err:
        raise InvalidInput("文件不完整或已损坏，或内容与扩展名不符。") from err
    except RuntimeError as err:
        raise InvalidInput("文件有密码，请去掉密码再传。") from err


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    too_dense = any(
        part.file_size > 2**20 and part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts
    )
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED or too_dense:
        raise InvalidInput("文件解开后太大，不读。请只留下表格再传。")


def _check_prolog(beginning: bytes) -> None:
    if b"<!DOCTYPE" in beginning.replace(b"\0", b"").upper():
        raise InvalidInput("文件里有实体声明，不安全，不读。请在 Office 里另存一份再传。")


def _workbook(path: Path) -> Iterator[TableGrid]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                _check_extent(sheet.total_height, sheet.total_width, name)
                cells = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
                merges = [(*first, *last) for first, last in sheet.merged_cell_ranges or []]
                kept = fill_merges(cells, merges)
                yield TableGrid(name, cells, list(range(1, len(cells) + 1)), merges=kept, has_letters=True)
    except CalamineError as err:
        raise InvalidInput("工作簿不完整或已损坏，读不出来。") from err


def _check_extent(n_rows: int, width: int, name: str) -> None:
    if n_rows > MAX_ROWS or width > MAX_COLUMNS:
        raise InvalidInput(f"“{name}”太大：最多 {MAX_ROWS} 行、{MAX_COLUMNS} 列。")


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _document(path: Path) -> Iterator[TableGrid]:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml import etree

    try:
        tables = docx.Document(str(path)).tables
        for number, table in enumerate(tables, start=1):
            yield _document_table(table, f"表 {number}")
    except (OpcError, etree.LxmlError, KeyError, ValueError, AttributeError, IndexError) as err:
        raise InvalidInput("文档不完整或已损坏，读不出来。") from err


def _document_table(table: Any, name: str) -> TableGrid:
    rows = [[*[None] * row.grid_cols_before, *row.cells] for row in table.rows]
    width = max(map(len, rows), default=0)
    _check_extent(len(rows), width, name)
    cells = [["" if cell is None else cell.text for cell in row] + [""] * (width - len(row)) for row in rows]
    areas: dict[Any, list[int]] = {}
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is not None:
                # A merged area is one and the same element wherever it is met.
                area = areas.setdefault(cell._tc, [place, column, place, column])
                area[2], area[3] = max(area[2], place), max(area[3], column)
    merges: list[Merge] = [
        (top, left, bottom, right)
        for top, left, bottom, right in areas.values()
        if (top, left) != (bottom, right)
    ]
    places = [f"{name} 第 {line} 行" for line in range(1, len(cells) + 1)]
    return TableGrid(name, cells, list(range(1, len(cells) + 1)), places, merges)


def _pdf(path: Path) -> Iterator[TableGrid]:
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(path) as document:
            if len(document.pages) > MAX_PAGES:
                raise InvalidInput(f"PDF 太长，最多 {MAX_PAGES} 页。请只留下表格那几页再传。")
            yield from _pdf_tables(document)
    except (PdfminerException, PDFException, ValueError, KeyError, TypeError, AttributeError) as err:
        if isinstance(err.args[0] if err.args else None, PDFPasswordIncorrect):
            raise InvalidInput("PDF 有密码，请去掉密码再传。") from err
        raise InvalidInput("PDF 不完整或已损坏，读不出来。") from err


def _pdf_tables(document: Any) -> Iterator[TableGrid]:
    has_text = has_pictures = False
    for number, page in enumerate(document.pages, start=1):
        has_text = has_text or bool(page.chars)
        has_pictures = has_pictures or bool(page.images)
        for table in page.find_tables():
            yield _pdf_table(table, f"第 {number} 页")
        page.close()
    if not has_text:
        if has_pictures:
            raise InvalidInput("这份 PDF 是扫描件，只有图没有文字，读不出表格。请用原件，或先做文字识别。")
        raise InvalidInput("这份 PDF 里没有文字。")


def _pdf_table(table: Any, name: str) -> TableGrid:
    """The table's grid from the edges of its cells, so that merged areas are known."""
    lefts = sorted({round(cell[0]) for cell in table.cells})
    tops = sorted({round(cell[1]) for cell in table.cells})
    texts = table.extract()
    cells = [[""] * len(lefts) for _ in tops]
    merges: list[Merge] = []
    for row, contents in zip(table.rows, texts, strict=True):
        for box, text in zip(row.cells, contents, strict=True):
            if box is None:
                continue
            left, top = lefts.index(round(box[0])), tops.index(round(box[1]))
            right = sum(edge < round(box[2]) for edge in lefts) - 1
            bottom = sum(edge < round(box[3]) for edge in tops) - 1
            cells[top][left] = _unwrapped(text or "")
            if (top, left) != (bottom, right):
                merges.append((top, left, bottom, right))
    kept = fill_merges(cells, merges)
    places = [f"{name}第 {line} 行" for line in range(1, len(cells) + 1)]
    return TableGrid(name, cells, list(range(1, len(cells) + 1)), places, kept)


def as_meant(text: str) -> str:
    """The text with signs of radicals as the characters they stand for."""
    return RADICAL.sub(lambda sign: unicodedata.normalize("NFKC", sign.group()), text).translate(SIMPLIFIED)


def _unwrapped(text: str) -> str:
    """A cell's lines as one text: PDF knows no paragraphs, and a line ends where the column does."""
    text = as_meant(text)
    return BROKEN_LINE.sub("", text).replace("\n", " ").strip()


READERS: dict[str, Callable[[Path], Iterator[TableGrid]]] = {
    ".xlsx": _workbook,
    ".docx": _document,
    ".pdf": _pdf,
}

NOTHING = {
    ".xlsx": "工作簿里没有内容。",
    ".docx": "文档里没有表格。",
    ".pdf": "PDF 里没有带框线的表格。",
}
