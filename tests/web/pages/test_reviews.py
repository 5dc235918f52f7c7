"""The reviewer's queue and page: scope, order, remarks, the diff after a return, the two answers, and the mails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.outbox import MailKind, OutboxMail
from models.place import District
from models.review import ReviewRound, content_of, list_rounds
from models.scenario import ScenarioStatus
from models.user import Role, UserRole
from tests.factories import MONDAY, make_batch, make_district, make_round, make_scenario, make_user, save
from tests.judging import make_rubric


@pytest.fixture
def as_reviewer(city, log_in):
    return log_in(city.users[Role.REVIEWER])


@pytest.fixture
def row(session: Session, city) -> ReviewRound:
    scenario = make_scenario(
        session,
        organisation_id=city.agency.key,
        district_id=city.agency.district_id,
        title="夜间噪声来源",
        target="少一些",
        number=None,
        published_at=None,
        submitted_at=MONDAY,
    )
    return make_round(session, scenario_id=scenario.key)


def mails(session: Session, kind: MailKind) -> list[str]:
    return [mail.recipient for mail in session.exec(select(OutboxMail).where(OutboxMail.kind == kind))]


def test_the_queue_is_by_age_and_within_the_district_of_the_role(session, log_in, row, now):
    younger = make_round(session, created_at=now - timedelta(hours=2))
    page = log_in(make_user(session, roles=(Role.REVIEWER,))).get("/reviews").text
    assert page.index(f"/reviews/{row.scenario_id}") < page.index(f"/reviews/{younger.scenario_id}")

    local = make_user(session)
    save(session, UserRole(user_id=local.key, role=Role.REVIEWER, district_id=younger.scenario.district_id))
    session.refresh(local)
    client = log_in(local)

    assert f"/reviews/{row.scenario_id}" not in client.get("/reviews").text
    assert client.get(f"/reviews/{younger.scenario_id}").status_code == 200
    for method, path in (("GET", ""), ("POST", "/approve"), ("POST", "/return")):
        answer = client.open(f"/reviews/{row.scenario_id}{path}", method=method, data={"note": "甲"})
        assert answer.status_code == 404
    assert list_rounds(session, row.scenario_id)[0].decided_by_user_id is None


def test_an_empty_queue_says_so(as_reviewer):
    assert "没有等你审核的" in as_reviewer.get("/reviews").text


def test_returning_keeps_each_remark_and_tells_the_agency(session, city, as_reviewer, row):
    answer = as_reviewer.post(
        f"/reviews/{row.scenario_id}/return", data={"note": "快好了", "remark_target": "写成一个数"}
    )

    session.refresh(row)
    assert answer.status_code == 303
    assert (row.scenario.status, row.by_field) == (ScenarioStatus.RETURNED, {"target": "写成一个数"})
    assert mails(session, MailKind.SCENARIO_RETURNED) == [city.users[Role.AGENCY].email]
    event = subject_events(session, "scenario", row.scenario_id)[-1]
    assert (event.action, event.details) == ("scenario.returned", {"round": 1})


def test_a_return_that_says_nothing_is_refused(session, as_reviewer, row):
    answer = as_reviewer.post(f"/reviews/{row.scenario_id}/return", data={"note": " "})

    assert answer.status_code == 422
    assert 'href="#field-note"' in answer.text
    assert row.scenario.status is ScenarioStatus.IN_REVIEW
    assert mails(session, MailKind.SCENARIO_RETURNED) == []


def test_a_remark_that_is_too_long_comes_back_with_what_was_typed(as_reviewer, row):
    answer = as_reviewer.post(
        f"/reviews/{row.scenario_id}/return", data={"remark_target": "长" * 1001, "note": "留着"}
    )

    assert answer.status_code == 422
    assert 'href="#field-remark_target"' in answer.text
    assert "留着" in answer.text


def test_approving_puts_it_into_its_batch_unseen(session, city, client, as_reviewer, row):
    batch = make_batch(session, number="2027Q1", released_at=None)

    answer = as_reviewer.post(f"/reviews/{row.scenario_id}/approve", data={"batch_id": str(batch.key)})

    session.refresh(row.scenario)
    assert answer.status_code == 303
    assert (row.scenario.status, row.scenario.batch_id) == (ScenarioStatus.APPROVED, batch.key)
    assert mails(session, MailKind.SCENARIO_APPROVED) == [city.users[Role.AGENCY].email]
    assert "夜间噪声来源" not in client.get("/scenarios").text


@pytest.mark.parametrize("batch_id", ["999999", "甲"])
def test_a_batch_that_is_not_offered_is_refused(as_reviewer, row, batch_id):
    answer = as_reviewer.post(f"/reviews/{row.scenario_id}/approve", data={"batch_id": batch_id})

    assert answer.status_code == 422
    assert row.scenario.status is ScenarioStatus.IN_REVIEW


def test_a_round_is_answered_once(as_reviewer, row):
    as_reviewer.post(f"/reviews/{row.scenario_id}/approve", data={})

    for path in ("approve", "return"):
        assert as_reviewer.post(f"/reviews/{row.scenario_id}/{path}", data={"note": "甲"}).status_code == 409
    assert "写意见" not in as_reviewer.get(f"/reviews/{row.scenario_id}").text


def test_the_second_time_the_page_shows_what_changed_beside_what_was_asked(session, as_reviewer, row):
    as_reviewer.post(f"/reviews/{row.scenario_id}/return", data={"remark_target": "写成一个数"})
    scenario = row.scenario
    session.refresh(scenario)
    scenario.target = "4 小时"
    scenario.submit(MONDAY)
    make_round(session, scenario_id=scenario.key, serial=2, content=content_of(scenario))

    page = as_reviewer.get(f"/reviews/{scenario.key}").text

    assert "<del>少一些</del><ins>4 小时</ins>" in page.replace("\n", "")
    assert "写成一个数" in page
    assert "改了 1 项" in page


def test_those_who_run_the_city_say_where_review_is_asked_for(session, city, log_in):
    client = log_in(city.users[Role.OPERATOR])
    address = f"/reviews/districts/{city.agency.district_id}"
    district = session.get_one(District, city.agency.district_id)

    client.post(address, data={"review": "on"})
    client.post(address, data={"review": "on"})
    session.refresh(district)
    assert district.reviews_scenarios
    client.post(address, data={"review": "off"})
    session.refresh(district)

    assert not district.reviews_scenarios
    actions = [event.details for event in subject_events(session, "district", district.key)]
    assert actions == [{"review": True}, {"review": False}]


def test_an_operator_of_one_district_does_not_set_another(session, log_in):
    mine, other = make_district(session), make_district(session)
    local = make_user(session)
    save(session, UserRole(user_id=local.key, role=Role.OPERATOR, district_id=mine.key))
    session.refresh(local)
    client = log_in(local)

    assert f"/reviews/districts/{mine.key}" in client.get("/reviews").text
    assert f"/reviews/districts/{other.key}" not in client.get("/reviews").text
    assert client.post(f"/reviews/districts/{other.key}", data={"review": "on"}).status_code == 404
    assert client.post("/reviews/districts/999999", data={"review": "on"}).status_code == 404


@pytest.mark.parametrize("role", [Role.AGENCY, Role.STARTUP, Role.ORGANIZER, Role.EVALUATOR])
def test_others_do_not_review(city, log_in, row, role):
    client = log_in(city.users[role])

    assert client.get("/reviews").status_code == 403
    assert client.post(f"/reviews/{row.scenario_id}/approve").status_code == 403
    assert client.get(f"/reviews/{row.scenario_id}").status_code == 403


def test_a_reviewer_begins_at_the_queue(as_reviewer):
    assert as_reviewer.get("/home").headers["Location"].endswith("/reviews")


def test_the_page_is_there_in_english(as_reviewer, row):
    page = as_reviewer.get(f"/reviews/{row.scenario_id}?lang=en").text

    assert "Return for changes" in page


def test_an_approval_is_taken_back_with_a_reason_while_it_waits_for_its_batch(
    session, city, as_reviewer, row
):
    batch = make_batch(session, released_at=None)
    address = f"/reviews/{row.scenario_id}"
    as_reviewer.post(f"{address}/approve", data={"batch_id": str(batch.key)})
    assert "撤回通过" in as_reviewer.get(address).text
    assert as_reviewer.post(f"{address}/reopen", data={"note": " "}).status_code == 422

    answer = as_reviewer.post(f"{address}/reopen", data={"note": "截止早于发布"})

    session.expire_all()
    assert answer.status_code == 303
    assert (row.scenario.status, row.scenario.batch_id) == (ScenarioStatus.RETURNED, None)
    approved, reopened = list_rounds(session, row.scenario_id)
    assert (approved.approved_at is not None, reopened.note) == (True, "截止早于发布")
    assert mails(session, MailKind.SCENARIO_RETURNED) == [city.users[Role.AGENCY].email]
    assert as_reviewer.post(f"{address}/reopen", data={"note": "再来"}).status_code == 409


def test_the_reviewer_reads_by_what_proposals_will_be_judged(session, as_reviewer, row):
    before = as_reviewer.get(f"/reviews/{row.scenario_id}").text
    make_rubric(session, scenario_id=row.scenario_id, locked_at=None)

    assert "发布时用建议的五条" in before
    assert "逐条满足要求" in as_reviewer.get(f"/reviews/{row.scenario_id}").text
