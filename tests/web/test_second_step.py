"""Who gets no further without a second factor, and which acts ask for it again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from models.config import Settings
from models.errors import NotAllowed
from models.login import LoginAttempt, UserSession, start_session
from models.second_factor import NEEDS_SECOND_FACTOR, SecondFactor
from models.user import Role, User
from tests.factories import code_of, make_second_factor, make_user, save
from tests.web.test_app import UNSAFE, rules
from web.auth import WHILE_CONFINED, cookie_name
from web.bearer import API
from web.second_step import CODE_FIELD, ask_again, is_confined

OPEN_TO_ALL = [role for role in Role if role not in NEEDS_SECOND_FACTOR]


@pytest.fixture
def enter(app: Flask, session: Session, now: datetime) -> Callable[..., FlaskClient]:
    """A browser in which a person gave the second factor so long ago, or never."""

    def enter(person: User, *, given: timedelta | None = None) -> FlaskClient:
        at = None if given is None else now - given
        client = app.test_client()
        token = start_session(session, person, now=now, hours=12, second_factor_at=at)
        client.set_cookie(cookie_name(app), token)
        return client

    return enter


@pytest.fixture
def device(session: Session, city) -> SecondFactor:
    """The device of the city's admin."""
    return make_second_factor(session, city.users[Role.ADMIN])


@pytest.fixture
def key(app: Flask) -> str:
    found: str = app.config["SECRET_KEY"]
    return found


@pytest.mark.parametrize("role", NEEDS_SECOND_FACTOR)
def test_without_it_no_page_and_no_export_is_open_to_money_and_administration(
    app: Flask, city, enter: Callable[..., FlaskClient], role: Role
) -> None:
    client, elsewhere = enter(city.users[role]), {}
    for rule in rules(app):
        access = app.view_functions[rule.endpoint].access
        # What programs ask is answered to tokens, see below.
        if role not in access or rule.endpoint in WHILE_CONFINED or rule.rule.startswith(API):
            continue
        first_of = re.sub(r"<any\(([a-z_]+)[^)]*\):[a-z_]+>", r"\1", rule.rule)
        address = re.sub(r"<(?:[a-z]+:)?[a-z_]+>", "1", first_of)
        for suffix in ("", "?as=csv", "?as=xlsx"):
            answer = client.open(address + suffix, method="POST" if rule.methods & {*UNSAFE} else "GET")
            if (answer.status_code, answer.location) != (303, "/account/second-factor"):
                elsewhere[address + suffix] = answer.status_code

    assert elsewhere == {}
    page = client.get("/account/second-factor").get_data(as_text=True)
    assert "要先启用两步验证" in page and 'href="/users"' not in page and 'href="/batches"' not in page


@pytest.mark.parametrize("role", OPEN_TO_ALL)
def test_other_roles_go_on_without_it(city, enter: Callable[..., FlaskClient], role: Role) -> None:
    assert enter(city.users[role]).get("/account").status_code == 200


@pytest.mark.parametrize("role", NEEDS_SECOND_FACTOR)
def test_with_it_everything_is_open(city, enter: Callable[..., FlaskClient], role: Role) -> None:
    assert enter(city.users[role], given=timedelta(0)).get("/funding").status_code == 200


def test_where_it_is_optional_nobody_is_held_up_and_the_account_page_says_so(
    app: Flask, settings: Settings, city, enter: Callable[..., FlaskClient]
) -> None:
    app.config["SETTINGS"] = settings.model_copy(update={"second_factor": "optional"})
    client = enter(city.users[Role.ADMIN])

    assert client.get("/users").status_code == 200
    assert client.post(f"/users/{city.users[Role.AGENCY].key}/lock").status_code == 303
    assert "这个安装不要求两步验证" in client.get("/account").get_data(as_text=True)


def test_a_role_given_today_holds_the_person_up_at_the_next_page(
    session: Session, enter: Callable[..., FlaskClient]
) -> None:
    person = make_user(session, roles=(Role.REVIEWER,))
    client = enter(person)
    before = client.get("/reviews").status_code
    person.roles[0].role = Role.OPERATOR

    assert (before, client.get("/account").location) == (200, "/account/second-factor")


