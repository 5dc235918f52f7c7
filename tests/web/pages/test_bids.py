"""A firm writes a proposal from the matched evidence, saves, hands in, revises, withdraws; nobody else sees a draft."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.bid import Bid, BidVersion, list_versions
from models.outbox import MailKind, OutboxMail
from models.user import Role
from tests.factories import MONDAY, make_firm, make_scenario, make_user
from tests.judging import bid_content, make_bid, make_rubric

START = "/scenarios/NS-2026Q4-017/bid"
FILLED = {
    "revision": "1",
    "summary": "先接两路视频，四周出第一份报告。",
    "plan": "第一步离线，第二步接线上。",
    "start": "合同后 2 周",
    "verdict_1": "met",
    "quote_1": "识别井盖缺失、破损和沉降，召回率91%。",
    "answer_1": "每晚跑一遍。",
    "verdict_2": "unknown",
    "quote_2": "",
    "answer_2": "镜像已备好。",
    "milestone_1": "离线报告",
    "weeks_1": "4",
    "price_fen": "35",
    "price_note": "含一年维护",
}


@pytest.fixture
def bid(session: Session, as_firm) -> Bid:
    """Begun by the firm of the city."""
    as_firm.post(START)
    return session.exec(select(Bid)).one()


def stored(session: Session, bid: Bid) -> Bid:
    session.expire_all()
    return session.get_one(Bid, bid.key)


def test_a_proposal_begins_with_what_matching_found(session, city, as_firm):
    answer = as_firm.post(START)

    bid = session.exec(select(Bid)).one()
    assert answer.headers["Location"] == f"/bids/{bid.key}/edit"
    first, second = bid.content["answers"]
    assert (first["verdict"], first["quote"]) == ("met", "识别井盖缺失、破损和沉降，召回率91%。")
    assert (second["verdict"], second["quote"], second["must"]) == ("unknown", "", True)
    page = as_firm.get(f"/bids/{bid.key}/edit").text
    assert "识别井盖缺失、破损和沉降，召回率91%。" in page
    assert [event.action for event in subject_events(session, "bid", bid.key)] == ["bid.begun"]


def test_beginning_twice_leads_to_the_one_there_is(session, as_firm, bid):
    answer = as_firm.post(START)

    assert answer.headers["Location"] == f"/bids/{bid.key}"
    assert len(session.exec(select(Bid)).all()) == 1


def test_what_is_written_is_kept_and_shown_again(session, as_firm, bid):
    answer = as_firm.post(f"/bids/{bid.key}/edit", data={**FILLED, "act": "done"})

    row = stored(session, bid)
    assert answer.headers["Location"] == f"/bids/{bid.key}"
    assert (row.content["price_fen"], row.content["milestones"], row.revision) == (
        35_000_000,
        [{"text": "离线报告", "weeks": 4}],
        2,
    )
    page = as_firm.get(f"/bids/{bid.key}").text
    assert "每晚跑一遍。" in page
    assert "轮到你：写完提交" in page


def test_autosave_says_saved_and_a_stale_one_says_so(session, as_firm, bid):
    saved = as_firm.post(f"/bids/{bid.key}/autosave", data=FILLED)
    stale = as_firm.post(f"/bids/{bid.key}/autosave", data={**FILLED, "summary": "别的"})

    assert (saved.status_code, stale.status_code) == (200, 409)
    assert "已自动保存" in saved.text
    assert 'name="revision" value="2"' in saved.text
    assert "刚在别处改过" in stale.text
    assert stored(session, bid).content["summary"] == FILLED["summary"]


def test_a_wrong_field_gets_its_sentence_and_nothing_is_lost(session, as_firm, bid):
    answer = as_firm.post(f"/bids/{bid.key}/edit", data={**FILLED, "price_fen": "三十", "weeks_1": ""})

    assert answer.status_code == 422
    assert "报价（万元）：要写万元数" in answer.text
    assert "第 1 步：签约后第几周：要写一个整数" in answer.text
    assert "每晚跑一遍。" in answer.text
    assert stored(session, bid).revision == 1


def test_handing_in_asks_for_what_is_missing(session, as_firm, bid):
    answer = as_firm.post(f"/bids/{bid.key}/submit", data={"revision": "1"})

    assert answer.status_code == 422
    assert "还不能提交" in answer.text
    assert "报价（万元）：要写报价" in answer.text
    assert "第 2 条：怎么做到：必须的要求要逐条答复。" in answer.text
    assert session.exec(select(BidVersion)).all() == []


def test_a_proposal_is_handed_in_and_the_agency_is_told_once(session, city, as_firm, bid):
    as_firm.post(f"/bids/{bid.key}/edit", data=FILLED)
    as_firm.post(f"/bids/{bid.key}/submit", data={"revision": "2"})
    as_firm.post(f"/bids/{bid.key}/edit", data={**FILLED, "revision": "2", "summary": "改过一次。"})
    page = as_firm.get(f"/bids/{bid.key}").text
    as_firm.post(f"/bids/{bid.key}/submit", data={"revision": "3"})

    assert "有没提交的改动" in page
    assert [row.content["summary"] for row in list_versions(session, bid.key)] == [
        FILLED["summary"],
        "改过一次。",
    ]
    mails = session.exec(select(OutboxMail).where(OutboxMail.kind == MailKind.BID_SUBMITTED)).all()
    assert [mail.recipient for mail in mails] == [city.users[Role.AGENCY].email]
    assert "已提交，还可以改" in as_firm.get(f"/bids/{bid.key}").text


def test_handing_in_what_was_changed_meanwhile_is_refused(as_firm, bid):
    as_firm.post(f"/bids/{bid.key}/edit", data=FILLED)

    assert as_firm.post(f"/bids/{bid.key}/submit", data={"revision": "1"}).status_code == 409


def test_a_proposal_is_withdrawn_and_handed_in_again(session, city, as_firm):
    bid = make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key)

    as_firm.post(f"/bids/{bid.key}/withdraw")
    withdrawn = as_firm.get(f"/bids/{bid.key}").text
    as_firm.post(f"/bids/{bid.key}/submit", data={"revision": "1"})

    assert "已撤回" in withdrawn
    row = stored(session, bid)
    assert row.withdrawn_at is None
    assert len(list_versions(session, bid.key)) == 2


@pytest.mark.parametrize("path", ["edit", "autosave", "submit"])
def test_after_the_last_day_nothing_is_taken(session, city, as_firm, path):
    bid = make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key)
    city.scenario.deadline_on = date(2026, 11, 22)

    answer = as_firm.post(f"/bids/{bid.key}/{path}", data=FILLED)

    assert answer.status_code == 409
    assert "场景已结束征集" in answer.text
    assert as_firm.get(f"/bids/{bid.key}/edit").status_code == 409
    assert stored(session, bid).revision == 1


def test_a_closed_scenario_takes_no_new_proposal(session, city, as_firm):
    city.scenario.closed_at = MONDAY

    assert as_firm.post(START).status_code == 409
    assert "写完整方案" not in as_firm.get("/scenarios/NS-2026Q4-017").text
    assert session.exec(select(Bid)).all() == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_firm_and_the_agency_find_no_draft(session, city, log_in, as_agency, bid, method):
    other = log_in(make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key))

    assert getattr(other, method)(f"/bids/{bid.key}/edit", data=FILLED).status_code == 404
    assert other.get(f"/bids/{bid.key}").status_code == 404
    assert as_agency.get(f"/bids/{bid.key}").status_code == 403
    assert as_agency.get(f"/my/scenarios/{city.scenario.key}/bids/{bid.key}").status_code == 404


def test_the_scenarios_own_agency_cannot_bid(session, city, log_in):
    both = log_in(make_user(session, roles=(Role.AGENCY, Role.STARTUP), organisation_id=city.agency.key))

    assert both.post(START).status_code == 409


def test_where_to_write_and_where_it_stands_is_on_the_pages_of_the_firm(session, city, as_firm):
    offered = as_firm.get("/scenarios/NS-2026Q4-017").text, as_firm.get(f"/matches/{city.match_id}").text
    make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key)
    there = as_firm.get("/scenarios/NS-2026Q4-017").text, as_firm.get(f"/matches/{city.match_id}").text

    assert all("写完整方案" in page for page in offered)
    assert all("看我的方案" in page for page in there)
    assert "已提交，还可以改" in as_firm.get("/applications").text


def test_the_form_shows_by_what_it_will_be_scored(session, city, as_firm, bid):
    make_rubric(session, scenario_id=city.scenario.key)

    assert "逐条满足要求" in as_firm.get(f"/bids/{bid.key}/edit").text


def test_what_came_of_it_is_read_with_the_reasons(session, city, as_firm):
    bid = make_bid(
        session, scenario_id=city.scenario.key, organisation_id=city.firm.key, not_selected_at=MONDAY,
        reasons=["evidence_missing"], reason_text="没有夜间的案例。",
    )  # fmt: skip

    page = as_firm.get(f"/bids/{bid.key}").text

    assert "未入选" in page
    assert "缺证据" in page
    assert "没有夜间的案例。" in page
    assert as_firm.post(f"/bids/{bid.key}/withdraw").status_code == 409


def test_more_lines_are_one_press_away(session, as_firm, bid):
    as_firm.post(f"/bids/{bid.key}/edit", data={**FILLED, "partner_1": "灯下算力", "act": "more"})

    assert 'name="partner_2"' in as_firm.get(f"/bids/{bid.key}/edit").text


def test_content_is_whole_in_the_factory(session):
    scenario = make_scenario(session)

    assert make_bid(session, scenario_id=scenario.key).content == bid_content()
