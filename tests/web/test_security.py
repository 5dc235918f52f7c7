from __future__ import annotations

import pytest

from models.config import Settings
from web.app import create_app
from web.security import CONTENT_SECURITY_POLICY, HEADERS


@pytest.mark.parametrize("address", ["/login", "/nope", "/static/css/duijie.css", "/healthz", "/pilots"])
def test_every_answer_carries_the_headers(client, address: str) -> None:
    answer = client.get(address)
    headers = dict(answer.headers)
    answer.close()

    assert {name: headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_allows_nothing_inline_and_nobody_to_frame_us() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


def test_pages_are_not_kept_by_shared_computers(client) -> None:
    assert client.get("/login").headers["Cache-Control"] == "no-store"


def test_browsers_are_told_to_stay_on_tls_where_there_is_tls(settings: Settings, client) -> None:
    secure = create_app(settings.model_copy(update={"secure_cookies": True})).test_client()

    assert "Strict-Transport-Security" in secure.get("/healthz").headers
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
