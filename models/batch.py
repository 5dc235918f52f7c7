"""Batches (场景机会清单): the numbered lists in which scenarios are published."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, moment
from models.errors import InvalidTransition, NotFound


class BatchStatus(StrEnum):
    """Derived: collecting before release, released, closed after its last day."""

    COLLECTING = "collecting"
    RELEASED = "released"
    CLOSED = "closed"


class Batch(Table, table=True):
    """A list of scenarios with a number, a collecting period and a release. Made by an organizer or operator."""

    __table_args__ = (
        sa.CheckConstraint(
            "collects_until_on IS NULL OR collects_from_on IS NULL OR collects_until_on >= collects_from_on",
            name="collects_in_order",
        ),
    )

    number: str = Field(unique=True, max_length=40)
    title: str = Field(max_length=200)
    title_en: str = Field(default="", max_length=200)
    district_id: int | None = Field(default=None, foreign_key="district.id")
    collects_from_on: date | None = None
    collects_until_on: date | None = None
    closes_on: date | None = None
    is_demo: bool = Field(default=False)
    released_at: datetime | None = moment()

    def status_on(self, on: date) -> BatchStatus:
        """collecting, released or closed, as of a day; the closing day itself is still open."""
        if self.released_at is None:
            return BatchStatus.COLLECTING
        if self.closes_on is not None and on > self.closes_on:
            return BatchStatus.CLOSED
        return BatchStatus.RELEASED

    def release(self, now: datetime) -> None:
        """Publish the list. Raises InvalidTransition if that has happened."""
        if self.released_at is not None:
            raise InvalidTransition("这个批次已经发布。")
        self.released_at = now


def list_batches(session: Session) -> list[Batch]:
    """All batches, newest number first."""
    return list(session.exec(select(Batch).order_by(col(Batch.number).desc())))


def get_batch(session: Session, number: str) -> Batch:
    """The batch with this number; NotFound if there is none."""
    row = session.exec(select(Batch).where(col(Batch.number) == number)).first()
    if row is None:
        raise NotFound("没有这个批次。")
    return row
