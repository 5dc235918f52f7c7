from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import subject_events
from models.match import Match
from models.pilot import Pilot
from models.user import Role, User
from tests.factories import MONDAY, make_firm, make_match, make_organisation, make_pilot, make_user

PLAN = {
    "title": "两条主干道试点",
    "success_metric": "发现到派单的中位小时数",
    "baseline": "26",
    "target": "4",
    "decision_owner": "李科长",
    "decision_on": "2027-04-10",
    "budget_fen": "12.5",
    "starts_on": "2027-01-05",
    "ends_on": "2027-03-31",
}


def page_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def introduced(session: Session, city) -> tuple[Match, str]:
    """The city's pair, introduced, and the id of the capability to use."""
    from models.capability import Capability

    match = session.get(Match, city.match_id)
    assert match is not None
    match.express_interest(MONDAY, note="x")
    match.invite(MONDAY)
    session.add(match)
    session.flush()
    capability = session.exec(select(Capability).where(Capability.organisation_id == city.firm.key)).one()
    return match, str(capability.key)


def city_pilot(session: Session, city, **values) -> Pilot:
    match, capability_id = introduced(session, city)
    return make_pilot(session, match_id=match.key, capability_id=int(capability_id), **values)


def test_form_begins_with_what_the_scenario_says(as_agency, session: Session, city) -> None:
    introduced(session, city)

    page = page_of(as_agency, f"/matches/{city.match_id}/pilot")

    assert 'value="发现到派单"' in page
    assert 'value="26 小时"' in page and 'value="4 小时"' in page


def test_a_plan_is_saved_with_money_in_fen(as_agency, session: Session, city) -> None:
    _, capability_id = introduced(session, city)

    answer = as_agency.post(f"/matches/{city.match_id}/pilot", data={**PLAN, "capability_id": capability_id})

    pilot = session.exec(select(Pilot)).one()
    assert answer.headers["Location"] == f"/pilots/{pilot.key}"
    assert (pilot.budget_fen, pilot.decision_on) == (12_500_000, date(2027, 4, 10))
    assert [event.action for event in subject_events(session, "pilot", pilot.key)] == ["pilot.planned"]


def test_a_plan_before_the_introduction_is_refused(as_agency, session: Session, city) -> None:
    answer = as_agency.post(f"/matches/{city.match_id}/pilot", data={**PLAN, "capability_id": "1"})

    assert answer.status_code in (404, 409)
    assert session.exec(select(Pilot)).all() == []


def test_mistakes_come_back_with_what_was_typed(as_agency, session: Session, city) -> None:
    _, capability_id = introduced(session, city)
    wrong = {
        **PLAN,
        "capability_id": capability_id,
        "title": "",
        "budget_fen": "很多",
        "ends_on": "2026-12-31",
    }

    answer = as_agency.post(f"/matches/{city.match_id}/pilot", data=wrong)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "有 3 处要改" in page
    assert "试点名称：要填写。" in page
    assert "结束：不能早于开始日期。" in page
    assert 'value="很多"' in page


def test_another_firms_capability_cannot_be_named(as_agency, session: Session, city) -> None:
    introduced(session, city)
    foreign = make_pilot(session).capability_id

    answer = as_agency.post(f"/matches/{city.match_id}/pilot", data={**PLAN, "capability_id": str(foreign)})

    assert answer.status_code == 404


def test_plan_can_be_changed_until_it_is_signed(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)
    changed = {**PLAN, "title": "改过的名称", "capability_id": str(pilot.capability_id)}
    as_agency.post(f"/pilots/{pilot.key}/edit", data=changed)
    title = page_of(as_agency, f"/pilots/{pilot.key}")
    as_agency.post(f"/pilots/{pilot.key}/agree")

    answer = as_agency.post(f"/pilots/{pilot.key}/edit", data=changed)

    assert "改过的名称" in title
    assert answer.status_code == 403


def test_page_names_what_keeps_a_pilot_from_being_signed(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city, decision_owner="", decision_on=None)

    assert "还缺：决定人、决定日期。" in page_of(as_agency, f"/pilots/{pilot.key}")


def test_both_sides_and_officers_read_a_pilot_and_nobody_else(
    session: Session, city, as_agency, as_firm, as_officer, log_in: Callable[[User], FlaskClient]
) -> None:
    pilot = city_pilot(session, city)
    strangers = (
        make_user(session, roles=(Role.AGENCY,), organisation_id=make_organisation(session).key),
        make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key),
    )

    for client in (as_agency, as_firm, as_officer):
        assert pilot.title in page_of(client, f"/pilots/{pilot.key}")
    for stranger in strangers:
        page_of(log_in(stranger), f"/pilots/{pilot.key}", 404)


def test_list_shows_my_pilots_only(session: Session, city, as_firm) -> None:
    mine, foreign = city_pilot(session, city, title="我的试点名"), make_pilot(session, title="别人的试点名")

    page = page_of(as_firm, "/pilots")

    assert mine.title in page
    assert foreign.title not in page


def test_officers_list_every_pilot(session: Session, city, as_officer) -> None:
    mine, foreign = city_pilot(session, city, title="一个试点"), make_pilot(session, title="另一个试点")

    page = page_of(as_officer, "/pilots")

    assert mine.title in page and foreign.title in page


def test_firm_may_not_write_the_plan(as_firm, session: Session, city) -> None:
    pilot = city_pilot(session, city)

    assert as_firm.get(f"/pilots/{pilot.key}/edit").status_code == 403


def test_a_second_plan_for_the_same_pair_leads_to_the_first(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)

    answer = as_agency.get(f"/matches/{city.match_id}/pilot")

    assert answer.headers["Location"] == f"/pilots/{pilot.key}"


def test_foreign_match_has_no_plan_form(as_agency, session: Session) -> None:
    page_of(as_agency, f"/matches/{make_match(session).key}/pilot", 404)
