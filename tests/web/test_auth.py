from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from models.login import start_session
from models.user import Role, User
from tests.factories import make_user
from web.auth import cookie_name


def test_a_stranger_is_sent_to_log_in_and_back(client) -> None:
    answer = client.get("/pilots?page=2")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=/pilots?page%3D2"


def test_htmx_is_told_to_go_to_the_log_in_page(client) -> None:
    answer = client.get("/pilots", headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"].startswith("/login")


def test_a_log_in_ends_when_its_time_is_over(app: Flask, session: Session, city, now: datetime) -> None:
    token = start_session(session, city.users[Role.AGENCY], now=now - timedelta(hours=13), hours=12)
    client = app.test_client()
    client.set_cookie(cookie_name(app), token)

    assert client.get("/home").status_code == 303


def test_locking_a_person_ends_what_they_do(as_agency, session: Session, city, now: datetime) -> None:
    before = as_agency.get("/home").status_code
    city.users[Role.AGENCY].locked_at = now

    assert (before, as_agency.get("/home").status_code) == (200, 303)


def test_a_made_up_cookie_is_nobody(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie(cookie_name(app), "x" * 43)

    assert client.get("/home").status_code == 303


def test_a_role_that_may_not_is_told_so(as_firm) -> None:
    answer = as_firm.get("/my/scenarios")

    assert answer.status_code == 403
    assert "不对你的角色开放" in answer.get_data(as_text=True)


def test_a_refusal_is_in_the_language_of_the_reader(as_firm) -> None:
    as_firm.set_cookie("duijie_locale", "en")

    page = as_firm.get("/my/scenarios").get_data(as_text=True)

    assert '<html lang="en"' in page and "不对你的角色开放" not in page


def test_two_roles_add_up(session: Session, city, log_in: Callable[[User], FlaskClient]) -> None:
    both = make_user(session, roles=(Role.AGENCY, Role.STARTUP), organisation_id=city.agency.key)

    assert log_in(both).get("/recommended").status_code == 200
    assert log_in(both).get("/my/scenarios").status_code == 200


def test_a_form_without_its_token_changes_nothing(app: Flask, as_agency, session: Session, city) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    answer = as_agency.post(f"/matches/{city.match_id}/invite")

    assert answer.status_code == 400
    assert "刷新后再提交一次" in answer.get_data(as_text=True)


def test_a_missing_token_is_told_in_the_language_of_the_reader(app: Flask, as_agency, city) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    as_agency.set_cookie("duijie_locale", "en")

    page = as_agency.post(f"/matches/{city.match_id}/invite").get_data(as_text=True)

    assert '<html lang="en"' in page


def test_a_token_in_the_header_of_htmx_is_enough(app: Flask, as_agency, city) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    page = as_agency.get("/account").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]

    answer = as_agency.post(f"/matches/{city.match_id}/invite", headers={"X-CSRFToken": token})

    assert answer.status_code == 303
