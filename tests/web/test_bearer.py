from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from models.api_token import ApiToken, Scope
from models.config import Settings
from models.db import transaction
from models.user import Role, withdraw_roles
from tests.factories import make_token, make_user
from web.app import create_app
from web.session import session_opener

MINE = "/api/v1/capabilities"


def test_without_a_token_a_program_is_told_how_to_show_one(client):
    answer = client.get(MINE)

    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    "shown", ["Bearer duijie_nonsense", "Bearer ", "Basic YTpi", "Bearer é", f"Bearer {'x' * 5000}"]
)
def test_what_is_no_token_is_refused_on_public_addresses_too(client, shown):
    answer = client.get("/api/v1/scenarios", headers={"Authorization": shown})

    assert answer.status_code == 401
    assert "error=invalid_token" in answer.headers["WWW-Authenticate"]


def test_a_cookie_opens_nothing_to_programs(as_firm):
    assert as_firm.get(MINE).status_code == 401


def test_a_token_opens_what_its_person_may_see(city, as_program):
    assert as_program(city.users[Role.STARTUP]).get(MINE).status_code == 200
    assert as_program(city.users[Role.AGENCY]).get(MINE).status_code == 403


def test_a_token_opens_what_it_was_made_for(city, as_program):
    answer = as_program(city.users[Role.STARTUP], Scope.WRITE).get(MINE)

    assert (answer.status_code, answer.json["code"]) == (403, "insufficient_scope")


def test_a_locked_person_is_out_at_once(city, as_program, now, session):
    program = as_program(city.users[Role.STARTUP])
    before = program.get(MINE).status_code
    city.users[Role.STARTUP].locked_at = now

    assert (before, program.get(MINE).status_code) == (200, 401)


def test_a_suspended_organisation_is_out_at_once(city, as_program, now):
    program = as_program(city.users[Role.STARTUP])
    before = program.get(MINE).status_code
    city.firm.suspend(now)

    assert (before, program.get(MINE).status_code) == (200, 403)


def test_a_role_that_is_taken_away_is_gone_at_once(city, as_program, session):
    program = as_program(city.users[Role.STARTUP])
    before = program.get(MINE).status_code
    withdraw_roles(session, city.users[Role.STARTUP], Role.STARTUP)

    assert (before, program.get(MINE).status_code) == (200, 403)


def test_an_expired_token_is_no_token(app, city, session, now):
    token = make_token(session, city.users[Role.STARTUP], now=now - timedelta(days=90))

    assert app.test_client().get(MINE, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_it_is_noted_once_in_a_while_that_a_token_is_used(empty_engine, settings, now):
    with transaction(empty_engine) as session:
        token = make_token(session, make_user(session), now=now)
    times = [now, now + timedelta(minutes=9), now + timedelta(minutes=10)]
    noted = []

    for at in times:
        app = create_app(settings, clock=lambda at=at: at, open_session=session_opener(empty_engine))
        app.test_client().get("/api/v1/batches", headers={"Authorization": f"Bearer {token}"})
        with transaction(empty_engine) as session:
            noted.append(session.exec(select(ApiToken.used_at)).one())

    assert noted == [now, now, now + timedelta(minutes=10)]


@pytest.fixture
def busy_app(session, settings: Settings, now):
    """The application of somebody who lets little in."""
    connection = session.connection()

    def open_session(_read_only):
        session.flush()
        return type(session)(
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )

    few = settings.model_copy(update={"api_per_minute_stranger": 2, "api_per_minute_token": 3})
    return create_app(few, clock=lambda: now, open_session=open_session)


def test_strangers_are_slowed_down_by_address_and_told_how_long(busy_app, city):
    strangers = [busy_app.test_client().get("/api/v1/batches") for _ in range(3)]

    assert [answer.status_code for answer in strangers] == [200, 200, 429]
    assert 0 < int(strangers[-1].headers["Retry-After"]) <= 60
    assert strangers[-1].json["code"] == "too_many_requests"
    other = busy_app.test_client().get("/api/v1/batches", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200


def test_a_token_has_a_count_of_its_own_and_wrong_ones_count_as_strangers(busy_app, city, session, now):
    token = make_token(session, city.users[Role.STARTUP], now=now, used_at=now)

    def ask(shown: str) -> int:
        headers = {"Authorization": f"Bearer {shown}"}
        return busy_app.test_client().get("/api/v1/batches", headers=headers).status_code

    assert [ask(f"wrong{n}") for n in range(3)] == [401, 401, 429]
    assert [ask(token) for _ in range(4)] == [200, 200, 200, 429]
