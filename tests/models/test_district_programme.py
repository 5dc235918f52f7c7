"""Programmes of districts: in force on which days, read by whom."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.district_programme import DistrictProgramme, get_programme, list_programmes
from models.errors import NotFound
from tests.factories import make_district, save

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def make_programme(session: Session, **values: Any) -> DistrictProgramme:
    if "district_id" not in values:
        values["district_id"] = make_district(session).key
    return save(session, DistrictProgramme(**{"title": "专项方案", **values}))


@pytest.mark.parametrize(
    ("window", "on", "expected"),
    [
        ((FIRST, LAST), FIRST, True),
        ((FIRST, LAST), LAST, True),
        ((FIRST, LAST), date(2027, 1, 1), False),
        ((FIRST, LAST), date(2025, 12, 31), False),
        ((None, None), FIRST, True),
        ((FIRST, None), date(2099, 1, 1), True),
    ],
)
def test_it_is_in_force_through_its_last_day(window: Any, on: date, expected: bool) -> None:
    row = DistrictProgramme(district_id=1, title="方案", valid_from_on=window[0], valid_until_on=window[1])

    assert row.is_in_force(on) is expected


def test_it_ends_after_it_began(session: Session) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        make_programme(session, valid_from_on=LAST, valid_until_on=FIRST)


def test_it_is_read_in_its_district_only(session: Session) -> None:
    row = make_programme(session)

    assert (
        get_programme(session, row.key)
        == row
        == get_programme(session, row.key, district_ids=[row.district_id])
    )
    for here, id_ in (([row.district_id + 1], row.key), (None, 2**31)):
        with pytest.raises(NotFound):
            get_programme(session, id_, district_ids=here)


def test_they_are_listed_by_district_and_title(session: Session) -> None:
    first, second = make_district(session).key, make_district(session).key
    late = make_programme(session, district_id=second, title="甲")
    b = make_programme(session, district_id=first, title="b")
    a = make_programme(session, district_id=first, title="a")

    assert [row.key for row in list_programmes(session)] == [a.key, b.key, late.key]
