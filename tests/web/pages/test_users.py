from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from models.user import Role
from tests.factories import make_second_factor, make_user


@pytest.fixture
def as_admin(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.ADMIN])


def test_people_are_listed_found_and_narrowed_by_role(as_admin, session: Session) -> None:
    make_user(session, roles=(Role.REVIEWER,), name="许审核", email="xu@city.example")

    everybody = as_admin.get("/users").get_data(as_text=True)
    found = as_admin.get("/users?q=xu@city").get_data(as_text=True)
    agencies = as_admin.get("/users?role=agency").get_data(as_text=True)

    assert "周敏" in everybody and "许审核" in everybody
    assert "许审核" in found and "周敏" not in found
    assert "周敏" in agencies and "许审核" not in agencies
    assert "没有找到" in as_admin.get("/users?q=%25%25").get_data(as_text=True)
    assert as_admin.get("/users?role=boss&q=%00&page=-3").status_code == 200


def test_a_role_is_given_for_a_district_and_taken_again_with_effect_at_the_next_page(
    as_admin, city, log_in, session: Session
) -> None:
    person = make_user(session, name="许")
    theirs = log_in(person)
    before = theirs.get("/organisations").status_code

    as_admin.post(
        f"/users/{person.key}/grant", data={"role": "operator", "district_id": str(city.agency.district_id)}
    )
    session.refresh(person)
    given = theirs.get("/organisations").status_code
    page = as_admin.get(f"/users/{person.key}").get_data(as_text=True)
    as_admin.post(f"/users/{person.key}/roles/{person.roles[0].key}/withdraw")

    assert (before, given, theirs.get("/organisations").status_code) == (403, 200, 303)
    assert log_in(person).get("/organisations").status_code == 403
    assert "南山区" in page and "得到角色" in page


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"role": "boss"}, "请从列表中选一项"),
        ({"role": "operator", "district_id": "999999"}, "请从列表中选一项"),
        ({"role": "agency"}, "要属于一个机构"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused_with_a_sentence(
    as_admin, session: Session, sent, sentence
) -> None:
    answer = as_admin.post(f"/users/{make_user(session).key}/grant", data=sent)

    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_a_locked_person_is_out_at_the_next_page_until_unlocked(
    as_admin, as_agency, city, log_in, session: Session
) -> None:
    person = city.users[Role.AGENCY]
    before = as_agency.get("/home").status_code

    as_admin.post(f"/users/{person.key}/lock")
    locked = as_agency.get("/home").status_code
    as_admin.post(f"/users/{person.key}/unlock")

    session.refresh(person)
    assert (before, locked, as_agency.get("/home").status_code) == (200, 303, 303)
    assert log_in(person).get("/home").status_code == 200


def test_an_admin_neither_locks_themselves_nor_gives_the_last_role_up(as_admin, city) -> None:
    me = city.users[Role.ADMIN]

    assert as_admin.post(f"/users/{me.key}/lock").status_code == 409
    assert as_admin.post(f"/users/{me.key}/roles/{me.roles[0].key}/withdraw").status_code == 409


def test_an_organisation_without_a_manager_gets_one(as_admin, city, session: Session) -> None:
    person = city.users[Role.AGENCY]
    person.password_hash = "x"

    as_admin.post(f"/users/{person.key}/appoint")

    session.refresh(person)
    assert person.is_manager


def test_nobody_is_there_under_another_number(as_admin) -> None:
    assert as_admin.get("/users/999999").status_code == 404
    assert as_admin.post("/users/999999/lock").status_code == 404


def test_the_list_says_who_must_have_a_second_factor_and_has_none(as_admin, session: Session) -> None:
    bare, safe = (
        make_user(session, roles=(Role.OPERATOR,), name=name, password_hash="x")
        for name in ("没有的", "有的人")
    )
    make_second_factor(session, safe)

    page = as_admin.get("/users?role=operator").get_data(as_text=True)

    assert bare.name in page and safe.name in page
    assert page.count("还没启用两步验证") == 1
