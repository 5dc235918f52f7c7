from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.membership import ColleagueInvitation
from models.outbox import OutboxMail
from models.password import hash_password
from models.secret_key import link_token
from models.user import Role, User, find_user
from tests.factories import make_firm, make_user

NEW = {"password": "a new long password", "again": "a new long password"}


@pytest.fixture
def manager(city, session: Session, now) -> User:
    person = city.users[Role.AGENCY]
    person.manager_at, person.password_hash = now, "x"
    session.flush()
    return person


@pytest.fixture
def as_manager(manager, log_in) -> FlaskClient:
    return log_in(manager)


@pytest.fixture
def colleague(city, session: Session) -> User:
    return make_user(
        session, roles=(Role.AGENCY,), organisation_id=city.agency.key, name="林清", password_hash="x"
    )


def token(app: Flask, session: Session) -> str:
    row = session.exec(select(ColleagueInvitation)).one()
    session.refresh(row)
    return link_token(app.config["SECRET_KEY"], row.nonce)


def test_everybody_sees_their_people_and_only_managers_can_change_them(
    as_manager, colleague, log_in, session: Session, city
) -> None:
    theirs = make_user(session, organisation_id=city.firm.key, name="别家的人")
    seen_by_colleague = log_in(colleague).get("/members").get_data(as_text=True)
    seen_by_manager = as_manager.get("/members").get_data(as_text=True)

    assert "周敏" in seen_by_colleague and "移出" not in seen_by_colleague
    assert "林清" in seen_by_manager and "移出" in seen_by_manager
    assert theirs.name not in seen_by_manager
    for path in (f"/members/{colleague.key}/remove", "/members/invite"):
        assert log_in(colleague).post(path).status_code == 403


def test_a_colleague_is_invited_joins_and_is_in(app: Flask, as_manager, session: Session, city) -> None:
    as_manager.post("/members/invite", data={"email": "Lin@example.org", "name": "林"})
    link = f"/join/{token(app, session)}"
    fresh = app.test_client()
    looked_at = fresh.get(link)

    answer = fresh.post(link, data=NEW)

    person = find_user(session, "lin@example.org")
    assert "南山区城管部门" in looked_at.get_data(as_text=True)
    assert (answer.status_code, fresh.get("/my/scenarios").status_code) == (303, 200)
    assert person is not None and person.organisation_id == city.agency.key
    assert app.test_client().post(link, data=NEW).status_code == 404


def test_a_bad_password_is_explained_and_uses_nothing_up(app: Flask, as_manager, session: Session) -> None:
    as_manager.post("/members/invite", data={"email": "lin@example.org", "name": "林"})
    link = f"/join/{token(app, session)}"

    answer = app.test_client().post(link, data={"password": "short", "again": "short"})

    assert answer.status_code == 422 and "至少 10 个字符" in answer.get_data(as_text=True)
    assert app.test_client().post(link, data=NEW).status_code == 303


def test_whoever_has_an_account_joins_without_a_new_password(
    app: Flask, as_manager, session: Session
) -> None:
    known = make_user(session, email="lin@example.org", password_hash=hash_password("the old password"))
    stored = known.password_hash
    as_manager.post("/members/invite", data={"email": "lin@example.org", "name": "林"})
    link = f"/join/{token(app, session)}"
    page = app.test_client().get(link).get_data(as_text=True)

    answer = app.test_client().post(link, data=NEW)

    session.refresh(known)
    assert "新密码" not in page
    assert answer.headers["Location"] == "/login"
    assert known.password_hash == stored and known.organisation_id is not None


def test_an_address_of_another_organisation_is_answered_like_any_other(as_manager, session: Session) -> None:
    make_user(session, email="elsewhere@example.org", organisation_id=make_firm(session).key)

    answers = [
        as_manager.post("/members/invite", data={"email": email, "name": "某"})
        for email in ("elsewhere@example.org", "unheard-of@example.org")
    ]

    page = as_manager.get("/members").get_data(as_text=True)
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(303, "/members")] * 2
    assert "elsewhere@example.org" in page and "unheard-of@example.org" in page
    assert len(session.exec(select(OutboxMail)).all()) == 2


def test_an_invitation_is_sent_again_and_withdrawn(app: Flask, as_manager, session: Session) -> None:
    as_manager.post("/members/invite", data={"email": "lin@example.org", "name": "林"})
    row = session.exec(select(ColleagueInvitation)).one()
    old = token(app, session)

    as_manager.post(f"/members/invitations/{row.key}/resend")
    new = token(app, session)
    found = [app.test_client().get(f"/join/{each}").status_code for each in (old, new)]
    as_manager.post(f"/members/invitations/{row.key}/withdraw")

    assert found == [404, 200]
    assert app.test_client().get(f"/join/{new}").status_code == 404
    assert as_manager.post(f"/members/invitations/{row.key}/resend").status_code == 409


def test_what_is_wrong_with_an_invitation_is_said(as_manager, colleague) -> None:
    nothing = as_manager.post("/members/invite", data={"email": "x", "name": ""})
    here = as_manager.post("/members/invite", data={"email": colleague.email, "name": "林"})

    assert nothing.status_code == here.status_code == 422
    assert "邮箱：要写一个邮箱" in nothing.get_data(as_text=True)
    assert "已经在本机构的成员里" in here.get_data(as_text=True)


def test_a_removed_colleague_is_out_at_the_next_page(as_manager, colleague, log_in, session: Session) -> None:
    theirs = log_in(colleague)
    before = theirs.get("/my/scenarios").status_code

    as_manager.post(f"/members/{colleague.key}/remove")

    session.refresh(colleague)
    assert (before, theirs.get("/my/scenarios").status_code) == (200, 303)
    assert log_in(colleague).get("/my/scenarios").status_code == 403
    assert log_in(colleague).get("/account").status_code == 200


def test_managing_is_handed_over_but_never_given_up_by_the_last(
    as_manager, manager, colleague, session: Session
) -> None:
    alone = [as_manager.post(f"/members/{manager.key}/{act}").status_code for act in ("step-down", "remove")]

    as_manager.post(f"/members/{colleague.key}/appoint")
    as_manager.post(f"/members/{manager.key}/step-down")

    session.refresh(manager)
    session.refresh(colleague)
    assert alone == [409, 409]
    assert (manager.is_manager, colleague.is_manager) == (False, True)


def test_people_of_others_are_nobody_here(as_manager, city) -> None:
    foreign = city.users[Role.STARTUP].key

    for act in ("remove", "appoint", "step-down"):
        assert as_manager.post(f"/members/{foreign}/{act}").status_code == 404
