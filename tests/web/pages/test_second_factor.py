from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from models.audit import AuditEvent
from models.login import HalfLogin, make_link
from models.outbox import OutboxMail
from models.password import hash_password
from models.second_factor import SecondFactor, find_second_factor, find_waiting, renew_codes, shown_secret
from models.user import Role, User
from tests.factories import code_of, make_second_factor, make_user
from web.auth import cookie_name, half_cookie_name

PASSWORD = "correct horse battery"
HASH = hash_password(PASSWORD)
PAGE = "/account/second-factor"


@pytest.fixture
def key(app: Flask) -> str:
    found: str = app.config["SECRET_KEY"]
    return found


@pytest.fixture
def person(session: Session) -> User:
    return make_user(
        session, roles=(Role.FUNDING_OFFICER,), email="he@city.example", name="何", password_hash=HASH
    )


@pytest.fixture
def device(session: Session, person: User) -> SecondFactor:
    return make_second_factor(session, person)


def give_password(client: FlaskClient, **more: str):
    return client.post("/login", data={"email": "he@city.example", "password": PASSWORD, **more})


def actions(session: Session) -> list[str]:
    return list(session.exec(select(AuditEvent.action).order_by(col(AuditEvent.id))))


def test_from_the_password_to_the_first_page_with_a_new_device(
    client: FlaskClient, session: Session, person: User, key: str, now: datetime
) -> None:
    give_password(client)
    held_up = client.get("/funding")
    client.post(f"{PAGE}/begin")
    waiting = find_waiting(session, person.key, now=now)
    assert waiting is not None
    shown = client.get(PAGE).get_data(as_text=True)
    before = client.get_cookie("duijie_session").value

    done = client.post(f"{PAGE}/confirm", data={"code": code_of(waiting, key, now)})

    page = done.get_data(as_text=True)
    codes = re.findall(r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>", page)
    assert held_up.location == PAGE and 'class="qr"' in shown and "otpauth://totp/Duijie" in shown
    assert done.status_code == 200 and len(set(codes)) == 10
    assert client.get_cookie("duijie_session").value != before
    assert client.get("/funding").status_code == 200
    assert 'class="qr"' not in client.get(PAGE).get_data(as_text=True)
    assert codes[0] not in client.get(PAGE).get_data(as_text=True)


def test_a_secret_is_not_shown_before_and_never_after(client, session, person, key, now) -> None:
    give_password(client)
    client.post(f"{PAGE}/begin")
    first = find_waiting(session, person.key, now=now)
    client.post(f"{PAGE}/begin")
    second = find_waiting(session, person.key, now=now)
    client.post(f"{PAGE}/confirm", data={"code": code_of(first, key, now)})

    assert find_second_factor(session, person.key) is None and first is not second
    assert client.post(f"{PAGE}/confirm", data={"code": "12"}).status_code == 422
    assert client.post(f"{PAGE}/confirm", data={}).status_code == 422
    client.post(f"{PAGE}/confirm", data={"code": code_of(second, key, now)})
    assert client.post(f"{PAGE}/confirm", data={"code": code_of(second, key, now)}).status_code == 409
    assert client.post(f"{PAGE}/begin").status_code == 409


def test_the_log_in_has_a_second_step_that_leads_where_one_wanted(
    client: FlaskClient, session: Session, device: SecondFactor, key: str, now: datetime
) -> None:
    first = give_password(client, next="/funding?verdict=met")
    half = client.get_cookie("duijie_half").value
    page = client.get(first.location)
    second = client.post(
        "/login/code", data={"code": code_of(device, key, now), "next": "/funding?verdict=met"}
    )

    assert first.location == "/login/code?next=/funding?verdict%3Dmet"
    assert page.status_code == 200 and 'value="/funding?verdict=met"' in page.get_data(as_text=True)
    assert (second.status_code, second.location) == (303, "/funding?verdict=met")
    assert client.get("/funding").status_code == 200
    assert half != client.get_cookie("duijie_session").value and client.get_cookie("duijie_half") is None
    assert actions(session).count("user.logged_in") == 1


def test_between_the_steps_nothing_else_is_open(
    app: Flask, client: FlaskClient, device: SecondFactor
) -> None:
    give_password(client)
    half = client.get_cookie("duijie_half").value
    swapped = app.test_client()
    swapped.set_cookie(cookie_name(app), half)

    for address in ("/home", "/funding", "/account", PAGE):
        assert client.get(address).location.startswith("/login?")
        assert swapped.get(address).location.startswith("/login?")
    assert client.get_cookie("duijie_session") is None


def test_the_half_log_in_is_short_and_ends_with_the_whole_one_or_a_new_password(
    app: Flask,
    client: FlaskClient,
    session: Session,
    person: User,
    device: SecondFactor,
    key: str,
    now: datetime,
) -> None:
    give_password(client)
    half = client.get_cookie("duijie_half").value
    (row,) = session.exec(select(HalfLogin))
    assert row.expires_at == now + timedelta(minutes=10)
    client.post("/login/code", data={"code": code_of(device, key, now)})
    copied = app.test_client()
    copied.set_cookie(half_cookie_name(app), half)

    later = {"code": code_of(device, key, now + timedelta(seconds=30))}
    assert copied.post("/login/code", data=later).location == "/login"
    give_password(other := app.test_client())
    client.post(
        f"/welcome/{make_link(session, person, now=now)}", data={"password": "x" * 12, "again": "x" * 12}
    )
    assert other.post("/login/code", data=later).location == "/login"


def test_a_wrong_code_or_none_at_all_is_said_and_counted(client: FlaskClient, device: SecondFactor) -> None:
    give_password(client)

    answers = [client.post("/login/code", data={"code": typed}) for typed in ("", "0", "0", "0", "0", "0")]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "验证码不对" in answers[0].get_data(as_text=True)


def test_a_used_code_opens_no_second_browser(
    app: Flask, device: SecondFactor, key: str, now: datetime
) -> None:
    statuses = []
    for _ in range(2):
        give_password(client := app.test_client())
        answer = client.post("/login/code", data={"code": code_of(device, key, now)})
        statuses.append(answer.status_code)

    assert statuses == [303, 422]


def test_a_recovery_code_opens_once_and_is_told_by_mail(
    app: Flask, session: Session, person: User, device: SecondFactor, now: datetime
) -> None:
    code = renew_codes(session, person, now=now)[3]
    statuses = []
    for _ in range(2):
        give_password(client := app.test_client())
        statuses.append(client.post("/login/code", data={"code": code.upper()}).status_code)

    mails = [mail.context["change"] for mail in session.exec(select(OutboxMail))]
    assert statuses == [303, 422] and "recovery_used" in mails


def test_a_locked_person_stops_between_the_steps(client, session, person, device, key, now) -> None:
    give_password(client)
    person.locked_at = now

    assert client.get("/login/code").location == "/login"
    assert client.post("/login/code", data={"code": code_of(device, key, now)}).location == "/login"


def test_a_new_password_by_mail_does_not_go_round_the_second_step(
    client: FlaskClient, session: Session, person: User, device: SecondFactor, now: datetime
) -> None:
    link = make_link(session, person, now=now)

    answer = client.post(f"/welcome/{link}", data={"password": "a new password", "again": "a new password"})

    assert answer.location.startswith("/login/code")
    assert client.get("/home").location.startswith("/login?")


@pytest.mark.parametrize(
    ("act", "password", "code", "status", "field"),
    [
        ("renew", "wrong", None, 422, "密码不对"),
        ("codes", PASSWORD, "000000", 422, "验证码不对"),
        ("remove", "", None, 422, "密码：要填写"),
        ("burn", PASSWORD, None, 422, "列表"),
        ("remove", PASSWORD, None, 409, "不能停用"),
        ("codes", PASSWORD, None, 200, "恢复码"),
        ("renew", PASSWORD, None, 303, ""),
    ],
)
def test_changes_need_the_password_and_a_code(
    log_in, session: Session, person: User, device: SecondFactor, key: str, now: datetime,
    act, password, code, status, field,
) -> None:  # fmt: skip
    data = {"act": act, "password": password, "code": code or code_of(device, key, now)}

    answer = log_in(person).post(f"{PAGE}/change", data=data)

    assert answer.status_code == status and field in answer.get_data(as_text=True)
    assert (find_waiting(session, person.key, now=now) is not None) == (status == 303)


def test_who_need_not_have_it_may_stop(log_in, session: Session, city, key: str, now: datetime) -> None:
    person = city.users[Role.STARTUP]
    person.password_hash = HASH
    device = make_second_factor(session, person)
    client = log_in(person)
    data = {"act": "remove", "password": PASSWORD, "code": code_of(device, key, now)}

    answer = client.post(f"{PAGE}/change", data=data)

    assert answer.status_code == 303 and find_second_factor(session, person.key) is None
    assert "两步验证已停用" in client.get(PAGE).get_data(as_text=True)


def test_an_admin_resets_anothers_and_not_his_own(
    log_in: Callable[[User], FlaskClient], session: Session, city, person: User, device: SecondFactor
) -> None:
    admin = city.users[Role.ADMIN]
    make_second_factor(session, admin)
    client, theirs = log_in(admin), log_in(person)
    page = client.get(f"/users/{person.key}").get_data(as_text=True)

    done = client.post(f"/users/{person.key}/second-factor/reset")
    own = client.post(f"/users/{admin.key}/second-factor/reset")

    assert "重置两步验证" in page and "second-factor/reset" not in client.get(f"/users/{admin.key}").get_data(
        as_text=True
    )
    assert (done.status_code, own.status_code) == (303, 409)
    assert find_second_factor(session, person.key) is None and theirs.get("/funding").status_code == 303
    assert "两步验证被重置" in client.get(f"/users/{person.key}").get_data(as_text=True)
    assert [mail.recipient for mail in session.exec(select(OutboxMail))] == ["he@city.example"]


def test_no_answer_of_any_page_holds_a_working_secret(client, session, person, device, key, now) -> None:
    give_password(client)
    client.post("/login/code", data={"code": code_of(device, key, now)})
    secret = shown_secret(device, key)

    for address in (PAGE, "/account", "/home", "/funding"):
        text = client.get(address, follow_redirects=True).get_data(as_text=True).replace(" ", "")
        assert secret not in text and device.nonce not in text
