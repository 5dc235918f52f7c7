from __future__ import annotations

import re

from sqlmodel import select

from models.api_token import ApiToken, find_token
from models.audit import subject_events
from models.user import Role
from tests.factories import make_token

WISH = {"name": "数据平台同步", "scopes": ["read", "match"], "days": "30"}


def shown_token(page: str) -> str:
    return re.search(r'value="(duijie_[\w-]+)"', page)[1]


def test_a_token_is_shown_once_and_works(app, as_firm, session, now):
    answer = as_firm.post("/account/tokens", data=WISH)
    token = shown_token(answer.text)

    assert answer.headers["Cache-Control"] == "no-store"
    assert token not in as_firm.get("/account/tokens").text
    assert find_token(session, token, now=now).scopes == ["read", "match"]
    asked = app.test_client().get("/api/v1/capabilities", headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 200


def test_making_and_revoking_are_written_down(as_firm, session, city):
    as_firm.post("/account/tokens", data=WISH)
    row = session.exec(select(ApiToken)).one()
    as_firm.post(f"/account/tokens/{row.key}/revoke")

    events = subject_events(session, "api_token", row.key)
    assert [event.action for event in events] == ["token.made", "token.revoked"]
    assert {event.actor_user_id for event in events} == {city.users[Role.STARTUP].key}


def test_a_revoked_token_stops_at_once(app, as_firm, session):
    token = shown_token(as_firm.post("/account/tokens", data=WISH).text)
    headers = {"Authorization": f"Bearer {token}"}
    before = app.test_client().get("/api/v1/capabilities", headers=headers).status_code

    as_firm.post(f"/account/tokens/{session.exec(select(ApiToken)).one().key}/revoke")

    assert (before, app.test_client().get("/api/v1/capabilities", headers=headers).status_code) == (200, 401)


def test_a_token_without_a_purpose_is_refused_at_the_field(as_firm, session):
    answer = as_firm.post("/account/tokens", data={"name": "同步", "days": "30"})

    assert answer.status_code == 422
    assert 'href="#field-scopes"' in answer.text and "至少选一项" in answer.text
    assert session.exec(select(ApiToken)).all() == []


def test_a_token_of_another_is_not_there(as_firm, session, city, now):
    token = make_token(session, city.users[Role.AGENCY], now=now)
    row = find_token(session, token, now=now)

    assert as_firm.post(f"/account/tokens/{row.key}/revoke").status_code == 404
    assert row.hint not in as_firm.get("/account/tokens").text


def test_the_settings_lead_to_it(as_firm):
    assert 'href="/account/tokens"' in as_firm.get("/account").text


def test_in_english_the_page_is_english(as_firm):
    page = as_firm.get("/account/tokens?lang=en").text

    assert "<h1>Tokens</h1>" in page
