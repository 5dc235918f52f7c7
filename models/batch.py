"""Batches (场景机会清单): the numbered lists in which scenarios are published."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, moment
from models.errors import InvalidTransition, NotFound
from models.i18n import N_
from models.place import District

if TYPE_CHECKING:
    from models.scenario import Scenario


class BatchStatus(StrEnum):
    """Derived: collecting before release, released, closed after its last day."""

    COLLECTING = "collecting"
    RELEASED = "released"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class BatchDates:
    """The calendar of a batch: first and last day of collecting, the moment of release, the last day of its list."""

    collects_from_on: date | None
    collects_until_on: date | None
    releases_at: datetime | None
    closes_on: date | None


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
    releases_at: datetime | None = moment(description="When it is to be released; a job keeps the time.")

    district: District | None = Relationship()

    def status_on(self, on: date) -> BatchStatus:
        """collecting, released or closed, as of a day; the closing day itself is still open."""
        if self.released_at is None:
            return BatchStatus.COLLECTING
        if self.closes_on is not None and on > self.closes_on:
            return BatchStatus.CLOSED
        return BatchStatus.RELEASED

    def plan(self, dates: "BatchDates") -> None:
        """Set the calendar. InvalidTransition once it is released: people have read it."""
        if self.released_at is not None:
            raise InvalidTransition(N_("已发布的批次不能再改日程。"))
        self.collects_from_on, self.collects_until_on = dates.collects_from_on, dates.collects_until_on
        self.releases_at, self.closes_on = dates.releases_at, dates.closes_on

    def collects_on(self, on: date) -> bool:
        """Whether the collection window is open on that day; its last day included."""
        start, end = self.collects_from_on, self.collects_until_on
        return start is not None and end is not None and start <= on <= end

    def refuse_unless_fitting(self, scenario: "Scenario") -> None:
        """InvalidTransition if this scenario may not be published in this batch."""
        if self.released_at is not None:
            raise InvalidTransition(N_("这个批次已经发布，不能再加场景。"))
        if self.district_id not in (None, scenario.district_id):
            raise InvalidTransition(N_("这个批次只收本区的场景。"))

    def release(self, now: datetime) -> None:
        """Publish the list. Raises InvalidTransition if that has happened."""
        if self.released_at is not None:
            raise InvalidTransition("这个批次已经发布。")
        self.released_at = now


def list_batches(session: Session) -> list[Batch]:
    """All batches, newest number first."""
    return list(session.exec(select(Batch).order_by(col(Batch.number).desc())))


def planned_batches(session: Session) -> list[Batch]:
    """The batches that are not released yet, the earliest release first, those without a time last."""
    rows = session.exec(select(Batch).where(col(Batch.released_at).is_(None)).order_by(col(Batch.id)))
    return sorted(rows, key=lambda row: (row.releases_at is None, row.releases_at or row.created_at))


def get_batch(session: Session, number: str) -> Batch:
    """The batch with this number; NotFound if there is none."""
    row = session.exec(select(Batch).where(col(Batch.number) == number)).first()
    if row is None:
        raise NotFound("没有这个批次。")
    return row
