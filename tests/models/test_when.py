from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.when import Daily, Every, When

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "UTC", "Europe/Berlin", "Australia/Lord_Howe")]
SHENZHEN = ZONES[0]
RHYTHMS: list[When] = [Every(15), Every(3600), Daily(time(8, 0)), Daily(time(2, 30)), Daily(time(0, 0))]
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=5844)).map(lambda passed: FIRST + passed)


def test_every_counts_from_round_moments() -> None:
    slot = Every(15).latest_slot(datetime(2026, 11, 23, 2, 0, 29, 900_000, tzinfo=UTC), SHENZHEN)

    assert slot.key == "2026-11-23T02:00:15Z"
    assert slot.due_at == datetime(2026, 11, 23, 2, 0, 15, tzinfo=UTC)


def test_daily_is_due_from_its_time_on_in_the_zone() -> None:
    at_eight = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)

    assert Daily(time(8, 0)).latest_slot(at_eight - timedelta(seconds=1), SHENZHEN).key == "2026-11-22"
    assert Daily(time(8, 0)).latest_slot(at_eight, SHENZHEN).key == "2026-11-23"


@given(moments, st.sampled_from(RHYTHMS), st.sampled_from(ZONES))
def test_the_latest_slot_is_due_and_the_next_is_not(now: datetime, when: When, zone: ZoneInfo) -> None:
    slot, next_due_at = when.latest_slot(now, zone), when.next_due_at(now, zone)

    assert slot.due_at <= now < next_due_at
    assert when.latest_slot(slot.due_at, zone) == slot
    assert when.latest_slot(next_due_at, zone).due_at == next_due_at


@given(
    moments,
    st.timedeltas(timedelta(0), timedelta(days=400)),
    st.sampled_from(RHYTHMS),
    st.sampled_from(ZONES),
)
def test_a_key_belongs_to_one_moment_and_later_keys_sort_later(
    now: datetime, later_by: timedelta, when: When, zone: ZoneInfo
) -> None:
    first, second = when.latest_slot(now, zone), when.latest_slot(now + later_by, zone)

    assert (first.key == second.key) == (first.due_at == second.due_at)
    assert first.key <= second.key


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_in_ten_years_no_day_is_skipped_and_none_comes_twice(zone: ZoneInfo) -> None:
    when = Daily(time(2, 30))
    now = datetime(2026, 1, 1, 12, 0, tzinfo=zone).astimezone(UTC)
    keys = []
    for _ in range(3653):
        keys.append(when.latest_slot(now, zone).key)
        now = when.next_due_at(now, zone)

    first = datetime(2026, 1, 1, tzinfo=UTC).date()
    assert keys == [(first + timedelta(days=n)).isoformat() for n in range(3653)]


def test_rhythms_are_told_in_words() -> None:
    assert [when.in_words() for when in (Every(15), Daily(time(6, 30)))] == ["every 15 s", "daily from 06:30"]
