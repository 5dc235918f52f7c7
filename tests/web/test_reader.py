from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from models.config import Settings
from models.user import Role, User
from tests.factories import make_user
from web.app import create_app


def language(answer) -> str:
    return answer.get_data(as_text=True).split('<html lang="')[1].split('"')[0]


@pytest.mark.parametrize(
    ("accepted", "shown"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-Hans-CN", "zh-CN"),
        ("fr,en;q=0.5", "en"),
        ("fr", "zh-CN"),
        ("", "zh-CN"),
    ],
)
def test_a_strangers_language_is_the_browsers(client, accepted: str, shown: str) -> None:
    assert language(client.get("/login", headers={"Accept-Language": accepted})) == shown


def test_a_language_asked_for_is_remembered(client) -> None:
    client.get("/login?lang=en")

    assert language(client.get("/login", headers={"Accept-Language": "zh"})) == "en"


def test_an_unknown_language_changes_nothing(client) -> None:
    assert language(client.get("/login?lang=fr")) == "zh-CN"


def test_a_persons_own_language_outranks_the_browsers(
    session: Session, city, log_in: Callable[[User], FlaskClient]
):
    person = make_user(session, roles=(Role.AGENCY,), organisation_id=city.agency.key, locale="en")

    assert language(log_in(person).get("/home", headers={"Accept-Language": "zh"})) == "en"


def theme_at(settings: Settings, session: Session, hour_utc: int, agent: str) -> str:
    at = datetime(2026, 11, 23, hour_utc, tzinfo=UTC)
    app = create_app(settings, clock=lambda: at, open_session=lambda _: Session(session.connection()))
    page = app.test_client().get("/login", headers={"User-Agent": agent}).get_data(as_text=True)
    return page.split('data-bs-theme="')[1].split('"')[0]


@pytest.mark.parametrize(
    ("hour_utc", "agent", "theme"),
    [
        (2, "Mobile Safari", "light"),
        (13, "Mobile Safari", "dark"),
        (22, "Mobile Safari", "dark"),
        (13, "Firefox", "light"),
    ],
)
def test_phones_are_dark_by_the_clock_of_the_city(
    settings, session, hour_utc: int, agent: str, theme: str
) -> None:
    assert theme_at(settings, session, hour_utc, agent) == theme


def test_each_answer_carries_its_own_id(client) -> None:
    first, second = (client.get("/login").headers["X-Request-Id"] for _ in range(2))

    assert first != second


@pytest.mark.parametrize(
    ("given", "kept"), [("abcdef123456", True), ("x\ny", False), ("a" * 100, False), ("短", False)]
)
def test_an_id_given_by_a_proxy_is_kept_when_it_is_one(client, given: str, kept: bool) -> None:
    header = given.encode("utf-8").decode("latin-1").replace("\n", " ")

    assert (client.get("/login", headers={"X-Request-Id": header}).headers["X-Request-Id"] == given) is kept


def test_pages_differ_by_cookie_and_language(client) -> None:
    assert "Accept-Language" in client.get("/login").headers["Vary"]
