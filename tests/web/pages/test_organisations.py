from __future__ import annotations

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.organisation import Organisation, OrganisationStatus
from models.outbox import MailKind, OutboxMail
from models.user import Role, UserRole
from tests.factories import make_district, make_firm, make_user


@pytest.fixture
def as_operator(city, log_in):
    return log_in(city.users[Role.OPERATOR])


@pytest.fixture
def waiting(session: Session, city, now) -> Organisation:
    home = make_firm(
        session, name="甲视觉", approved_at=None, requested_at=now, credit_code="914403001922038216",
        district_id=city.agency.district_id,
    )  # fmt: skip
    make_user(session, organisation_id=home.key, roles=(Role.STARTUP,), name="李工", manager_at=now)
    return home


def test_the_queue_is_what_waits_and_the_tab_counts_it(as_operator, waiting) -> None:
    page = as_operator.get("/organisations").get_data(as_text=True)

    assert "甲视觉" in page and "井然巡检工作室" not in page
    assert "待审 1" in page and "有效 2" in page
    assert '<span class="count owed">1</span>' in page


def test_states_and_words_narrow_the_list(as_operator, waiting) -> None:
    active = as_operator.get("/organisations?state=active").get_data(as_text=True)
    found = as_operator.get("/organisations?state=active&q=井然").get_data(as_text=True)
    nothing = as_operator.get("/organisations?q=没有的").get_data(as_text=True)

    assert "井然巡检工作室" in active and "甲视觉" not in active
    assert "井然巡检工作室" in found and "南山区城管部门" not in found
    assert "没有找到" in nothing
    assert as_operator.get("/organisations?state=%00x&page=x&q=%00").status_code == 200


def test_approving_mails_the_link_and_is_written_down(as_operator, waiting, session: Session) -> None:
    answer = as_operator.post(f"/organisations/{waiting.key}/approve")

    session.refresh(waiting)
    [event] = subject_events(session, "organisation", waiting.key)
    mail = session.exec(select(OutboxMail)).one()
    assert answer.status_code == 303
    assert waiting.status is OrganisationStatus.ACTIVE
    assert (event.action, mail.kind) == ("organisation.approved", MailKind.SIGN_UP_APPROVED)
    assert as_operator.post(f"/organisations/{waiting.key}/approve").status_code == 409


def test_refusing_needs_a_reason_and_mails_it(as_operator, waiting, session: Session) -> None:
    without = as_operator.post(f"/organisations/{waiting.key}/refuse", data={"reason": " "})
    as_operator.post(f"/organisations/{waiting.key}/refuse", data={"reason": "名称与代码不符"})

    session.refresh(waiting)
    assert without.status_code == 422 and "理由：要填写" in without.get_data(as_text=True)
    assert (waiting.status, waiting.refused_reason) == (OrganisationStatus.REFUSED, "名称与代码不符")
    assert session.exec(select(OutboxMail.kind)).all() == [MailKind.SIGN_UP_REFUSED]
    assert "名称与代码不符" in as_operator.get(f"/organisations/{waiting.key}").get_data(as_text=True)


def test_a_suspended_organisation_is_refused_at_its_next_page_and_let_in_again(
    as_operator, as_agency, city, session: Session
) -> None:
    before = as_agency.get("/home").status_code

    as_operator.post(f"/organisations/{city.agency.key}/suspend")
    suspended = as_agency.get("/home").status_code
    as_operator.post(f"/organisations/{city.agency.key}/reinstate")

    assert (before, suspended, as_agency.get("/home").status_code) == (200, 403, 200)
    assert [event.action for event in subject_events(session, "organisation", city.agency.key)] == [
        "organisation.suspended",
        "organisation.reinstated",
    ]


@pytest.mark.parametrize("values", [{"approved_at": None}, {"refused_at": True}])
def test_people_of_an_organisation_that_is_not_let_in_see_nothing(
    session: Session, log_in, now, values
) -> None:
    home = make_firm(session, **{name: now if value else None for name, value in values.items()})
    person = log_in(make_user(session, roles=(Role.STARTUP,), organisation_id=home.key))

    answer = person.get("/home")

    assert answer.status_code == 403
    assert "审核" in answer.get_data(as_text=True) or "没有通过" in answer.get_data(as_text=True)
    assert person.post("/logout").status_code == 303


def test_an_operator_of_a_district_decides_there_only(session: Session, log_in, waiting) -> None:
    here, there = make_user(session), make_user(session)
    here.roles.append(UserRole(user_id=here.key, role=Role.OPERATOR, district_id=waiting.district_id))
    there.roles.append(
        UserRole(user_id=there.key, role=Role.OPERATOR, district_id=make_district(session).key)
    )

    outside = log_in(there)

    assert "甲视觉" not in outside.get("/organisations").get_data(as_text=True)
    assert outside.get(f"/organisations/{waiting.key}").status_code == 404
    assert outside.post(f"/organisations/{waiting.key}/approve").status_code == 404
    assert log_in(here).post(f"/organisations/{waiting.key}/approve").status_code == 303


def test_an_operator_invites_the_first_person_of_an_imported_organisation(
    as_operator, session: Session
) -> None:
    home = make_firm(session)
    sent = {"email": "li@firm.example", "name": "李"}

    wrong = as_operator.post(f"/organisations/{home.key}/invite", data={"email": "x", "name": "李"})
    answer = as_operator.post(f"/organisations/{home.key}/invite", data=sent)

    assert (wrong.status_code, answer.status_code) == (422, 303)
    assert session.exec(select(OutboxMail.recipient)).all() == ["li@firm.example"]
    assert "li@firm.example" in as_operator.get(f"/organisations/{home.key}").get_data(as_text=True)


def test_nobody_is_invited_to_an_organisation_that_waits(as_operator, waiting) -> None:
    sent = {"email": "li@firm.example", "name": "李"}

    assert as_operator.post(f"/organisations/{waiting.key}/invite", data=sent).status_code == 409
