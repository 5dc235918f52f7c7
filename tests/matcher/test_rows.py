from contextlib import contextmanager

import numpy as np
import pytest

from matcher import rows as rows_module
from matcher.documents import capability_document
from matcher.rows import Rows, listed_capabilities_with_parts
from models.capability import Capability
from tests.matcher.market import make_offers


class Counted:
    """Hands out one session and counts how often."""

    def __init__(self, session) -> None:
        self.session, self.n_opened = session, 0

    @contextmanager
    def __call__(self):
        self.n_opened += 1
        yield self.session


@pytest.fixture
def offers(session):
    return make_offers(session, 6)


@pytest.fixture
def reading(session, offers):
    return Counted(session)


@pytest.fixture
def rows(offers, reading):
    hashes = {row.key: capability_document(row).content_hash for row in offers}
    ids = np.array(sorted(hashes), np.int64)
    return Rows(ids, listed_capabilities_with_parts, capability_document, hashes.get, reading)


def test_ids_are_known_and_rows_are_read_when_they_are_asked_for(rows, reading, offers):
    assert (len(rows), list(rows), reading.n_opened) == (6, sorted(row.key for row in offers), 0)

    assert rows[offers[2].key].title == offers[2].title

    assert reading.n_opened == 1


def test_several_are_read_at_once_and_come_in_the_order_asked(rows, reading, offers):
    wanted = [offers[at].key for at in (4, 1, 4, 3)]

    found = rows.load(wanted)

    assert list(found) == [offers[at].key for at in (4, 1, 3)]
    assert reading.n_opened == 1
    rows.load(wanted)
    assert reading.n_opened == 1


def test_what_is_not_among_them_is_not_read(rows, reading):
    assert rows.load([987_654]) == {}
    assert 987_654 not in rows
    assert reading.n_opened == 0
    with pytest.raises(KeyError):
        rows[987_654]


def test_a_row_whose_text_is_not_the_indexed_one_is_left_out_and_remembered(rows, reading, offers, session):
    offers[0].text += "现在也能识别道路沉降。"
    session.flush()

    assert offers[0].key not in rows
    assert [row.key for row in rows.values()] == sorted(row.key for row in offers[1:])
    assert rows.stale == {offers[0].key}
    n_opened = reading.n_opened
    assert offers[0].key not in rows
    assert reading.n_opened == n_opened


def test_a_row_that_is_listed_no_more_is_left_out(rows, offers, session):
    session.get(Capability, offers[5].key).unlisted_at = offers[5].listed_at
    session.flush()

    assert rows.load([offers[5].key]) == {}


def test_only_the_latest_stay_in_memory(rows, reading, offers, monkeypatch):
    monkeypatch.setattr(rows_module, "ROWS_KEPT", 2)
    for row in offers:
        rows.document(row.key)
    n_opened = reading.n_opened

    rows.document(offers[5].key)
    rows.document(offers[4].key)
    assert reading.n_opened == n_opened
    rows.document(offers[0].key)
    assert reading.n_opened == n_opened + 1


def test_all_come_in_batches(rows, reading, offers, monkeypatch):
    monkeypatch.setattr(rows_module, "ROWS_AT_ONCE", 4)

    assert [document.id for _, document in rows.pairs()] == sorted(row.key for row in offers)
    assert reading.n_opened == 2
