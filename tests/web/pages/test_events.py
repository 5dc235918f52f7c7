"""The pages of events: made anew, from a template or an earlier one; changed, moved on, kept apart by district."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.event import Event, EventStatus
from models.event_picks import event_picks, pick_firms, pick_scenarios, set_booth
from models.event_templates import TemplateName
from models.user import Role, UserRole
from tests.factories import make_district, make_event, make_scenario, make_user, save
from tests.web.forms.test_events import EVENT


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session)


@pytest.fixture
def picked(session: Session, city, event: Event) -> Event:
    """With the city's scenario and the firm that fits it."""
    pick_scenarios(session, event, [city.scenario])
    pick_firms(session, event, [city.firm])
    return event


def test_an_event_is_made_and_shown(session, as_organizer):
    answer = as_organizer.post("/events", data=EVENT)

    row = session.exec(select(Event)).one()
    assert answer.headers["Location"].endswith(f"/events/{row.key}")
    assert (row.status, row.n_tables, len(row.slots)) == (EventStatus.DRAFT, 20, 5)
    assert [each.action for each in subject_events(session, "event", row.key)] == ["event.made"]
    page = as_organizer.get(f"/events/{row.key}").text
    assert "冬季对接会" in page
    assert "20 张桌 × 5 个时段" in page
    assert "选场景" in page
    assert "冬季对接会" in as_organizer.get("/events").text
    assert "冬季对接会" in as_organizer.get("/events?format=csv").text


@pytest.mark.parametrize("name", list(TemplateName))
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_template_needs_a_name_a_place_and_a_day_only(session, as_organizer, name, locale):
    page = as_organizer.get(f"/events/new?template={name}&lang={locale}").text
    filled = {
        field: page.split(f'name="{field}"')[1].split(">", 1)[1].split("</textarea>")[0].strip()
        for field in ("halls", "timetable")
    }
    numbers = {
        field: page.split(f'name="{field}"')[1].split('value="')[1].split('"')[0]
        for field in ("max_meetings", "min_meetings", "buffer_minutes")
    }

    answer = as_organizer.post("/events", data={**EVENT, **filled, **numbers})

    assert answer.status_code == 303
    assert any(period.is_break for period in session.exec(select(Event)).one().periods)


def test_an_empty_form_has_no_template(as_organizer):
    assert as_organizer.get("/events/new?template=nonsense").status_code == 200


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(session, as_organizer):
    answer = as_organizer.post("/events", data={**EVENT, "timetable": "上午 9点", "place": ""})

    assert answer.status_code == 422
    assert 'href="#field-timetable"' in answer.text
    assert 'href="#field-place"' in answer.text
    assert "上午 9点" in answer.text
    assert "主厅 12" in answer.text
    assert session.exec(select(Event)).all() == []


def test_a_clone_has_the_same_day_and_list_and_says_where_it_came_from(session, as_organizer, picked):
    page = as_organizer.get(f"/events/new?clone={picked.key}").text
    assert "照“场景供需对接”办一场" in page
    assert "主厅 3" in page

    as_organizer.post("/events", data={**EVENT, "clone": str(picked.key)})

    clone = session.exec(select(Event).where(Event.id != picked.key)).one()
    assert event_picks(session, clone.key).firm_ids == event_picks(session, picked.key).firm_ids
    assert subject_events(session, "event", clone.key)[0].details == {"clone_of": picked.key}
    assert as_organizer.get("/events/new?clone=999999").status_code == 404


def test_an_event_is_changed_until_its_release(session, as_organizer, event, now):
    assert "主厅 3\n侧厅 2" in as_organizer.get(f"/events/{event.key}/edit").text
    assert as_organizer.post(f"/events/{event.key}/edit", data=EVENT).status_code == 303
    session.refresh(event)
    assert event.title == "冬季对接会"
    assert as_organizer.post(f"/events/{event.key}/edit", data={**EVENT, "halls": ""}).status_code == 422

    for column in ("opened_at", "preference_at", "scheduling_at", "released_at"):
        setattr(event, column, now)
    assert as_organizer.get(f"/events/{event.key}/edit").status_code == 409
    assert as_organizer.post(f"/events/{event.key}/edit", data=EVENT).status_code == 409
    assert as_organizer.get(f"/events/{event.key}").status_code == 200


