from __future__ import annotations

import pytest

from models.user import Role
from tests.factories import make_firm, make_match, make_organisation, make_scenario, make_score, make_user


def test_an_agency_reads_why_a_firm_fits_with_quotes_and_versions(as_program, city):
    read = as_program(city.users[Role.AGENCY]).get(f"/api/v1/matches/{city.match_id}").json

    first, second = read["requirements"]
    assert (read["side"], read["firm"]["name"]) == ("agency", "井然巡检工作室")
    assert (first["verdict"], first["evidence"], first["is_quote"]) == (
        "met", "识别井盖缺失、破损和沉降，召回率91%。", True,
    )  # fmt: skip
    assert (second["verdict"], second["evidence"]) == ("unknown", None)
    assert read["reasons"][0]["position"] == 1 and "召回率91%" in read["reasons"][0]["text"]
    assert read["engine_version"] and read["index_version"]
    assert "score" not in read


def test_sentences_are_in_the_language_asked_for(as_program, city):
    program = as_program(city.users[Role.STARTUP])
    address = f"/api/v1/matches/{city.match_id}"
    chinese, english = (
        program.get(address, headers={"Accept-Language": tag}).json["gaps"][0]["text"] for tag in ("zh", "en")
    )

    assert "政务云" in chinese
    assert english.isascii() or english.replace("整套部署在政务云", "").isascii() or english != chinese


def test_both_sides_find_the_pair_in_their_lists(as_program, city):
    for role, side in ((Role.AGENCY, "agency"), (Role.STARTUP, "startup")):
        read = as_program(city.users[role]).get("/api/v1/matches").json

        assert [(item["id"], item["side"]) for item in read["items"]] == [(city.match_id, side)]


def test_the_list_of_a_scenario_is_ranked_and_filtered(as_program, session, city):
    program = as_program(city.users[Role.AGENCY])
    address = f"/api/v1/matches?scenario_id={city.scenario.key}"

    assert [item["rank"] for item in program.get(address).json["items"]] == [1]
    assert program.get(f"{address}&band=weak").json["total"] == 0
    assert program.get(f"{address}&status=suggested").json["total"] == 1
    assert program.get(f"{address}&status=declined").json["total"] == 0
    assert program.get("/api/v1/matches").json["items"][0]["rank"] is None


def test_pairs_and_scenarios_of_others_are_not_there(as_program, session, city):
    agency, firm = make_organisation(session), make_firm(session)
    theirs = make_match(
        session,
        scenario_id=make_scenario(session, organisation_id=agency.key, number="X-1").key,
        organisation_id=firm.key,
    )
    make_score(session, theirs)
    for role in (Role.AGENCY, Role.STARTUP):
        program = as_program(city.users[role])

        assert program.get(f"/api/v1/matches/{theirs.key}").status_code == 404
        assert theirs.key not in [item["id"] for item in program.get("/api/v1/matches").json["items"]]
    address = f"/api/v1/matches?scenario_id={theirs.scenario_id}"
    assert as_program(city.users[Role.AGENCY]).get(address).status_code == 404


def test_who_stands_on_both_sides_says_on_which_or_is_the_agency(as_program, session, city):
    both = make_user(session, roles=(Role.AGENCY, Role.STARTUP), organisation_id=city.agency.key)
    program = as_program(both)

    assert [item["side"] for item in program.get("/api/v1/matches").json["items"]] == ["agency"]
    assert program.get("/api/v1/matches?side=startup").json["total"] == 0


def test_a_side_that_is_not_ones_own_is_refused(as_program, city):
    assert as_program(city.users[Role.STARTUP]).get("/api/v1/matches?side=agency").status_code == 403


@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.FUNDING_OFFICER])
def test_roles_without_a_page_of_matches_read_none(as_program, city, role):
    assert as_program(city.users[role]).get("/api/v1/matches").status_code == 403
