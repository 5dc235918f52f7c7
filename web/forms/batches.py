"""The calendar of a batch as an operator plans it."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from models.batch import BatchDates
from models.i18n import N_
from web.forms.parsing import Form, OptionalDate, OptionalInt, filled, maybe, sentence
from web.forms.scenarios import not_before


def _to_moment(value: object) -> object:
    """What a browser's field of day and time sends, without a zone; None for nothing."""
    text = str(value or "").strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as err:
        raise sentence(N_("要写日期和钟点，例如 2027-01-05T09:00。")) from err
    return moment.replace(tzinfo=None)


OptionalMoment = Annotated[datetime | None, BeforeValidator(_to_moment)]


class CalendarForm(Form):
    """When it collects, when it is released, how long its list stands. Release may stay open while it is planned."""

    title: Annotated[str, filled(200)]
    title_en: Annotated[str, maybe(200)] = ""
    collects_from_on: date
    collects_until_on: date
    releases_at: OptionalMoment = None
    closes_on: OptionalDate = None

    @field_validator("collects_until_on")
    @classmethod
    def window_in_order(cls, value: date, info: ValidationInfo) -> date | None:
        """The window ends after it began."""
        return not_before(value, info.data.get("collects_from_on"), N_("不能早于征集开始。"))

    @field_validator("releases_at")
    @classmethod
    def released_after_collecting(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        """Nothing is released while it is still collected."""
        until = info.data.get("collects_until_on")
        if value is not None and until is not None and value.date() < until:
            raise sentence(N_("不能早于征集截止。"))
        return value

    @field_validator("closes_on")
    @classmethod
    def closes_after_release(cls, value: date | None, info: ValidationInfo) -> date | None:
        """The list stands for a while."""
        released = info.data.get("releases_at") or info.data.get("collects_until_on")
        start = released.date() if isinstance(released, datetime) else released
        return not_before(value, start, N_("不能早于发布。"))

    def dates(self, zone: tzinfo) -> BatchDates:
        """The calendar, the moment of release read in the zone of the installation."""
        releases_at = None if self.releases_at is None else self.releases_at.replace(tzinfo=zone)
        return BatchDates(self.collects_from_on, self.collects_until_on, releases_at, self.closes_on)


class BatchForm(CalendarForm):
    """A new batch: its number stands in addresses and in the numbers of its scenarios."""

    number: Annotated[str, filled(40), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")]
    district_id: OptionalInt = None
