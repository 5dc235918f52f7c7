"""Batches: collecting, released, closed; looked up by number."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.batch import BatchDates, BatchStatus, get_batch, list_batches, planned_batches
from models.errors import InvalidTransition, NotFound
from tests.factories import MONDAY, make_batch

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("released", "closes_on", "status"),
    [
        (False, None, BatchStatus.COLLECTING),
        (False, date(2020, 1, 1), BatchStatus.COLLECTING),
        (True, None, BatchStatus.RELEASED),
        (True, date(2026, 11, 24), BatchStatus.RELEASED),
        (True, DAY, BatchStatus.RELEASED),
        (True, date(2026, 11, 22), BatchStatus.CLOSED),
    ],
)
def test_the_status_on_a_day(
    session: Session, now: datetime, released: bool, closes_on: date | None, status: BatchStatus
) -> None:
    batch = make_batch(session, released_at=now if released else None, closes_on=closes_on)

    assert batch.status_on(DAY) is status


def test_a_batch_is_released_once(session: Session, now: datetime) -> None:
    batch = make_batch(session, released_at=None)

    batch.release(now)

    assert batch.released_at == now
    with pytest.raises(InvalidTransition):
        batch.release(now)


def test_a_number_names_one_batch(session: Session) -> None:
    batch = make_batch(session, number="2026Q9")

    assert get_batch(session, "2026Q9") is batch
    with pytest.raises(NotFound):
        get_batch(session, "2026Q8")
    with pytest.raises(IntegrityError):
        make_batch(session, number="2026Q9")


def test_batches_are_listed_newest_number_first(session: Session) -> None:
    for number in ("2025Q4", "2026Q2", "2026Q1"):
        make_batch(session, number=number)

    assert [batch.number for batch in list_batches(session)][:3] == ["2026Q2", "2026Q1", "2025Q4"]


def test_collecting_ends_no_earlier_than_it_begins(session: Session) -> None:
    make_batch(session, collects_from_on=DAY, collects_until_on=DAY)

    with pytest.raises(IntegrityError):
        make_batch(session, collects_from_on=DAY, collects_until_on=date(2026, 11, 22))


def test_a_calendar_is_planned_until_the_release(session: Session) -> None:
    day = date(2026, 11, 23)
    batch = make_batch(session, released_at=None)
    dates = BatchDates(day, day + timedelta(days=9), MONDAY, None)

    batch.plan(dates)

    assert [batch.collects_on(day + timedelta(days=n)) for n in (-1, 0, 9, 10)] == [False, True, True, False]
    assert planned_batches(session)[0] is batch
    batch.release(MONDAY)
    with pytest.raises(InvalidTransition):
        batch.plan(dates)


def test_planned_batches_are_in_the_order_of_their_release(session: Session) -> None:
    last = make_batch(session, released_at=None)
    second = make_batch(session, released_at=None, releases_at=MONDAY + timedelta(days=1))
    first = make_batch(session, released_at=None, releases_at=MONDAY)
    make_batch(session)

    assert planned_batches(session) == [first, second, last]
