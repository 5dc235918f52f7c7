from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest

from models.errors import InvalidInput
from models.paragraph_readers import MAX_CHARACTERS, read_text
from models.table_readers import CFB
from tests.pdf_pages import SCAN, print_page
from tests.profile_texts import LINES, profile_page, write_profile_document


def refusal(path: Path, ending: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_text(path, ending)
    return refused.value.message


def test_a_document_is_read_with_its_headings_and_tables(tmp_path: Path) -> None:
    found = read_text(write_profile_document(tmp_path / "a.docx"), ".docx")

    assert [(each.text, each.heading) for each in found] == [
        *((text, kind != "text") for kind, text in LINES),
        ("客户：南山某社区中心", False),
    ]


def test_a_bold_short_line_heads_what_follows(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph().add_run("产品一").bold = True
    document.add_paragraph("识别井盖。")
    document.save(str(tmp_path / "a.docx"))

    assert [each.heading for each in read_text(tmp_path / "a.docx", ".docx")] == [True, False]


def test_a_printed_page_is_read_with_wrapped_lines_joined(tmp_path: Path) -> None:
    found = read_text(print_page(profile_page(), tmp_path / "a.pdf"), ".pdf")

    texts = [each.text for each in found]
    assert next(text for kind, text in LINES if text.startswith("用车载记录仪")) in texts
    assert [each.text for each in found if each.heading] == [text for kind, text in LINES if kind != "text"]


def test_a_scan_says_that_it_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(SCAN)

    assert "扫描件" in refusal(path, ".pdf")


def test_a_page_without_anything_has_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(SCAN.replace(b"/Subtype /Image", b"/Subtype /Nonee"))

    assert "没有文字" in refusal(path, ".pdf")


@pytest.mark.parametrize(
    ("ending", "content", "said"),
    [
        (".pdf", b"PK\x03\x04", "不是 PDF"),
        (".docx", b"%PDF-1.4", "损坏"),
        (".docx", CFB + b"x", "密码"),
        (".pdf", b"%PDF-1.4 nothing", "损坏"),
    ],
)
def test_what_is_not_what_it_says_is_refused(tmp_path: Path, ending: str, content: bytes, said: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)

    assert said in refusal(path, ending)


def test_a_truncated_document_is_damaged(tmp_path: Path) -> None:
    path = write_profile_document(tmp_path / "a.docx")
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["word/document.xml"] = parts["word/document.xml"][:200]
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)

    assert "损坏" in refusal(path, ".docx")


def test_an_empty_document_has_no_text_and_a_book_is_too_long(tmp_path: Path) -> None:
    empty, book = docx.Document(), docx.Document()
    empty.save(str(tmp_path / "a.docx"))
    for _ in range(3):
        book.add_paragraph("长" * (MAX_CHARACTERS // 2))
    book.save(str(tmp_path / "b.docx"))

    assert "没有文字" in refusal(tmp_path / "a.docx", ".docx")
    assert "太长" in refusal(tmp_path / "b.docx", ".docx")
