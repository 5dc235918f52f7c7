"""Scoring criteria: written with a draft, locked at publication, changed with an addendum that reaches the firms."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from models.addendum import list_addenda
from models.audit import subject_events
from models.draft import make_draft
from models.outbox import MailKind, OutboxMail
from models.review import needs_review
from models.rubric import Rubric, default_criteria, find_locked, find_rubric, hash_of, list_rubrics
from models.scenario import Scenario
from models.user import Role
from tests.factories import MONDAY, make_organisation, make_user, save
from tests.judging import make_rubric
from tests.web.draft_form import FIELDS
from web.forms.rubrics import typed_of

TYPED = typed_of(default_criteria("zh"))
OWN = {**TYPED, "name_1": "夜间效果"}


@pytest.fixture
def draft(session: Session, city, now) -> Scenario:
    return save(session, make_draft(city.agency, title="夜间噪声来源", now=now))


def address(scenario: Scenario) -> str:
    return f"/my/scenarios/{scenario.key}/rubric"


def test_the_proposed_criteria_are_there_to_begin_with(as_agency, draft):
    page = as_agency.get(address(draft)).text

    assert 'value="逐条满足要求"' in page
    assert "发布时锁定并公布哈希" in page


def test_own_criteria_are_kept_with_the_draft_and_unlocked(session, as_agency, draft):
    answer = as_agency.post(address(draft), data=OWN)

    row = find_rubric(session, draft.key)
    assert answer.headers["Location"] == f"/drafts/{draft.key}/preview"
    assert (row.lines[0].name, row.locked_at) == ("夜间效果", None)
    assert "夜间效果" in as_agency.get(f"/drafts/{draft.key}/preview").text


def test_weights_that_do_not_sum_to_100_are_refused_and_nothing_is_lost(session, as_agency, draft):
    answer = as_agency.post(address(draft), data={**OWN, "weight_1": "34"})

    assert answer.status_code == 422
    assert "正好是 100" in answer.text
    assert "夜间效果" in answer.text
    assert find_rubric(session, draft.key) is None


def test_publication_locks_them_and_shows_the_hash_to_everybody(session, client, as_agency, draft):
    as_agency.post(f"/drafts/{draft.key}", data={**FIELDS, "revision": "1"})
    as_agency.post(address(draft), data=OWN)
    as_agency.post(f"/drafts/{draft.key}/publish", data={"revision": "2"})

    session.expire_all()
    row = find_locked(session, draft.key)
    assert not needs_review(draft)
    assert row is not None and row.lines[0].name == "夜间效果"
    page = client.get(f"/scenarios/{draft.number}").text
    assert row.sha256 in page
    assert "夜间效果" in page
    assert subject_events(session, "rubric", row.key)[-1].details == {"sha256": row.sha256}


def test_a_deleted_draft_takes_its_criteria_along(session, as_agency, draft):
    as_agency.post(address(draft), data=OWN)

    answer = as_agency.post(f"/drafts/{draft.key}/delete")

    assert answer.status_code == 303
    assert session.exec(select(Rubric)).all() == []


def test_a_copy_takes_the_criteria_along(session, city, as_agency):
    make_rubric(session, scenario_id=city.scenario.key)

    answer = as_agency.post(f"/drafts/{city.scenario.key}/clone")

    copy_id = int(answer.headers["Location"].rpartition("/")[2])
    assert find_rubric(session, copy_id).sha256 == hash_of(default_criteria("zh"))


def test_a_change_after_publication_is_an_addendum_that_reaches_the_firms(session, city, as_firm, as_agency):
    make_rubric(session, scenario_id=city.scenario.key)
    as_firm.post(f"/matches/{city.match_id}/interest", data={"note": "能做。", "start": "下月"})

    answer = as_agency.post(address(city.scenario), data={**OWN, "why": "漏了夜间。"})

    rows = list_rubrics(session, city.scenario.key)
    (addendum,) = list_addenda(session, city.scenario.key)
    assert answer.status_code == 303
    assert [row.serial for row in rows] == [1, 2]
    assert rows[1].addendum_id == addendum.key
    assert addendum.what.splitlines()[:2] == ["评分标准改为第 2 版：", "夜间效果 35%"]
    mails = session.exec(select(OutboxMail).where(OutboxMail.kind == MailKind.ADDENDUM)).all()
    assert [mail.recipient for mail in mails] == [city.users[Role.STARTUP].email]
    page = as_firm.get("/scenarios/NS-2026Q4-017").text
    assert all(row.sha256 in page for row in rows)


def test_a_change_says_why(session, city, as_agency):
    make_rubric(session, scenario_id=city.scenario.key)

    answer = as_agency.post(address(city.scenario), data={**OWN, "why": " "})

    assert answer.status_code == 422
    assert "为什么改：要填写。" in answer.text
    assert len(list_rubrics(session, city.scenario.key)) == 1


def test_after_the_last_day_criteria_stand(session, city, as_agency):
    make_rubric(session, scenario_id=city.scenario.key)
    city.scenario.deadline_on = date(2026, 11, 20)

    assert as_agency.get(address(city.scenario)).status_code == 409
    assert as_agency.post(address(city.scenario), data={**OWN, "why": "晚了"}).status_code == 409


def test_an_older_scenario_without_criteria_gets_them_once(session, city, as_agency):
    city.scenario.deadline_on = date(2026, 11, 20)
    page = as_agency.get(f"/my/scenarios/{city.scenario.key}/bids").text

    as_agency.post(address(city.scenario), data={**OWN, "why": "导入的清单里没有。"})

    assert "还没有公布评分标准" in page
    assert find_locked(session, city.scenario.key).serial == 1
    assert as_agency.get(address(city.scenario)).status_code == 409


def test_a_text_in_review_keeps_its_criteria(session, as_agency, draft):
    draft.submitted_at = MONDAY

    assert as_agency.post(address(draft), data=OWN).status_code == 409


def test_another_agency_finds_nothing(session, log_in, draft):
    other = log_in(make_user(session, roles=(Role.AGENCY,), organisation_id=make_organisation(session).key))

    assert other.get(address(draft)).status_code == 404
    assert other.post(address(draft), data=OWN).status_code == 404
