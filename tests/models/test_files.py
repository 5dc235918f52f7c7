"""The file store: what it accepts, where it puts it, what it notices on the way back."""

import hashlib
import stat
from pathlib import Path

import pytest

from models.errors import InvalidInput, NotFound
from models.files import check_file, display_name, file_path, read_file, store_file, store_list

PDF = b"%PDF-1.7\n..."
MEGABYTE = 1_000_000

ACCEPTED = {
    "报告.pdf": (PDF, "application/pdf"),
    "REPORT.PDF": (PDF, "application/pdf"),
    "a.png": (b"\x89PNG\r\n\x1a\n...", "image/png"),
    "a.jpg": (b"\xff\xd8\xff\xe0...", "image/jpeg"),
    "a.JPEG": (b"\xff\xd8\xff\xe1...", "image/jpeg"),
    "a.docx": (b"PK\x03\x04...", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "a.xlsx": (b"PK\x03\x04...", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "说明.txt": ("使用报告：\n共 83 人".encode(), "text/plain"),
}
REFUSED = {
    "renamed.pdf": b"PK\x03\x04...",
    "page.pdf": b"<html>",
    "late.pdf": b" %PDF-1.7",
    "page.html": b"<html>",
    "drawing.svg": b"<svg/>",
    "program.exe": b"MZ",
    "pdf": PDF,
    "report.pdf.exe": PDF,
    "gbk.txt": "使用报告".encode("gbk"),
    "binary.txt": b"a\x00b",
    "archive.zip": b"PK\x03\x04",
    "picture.gif": b"GIF89a",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_file_whose_name_and_beginning_agree_is_accepted(name: str) -> None:
    content, media_type = ACCEPTED[name]

    assert check_file(name, content, max_bytes=MEGABYTE) == media_type


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_whose_name_and_beginning_disagree_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_file(name, REFUSED[name], max_bytes=MEGABYTE)

    assert set(caught.value.fields) == {"file"}


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(InvalidInput, match="空"):
        check_file("a.pdf", b"", max_bytes=MEGABYTE)


def test_a_file_may_be_as_large_as_the_limit_and_no_larger() -> None:
    content = PDF.ljust(2000, b".")

    assert check_file("a.pdf", content, max_bytes=2000) == "application/pdf"
    with pytest.raises(InvalidInput, match="太大"):
        check_file("a.pdf", content, max_bytes=1999)


def test_a_stored_file_comes_back_byte_for_byte(tmp_path: Path) -> None:
    stored = store_file(tmp_path, "报告.pdf", PDF, max_bytes=MEGABYTE)

    assert read_file(tmp_path, stored.digest) == PDF
    assert stored.digest == hashlib.sha256(PDF).hexdigest()
    assert (stored.size, stored.name, stored.media_type) == (len(PDF), "报告.pdf", "application/pdf")


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    first = store_file(tmp_path, "a.pdf", PDF, max_bytes=MEGABYTE)
    second = store_file(tmp_path, "b.pdf", PDF, max_bytes=MEGABYTE)

    assert first.digest == second.digest
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [first.digest]


def test_a_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    stored = store_file(tmp_path, "a.pdf", PDF, max_bytes=MEGABYTE)

    assert stat.S_IMODE(file_path(tmp_path, stored.digest).stat().st_mode) == 0o600


def test_nothing_half_written_stays_when_writing_fails(tmp_path: Path) -> None:
    digest = hashlib.sha256(PDF).hexdigest()
    (tmp_path / digest[:2]).write_text("a file where a folder is needed")

    with pytest.raises(FileExistsError):
        store_file(tmp_path, "a.pdf", PDF, max_bytes=MEGABYTE)

    assert [path.name for path in tmp_path.iterdir()] == [digest[:2]]


@pytest.mark.parametrize(
    ("uploaded", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\li\\报告.txt", "报告.txt"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("invoice\u202etxt.exe", "invoicetxt.exe"),
        ("\ud800.txt", ".txt"),
        ("/", "file"),
        ("", "file"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
    ],
)
def test_the_name_shown_is_never_a_path(uploaded: str, shown: str) -> None:
    assert display_name(uploaded) == shown


@pytest.mark.parametrize("name", ["../../../outside.txt", "/etc/outside.txt", "..\\outside.txt"])
def test_an_upload_lands_in_the_store_whatever_its_name(tmp_path: Path, name: str) -> None:
    store = tmp_path / "store"

    store_file(store, name, b"text", max_bytes=MEGABYTE)

    assert [path.parent.parent for path in tmp_path.rglob("*") if path.is_file()] == [store]


@pytest.mark.parametrize(
    "digest", ["", "abc", "../" * 21 + "x", "A" * 64, "g" * 64, "/" * 64, "a" * 63, "a" * 65, "٣" * 64]
)
def test_what_is_no_hash_is_no_file(tmp_path: Path, digest: str) -> None:
    with pytest.raises(InvalidInput):
        read_file(tmp_path, digest)


def test_a_file_that_is_gone_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="不在"):
        read_file(tmp_path, "a" * 64)


@pytest.mark.parametrize("changed", [b"", PDF + b".", PDF[:-1], b"other"])
def test_a_file_changed_on_disk_is_noticed(tmp_path: Path, changed: bytes) -> None:
    stored = store_file(tmp_path, "a.pdf", PDF, max_bytes=MEGABYTE)
    file_path(tmp_path, stored.digest).write_bytes(changed)

    with pytest.raises(NotFound, match="校验值不符"):
        read_file(tmp_path, stored.digest)


@pytest.mark.parametrize("name", ["a.xlsx", "名单.DOCX", "a.pdf", "a.csv.gz", "a.jsonl"])
def test_a_list_is_kept_by_its_hash_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    stored = store_list(tmp_path, f"../../{name}", b"content", max_bytes=100)

    assert stored.name == name
    assert read_file(tmp_path, stored.digest) == b"content"


@pytest.mark.parametrize(("name", "content"), [("a.exe", b"x"), ("a.csv", b""), ("a.csv", b"x" * 101)])
def test_what_is_no_list_is_not_kept(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        store_list(tmp_path, name, content, max_bytes=100)

    assert "file" in caught.value.fields
    assert list(tmp_path.iterdir()) == []
