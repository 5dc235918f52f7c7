"""Release: at its moment, all at once, once; nobody sees anything before; what came too late goes on waiting."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from models.audit import subject_events
from models.batch_list import get_file
from models.batch_release import (
    approved,
    due_batches,
    is_late,
    place_scenario,
    release_batch,
    take_out,
    waiting_scenarios,
)
from models.errors import InvalidTransition
from models.scenario import Scenario, ScenarioStatus, published_scenarios
from tests.factories import MONDAY, make_approved, make_batch, make_district, make_scenario
from tests.models.test_scenario import STATES

NOW = MONDAY + timedelta(days=7)
TODAY = date(2026, 11, 23)


def test_approved_and_its_sql_twin_agree(session: Session) -> None:
    rows = [make_scenario(session, **values) for values in STATES.values()]

    found = set(
        session.exec(select(Scenario.id).where(approved(), col(Scenario.id).in_([r.id for r in rows])))
    )

    assert found == {row.id for row in rows if row.status is ScenarioStatus.APPROVED}


def test_at_its_release_what_waits_becomes_public_with_numbers_in_order(session: Session) -> None:
    batch = make_batch(session, number="2027Q1", released_at=None, releases_at=NOW)
    second = make_approved(session, batch_id=batch.key, approved_at=MONDAY + timedelta(hours=1))
    first = make_approved(session, batch_id=batch.key)
    other = make_approved(session)
    assert first not in published_scenarios(session)

    out = release_batch(session, batch, now=NOW, on=TODAY)

    assert out == [first, second]
    assert [row.number for row in out] == ["2027Q1-001", "2027Q1-002"]
    assert {row.published_at for row in out} == {NOW} == {batch.released_at}
    assert other.status is ScenarioStatus.APPROVED
    event = subject_events(session, "batch", batch.key)[-1]
    assert event.details == {"scenarios": 2, "sha256": get_file(session, batch, "json").sha256}


def test_a_batch_is_released_once(session: Session) -> None:
    batch = make_batch(session, released_at=None)
    make_approved(session, batch_id=batch.key)
    release_batch(session, batch, now=NOW, on=TODAY)
    make_approved(session, batch_id=batch.key)

    with pytest.raises(InvalidTransition):
        release_batch(session, batch, now=NOW, on=TODAY)


def test_a_batch_without_scenarios_is_not_released(session: Session) -> None:
    batch = make_batch(session, released_at=None, releases_at=NOW)
    make_scenario(session, batch_id=batch.key, published_at=None, number=None, submitted_at=MONDAY)
    withdrawn = make_approved(session, batch_id=batch.key)
    withdrawn.withdraw(NOW)

    assert release_batch(session, batch, now=NOW, on=TODAY) == []
    assert batch.released_at is None
    assert due_batches(session, now=NOW) == [batch.key]


def test_what_would_be_closed_from_the_start_goes_on_waiting(session: Session) -> None:
    batch = make_batch(session, released_at=None)
    late = make_approved(session, batch_id=batch.key, deadline_on=TODAY - timedelta(days=1))
    in_time = make_approved(session, batch_id=batch.key, deadline_on=TODAY)

    assert release_batch(session, batch, now=NOW, on=TODAY) == [in_time]

    assert (late.status, late.batch_id) == (ScenarioStatus.APPROVED, None)
    assert [event.action for event in subject_events(session, "scenario", late.key)] == ["scenario.left_out"]
    assert is_late(late, TODAY) and not is_late(in_time, TODAY)
    assert not is_late(make_approved(session, deadline_on=None), TODAY)


def test_a_batch_is_due_at_its_moment(session: Session) -> None:
    batch = make_batch(session, released_at=None, releases_at=NOW)
    make_batch(session, released_at=None, releases_at=None)
    make_batch(session, released_at=MONDAY, releases_at=MONDAY)

    assert due_batches(session, now=NOW - timedelta(seconds=1)) == []
    assert due_batches(session, now=NOW) == [batch.key]


def test_scenarios_move_in_and_out_until_the_release(session: Session) -> None:
    batch, scenario = make_batch(session, released_at=None), make_approved(session)

    place_scenario(scenario, batch)
    assert waiting_scenarios(session, batch.key) == [scenario]
    take_out(scenario, batch)
    session.flush()

    assert scenario in waiting_scenarios(session, None)


def test_only_approved_ones_of_the_district_move_and_only_before_the_release(session: Session) -> None:
    local = make_batch(session, released_at=None, district_id=make_district(session).key)
    out = make_batch(session)
    batch = make_batch(session, released_at=None)
    public = make_scenario(session, batch_id=out.key)

    for scenario, into in ((make_approved(session), local), (make_approved(session), out), (public, batch)):
        with pytest.raises(InvalidTransition):
            place_scenario(scenario, into)
    for scenario, of in ((make_approved(session), batch), (public, out)):
        with pytest.raises(InvalidTransition):
            take_out(scenario, of)


def test_what_waits_in_another_batch_is_first_taken_out_there(session: Session) -> None:
    first, second = make_batch(session, released_at=None), make_batch(session, released_at=None)
    scenario = make_approved(session, batch_id=first.key)

    with pytest.raises(InvalidTransition, match="另一批"):
        place_scenario(scenario, second)
    take_out(scenario, first)
    place_scenario(scenario, second)

    assert scenario.batch_id == second.key


def test_a_batch_of_late_texts_only_lets_them_go_and_stays(session: Session) -> None:
    batch = make_batch(session, released_at=None)
    late = make_approved(session, batch_id=batch.key, deadline_on=TODAY - timedelta(days=1))

    assert release_batch(session, batch, now=NOW, on=TODAY) == []

    assert (late.batch_id, batch.released_at) == (None, None)
