from __future__ import annotations

from models.user import Role
from tests.factories import make_introduced_match, make_pilot


def pilot_of(session, city):
    match = make_introduced_match(session, scenario_id=city.scenario.key)
    return make_pilot(session, match_id=match.key, scenario_id=city.scenario.key, title="南山井盖试点")


def test_a_party_reads_its_pilot_and_a_stranger_none(as_program, session, city):
    pilot = pilot_of(session, city)

    mine = as_program(city.users[Role.AGENCY])
    assert [item["title"] for item in mine.get("/api/v1/pilots").json["items"]] == ["南山井盖试点"]
    assert mine.get(f"/api/v1/pilots/{pilot.key}").json["status"] == "planned"
    stranger = as_program(city.users[Role.STARTUP])
    assert stranger.get("/api/v1/pilots").json["total"] == 0
    assert stranger.get(f"/api/v1/pilots/{pilot.key}").status_code == 404


def test_who_reads_the_funding_reads_every_pilot(as_program, session, city):
    pilot = pilot_of(session, city)

    officer = as_program(city.users[Role.FUNDING_OFFICER])

    assert officer.get(f"/api/v1/pilots/{pilot.key}").json["agency"]["name"] == "南山区城管部门"
    assert officer.get("/api/v1/pilots").json["total"] == 1
