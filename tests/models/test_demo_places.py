"""The demo city plans what the action plan says, and nothing of it twice."""

import json
from datetime import UTC, datetime

from sqlmodel import Session, select

from models.demo import DEMO_DATA, Calendar
from models.demo_places import plan_and_programmes
from models.district_programme import DistrictProgramme
from models.plan_target import PlanMeasure, PlanTarget
from tests.factories import make_district

PLACES = json.loads((DEMO_DATA / "places.json").read_text(encoding="utf-8"))

DAYS = Calendar(datetime(2026, 11, 23, 2, 0, tzinfo=UTC), "Asia/Shanghai")


def test_every_measure_has_a_target_with_its_source(session: Session) -> None:
    rows = {"NS": make_district(session)}

    for _ in range(2):
        session.add_all(plan_and_programmes(session, PLACES, rows, DAYS))
        session.flush()

    targets = session.exec(select(PlanTarget)).all()
    assert {row.measure for row in targets} == set(PlanMeasure)
    assert all("深工信〔2026〕2号" in row.source for row in targets)


def test_the_programme_says_that_it_is_invented(session: Session) -> None:
    home = make_district(session)

    made = list(plan_and_programmes(session, PLACES, {"NS": home}, DAYS))

    programmes = [row for row in made if isinstance(row, DistrictProgramme)]
    assert [row.district_id for row in programmes] == [home.key]
    assert all("演示" in row.title and "虚构" in row.summary for row in programmes)
