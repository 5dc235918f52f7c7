"""Texts of documents (.docx) and PDF files, paragraph by paragraph.

Runs in the limited process of models/table_process.py only: the libraries below are not made for hostile files.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from models.errors import InvalidInput
from models.paragraph import ENDS_SENTENCE, Paragraph, looks_like_heading
from models.table_readers import as_meant, check_kind
from models.texts import storable

MAX_CHARACTERS = 200_000
"""Text that is read of one document: a company's profile has some thousand characters."""

MAX_PAGES = 60

HEADING_SCALE = 1.12
"""How much larger than most of the text a heading is printed, where size tells."""

CJK_FROM = "\u2e80"
"""Characters from here on are written without blanks between words."""


def read_text(path: Path, ending: str) -> list[Paragraph]:
    """The paragraphs of a .docx or .pdf file. InvalidInput, in one sentence, where there is no text to read."""
    check_kind(path, ending)
    found: list[Paragraph] = []
    n_characters = 0
    for paragraph in READERS[ending](path):
        n_characters += len(paragraph.text)
        if n_characters > MAX_CHARACTERS:
            raise InvalidInput("文件太长，不读。请只留下介绍产品的几页再传。")
        found.append(paragraph)
    if not found:
        raise InvalidInput("文件里没有文字。")
    return found


def _document(path: Path) -> Iterator[Paragraph]:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml import etree

    try:
        for block in docx.Document(str(path)).iter_inner_content():
            if hasattr(block, "rows"):
                yield from _table_rows(block)
                continue
            text = _line(block.text)
            if text:
                style = (block.style.name or "").lower() if block.style is not None else ""
                named = style.startswith(("heading", "title", "标题"))
                yield Paragraph(text, heading=named or (_is_bold(block) and looks_like_heading(text)))
    except (OpcError, etree.LxmlError, KeyError, ValueError, AttributeError, IndexError) as err:
        raise InvalidInput("文档不完整或已损坏，读不出来。") from err


def _is_bold(block: Any) -> bool:
    runs = [run for run in block.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)


def _table_rows(table: Any) -> Iterator[Paragraph]:
    """Each row as a line; of two cells the first names what the second says."""
    for row in table.rows:
        cells = [_line(cell.text) for cell, _ in groupby(row.cells)]
        filled = [text for text in dict.fromkeys(cells) if text]
        if filled:
            yield Paragraph("：".join(filled) if len(filled) == 2 else "，".join(filled))


def _pdf(path: Path) -> Iterator[Paragraph]:
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(path) as document:
            if len(document.pages) > MAX_PAGES:
                raise InvalidInput("PDF 太长，最多读 60 页。请只留下介绍产品的几页再传。")
            yield from _pdf_paragraphs(document)
    except (PdfminerException, PDFException, ValueError, KeyError, TypeError, AttributeError) as err:
        if isinstance(err.args[0] if err.args else None, PDFPasswordIncorrect):
            raise InvalidInput("PDF 有密码，请去掉密码再传。") from err
        raise InvalidInput("PDF 不完整或已损坏，读不出来。") from err


def _pdf_paragraphs(document: Any) -> Iterator[Paragraph]:
    has_text = has_pictures = False
    for number, page in enumerate(document.pages, start=1):
        has_pictures = has_pictures or bool(page.images)
        lines = page.extract_text_lines() if page.chars else []
        has_text = has_text or bool(lines)
        yield from _joined(lines, number)
        page.close()
    if not has_text:
        if has_pictures:
            raise InvalidInput(
                "这份 PDF 是扫描件，只有图没有文字，读不出来。请用原件、先做文字识别，或把文字粘贴进来。"
            )
        raise InvalidInput("这份 PDF 里没有文字。")


def _joined(lines: Sequence[Any], page: int) -> Iterator[Paragraph]:
    """Lines of a page as paragraphs: a line that fills the column and ends no sentence goes on in the next."""
    if not lines:
        return
    right = max(line["x1"] for line in lines)
    sizes = sorted(line["chars"][0]["size"] for line in lines)
    body = sizes[len(sizes) // 2]
    text = ""
    for line in lines:
        size, words = line["chars"][0]["size"], _line(line["text"])
        if not text and size >= body * HEADING_SCALE and looks_like_heading(words):
            yield Paragraph(words, heading=True, place=page)
            continue
        text = _continued(text, words)
        if line["x1"] < right - 2.5 * size or text[-1] in ENDS_SENTENCE.replace("，", "").replace(",", ""):
            yield Paragraph(text, heading=looks_like_heading(text) and text == words, place=page)
            text = ""
    if text:
        yield Paragraph(text, place=page)


def _continued(text: str, words: str) -> str:
    glued = not text or text[-1] >= CJK_FROM or words[:1] >= CJK_FROM
    return f"{text}{words}" if glued else f"{text} {words}"


def _line(text: str) -> str:
    """A text on one line, radicals as the characters they stand for."""
    return " ".join(storable(as_meant(text)).split())


READERS = {".docx": _document, ".pdf": _pdf}
