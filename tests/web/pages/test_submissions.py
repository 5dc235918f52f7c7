"""Handing in: only where review is asked for, only what is complete and was previewed; remarks beside the fields."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.draft import make_draft
from models.outbox import MailKind, OutboxMail
from models.place import District
from models.review import list_rounds, return_round
from models.scenario import Scenario, ScenarioStatus
from models.user import Role
from tests.factories import make_organisation, make_scenario, save
from tests.web.draft_form import send


@pytest.fixture
def draft(session: Session, city, now) -> Scenario:
    session.get_one(District, city.agency.district_id).reviews_scenarios = True
    return save(session, make_draft(city.agency, title="井盖破损", now=now))


@pytest.fixture
def complete(session: Session, as_agency, draft) -> Scenario:
    send(as_agency, draft)
    session.refresh(draft)
    return draft


def submit(client, draft, **changes):
    return client.post(f"/drafts/{draft.key}/submit", data={"revision": str(draft.revision), **changes})


def send_back(session, city, draft, now, **remarks):
    session.expire_all()
    row = list_rounds(session, draft.key)[-1]
    return_round(session, row, by=city.users[Role.REVIEWER], note="快好了", remarks=remarks, now=now)


def test_a_complete_draft_goes_to_review_and_reviewers_are_told(session, city, as_agency, complete):
    answer = submit(as_agency, complete)

    session.refresh(complete)
    [row] = list_rounds(session, complete.key)
    assert answer.headers["Location"].endswith(f"/drafts/{complete.key}/review")
    assert complete.status is ScenarioStatus.IN_REVIEW
    assert row.submitted_by_user_id == city.users[Role.AGENCY].key
    [mail] = session.exec(select(OutboxMail).where(OutboxMail.kind == MailKind.SCENARIO_SUBMITTED)).all()
    assert mail.recipient == city.users[Role.REVIEWER].email
    event = subject_events(session, "scenario", complete.key)[-1]
    assert (event.action, event.details) == ("scenario.submitted", {"round": 1})
    assert "正在审核" in as_agency.get(f"/drafts/{complete.key}/review").text


def test_an_incomplete_draft_stays_and_the_preview_says_why(session, as_agency, draft):
    answer = submit(as_agency, draft)

    assert answer.headers["Location"].endswith("/preview")
    assert "还不能提交审核" in as_agency.get(answer.headers["Location"]).text
    assert draft.status is ScenarioStatus.DRAFT


def test_what_changed_since_the_preview_is_not_handed_in(session, as_agency, complete):
    assert submit(as_agency, complete, revision="1").status_code == 409
    assert list_rounds(session, complete.key) == []


def test_where_review_is_asked_for_nobody_publishes_past_it(session, as_agency, complete):
    assert "提交审核" in as_agency.get(f"/drafts/{complete.key}/preview").text

    answer = as_agency.post(f"/drafts/{complete.key}/publish", data={"revision": str(complete.revision)})

    session.refresh(complete)
    assert (answer.status_code, complete.published_at) == (409, None)


def test_where_it_is_not_asked_for_it_is_published_directly(session, city, as_agency, complete):
    session.get_one(District, city.agency.district_id).reviews_scenarios = False

    assert submit(as_agency, complete).status_code == 409
    answer = as_agency.post(f"/drafts/{complete.key}/publish", data={"revision": str(complete.revision)})

    session.refresh(complete)
    assert (answer.status_code, complete.status) == (303, ScenarioStatus.PUBLISHED)


def test_while_in_review_the_text_stands(session, as_agency, complete):
    submit(as_agency, complete)
    session.refresh(complete)

    for path in ("", "/autosave", "/submit", "/publish", "/delete"):
        assert send(as_agency, complete, path, title="偷偷改").status_code == 409
    session.refresh(complete)
    assert complete.title != "偷偷改"


def test_each_remark_stands_beside_its_field(session, city, as_agency, complete, now):
    submit(as_agency, complete)
    send_back(
        session, city, complete, now, target="写成一个数", requirements="合并前两条", deployment="选一项"
    )

    page = as_agency.get(f"/drafts/{complete.key}").text

    for name in ("target", "requirements", "deployment"):
        assert page.count(f'id="remark-{name}"') == 1
    assert 'aria-describedby="hint-target remark-target"' in page
    assert "快好了" in page
    assert "删除草稿" not in page
    assert f"/drafts/{complete.key}" in as_agency.get("/home").text
    assert "按退回意见修改" in as_agency.get("/home").text


def test_remarks_stay_while_it_is_saved_and_go_when_it_is_handed_in_again(
    session, city, as_agency, complete, now
):
    submit(as_agency, complete)
    send_back(session, city, complete, now, target="写成一个数")
    session.refresh(complete)

    wrong = send(as_agency, complete, target="5 小时", contact_email="不是邮箱")
    assert (wrong.status_code, "写成一个数" in wrong.text) == (422, True)
    send(as_agency, complete, target="5 小时")
    session.refresh(complete)
    submit(as_agency, complete)

    session.refresh(complete)
    assert [row.content["target"] for row in list_rounds(session, complete.key)] == ["4 小时", "5 小时"]
    page = as_agency.get(f"/drafts/{complete.key}/review").text
    assert "写成一个数" in page
    assert "第 2 次送审" in page


def test_what_was_handed_in_is_not_deleted(session, city, as_agency, complete, now):
    submit(as_agency, complete)
    send_back(session, city, complete, now, target="写成一个数")

    assert as_agency.get(f"/drafts/{complete.key}/delete").status_code == 409
    assert as_agency.post(f"/drafts/{complete.key}/delete").status_code == 409


def test_the_record_of_another_agency_is_not_there(session, as_agency, complete, now):
    theirs = save(session, make_draft(make_organisation(session), title="别家的", now=now))

    assert as_agency.get(f"/drafts/{theirs.key}/review").status_code == 404
    assert as_agency.get(f"/drafts/{complete.key}/review").status_code == 404


def test_a_scenario_is_copied_into_a_new_draft_without_its_dates(session, city, as_agency):
    answer = as_agency.post(f"/drafts/{city.scenario.key}/clone")

    copy = session.get_one(Scenario, int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert (copy.status, copy.number, copy.batch_id, copy.deadline_on) == (
        ScenarioStatus.DRAFT,
        None,
        None,
        None,
    )
    assert (copy.title, copy.metric, copy.deployment) == (city.scenario.title, "发现到派单", ["gov_cloud"])
    assert [row.text for row in copy.requirements] == [row.text for row in city.scenario.requirements]
    assert copy.key != city.scenario.key
    event = subject_events(session, "scenario", copy.key)[-1]
    assert (event.action, event.details) == ("scenario.cloned", {"from": city.scenario.key})
    assert as_agency.get(answer.headers["Location"]).status_code == 200


def test_the_scenario_of_another_agency_is_not_copied(session, as_agency):
    assert as_agency.post(f"/drafts/{make_scenario(session).key}/clone").status_code == 404
