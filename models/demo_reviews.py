"""Demo texts on their way: one waits for review, one was sent back, one came again, one is approved."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.base import Table
from models.batch import Batch
from models.batch_list import freeze_list
from models.review import ReviewRemark, ReviewRound, content_of
from models.scenario import Requirement, Scenario, ScenarioKind
from models.user import User

COPIED = (
    "title", "lang", "domain", "text", "metric", "baseline", "target", "data_note", "acceptance", "deployment",
    "contact_name", "contact_email",
)  # fmt: skip


class Days(Protocol):
    """The calendar of the seeding (models/demo.py)."""

    zone: ZoneInfo

    def day(self, offset: int | None) -> date | None:
        """The date so many days from today."""
        ...

    def required_moment(self, offset: int) -> datetime:
        """Nine in the morning of that day, never later than now."""
        ...


def planned_moment(days: Days, offset: int | None) -> datetime | None:
    """Nine in the morning of a day to come, or None."""
    day = days.day(offset)
    return None if day is None else datetime.combine(day, time(9), days.zone)


def seed_reviews(
    session: Session, rows: dict[str, Table], days: Days, *, records: Iterable[dict[str, Any]], reviewer: User
) -> int:
    """Add the texts with their rounds; how many."""
    n = 0
    for record in records:
        scenario = _scenario(rows, days, record)
        session.add(scenario)
        session.flush()
        rows[record["key"]] = scenario
        for serial, item in enumerate(record["rounds"], 1):
            _round(session, scenario, days, item=item, serial=serial, reviewer=reviewer)
        n += 1
    session.flush()
    return n


def _scenario(rows: dict[str, Table], days: Days, record: dict[str, Any]) -> Scenario:
    first = record["rounds"][0]["submitted_offset_days"]
    written = days.required_moment(first - 3)
    return Scenario(
        **{name: record[name] for name in COPIED},
        created_at=written,
        updated_at=written,
        organisation_id=rows[record["organisation"]].key,
        external_id=record["key"],
        batch_id=None if record["batch"] is None else rows[record["batch"]].key,
        district_id=rows[record["district"]].key,
        kind=ScenarioKind(record["kind"]),
        deadline_on=days.day(record["deadline_offset_days"]),
        is_demo=True,
        requirements=[
            Requirement(scenario_id=0, position=position, text=item["text"], must=item["must"])
            for position, item in enumerate(record["requirements"], 1)
        ],
    )


def _round(  # noqa: PLR0913  (a row of the file, where it belongs and who answered)
    session: Session, scenario: Scenario, days: Days, *, item: dict[str, Any], serial: int, reviewer: User
) -> None:
    submitted = days.required_moment(item["submitted_offset_days"])
    scenario.submit(submitted)
    row = ReviewRound(
        created_at=submitted,
        scenario_id=scenario.key,
        serial=serial,
        content={**content_of(scenario), **item.get("before", {})},
        note=item.get("note", ""),
    )
    if "returned_offset_days" in item:
        row.returned_at = days.required_moment(item["returned_offset_days"])
        scenario.return_for_changes(row.returned_at)
    if "approved_offset_days" in item:
        row.approved_at = days.required_moment(item["approved_offset_days"])
        scenario.approve(row.approved_at)
    if row.returned_at or row.approved_at:
        row.decided_by_user_id = reviewer.key
    session.add(row)
    session.flush()
    for field, text in item.get("remarks", {}).items():
        session.add(
            ReviewRemark(created_at=row.returned_at or submitted, round_id=row.key, field=field, text=text)
        )


def freeze_lists(session: Session, batches: Iterable[Batch], scenarios: Iterable[Scenario]) -> None:
    """Keep the lists of the batches that are out, as of their release."""
    numbered = sorted(
        (row for row in scenarios if row.published_at is not None), key=lambda row: row.number or ""
    )
    for batch in batches:
        if batch.released_at is not None:
            inside = [row for row in numbered if row.batch_id == batch.key]
            freeze_list(session, batch, inside, now=batch.released_at)
