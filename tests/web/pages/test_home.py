from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlmodel import Session

from models.match import Band, Match
from tests.factories import make_match, make_scenario, make_score
from tests.web.conftest import COVERAGE, GAP, REASON


def page_of(client: FlaskClient, address: str = "/home") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_stranger_starts_at_the_public_list(client) -> None:
    assert client.get("/").headers["Location"] == "/scenarios"


def test_agency_sees_what_it_owes_first(as_agency, session: Session, city, now) -> None:
    match = session.get(Match, city.match_id)
    assert match is not None
    match.express_interest(now - timedelta(days=4), note="想做")

    page = page_of(as_agency)

    assert "今天要你答复 1 件事" in page
    assert "答复井然巡检工作室的意向" in page
    assert "已等 4 天" in page


def test_the_number_in_the_top_bar_is_the_number_on_the_page(as_agency, session: Session, city, now) -> None:
    match = session.get(Match, city.match_id)
    assert match is not None
    match.express_interest(now, note="想做")

    assert page_of(as_agency).count('<span class="count owed">1</span>') >= 2
    assert '<span class="count owed">1</span>' in page_of(as_agency, "/pilots")


def test_firm_sees_the_scenarios_it_can_win(as_firm, city) -> None:
    page = page_of(as_firm)

    assert "你有把握的 1 个场景" in page
    assert "凭什么是我" in page and "还差" in page
    assert "召回率91%" in page


def test_firm_without_a_strong_match_sees_the_nearest(as_firm, session: Session, city) -> None:
    as_firm.post(f"/matches/{city.match_id}/dismiss", data={"reason": "budget"})
    far = make_scenario(session, title="远一点的场景")
    match = make_match(session, scenario_id=far.key, organisation_id=city.firm.key)
    make_score(session, match, band=Band.WEAK, reasons=[REASON], gaps=[GAP], coverage=COVERAGE)

    page = page_of(as_firm)

    assert "现在没有“强”或“可能”的新场景" in page
    assert "远一点的场景" in page


def test_firm_sees_an_invitation_first(as_firm, session: Session, city, now) -> None:
    match = session.get(Match, city.match_id)
    assert match is not None
    match.invite(now - timedelta(days=1))

    page = page_of(as_firm)

    assert "答复南山区城管部门的邀请" in page


def test_roles_that_only_read_begin_at_their_list(as_organizer, as_officer) -> None:
    assert as_organizer.get("/home").headers["Location"] == "/batches"
    assert as_officer.get("/home").headers["Location"] == "/funding"
