"""Programmes of districts (区专项方案): what a district adds to the city's, with its document and its term.

They are told, not computed with: money is judged by funding rules (models/funding_rule.py), which an officer enters.
"""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, find_row
from models.errors import NotFound


class DistrictProgramme(Table, table=True):
    """One programme of one district. Entered and changed by an operator of the district or the city."""

    __tablename__ = "district_programme"
    __table_args__ = (
        sa.CheckConstraint(
            "valid_from_on IS NULL OR valid_until_on IS NULL OR valid_from_on <= valid_until_on",
            name="validity_in_order",
        ),
    )

    district_id: int = Field(foreign_key="district.id", index=True)
    title: str = Field(max_length=200)
    document_number: str = Field(default="", max_length=80, description="文号; empty when there is none.")
    summary: str = Field(default="", max_length=1000, description="What it supports, in our own words.")
    url: str = Field(default="", max_length=500, description="Where the text can be read.")
    valid_from_on: date | None = Field(default=None)
    valid_until_on: date | None = Field(default=None, description="Last day, included; None: no end known.")

    def is_in_force(self, on: date) -> bool:
        """Whether it holds on that day; without a first day it holds already."""
        begun = self.valid_from_on is None or self.valid_from_on <= on
        return begun and (self.valid_until_on is None or on <= self.valid_until_on)


def list_programmes(session: Session) -> list[DistrictProgramme]:
    """All of them, by district and title."""
    columns = (DistrictProgramme.district_id, DistrictProgramme.title, DistrictProgramme.id)
    return list(session.exec(select(DistrictProgramme).order_by(*map(col, columns))))


def get_programme(
    session: Session, programme_id: int, *, district_ids: Collection[int] | None = None
) -> DistrictProgramme:
    """The programme, if its district is one of these (None: any); NotFound otherwise."""
    row = find_row(session, DistrictProgramme, programme_id)
    if row is None or (district_ids is not None and row.district_id not in district_ids):
        raise NotFound("没有这个专项方案。")
    return row
