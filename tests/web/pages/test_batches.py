from __future__ import annotations

from flask.testing import FlaskClient
from sqlmodel import Session

from models.match import Band
from tests.factories import (
    MONDAY,
    make_capability,
    make_firm,
    make_match,
    make_scenario,
    make_score,
    make_team,
)
from tests.web.conftest import COVERAGE
from tests.web.pages.test_scenarios import count_queries


def page_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def part(page: str, anchor: str) -> str:
    return page.split(f'id="{anchor}"')[1].split("</section>")[0]


def test_batches_are_listed_with_their_scenarios_counted(as_organizer, city) -> None:
    page = page_of(as_organizer, "/batches")

    assert "2026 年第四季度批次" in page
    assert "已发布" in page


def test_a_scenario_with_weak_firms_only_counts_as_without_a_firm(
    as_organizer, session: Session, city
) -> None:
    lonely = make_scenario(session, batch_id=city.scenario.batch_id, title="没人能做的场景")
    weak = make_match(session, scenario_id=lonely.key)
    make_score(session, weak, band=Band.WEAK, reasons=[], coverage=COVERAGE)

    gaps = part(page_of(as_organizer, "/batches/2026Q4"), "without-firm")

    assert "没人能做的场景" in gaps
    assert city.scenario.title not in gaps


def test_a_firm_without_a_possible_scenario_is_named(as_organizer, session: Session, city) -> None:
    make_capability(session, organisation_id=make_firm(session, name="无处可去智能").key)

    gaps = part(page_of(as_organizer, "/batches/2026Q4"), "without-scenario")

    assert "无处可去智能" in gaps
    assert "井然巡检工作室" not in gaps


def test_strongest_pairs_and_charts_are_shown(as_organizer, city) -> None:
    page = page_of(as_organizer, "/batches/2026Q4")

    assert "井然巡检工作室" in part(page, "without-firm") + page
    assert page.count('role="img"') == 2
    assert "style=" not in page


def test_only_those_who_run_batches_see_them(as_agency, as_firm, as_officer, client, city) -> None:
    assert as_agency.get("/batches").status_code == 403
    assert as_firm.get("/batches/2026Q4").status_code == 403
    assert as_officer.get("/batches").status_code == 403
    assert client.get("/batches").status_code == 303


def test_unknown_batch_is_404(as_organizer) -> None:
    page_of(as_organizer, "/batches/nope", 404)


def test_page_asks_the_same_number_of_questions_whatever_the_size(
    as_organizer, session: Session, city
) -> None:
    few = count_queries(session, lambda: page_of(as_organizer, "/batches/2026Q4"))
    for _ in range(5):
        scenario = make_scenario(session, batch_id=city.scenario.batch_id)
        make_score(session, make_match(session, scenario_id=scenario.key), reasons=[], coverage=COVERAGE)

    assert count_queries(session, lambda: page_of(as_organizer, "/batches/2026Q4")) == few


def beyond_one(client: FlaskClient) -> str:
    return part(page_of(client, "/batches/2026Q4"), "teams")


def test_a_scenario_without_a_strong_firm_shows_its_team_or_what_nobody_covers(
    as_organizer, session: Session, city
) -> None:
    musts = ("归并重复来件", "逐句带出处")
    together = make_scenario(session, batch_id=city.scenario.batch_id, title="两家能做的", requirements=musts)
    firms = make_firm(session, name="甲智能"), make_firm(session, name="乙智能")
    make_team(session, together, {firms[0].key: (1,), firms[1].key: (2,)})
    half = make_scenario(session, batch_id=city.scenario.batch_id, title="一半的", requirements=musts)
    partly = make_team(session, half, {firms[0].key: (1,), firms[1].key: (2,)})
    partly.musts = [{**must, "verdict": "partly"} for must in partly.musts]
    short = make_scenario(session, batch_id=city.scenario.batch_id, title="缺一条的", requirements=musts)
    make_team(session, short, {firms[0].key: (1,)})
    make_scenario(session, batch_id=city.scenario.batch_id, title="还没有算的")
    make_scenario(session, batch_id=city.scenario.batch_id, title="已经结束的", closed_at=MONDAY)

    shown = beyond_one(as_organizer)

    rows = {
        title: next(row for row in shown.split("<tr>") if title in row)
        for title in ("两家能做的", "一半的", "缺一条的", "还没有算的")
    }
    assert "2 家联合体" in rows["两家能做的"] and "甲智能、乙智能" in rows["两家能做的"]
    assert "都有企业覆盖" in rows["两家能做的"] and "部分满足" not in rows["两家能做的"]
    assert "有 2 条只是部分满足" in rows["一半的"]
    assert (
        "最好的一家" in rows["缺一条的"] and musts[1] in rows["缺一条的"] and musts[0] not in rows["缺一条的"]
    )
    assert "还没有算" in rows["还没有算的"]
    assert "已经结束的" not in shown


def test_a_scenario_with_a_strong_firm_is_listed_only_with_a_team(
    as_organizer, session: Session, city
) -> None:
    before = beyond_one(as_organizer)
    make_team(session, city.scenario, {city.firm.key: (1,), make_firm(session).key: (2,)})

    after = beyond_one(as_organizer)

    assert city.scenario.title not in before and "一家强匹配的企业就够了" in before
    assert city.scenario.title in after and "2 家联合体" in after