def test_a_table_with_a_host_is_not_taken_away(session, as_organizer, picked):
    set_booth(session, picked, event_picks(session, picked.key).firms[0], 5)

    answer = as_organizer.post(f"/events/{picked.key}/edit", data={**EVENT, "halls": "主厅 4"})

    assert answer.status_code == 422
    assert "固定摊位" in answer.text
    session.refresh(picked)
    assert picked.n_tables == 5


def test_an_event_opens_once_it_has_both_sides(session, as_organizer, city, event):
    assert as_organizer.post(f"/events/{event.key}/step", data={"to": "open"}).status_code == 409
    assert "开放报名" not in as_organizer.get(f"/events/{event.key}").text
    pick_scenarios(session, event, [city.scenario])
    pick_firms(session, event, [city.firm])
    assert "开放报名" in as_organizer.get(f"/events/{event.key}").text

    assert as_organizer.post(f"/events/{event.key}/step", data={"to": "open"}).status_code == 303
    session.refresh(event)

    assert event.status is EventStatus.OPEN
    assert subject_events(session, "event", event.key)[-1].action == "event.open"
    assert as_organizer.post(f"/events/{event.key}/step", data={"to": "open"}).status_code == 409


@pytest.mark.parametrize("to", ["", "draft", "scheduling", "released", "nonsense"])
def test_no_other_step_is_taken_on_the_page(session, as_organizer, picked, to):
    assert as_organizer.post(f"/events/{picked.key}/step", data={"to": to}).status_code == 409
    session.refresh(picked)
    assert picked.status is EventStatus.DRAFT


def test_an_event_of_yesterday_does_not_open(as_organizer, picked, now):
    picked.held_on = now.date().replace(day=1)

    answer = as_organizer.post(f"/events/{picked.key}/step", data={"to": "open"})

    assert answer.status_code == 409
    assert "先改日期" in answer.text


def test_gaps_of_both_sides_are_on_the_page(session, as_organizer, city, event):
    lonely = make_scenario(session, title="没人能做的场景", number="NS-99", deadline_on=None)
    pick_scenarios(session, event, [lonely, city.scenario])

    page = as_organizer.get(f"/events/{event.key}").text

    assert "没人能做的场景" in page.split('id="without-firm"')[1].split("</section>")[0]
    assert city.firm.name in page.split('id="ranked"')[1].split("</section>")[0]
    assert "补上 1 个没有企业的场景" in page


def test_an_organizer_of_one_district_holds_events_of_that_district_only(session, log_in, event):
    here = make_district(session, name="甲区")
    local = make_user(session)
    save(session, UserRole(user_id=local.key, role=Role.ORGANIZER, district_id=here.key))
    session.refresh(local)
    client = log_in(local)

    assert client.get(f"/events/{event.key}").status_code == 403
    assert client.get(f"/events/new?clone={event.key}").status_code == 403
    assert event.title not in client.get("/events").text
    assert client.post("/events", data=EVENT).status_code == 422
    mine = client.post("/events", data={**EVENT, "district_id": str(here.key)})
    assert client.get(mine.headers["Location"]).status_code == 200


@pytest.mark.parametrize("role", [Role.AGENCY, Role.STARTUP, Role.EVALUATOR, Role.REVIEWER])
def test_others_hold_no_events(city, log_in, event, role):
    client = log_in(city.users[role])

    assert client.get("/events").status_code == 403
    assert client.post("/events", data=EVENT).status_code == 403
    assert client.get("/events/999999").status_code == 403


def test_an_event_that_is_not_there_is_not_found(as_organizer):
    assert as_organizer.get("/events/999999").status_code == 404
