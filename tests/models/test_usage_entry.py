"""The usage log holds each day once, within the pilot."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidInput, InvalidTransition
from models.pilot import Pilot
from models.usage_entry import UsageEntry, add_usage, pilot_usage
from tests.factories import make_pilot, make_pilot_in_use, make_user, save

ZONE, TODAY = ZoneInfo("Asia/Shanghai"), date(2026, 12, 20)


def entry(**values: Any) -> UsageEntry:
    defaults = {
        "pilot_id": 0, "from_on": date(2026, 12, 1), "to_on": date(2026, 12, 7), "n_users": 12, "volume": 340,
        "unit": "件工单",
    }  # fmt: skip
    return UsageEntry(**{**defaults, **values})


def log(session: Session, pilot: Pilot, **values: Any) -> UsageEntry:
    return add_usage(session, pilot, entry(**values), by=make_user(session), today=TODAY, zone=ZONE)


def test_periods_are_kept_in_their_order(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    later = log(session, pilot, from_on=date(2026, 12, 8), to_on=date(2026, 12, 20))
    first = log(session, pilot)

    assert pilot_usage(session, pilot.key) == [first, later]
    assert first.logged_by_user_id is not None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"from_on": date(2026, 11, 15)}, "from_on"),
        ({"to_on": date(2026, 12, 21)}, "to_on"),
        ({"from_on": date(2026, 12, 7), "to_on": date(2026, 12, 6)}, "to_on"),
    ],
)
def test_days_outside_the_pilot_are_refused(session: Session, values: dict[str, date], field: str) -> None:
    pilot = make_pilot_in_use(session)

    with pytest.raises(InvalidInput) as refused:
        log(session, pilot, **values)

    assert set(refused.value.fields) == {field}
    assert pilot_usage(session, pilot.key) == []


def test_one_day_is_logged_once(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    log(session, pilot)

    with pytest.raises(InvalidInput, match="几处"):
        log(session, pilot, from_on=date(2026, 12, 7), to_on=date(2026, 12, 9))
    log(session, make_pilot_in_use(session))


def test_before_it_runs_and_after_it_was_stopped_nothing_is_logged(session: Session, now: datetime) -> None:
    for pilot in (make_pilot(session), make_pilot_in_use(session, stopped_at=now, stop_reason="x")):
        with pytest.raises(InvalidTransition):
            log(session, pilot)


@pytest.mark.parametrize("values", [{"n_users": 0}, {"volume": -1}, {"to_on": date(2026, 11, 1)}])
def test_the_database_refuses_what_makes_no_sense(session: Session, values: dict[str, Any]) -> None:
    pilot = make_pilot_in_use(session)

    with pytest.raises(IntegrityError):
        save(session, entry(**{**values, "pilot_id": pilot.key}))
