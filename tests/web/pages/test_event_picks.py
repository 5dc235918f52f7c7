"""The lists of an event: chosen by filters and by rank, given booths, dropped again, all of it on record."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from models.audit import subject_events
from models.event import Event
from models.event_picks import event_picks, pick_firms, pick_scenarios
from tests.factories import make_event, make_scenario


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session)


def actions(session: Session, event: Event) -> list[tuple[str, object]]:
    return [(row.action, row.details) for row in subject_events(session, "event", event.key)]


def test_ticked_scenarios_are_brought_and_on_record(session, as_organizer, city, event):
    address = f"/events/{event.key}/scenarios"
    assert city.scenario.title in as_organizer.get(address).text

    answer = as_organizer.post(address, data={"chosen": [str(city.scenario.key), "甲", "999999999"]})

    assert answer.headers["Location"].endswith(address)
    assert event_picks(session, event.key).scenario_ids == {city.scenario.key}
    assert actions(session, event) == [("event.picked", {"scenario": [city.scenario.key]})]
    as_organizer.post(address, data={"chosen": str(city.scenario.key)})
    assert len(actions(session, event)) == 1


def test_scenarios_are_filtered_by_batch_domain_and_district(session, as_organizer, city, event):
    make_scenario(session, title="另一个场景", number="X-1", domain="healthcare", deadline_on=None)
    batch, district = city.scenario.batch_id, city.scenario.district_id

    for query in (f"batch={batch}", f"district={district}", f"domain={city.scenario.domain}"):
        page = as_organizer.get(f"/events/{event.key}/scenarios?{query}").text
        assert city.scenario.title in page
        assert "另一个场景" not in page
    assert "另一个场景" in as_organizer.get(f"/events/{event.key}/scenarios").text


@pytest.mark.parametrize("query", ["batch=甲", "batch=-1", "district=0", "batch=99999999999999999999"])
def test_a_filter_that_cannot_be_is_not_found(as_organizer, event, query):
    assert as_organizer.get(f"/events/{event.key}/scenarios?{query}").status_code == 404


def test_a_closed_scenario_is_not_brought_even_if_asked_for(session, as_organizer, event, now):
    closed = make_scenario(session, closed_at=now)

    as_organizer.post(f"/events/{event.key}/scenarios", data={"chosen": str(closed.key)})

    assert event_picks(session, event.key).scenarios == []


def test_firms_are_offered_in_the_order_of_invitation(session, as_organizer, city, event):
    address = f"/events/{event.key}/firms"
    assert "先选场景" in as_organizer.get(address).text
    pick_scenarios(session, event, [city.scenario])
    page = as_organizer.get(address).text
    assert "补上 1 个没有企业的场景" in page
    assert city.firm.name not in as_organizer.get(f"{address}?district=999").text

    as_organizer.post(address, data={"chosen": str(city.firm.key)})

    assert event_picks(session, event.key).firm_ids == {city.firm.key}
    assert actions(session, event) == [("event.picked", {"firm": [city.firm.key]})]


def test_a_booth_is_given_and_taken_back(session, as_organizer, city, event):
    [row] = pick_firms(session, event, [city.firm])
    address = f"/events/{event.key}/firm/{row.key}/booth"

    assert as_organizer.post(address, data={"table": "4"}).status_code == 303
    session.refresh(row)
    assert row.booth_table == 4
    for typed in ("6", "0", "甲", "99999"):
        assert as_organizer.post(address, data={"table": typed}).status_code == 422
    assert as_organizer.post(address, data={"table": ""}).status_code == 303
    session.refresh(row)
    assert row.booth_table is None
    assert actions(session, event)[0] == ("event.booth_set", {"firm": city.firm.key, "table": 4})


def test_a_pick_is_dropped_with_a_record(session, as_organizer, city, event):
    [row] = pick_scenarios(session, event, [city.scenario])
    other = make_event(session)
    assert as_organizer.post(f"/events/{other.key}/scenario/{row.key}/drop").status_code == 404

    assert as_organizer.post(f"/events/{event.key}/scenario/{row.key}/drop").status_code == 303

    assert event_picks(session, event.key).scenarios == []
    assert actions(session, event) == [("event.dropped", {"scenario": city.scenario.key})]


def test_after_the_release_lists_are_shown_and_not_changed(session, as_organizer, city, event, now):
    [row] = pick_scenarios(session, event, [city.scenario])
    for column in ("opened_at", "preference_at", "scheduling_at", "released_at"):
        setattr(event, column, now)

    page = as_organizer.get(f"/events/{event.key}/scenarios").text

    assert "移出" not in page
    assert as_organizer.get(f"/events/{event.key}/firms").status_code == 200
    assert as_organizer.post(f"/events/{event.key}/scenario/{row.key}/drop").status_code == 409
    assert as_organizer.post(f"/events/{event.key}/firms", data={"chosen": "1"}).status_code == 409


@pytest.mark.parametrize("page", ["scenarios", "firms"])
def test_agencies_and_firms_see_no_lists(as_agency, as_firm, event, page):
    assert as_agency.get(f"/events/{event.key}/{page}").status_code == 403
    assert as_firm.get(f"/events/{event.key}/{page}").status_code == 403
