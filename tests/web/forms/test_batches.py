from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from models.errors import InvalidInput
from web.forms.batches import BatchForm, CalendarForm
from web.forms.parsing import parse

CALENDAR = {
    "title": "2027 年第一季度", "collects_from_on": "2026-12-01", "collects_until_on": "2026-12-20",
    "releases_at": "2027-01-05T09:00", "closes_on": "2027-03-31",
}  # fmt: skip


def test_the_moment_of_release_is_read_where_the_installation_is() -> None:
    zone = ZoneInfo("Asia/Shanghai")

    dates = parse(CalendarForm, CALENDAR).dates(zone)

    assert dates.releases_at == datetime(2027, 1, 5, 9, 0, tzinfo=zone)
    assert dates.closes_on == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("collects_from_on", "昨天"),
        ("collects_until_on", "2026-11-30"),
        ("releases_at", "2026-12-19T23:59"),
        ("releases_at", "明天早上"),
        ("closes_on", "2027-01-04"),
    ],
)
def test_a_calendar_out_of_order_is_refused_at_its_field(field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(CalendarForm, {**CALENDAR, field: value})

    assert field in refused.value.fields


def test_release_and_end_may_stay_open() -> None:
    form = parse(CalendarForm, {**CALENDAR, "releases_at": "", "closes_on": ""})

    assert (form.releases_at, form.closes_on) == (None, None)


@pytest.mark.parametrize("number", ["", "2027/Q1", "甲", "-1", "a" * 41])
def test_a_number_that_cannot_stand_in_an_address_is_refused(number: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(BatchForm, {**CALENDAR, "number": number})

    assert set(refused.value.fields) == {"number"}
