"""Two-factor log-in in a real browser: set up, give the code after the password, confirm an important step."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, update

from models.db import make_session
from models.login import UserSession
from models.password import hash_password
from models.user import Role, find_user
from tests.browser.conftest import NOW, Site
from tests.browser.test_pages import WCAG
from tests.factories import make_user

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
HASH = hash_password(PASSWORD)
LOOKS = [(locale, width) for locale in ("zh", "en") for width in (390, 1280)]
_numbers = itertools.count(1)


def make_admin(site: Site) -> str:
    """The address of a new admin, who has no device yet."""
    email = f"admin{next(_numbers)}@city.example"
    with make_session(site.engine) as session:
        make_user(session, roles=(Role.ADMIN,), email=email, name="管理员甲", password_hash=HASH)
        session.commit()
    return email


def look_at(page: Page, axe: str, width: int) -> None:
    """Nothing sticks out, and nobody is shut out."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    asked = next(row["value"] for row in page.context.cookies() if row["name"] == "duijie_locale")
    assert page.get_attribute("html", "lang") == {"zh": "zh-CN", "en": "en"}[asked]
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", WCAG)
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []


def give_password(page: Page, site: Site, email: str) -> None:
    page.goto(f"{site.address}/login")
    page.fill("#field-email", email)
    page.fill("#field-password", PASSWORD)
    page.locator("main form button").click()


def set_up(page: Page) -> tuple[pyotp.TOTP, list[str]]:
    """Turn it on; the device and the recovery codes."""
    page.locator("section[aria-labelledby=start] button").click()
    device = pyotp.TOTP(page.locator(".secret code").inner_text().replace(" ", ""))
    page.fill("#field-code", device.at(NOW))
    page.locator(".factor-setup form button").click()
    page.locator(".code-list").wait_for()
    return device, page.locator(".code-list code").all_inner_texts()


@pytest.mark.parametrize(("locale", "width"), LOOKS)
def test_setting_up_is_all_there_is_until_it_is_done(
    site: Site, visit: Callable[..., Page], axe: str, locale: str, width: int
) -> None:
    page = visit("/scenarios", locale=locale, width=width, theme="dark" if width == 390 else "light")
    give_password(page, site, make_admin(site))
    page.goto(f"{site.address}/users")
    page.wait_for_url("**/account/second-factor")
    look_at(page, axe, width)
    page.locator("section[aria-labelledby=start] button").click()
    expect(page.locator("svg.qr")).to_be_visible()
    look_at(page, axe, width)
    page.fill("#field-code", "000000")
    page.locator(".factor-setup form button").click()
    page.locator(".error-summary").wait_for()
    look_at(page, axe, width)

    device = pyotp.TOTP(page.locator(".secret code").inner_text().replace(" ", ""))
    page.fill("#field-code", device.at(NOW))
    page.locator(".factor-setup form button").click()
    expect(page.locator(".code-list li")).to_have_count(10)
    look_at(page, axe, width)
    page.goto(f"{site.address}/users")
    assert page.url.endswith("/users")
    page.goto(f"{site.address}/account/second-factor")
    look_at(page, axe, width)


@pytest.mark.parametrize(("locale", "width"), LOOKS)
def test_the_code_comes_after_the_password(
    site: Site, visit: Callable[..., Page], axe: str, locale: str, width: int
) -> None:
    page, email = visit("/scenarios", locale=locale, width=width), make_admin(site)
    give_password(page, site, email)
    device, codes = set_up(page)
    page.context.clear_cookies(name="duijie_session")

    give_password(page, site, email)
    page.wait_for_url("**/login/code**")
    look_at(page, axe, width)
    page.fill("#field-code", device.at(NOW))
    page.locator("main form button").click()
    page.locator(".error-summary").wait_for()
    look_at(page, axe, width)
    page.fill("#field-code", codes[0])
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/login" not in url)

    page.goto(f"{site.address}/account")
    look_at(page, axe, width)
    assert email in page.locator(".subline").inner_text()


@pytest.mark.parametrize(("locale", "width"), LOOKS)
def test_an_important_step_asks_again_and_keeps_what_was_chosen(
    site: Site, visit: Callable[..., Page], axe: str, locale: str, width: int
) -> None:
    page, email = visit("/scenarios", locale=locale, width=width), make_admin(site)
    give_password(page, site, email)
    device, _ = set_up(page)
    with make_session(site.engine) as session:
        admin = find_user(session, email)
        other = make_user(session, name="等角色的人")
        assert admin is not None
        mine = update(UserSession).where(col(UserSession.user_id) == admin.key)
        session.execute(mine.values(second_factor_at=NOW - timedelta(minutes=20)))
        session.commit()
        other_id = other.key

    page.goto(f"{site.address}/users/{other_id}")
    page.select_option("#field-role", "reviewer")
    page.locator("section[aria-labelledby=give] button").click()
    page.locator("#field-second_code").wait_for()
    look_at(page, axe, width)
    page.fill("#field-second_code", device.at(NOW + timedelta(seconds=30)))
    page.locator("main form button").click()

    expect(page.locator("section[aria-labelledby=held]")).to_contain_text(
        "审核" if locale == "zh" else "Reviewer"
    )
