"""The store of uploaded files: content-addressed, outside the web root, written whole or not at all."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from models.errors import InvalidInput, NotFound
from models.i18n import N_

# What each accepted kind of file begins with; a name alone proves nothing.
SIGNATURES = {
    "application/pdf": (".pdf", b"%PDF-"),
    "image/png": (".png", b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": (".jpg", b"\xff\xd8\xff"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx", b"PK\x03\x04"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx", b"PK\x03\x04"),
}
TEXT_TYPE = "text/plain"
ACCEPTED_SUFFIXES = (".pdf", ".png", ".jpg", ".jpeg", ".docx", ".xlsx", ".txt")
LIST_SUFFIXES = (".xlsx", ".docx", ".pdf", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz")
"""Endings of files that may hold a list to import."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store. digest: SHA-256, hex. size: bytes. name: as uploaded, for display only."""

    digest: str
    size: int
    name: str
    media_type: str


def check_file(name: str, content: bytes, *, max_bytes: int) -> str:
    """The media type of an upload. InvalidInput when it is empty, too large, or not one of the accepted kinds.

    The kind is told by the first bytes and must agree with the name's ending; plain text must be UTF-8.
    """
    if not content:
        raise InvalidInput("文件是空的。", fields={"file": N_("文件是空的，请重新选择。")})
    if len(content) > max_bytes:
        raise InvalidInput("文件太大。", fields={"file": N_("文件太大，请压缩或拆开后再传。")})
    suffix = Path(name).suffix.lower().replace(".jpeg", ".jpg")
    for media_type, (ending, signature) in SIGNATURES.items():
        if suffix == ending and content.startswith(signature):
            return media_type
    if suffix == ".txt" and _is_text(content):
        return TEXT_TYPE
    accepted = N_("只收 PDF、Word、Excel、PNG、JPG 和纯文本，内容要与扩展名一致。")
    raise InvalidInput("不接受这种文件。", fields={"file": accepted})


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def display_name(name: str) -> str:
    """The last part of an uploaded name without control characters, at most 200 characters; never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[-200:] or "file"


def store_file(folder: Path, name: str, content: bytes, *, max_bytes: int) -> StoredFile:
    """Check an upload and put it into the store; the same content is kept once. Raises as check_file does."""
    media_type = check_file(name, content, max_bytes=max_bytes)
    digest = hashlib.sha256(content).hexdigest()
    path = file_path(folder, digest)
    if not path.exists():
        _write_whole(path, content)
    return StoredFile(digest=digest, size=len(content), name=display_name(name), media_type=media_type)


def store_list(folder: Path, name: str, content: bytes, *, max_bytes: int) -> StoredFile:
    """Put an uploaded list into the store. InvalidInput when it is empty, too large, or its ending is no list's.

    Whether the content is what the ending says is found out where it is read, in a process of its own.
    """
    if not content:
        raise InvalidInput("文件是空的。", fields={"file": N_("文件是空的，请重新选择。")})
    if len(content) > max_bytes:
        raise InvalidInput("文件太大。", fields={"file": N_("文件太大，请压缩或拆开后再传。")})
    if not name.lower().endswith(LIST_SUFFIXES):
        accepted = N_("只收 Excel（.xlsx）、Word（.docx）、PDF、CSV 和 JSONL。")
        raise InvalidInput("不接受这种文件。", fields={"file": accepted})
    digest = hashlib.sha256(content).hexdigest()
    path = file_path(folder, digest)
    if not path.exists():
        _write_whole(path, content)
    return StoredFile(
        digest=digest, size=len(content), name=display_name(name), media_type="application/octet-stream"
    )


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def file_path(folder: Path, digest: str) -> Path:
    """Where the content with this hash lies. InvalidInput if `digest` is not a SHA-256 in hex."""
    if len(digest) != 64 or any(c not in "0123456789abcdef" for c in digest):
        raise InvalidInput("文件标识不对。")
    return folder / digest[:2] / digest


def read_file(folder: Path, digest: str) -> bytes:
    """The content with this hash, checked against it. NotFound when it is missing or was changed on disk."""
    path = file_path(folder, digest)
    if not path.is_file():
        raise NotFound("文件不在了，请联系管理员。")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise NotFound("文件与登记的校验值不符，请联系管理员。")
    return content
