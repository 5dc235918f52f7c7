from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from models.audit import subject_events
from models.contact_release import look
from models.login import start_session
from models.match import Match
from models.password import hash_password
from models.user import Role, User
from tests.factories import code_of, make_second_factor
from web.auth import cookie_name
from web.second_step import CODE_FIELD

PAGE = "/account/data"
PASSWORD = "correct horse battery"
HASH = hash_password(PASSWORD)


@pytest.fixture
def person(city) -> User:
    found: User = city.users[Role.STARTUP]
    found.password_hash = HASH
    return found


@pytest.fixture
def mine(log_in, person: User) -> FlaskClient:
    found: FlaskClient = log_in(person)
    return found


def unpacked(answer) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_it_says_how_much_is_held_and_who_saw_my_contact(
    mine: FlaskClient, session: Session, person: User, city, now: datetime
) -> None:
    before = mine.get(PAGE).get_data(as_text=True)
    match = session.get_one(Match, city.match_id)
    match.express_interest(now, note="用现有记录仪")
    match.invite(now)
    look(session, match, by=city.users[Role.AGENCY], now=now)

    after = mine.get(PAGE).get_data(as_text=True)

    assert "还没有人看过" in before and "登录记录" in before
    assert "周敏" in after and city.scenario.title in after


def test_everything_comes_as_an_archive_and_is_written_down(
    mine: FlaskClient, session: Session, person: User
) -> None:
    answer = mine.post(f"{PAGE}/export")
    files = unpacked(answer)
    content = json.loads(files["my-data.json"])

    assert answer.headers["Content-Disposition"] == "attachment; filename=duijie-20261123.zip"
    assert content["tables"]["user"][0]["email"] == person.email
    assert person.email in files["my-data.html"] and "<h2>账号 (1)</h2>" in files["my-data.html"]
    assert HASH not in "".join(files.values())
    assert subject_events(session, "user", person.key)[-1].action == "user.data_exported"


def test_the_archive_is_in_the_language_of_the_reader(mine: FlaskClient) -> None:
    page = unpacked(mine.post(f"{PAGE}/export?lang=en"))["my-data.html"]

    assert "<h2>Account (1)</h2>" in page and "账号" not in page


def test_names_are_escaped_in_the_page(mine: FlaskClient, person: User) -> None:
    person.name = "<script>alert(1)</script>"

    assert "<script>" not in unpacked(mine.post(f"{PAGE}/export"))["my-data.html"]


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({}, 422, "密码：要填写"),
        ({"password": PASSWORD}, 422, "确认注销"),
        ({"password": "wrong", "sure": "yes"}, 422, "密码不对"),
        ({"password": PASSWORD, "sure": "perhaps"}, 422, "确认注销"),
    ],
)
def test_nobody_is_erased_by_accident(mine, person: User, session: Session, sent, status, sentence) -> None:
    answer = mine.post(f"{PAGE}/erase", data=sent)
    session.refresh(person)

    assert answer.status_code == status and sentence in answer.get_data(as_text=True)
    assert person.erased_at is None and mine.get(PAGE).status_code == 200


def test_who_wants_it_is_forgotten_and_logged_out(
    mine, person: User, session: Session, now: datetime
) -> None:
    email = person.email
    answer = mine.post(f"{PAGE}/erase", data={"password": PASSWORD, "sure": "yes"})
    session.refresh(person)
    landed = mine.get(answer.location).get_data(as_text=True)

    assert (answer.status_code, person.erased_at) == (303, now)
    assert "已注销" in landed and mine.get("/home").status_code == 303
    assert mine.post("/login", data={"email": email, "password": PASSWORD}).status_code == 422


def test_the_last_manager_is_told_why_not(mine, person: User, session: Session, now: datetime) -> None:
    person.manager_at = now

    answer = mine.post(f"{PAGE}/erase", data={"password": PASSWORD, "sure": "yes"})
    session.refresh(person)

    assert answer.status_code == 409 and "最后一位管理人" in answer.get_data(as_text=True)
    assert person.erased_at is None and person.email


def test_with_a_device_its_code_is_asked_for(
    app: Flask, mine, person, session: Session, now: datetime
) -> None:
    device = make_second_factor(session, person)
    sent = {"password": PASSWORD, "sure": "yes"}

    without = mine.post(f"{PAGE}/erase", data=sent)
    with_it = mine.post(
        f"{PAGE}/erase", data={**sent, CODE_FIELD: code_of(device, app.config["SECRET_KEY"], now)}
    )

    assert (without.status_code, with_it.status_code) == (422, 303)


def test_an_old_code_is_asked_for_before_the_archive(
    app: Flask, person, session: Session, now: datetime
) -> None:
    make_second_factor(session, person)
    client = app.test_client()
    given = now - timedelta(hours=1)
    client.set_cookie(
        cookie_name(app), start_session(session, person, now=now, hours=2, second_factor_at=given)
    )

    assert client.post(f"{PAGE}/export").status_code == 422


def test_an_admin_sees_that_somebody_is_gone_and_not_who(log_in, mine, person, session, city) -> None:
    email = person.email
    mine.post(f"{PAGE}/erase", data={"password": PASSWORD, "sure": "yes"})

    page = log_in(city.users[Role.ADMIN]).get(f"/users/{person.key}").get_data(as_text=True)

    assert "按本人要求注销" in page and email not in page and "祁望舒" not in page
