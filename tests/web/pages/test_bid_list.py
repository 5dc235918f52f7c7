"""Proposals as their agency reads them: the last version, prices after the opening, nothing of other agencies."""

from __future__ import annotations

from datetime import date

import pytest

from models.bid import Bid
from models.user import Role
from tests.factories import MONDAY, make_organisation, make_user
from tests.judging import bid_content, make_bid, make_rubric


@pytest.fixture
def bid(session, city) -> Bid:
    return make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key)


def test_the_list_shows_who_handed_in_and_keeps_prices_shut(session, city, as_agency, bid):
    make_bid(session, scenario_id=city.scenario.key, submitted_at=None)
    address = f"/my/scenarios/{city.scenario.key}/bids"
    before = as_agency.get(address).text
    city.scenario.deadline_on = date(2026, 11, 20)
    after = as_agency.get(address).text

    assert "井然巡检工作室" in before
    assert "1 份方案" in before
    assert "截止后打开" in before
    assert "35 万元" not in before
    assert "35 万元" in after
    assert "轮到你：组织评审" in after
    assert "承诺答复" in after


def test_one_proposal_is_read_answer_by_answer(city, as_agency, bid):
    page = as_agency.get(f"/my/scenarios/{city.scenario.key}/bids/{bid.key}").text

    assert "用现有巡查车的视频，每晚跑一遍。" in page
    assert "识别井盖缺失、破损和沉降，召回率91%。" in page
    assert "截止后打开" in page
    assert "含一年维护" not in page


def test_what_is_being_rewritten_is_not_shown(session, city, as_agency, bid):
    bid.content = bid_content(summary="还没提交的新说法")

    page = as_agency.get(f"/my/scenarios/{city.scenario.key}/bids/{bid.key}").text

    assert "还没提交的新说法" not in page
    assert bid_content()["summary"] in page


@pytest.mark.parametrize("opened", [False, True])
def test_the_list_is_a_file_without_shut_prices(city, as_agency, bid, opened):
    if opened:
        city.scenario.deadline_on = date(2026, 11, 20)

    text = as_agency.get(f"/my/scenarios/{city.scenario.key}/bids?as=csv").text

    assert "井然巡检工作室" in text
    assert ("350000" in text) is opened


def test_another_agency_finds_nothing(session, city, log_in, as_firm, bid):
    other = log_in(make_user(session, roles=(Role.AGENCY,), organisation_id=make_organisation(session).key))

    assert other.get(f"/my/scenarios/{city.scenario.key}/bids").status_code == 404
    assert other.get(f"/my/scenarios/{city.scenario.key}/bids/{bid.key}").status_code == 404
    assert as_firm.get(f"/my/scenarios/{city.scenario.key}/bids").status_code == 403


def test_a_proposal_is_found_under_its_own_scenario_only(session, city, as_agency):
    other = make_bid(session)

    assert as_agency.get(f"/my/scenarios/{city.scenario.key}/bids/{other.key}").status_code == 404


def test_without_proposals_the_page_says_what_to_do(city, as_agency):
    assert "还没有企业提交方案" in as_agency.get(f"/my/scenarios/{city.scenario.key}/bids").text


def test_the_criteria_and_their_hash_stand_below(session, city, as_agency, bid):
    rubric = make_rubric(session, scenario_id=city.scenario.key)

    assert rubric.sha256 in as_agency.get(f"/my/scenarios/{city.scenario.key}/bids").text


def test_the_answer_given_is_shown(session, city, as_agency):
    bid = make_bid(
        session, scenario_id=city.scenario.key, organisation_id=city.firm.key, not_selected_at=MONDAY,
        reasons=["price"], reason_text="超出预算一半。",
    )  # fmt: skip

    page = as_agency.get(f"/my/scenarios/{city.scenario.key}/bids/{bid.key}").text

    assert "价格超出预算" in page
    assert "超出预算一半。" in page
