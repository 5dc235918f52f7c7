from __future__ import annotations

from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage

from models.errors import InvalidInput, NotFound
from web.uploads import as_download, files_dir, find_sent, get_sent, read_sent, store_sent, upload_limit

PDF = b"%PDF-1.7 x"


def sending(app, content: bytes = b"", name: str = ""):
    data = {"file": (BytesIO(content), name)} if name else {}
    return app.test_request_context("/", method="POST", data=data)


def test_a_form_without_a_file_says_so(app):
    with sending(app):
        assert find_sent() is None
        with pytest.raises(InvalidInput) as caught:
            get_sent()

    assert caught.value.fields == {"file": "请选一个文件。"}


def test_of_a_file_that_is_too_large_one_byte_too_many_is_read(app):
    with app.test_request_context("/"):
        assert len(read_sent(FileStorage(BytesIO(b"x" * 9), "a"), max_bytes=5)) == 6
        assert len(read_sent(FileStorage(BytesIO(b"x" * (upload_limit() + 9)), "a"))) == upload_limit() + 1


def test_what_is_stored_comes_back_as_a_download(app):
    with sending(app, PDF, "../结论.pdf"):
        stored = store_sent(get_sent())
        answer = as_download(stored.digest, stored.name)
        answer.direct_passthrough = False
        content = answer.get_data()
        is_inside = all(path.is_relative_to(files_dir()) for path in files_dir().rglob("*"))

    assert (content, answer.mimetype, is_inside) == (PDF, "application/octet-stream", True)
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_is_not_in_the_store_is_not_found(app):
    with app.test_request_context("/"), pytest.raises(NotFound):
        as_download("0" * 64, "a.pdf")


def test_a_file_that_is_not_what_its_name_says_is_refused(app):
    with sending(app, b"no pdf", "a.pdf"), pytest.raises(InvalidInput):
        store_sent(get_sent())
