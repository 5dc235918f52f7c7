from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.engine import Engine
from sqlmodel import Session

from matcher.directory import Directory, load_page
from models.base import utcnow
from models.db import make_session, transaction
from tests.factories import MONDAY, make_district, make_scenario

TODAY = date(2026, 11, 23)


def test_entries_are_the_published_scenarios(session: Session) -> None:
    shown = make_scenario(session, district_id=make_district(session, code="LG").key)
    make_scenario(session, published_at=None)
    make_scenario(session, withdrawn_at=MONDAY)

    entries = Directory().entries(session)

    assert [(entry.id, entry.district) for entry in entries] == [(shown.key, "LG")]


def test_unchanged_rows_are_not_read_again_by_the_next_request(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        make_scenario(session)
    directory, read = Directory(), []

    # Each request has a session of its own, bound to an engine of its own where it only reads.
    for _request in range(2):
        with make_session(empty_engine, read_only=True) as session:
            read.append(directory.entries(session))

    assert read[0] is read[1]


def test_an_entry_is_open_through_its_last_day(session: Session) -> None:
    make_scenario(session, deadline_on=TODAY)
    entry = Directory().entries(session)[0]

    assert entry.is_open(TODAY)
    assert not entry.is_open(TODAY + timedelta(days=1))


def test_changes_are_seen_at_the_next_look(session: Session) -> None:
    directory = Directory()
    first = make_scenario(session, title="热线质检")
    before = directory.find(session, "热线")
    make_scenario(session, title="热线工单分派")
    added = directory.find(session, "热线")
    first.title, first.updated_at = "语音质检", utcnow() + timedelta(seconds=1)
    session.flush()

    assert (len(before), len(added), len(directory.find(session, "热线"))) == (1, 2, 1)


def test_closing_and_withdrawing_are_seen(session: Session) -> None:
    directory = Directory()
    one, two = make_scenario(session), make_scenario(session)
    directory.entries(session)
    one.withdrawn_at, two.closed_at = MONDAY, MONDAY
    session.flush()

    entries = directory.entries(session)

    assert [(entry.id, entry.ended) for entry in entries] == [(two.key, True)]


def test_all_words_come_before_any_of_them(session: Session) -> None:
    both = make_scenario(session, title="停车收费", text="停车收费核对")
    make_scenario(session, title="停车引导", text="停车引导屏")

    assert list(Directory().find(session, "停车 收费")) == [both.key]


def test_some_words_are_better_than_nothing(session: Session) -> None:
    found = make_scenario(session, title="停车引导", text="停车引导屏")

    assert list(Directory().find(session, "停车 无人机")) == [found.key]


def test_nothing_is_found_by_signs(session: Session) -> None:
    make_scenario(session)

    assert Directory().find(session, "%_'\"") == {}


def test_a_page_comes_in_the_order_asked_for(session: Session) -> None:
    rows = [make_scenario(session) for _ in range(3)]
    ids = [rows[2].key, rows[0].key]

    assert [row.key for row in load_page(session, ids)] == ids
