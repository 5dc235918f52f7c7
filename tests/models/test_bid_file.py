"""Files of a proposal: each once, ten at most, taken off without being taken from what was handed in."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from models.bid_file import MAX_FILES, add_file, file_rows, get_file, list_files, remove_file
from models.errors import InvalidInput, NotFound
from models.files import StoredFile
from tests.factories import make_user
from tests.judging import make_bid, make_bid_file

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
STORED = StoredFile(digest="a" * 64, size=12, name="案例.pdf", media_type="application/pdf")


def test_a_file_is_added_once(session: Session) -> None:
    bid, person = make_bid(session), make_user(session)

    row = add_file(session, bid.key, STORED, by=person, now=NOW)
    with pytest.raises(InvalidInput) as refused:
        add_file(session, bid.key, STORED, by=person, now=NOW)

    assert list_files(session, bid.key) == [row]
    assert file_rows(session, bid.key) == [
        {"id": row.key, "name": "案例.pdf", "sha256": "a" * 64, "size": 12}
    ]
    assert list(refused.value.fields) == ["file"]


def test_one_too_many_is_refused(session: Session) -> None:
    bid = make_bid(session)
    for _ in range(MAX_FILES):
        make_bid_file(session, bid)

    with pytest.raises(InvalidInput):
        add_file(session, bid.key, STORED, by=make_user(session), now=NOW)


def test_what_was_taken_off_is_still_found_and_not_taken_off_again(session: Session) -> None:
    bid = make_bid(session)
    row = make_bid_file(session, bid)

    remove_file(row, NOW)

    assert list_files(session, bid.key) == []
    assert get_file(session, row.key, bid_id=bid.key) == row
    with pytest.raises(NotFound):
        remove_file(row, NOW)
    with pytest.raises(NotFound):
        get_file(session, row.key, bid_id=make_bid(session).key)
