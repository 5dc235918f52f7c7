"""Shortlist, private notes and comparing: the agency's own, never a firm's to read."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.candidacy import Candidacy
from models.match import Band
from models.user import Role
from tests.factories import make_firm, make_match, make_score
from tests.web.conftest import COVERAGE, GAP, REASON


@pytest.fixture
def others(session: Session, city) -> list[int]:
    """Two more candidates for the city's scenario."""
    ids = []
    for name in ("第二家", "第三家"):
        firm = make_firm(session, name=name)
        match = make_match(session, scenario_id=city.scenario.key, organisation_id=firm.key)
        make_score(session, match, band=Band.POSSIBLE, reasons=[REASON], gaps=[GAP], coverage=COVERAGE)
        ids.append(match.key)
    return ids


def compare(city, ids) -> str:
    return f"/my/scenarios/{city.scenario.key}/compare?" + "&".join(f"m={id_}" for id_ in ids)


def test_a_candidate_is_held_shown_and_let_go(session, city, as_agency, as_firm):
    as_agency.post(f"/matches/{city.match_id}/hold")
    row = session.exec(select(Candidacy)).one()
    assert row.held_at is not None
    address = f"/my/scenarios/{city.scenario.key}/candidates"
    assert "留着 1" in as_agency.get(address).text
    assert city.firm.name in as_agency.get(f"{address}?band=held").text
    assert "留着" not in as_firm.get(f"/matches/{city.match_id}").text

    assert as_agency.post(f"/matches/{city.match_id}/hold").status_code == 409
    as_agency.post(f"/matches/{city.match_id}/let-go")
    session.refresh(row)

    assert row.held_at is None
    actions = [event.action for event in subject_events(session, "candidacy", row.key)]
    assert actions == ["candidacy.held", "candidacy.let_go"]


def test_a_note_is_read_by_the_agency_only(session, city, as_agency, as_firm, as_organizer):
    back = f"/my/scenarios/{city.scenario.key}/candidates"
    answer = as_agency.post(f"/matches/{city.match_id}/note", data={"note": "价格要谈", "next": back})

    assert answer.headers["Location"] == back
    assert "价格要谈" in as_agency.get(back).text
    for client, address in ((as_firm, f"/matches/{city.match_id}"), (as_organizer, "/batches/2026Q4")):
        assert "价格要谈" not in client.get(address).text
    assert as_agency.post(f"/matches/{city.match_id}/note", data={"note": "长" * 2001}).status_code == 422


def test_candidates_stand_side_by_side(city, as_agency, others):
    as_agency.post(f"/matches/{city.match_id}/note", data={"note": "价格要谈"})

    page = as_agency.get(compare(city, [city.match_id, *others])).text

    for text in (city.firm.name, "第二家", "第三家", "自动发现井盖缺失与破损", "识别井盖缺失", "价格要谈"):
        assert text in page
    assert page.count('<th scope="col">') == 4


@pytest.mark.parametrize("n", [0, 1, 6])
def test_too_few_or_too_many_lead_back_to_the_list(session, city, as_agency, others, n):
    more = [city.match_id, *others]
    for _ in range(3):
        match = make_match(session, scenario_id=city.scenario.key, organisation_id=make_firm(session).key)
        make_score(session, match, coverage=COVERAGE)
        more.append(match.key)

    answer = as_agency.get(compare(city, more[:n]))

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/candidates")


def test_what_is_not_mine_or_no_number_is_left_out(session, city, as_agency, others):
    elsewhere = make_match(session)
    make_score(session, elsewhere)

    page = as_agency.get(compare(city, [*others, elsewhere.key, "甲", "9" * 40]))

    assert page.status_code == 200
    assert page.text.count('<th scope="col">') == 3


@pytest.mark.parametrize("path", ["hold", "let-go", "note"])
def test_the_pair_of_another_agency_is_not_there(session, as_agency, path):
    assert as_agency.post(f"/matches/{make_match(session).key}/{path}").status_code == 404


@pytest.mark.parametrize("role", [Role.STARTUP, Role.ORGANIZER])
def test_others_keep_no_shortlist(city, log_in, role):
    client = log_in(city.users[role])

    assert client.post(f"/matches/{city.match_id}/hold").status_code == 403
    assert client.get(compare(city, [1, 2])).status_code == 403