def test_htmx_is_told_to_go_there(city, enter: Callable[..., FlaskClient]) -> None:
    answer = enter(city.users[Role.OPERATOR]).get("/gaps", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/account/second-factor")


def test_an_old_code_is_asked_for_again_and_what_was_typed_is_kept(
    city, session: Session, now: datetime, device: SecondFactor, key: str, enter: Callable[..., FlaskClient]
) -> None:
    client, person = enter(city.users[Role.ADMIN], given=timedelta(minutes=15)), make_user(session)
    typed = {"role": "reviewer", "district_id": str(city.agency.district_id), "note": '"<多行\n字>'}

    asked = client.post(f"/users/{person.key}/grant", data=typed)
    page = asked.get_data(as_text=True)
    session.refresh(person)

    assert asked.status_code == 422 and "再确认一次" in page and person.roles == []
    kept = {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    }
    assert {**kept, "csrf_token": ""} == {**typed, "csrf_token": ""}
    answer = client.post(f"/users/{person.key}/grant", data={**typed, CODE_FIELD: code_of(device, key, now)})
    session.refresh(person)
    assert answer.status_code == 303 and person.has_role(Role.REVIEWER)
    assert client.post(f"/users/{person.key}/lock").status_code == 303


def test_it_is_asked_in_the_language_of_the_reader(city, device, enter: Callable[..., FlaskClient]) -> None:
    client = enter(city.users[Role.ADMIN], given=timedelta(hours=1))
    client.set_cookie("duijie_locale", "en")

    page = client.post(f"/users/{city.users[Role.AGENCY].key}/lock").get_data(as_text=True)

    assert "<h1>Confirm once more</h1>" in page and "再确认一次" not in page


def test_a_wrong_code_changes_nothing_and_a_used_one_is_wrong(
    city, session: Session, now: datetime, device: SecondFactor, key: str, enter: Callable[..., FlaskClient]
) -> None:
    person, code = make_user(session), code_of(device, key, now)
    first, second = (enter(city.users[Role.ADMIN], given=timedelta(hours=1)) for _ in range(2))

    wrong = first.post(f"/users/{person.key}/lock", data={CODE_FIELD: "000000"})
    first.post(f"/users/{person.key}/lock", data={CODE_FIELD: code})
    again = second.post(f"/users/{person.key}/unlock", data={CODE_FIELD: code})
    session.refresh(person)

    assert wrong.status_code == again.status_code == 422
    assert "验证码不对" in wrong.get_data(as_text=True)
    assert person.locked_at == now


def test_a_code_is_used_up_even_where_the_act_fails(
    city, now: datetime, device: SecondFactor, key: str, enter: Callable[..., FlaskClient]
) -> None:
    client = enter(city.users[Role.ADMIN], given=timedelta(hours=1))
    myself, code = city.users[Role.ADMIN].key, code_of(device, key, now)

    refused = client.post(f"/users/{myself}/lock", data={CODE_FIELD: code})
    other = enter(city.users[Role.ADMIN], given=timedelta(hours=1))
    again = other.post(f"/users/{city.users[Role.AGENCY].key}/lock", data={CODE_FIELD: code})

    assert (refused.status_code, again.status_code) == (409, 422)


def test_guessing_stops_after_five(
    app: Flask, city, session: Session, now: datetime, device: SecondFactor, key: str, enter
) -> None:
    client = enter(city.users[Role.ADMIN], given=timedelta(hours=1))
    address = f"/users/{city.users[Role.AGENCY].key}/lock"
    statuses = [client.post(address, data={CODE_FIELD: "000000"}).status_code for _ in range(6)]
    right = client.post(address, data={CODE_FIELD: code_of(device, key, now)}).status_code

    assert statuses == [422] * 5 + [429] and right == 429
    assert enter(city.users[Role.ADMIN], given=timedelta(0)).post(address).status_code == 303


def test_guessing_stops_after_twenty_a_day(
    city, session: Session, now: datetime, device: SecondFactor, key: str, enter: Callable[..., FlaskClient]
) -> None:
    myself = hashlib.sha256(f"second:{device.user_id}".encode()).hexdigest()
    for minutes in range(20):
        save(session, LoginAttempt(attempt_key=myself, created_at=now - timedelta(minutes=60 + minutes)))
    data = {CODE_FIELD: code_of(device, key, now)}

    answer = enter(city.users[Role.ADMIN], given=timedelta(hours=2)).post("/users/1/lock", data=data)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(24 * 3600))


def test_pages_that_only_show_never_ask_again(city, enter: Callable[..., FlaskClient]) -> None:
    client = enter(city.users[Role.ADMIN], given=timedelta(hours=11))

    assert client.get("/users").status_code == 200
    assert client.post("/account", data={"locale": "zh", "theme": "auto"}).status_code == 303


def test_the_log_in_keeps_when_the_code_was_given(
    city, session: Session, now: datetime, device: SecondFactor, key: str, enter: Callable[..., FlaskClient]
) -> None:
    client = enter(city.users[Role.ADMIN], given=timedelta(hours=1))
    data = {CODE_FIELD: code_of(device, key, now)}
    client.post(f"/users/{city.users[Role.AGENCY].key}/lock", data=data)

    session.expire_all()
    rows = session.exec(select(UserSession).where(col(UserSession.user_id) == city.users[Role.ADMIN].key))
    assert [row.second_factor_at for row in rows] == [now]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AGENCY])
def test_a_program_is_held_to_the_device_of_its_owner_and_does_nothing_sensitive(
    app: Flask, city, session: Session, role: Role
) -> None:
    with app.test_request_context("/users/1/lock", method="POST"):
        g.session, g.user, g.login = session, city.users[role], None
        before = is_confined()
        make_second_factor(session, city.users[role])
        after = is_confined()
        plain = ask_again(app.view_functions["users.list_all"])
        with pytest.raises(NotAllowed):
            ask_again(app.view_functions["users.lock"])

    assert (before, after, plain) == (role is Role.ADMIN, False, None)


def test_these_acts_ask_again(app: Flask) -> None:
    asking = {name for name, view in app.view_functions.items() if getattr(view, "sensitive", False)}

    assert asking == {
        "users.grant", "users.withdraw", "users.lock", "users.unlock", "users.make_manager",
        "users.reset_second_factor", "organisations.let_in", "organisations.suspend", "organisations.reinstate",
        "pilot_steps.check_evidence", "rule_changes.approve", "use_reports.sign",
        "my_data.export", "tokens.make", "webhooks.make",
    }  # fmt: skip
