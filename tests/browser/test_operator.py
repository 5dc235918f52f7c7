"""Running the market, in both languages, at the desk and on a phone: an organisation is let in, a batch is planned,
and every page that shows how the market and the machine do is looked at by axe.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlmodel import col, select

from models.db import make_session
from models.organisation import OrganisationStatus, find_by_credit_code
from models.scenario import Scenario
from models.user import Role, find_user
from tests.browser.conftest import NOW, Site
from tests.browser.looks import SETTINGS, Enter, Person, entrance
from tests.factories import make_approved, make_user

pytestmark = pytest.mark.browser

WORDS = {
    "zh": {"ask": "提交申请", "approve": "批准", "plan": "建批次", "put_in": "排进来", "save": "保存日程"},
    "en": {
        "ask": "Send the request", "approve": "Approve", "plan": "Make the batch", "put_in": "Put in",
        "save": "Save calendar",
    },
}  # fmt: skip
# Four codes with a right check digit, one a setting.
CODES = ("914403001922038216", "91440300708461136T", "91440300279268790R", "91440300192181490G")
MARKET = (
    "/reviews", "/panels", "/proofs", "/imports", "/gaps", "/exposure", "/pilots", "/funding", "/evaluation",
    "/evaluation/labels", "/batches/2026Q4", "/organisations?state=active", "/account",
)  # fmt: skip


@pytest.fixture(params=SETTINGS, ids=lambda given: f"{given[0]}-{given[1]}")
def setting(request: pytest.FixtureRequest) -> tuple[str, int]:
    return request.param


@pytest.fixture
def enter(setting: tuple[str, int], site: Site, visit: Callable[..., Page], axe: str) -> Enter:
    return entrance(setting, WORDS, site=site, visit=visit, axe=axe)


@pytest.fixture
def turn(setting: tuple[str, int]) -> int:
    """Which of the settings this is, to tell rows of one from those of another."""
    return SETTINGS.index(setting)


def ask(stranger: Person, code: str, name: str) -> None:
    """Ask for an organisation to be let in."""
    page = stranger.page
    page.select_option("#field-kind", "startup")
    page.fill("#field-name", name)
    page.fill("#field-credit_code", code)
    page.locator("#field-district_id").select_option(index=1)
    page.fill("#field-contact_name", "吴岚")
    page.fill("#field-email", f"{code.lower()}@firm.example")
    stranger.press("ask", then="**/sign-up/received")


def test_an_organisation_asks_and_is_let_in(site: Site, enter: Enter, turn: int) -> None:
    code, name = CODES[turn], f"滨海算法工作室{turn}"
    ask(enter("", "/sign-up"), code, name)
    operator = enter("operator", "/organisations")
    operator.page.locator("table a[data-open]", has_text=name).click()
    operator.page.wait_for_url("**/organisations/*")
    operator.press("approve")

    with make_session(site.engine, read_only=True) as session:
        home = find_by_credit_code(session, code)
        assert home is not None and home.status is OrganisationStatus.ACTIVE
    operator.go(f"/organisations?q={code}&state=active")
    operator.sees(name)


def test_a_batch_is_planned_and_filled(site: Site, enter: Enter, turn: int) -> None:
    with make_session(site.engine) as session:
        title = f"档案著录 {turn}"
        make_approved(session, title=title, deadline_on=NOW.date() + timedelta(days=200))
        session.commit()
    operator = enter("operator", "/batches")
    operator.go("/batches/new")
    page, number = operator.page, f"P{turn}"
    page.fill("#field-number", number)
    page.fill("#field-title", f"计划的一批 {turn}")
    page.fill("#field-title_en", f"A planned batch {turn}")
    page.fill("#field-collects_from_on", "2026-11-24")
    page.fill("#field-collects_until_on", "2026-12-10")
    page.fill("#field-releases_at", "2026-12-20T09:00")
    page.fill("#field-closes_on", "2027-02-01")
    operator.press("plan", then=f"**/batches/{number}/plan")
    page.locator("tr", has_text=title).get_by_role("button").click()
    page.wait_for_load_state()
    operator.go(f"/batches/{number}/plan")

    with make_session(site.engine, read_only=True) as session:
        row = session.exec(select(Scenario).where(col(Scenario.title) == title)).one()
        assert row.batch is not None and row.batch.number == number
    operator.go(f"/batches/{number}")
    operator.go(f"/lists/{number}")


def test_how_the_market_and_the_machine_do(site: Site, enter: Enter) -> None:
    operator = enter("operator", MARKET[0])
    for path in MARKET[1:]:
        operator.go(path)


def test_an_administrator_gives_a_role(site: Site, enter: Enter, turn: int) -> None:
    with make_session(site.engine) as session:
        if find_user(session, "admin@demo.example") is None:
            make_user(session, roles=(Role.ADMIN,), email="admin@demo.example", name="余岚")
        person = make_user(session, name="新来的人")
        session.commit()
        user_id = person.key
    admin = enter("admin", "/users")
    admin.go(f"/users/{user_id}")
    admin.page.select_option("#field-role", "reviewer")
    admin.page.locator("form[action$='/roles'] button, form[action*='grant'] button").first.click()
    admin.page.wait_for_load_state()
    admin.go(f"/users/{user_id}")

    with make_session(site.engine, read_only=True) as session:
        row = find_user(session, person.email)
        assert row is not None and row.has_role(Role.REVIEWER)
