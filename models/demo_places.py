"""What the demo city plans: the targets of the action plan, and a programme of one district."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from models.base import Table
from models.demo_reviews import Days
from models.district_programme import DistrictProgramme
from models.plan_target import PlanMeasure, PlanTarget, plan_targets


def plan_and_programmes(
    session: Session, places: Mapping[str, Any], rows: Mapping[str, Table], days: Days
) -> Iterator[PlanTarget | DistrictProgramme]:
    """The rows of places.json, without targets that are there; those are the plan's own, the programme is invented."""
    due_on, known = date.fromisoformat(places["plan_due_on"]), plan_targets(session)
    for record in places["plan_targets"]:
        measure = PlanMeasure(record["measure"])
        if measure not in known:
            yield PlanTarget(measure=measure, wanted=record["wanted"], source=record["source"], due_on=due_on)
    for record in places["programmes"]:
        yield DistrictProgramme(
            district_id=rows[record["district"]].key,
            title=record["title"],
            document_number=record["document_number"],
            summary=record["summary"],
            valid_from_on=days.day(record["from_offset_days"]),
        )
