"""Files that people send: read within the limit, kept in the store, and given back as downloads only."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from flask import Response, current_app, request, send_file
from werkzeug.datastructures import FileStorage

from models.errors import InvalidInput
from models.files import StoredFile, read_file, store_file
from models.i18n import N_


def files_dir() -> Path:
    """Where the store is."""
    folder: Path = current_app.config["SETTINGS"].files_dir
    return folder


def upload_limit() -> int:
    """The largest upload, in bytes."""
    return int(current_app.config["SETTINGS"].upload_max_bytes)


def find_sent() -> FileStorage | None:
    """The file of this form, or None where none was chosen."""
    sent = request.files.get("file")
    return None if sent is None or not sent.filename else sent


def get_sent() -> FileStorage:
    """The file of this form. InvalidInput where none was chosen."""
    sent = find_sent()
    if sent is None:
        raise InvalidInput(N_("没有选文件。"), fields={"file": N_("请选一个文件。")})
    return sent


def read_sent(sent: FileStorage, *, max_bytes: int | None = None) -> bytes:
    """Its content, and of one that is too large one byte more than `max_bytes`, by default the limit of uploads."""
    content = sent.stream.read((upload_limit() if max_bytes is None else max_bytes) + 1)
    sent.close()
    return content


def store_sent(sent: FileStorage) -> StoredFile:
    """Keep a document by its hash, never by the name it came with. InvalidInput for a kind or size not accepted."""
    return store_file(files_dir(), sent.filename or "", read_sent(sent), max_bytes=upload_limit())


def as_download(file_hash: str, name: str) -> Response:
    """A stored file as it was sent: always a download, never shown by the browser as a page of ours."""
    content = BytesIO(read_file(files_dir(), file_hash))
    return send_file(content, mimetype="application/octet-stream", as_attachment=True, download_name=name)
