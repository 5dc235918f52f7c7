"""When a job is due: every so many seconds, or once a day.

A due moment is a slot with a key. Whether a slot has been run is a row in the database (models/work.py: JobRun), so
the only question here is which slot is the latest. Earlier slots that were missed are not made up for one by one: a
scheduler that slept for a week runs each job once, for the latest slot.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Slot:
    """One due moment of one job; `key` is its name for ever."""

    key: str
    due_at: datetime


class When(Protocol):
    """A rhythm."""

    @property
    def tick_seconds(self) -> int:
        """How often to look whether the job is due."""
        ...

    @property
    def forgets_idle_runs(self) -> bool:
        """Whether rows of runs that found nothing to do may be deleted: then a slot may, in theory, run again."""
        ...

    def latest_slot(self, now: datetime, zone: ZoneInfo) -> Slot:
        """The last slot that is due at `now`. Two moments of one slot give one key; keys never come back."""
        ...

    def next_due_at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """When the next slot after `now` is due."""
        ...

    def in_words(self) -> str:
        """The rhythm, for the list of jobs."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds, counted from 1970 in UTC, whatever the clock on the wall does."""

    seconds: int

    @property
    def tick_seconds(self) -> int:
        """Each slot is looked at once."""
        return self.seconds

    @property
    def forgets_idle_runs(self) -> bool:
        """Thousands of rows a day would say nothing."""
        return True

    def latest_slot(self, now: datetime, zone: ZoneInfo) -> Slot:
        """See When; the zone makes no difference."""
        due_at = datetime.fromtimestamp(int(now.timestamp()) // self.seconds * self.seconds, UTC)
        return Slot(due_at.strftime("%Y-%m-%dT%H:%M:%SZ"), due_at)

    def next_due_at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """See When."""
        return self.latest_slot(now, zone).due_at + timedelta(seconds=self.seconds)

    def in_words(self) -> str:
        """E.g. `every 15 s`."""
        return f"every {self.seconds} s"


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day, from a time on the wall on. The key is the local date, so no change of clocks skips or doubles it.

    A time that does not exist on a day (clocks go forward) falls an hour later; one that comes twice counts the first
    time.
    """

    at: time

    @property
    def tick_seconds(self) -> int:
        """Late by a minute at most."""
        return 60

    @property
    def forgets_idle_runs(self) -> bool:
        """The row of a day is what keeps it from running twice."""
        return False

    def latest_slot(self, now: datetime, zone: ZoneInfo) -> Slot:
        """See When."""
        today = now.astimezone(zone).date()
        due_on = today if self._due_at(today, zone) <= now else today - timedelta(days=1)
        return Slot(due_on.isoformat(), self._due_at(due_on, zone))

    def next_due_at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """See When."""
        latest = date.fromisoformat(self.latest_slot(now, zone).key)
        return self._due_at(latest + timedelta(days=1), zone)

    def in_words(self) -> str:
        """E.g. `daily from 08:00`."""
        return f"daily from {self.at:%H:%M}"

    def _due_at(self, on: date, zone: ZoneInfo) -> datetime:
        return datetime.combine(on, self.at, tzinfo=zone).astimezone(UTC)
