from __future__ import annotations

from matcher.directory import Directory
from web.directory import directory


def test_a_process_keeps_one_directory_whatever_asks(app) -> None:
    with app.app_context():
        first = directory()
        second = directory()

    assert isinstance(first, Directory)
    assert first is second
