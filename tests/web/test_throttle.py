import time
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.exceptions import TooManyRequests

from web import throttle
from web.throttle import Throttle, level_time

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_one_too_many_is_told_how_long_to_wait() -> None:
    gate = Throttle(2, timedelta(minutes=5))
    gate.count("a", now=NOW)
    gate.count("a", now=NOW + timedelta(minutes=1))

    with pytest.raises(TooManyRequests) as caught:
        gate.count("a", now=NOW + timedelta(minutes=2))

    assert caught.value.retry_after == 180


def test_other_addresses_are_not_kept_waiting() -> None:
    gate = Throttle(1, timedelta(minutes=5))
    gate.count("a", now=NOW)

    gate.count("b", now=NOW)


def test_the_window_moves_on_and_refusals_do_not_lengthen_it() -> None:
    gate = Throttle(1, timedelta(minutes=5))
    gate.count("a", now=NOW)
    for minute in (1, 2, 3, 4):
        with pytest.raises(TooManyRequests):
            gate.count("a", now=NOW + timedelta(minutes=minute))

    gate.count("a", now=NOW + timedelta(minutes=5))


def test_the_wait_is_never_nothing() -> None:
    gate = Throttle(1, timedelta(seconds=1))
    gate.count("a", now=NOW)

    with pytest.raises(TooManyRequests) as caught:
        gate.count("a", now=NOW + timedelta(milliseconds=900))

    assert caught.value.retry_after == 1


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "N_ADDRESSES", 3)
    gate = Throttle(1, timedelta(minutes=5))
    for address in "abcd":
        gate.count(address, now=NOW)

    gate.count("a", now=NOW)

    assert len(gate._asked) == 3
    assert b"a" not in gate._asked


def test_what_takes_no_time_takes_as_long_as_what_takes_some() -> None:
    started = time.monotonic()
    with level_time(0.05):
        pass
    nothing = time.monotonic() - started
    with level_time(0.05):
        time.sleep(0.02)
    something = time.monotonic() - started - nothing

    assert nothing >= 0.05
    assert something >= 0.05


def test_an_error_comes_through_and_takes_as_long() -> None:
    started = time.monotonic()

    with pytest.raises(KeyError), level_time(0.05):
        raise KeyError

    assert time.monotonic() - started >= 0.05
