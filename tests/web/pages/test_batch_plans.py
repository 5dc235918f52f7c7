"""Planning batches: a calendar, what goes in, and whose batch it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.batch import Batch
from models.user import Role, UserRole
from tests.factories import make_approved, make_batch, make_district, make_scenario, make_user, save
from tests.web.forms.test_batches import CALENDAR


@pytest.fixture
def as_operator(city, log_in):
    return log_in(city.users[Role.OPERATOR])


@pytest.fixture
def batch(session: Session) -> Batch:
    return make_batch(session, number="2027Q1", title="一季度", released_at=None)


def test_a_batch_is_planned_with_its_calendar(session, as_operator):
    answer = as_operator.post("/batches", data={**CALENDAR, "number": "2027Q1"})

    row = session.exec(select(Batch).where(Batch.number == "2027Q1")).one()
    assert answer.headers["Location"].endswith("/batches/2027Q1/plan")
    assert (row.released_at, row.district_id, row.releases_at.hour) == (None, None, 1)
    assert [event.action for event in subject_events(session, "batch", row.key)] == ["batch.planned"]
    assert 'value="2027-01-05T09:00"' in as_operator.get("/batches/2027Q1/plan").text
    assert "/batches/2027Q1/plan" in as_operator.get("/batches").text


@pytest.mark.parametrize(
    "changes", [{"number": "2026Q4"}, {"number": "new"}, {"district_id": "99999"}, {"title": ""}]
)
def test_what_cannot_be_a_batch_is_said_at_its_field(session, as_operator, changes):
    before = len(session.exec(select(Batch)).all())

    answer = as_operator.post("/batches", data={**CALENDAR, "number": "2027Q1", **changes})

    assert answer.status_code == 422
    assert f'href="#field-{next(iter(changes))}"' in answer.text
    assert len(session.exec(select(Batch)).all()) == before


def test_the_calendar_changes_until_the_release(session, as_operator, batch):
    assert as_operator.post("/batches/2027Q1/plan", data=CALENDAR).status_code == 303
    session.refresh(batch)
    assert batch.title == "2027 年第一季度"

    assert as_operator.post("/batches/2027Q1/plan", data={**CALENDAR, "title": ""}).status_code == 422
    assert as_operator.post("/batches/2026Q4/plan", data=CALENDAR).status_code == 409


def test_approved_scenarios_move_in_and_out(session, city, as_operator, batch):
    scenario = make_approved(session, organisation_id=city.agency.key, title="等批次的场景")
    assert "等批次的场景" in as_operator.get("/batches/2027Q1/plan").text

    as_operator.post("/batches/2027Q1/scenarios", data={"scenario_id": str(scenario.key), "act": "in"})
    session.refresh(scenario)
    assert scenario.batch_id == batch.key
    as_operator.post("/batches/2027Q1/scenarios", data={"scenario_id": str(scenario.key), "act": "out"})
    session.refresh(scenario)

    assert scenario.batch_id is None
    actions = [event.action for event in subject_events(session, "scenario", scenario.key)]
    assert actions == ["scenario.placed", "scenario.taken_out"]


@pytest.mark.parametrize(("scenario_id", "status"), [("", 404), ("甲", 404), ("9" * 30, 404)])
def test_a_scenario_that_is_not_there_is_not_moved(as_operator, batch, scenario_id, status):
    answer = as_operator.post("/batches/2027Q1/scenarios", data={"scenario_id": scenario_id, "act": "in"})

    assert answer.status_code == status


def test_what_is_not_approved_is_not_moved(session, as_operator, batch):
    draft = make_scenario(session, published_at=None, number=None)

    answer = as_operator.post("/batches/2027Q1/scenarios", data={"scenario_id": str(draft.key), "act": "in"})

    assert answer.status_code == 409


def test_the_plan_warns_of_what_comes_too_late_and_of_a_batch_that_waits(session, as_operator, batch, now):
    batch.releases_at = now
    make_approved(session, batch_id=batch.key, deadline_on=now.date() - timedelta(days=1))

    page = as_operator.get("/batches/2027Q1/plan").text

    assert "早于发布" in page
    assert "发布时间已到，还没有审核通过" in page


def test_an_operator_of_one_district_plans_that_district_only(session, city, log_in, batch):
    district = make_district(session, name="甲区")
    local = make_user(session)
    save(session, UserRole(user_id=local.key, role=Role.OPERATOR, district_id=district.key))
    session.refresh(local)
    client = log_in(local)

    assert client.get("/batches/2027Q1/plan").status_code == 403
    assert "全市" not in client.get("/batches/new").text
    assert client.post("/batches", data={**CALENDAR, "number": "X1"}).status_code == 422
    mine = {**CALENDAR, "number": "X1", "district_id": str(district.key)}
    assert client.post("/batches", data=mine).status_code == 303
    assert client.get("/batches/X1/plan").status_code == 200


@pytest.mark.parametrize("role", [Role.AGENCY, Role.STARTUP, Role.ORGANIZER, Role.REVIEWER])
def test_others_plan_nothing(city, log_in, batch, role):
    client = log_in(city.users[role])

    assert client.get("/batches/2027Q1/plan").status_code == 403
    assert client.post("/batches", data={**CALENDAR, "number": "X1"}).status_code == 403
