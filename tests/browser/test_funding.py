"""Money in a real browser: two officers change a rule, an agency reads a pilot's log, a founder reads the routes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from models.db import make_session
from models.pilot import Pilot
from models.user import Role, find_user
from tests.browser.conftest import Site
from tests.browser.test_second_factor import LOOKS, look_at
from tests.factories import make_user

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
PROGRAMMES = {("zh", 390): "kunpeng_award", ("zh", 1280): "kunpeng_rd", ("en", 390): "corpus_opening",
              ("en", 1280): "returnee_startup"}  # fmt: skip
"""One for each look: a change of one is no change of another."""


@pytest.mark.parametrize(("locale", "width"), LOOKS)
def test_two_officers_put_a_new_figure_in_force(
    visit: Visit, axe: str, site: Site, locale: str, width: int
) -> None:
    page = visit(f"/rules/{PROGRAMMES[locale, width]}/1", role="funding", width=width, locale=locale)
    look_at(page, axe, width)
    page.locator(".acts button").click()
    page.locator("section[aria-labelledby=terms] a.end").click()
    page.fill("#field-cap_fen", "77")
    page.fill("#field-valid_from_on", "2027-01-01")
    page.fill("#field-valid_until_on", "2027-12-31")
    look_at(page, axe, width)
    page.locator("main form button.btn-main").click()
    page.fill("#field-why", "新文件印发")
    look_at(page, axe, width)
    page.locator("section[aria-labelledby=act] button.btn-main").click()
    expect(page.locator("section[aria-labelledby=act] button.btn-main")).to_have_count(0)

    other = visit(page.url.removeprefix(site.address), role="funding2", width=width, locale=locale)
    look_at(other, axe, width)
    other.locator("section[aria-labelledby=act] button.btn-main").click()
    expect(other.locator(".chip-good").first).to_be_visible()

    listed = visit("/rules?on=2027-02-01", role="startup", width=width, locale=locale)
    expect(listed.get_by_text({"zh": "最多 77万元", "en": "up to CNY 770,000"}[locale]).first).to_be_visible()


@pytest.mark.parametrize(("locale", "width"), LOOKS)
def test_a_founder_reads_routes_clause_by_clause(
    visit: Visit, axe: str, site: Site, locale: str, width: int
) -> None:
    page = visit("/funding/options", role="startup", width=width, locale=locale)

    expect(page.locator(".route").first).to_be_visible()
    look_at(page, axe, width)
    page.locator(".route details summary").first.click()
    expect(page.locator(".route-clauses li").first).to_be_visible()
    look_at(page, axe, width)


@pytest.mark.parametrize(("locale", "width"), LOOKS)
def test_a_pilot_shows_its_log_and_its_report_is_drawn_up_from_it(
    visit: Visit, axe: str, site: Site, locale: str, width: int
) -> None:
    with make_session(site.engine) as session:
        pilot = session.exec(select(Pilot).where(col(Pilot.title).startswith("热线全量"))).one()
        if find_user(session, "hotline@demo.example") is None:
            owner = pilot.scenario.organisation_id
            make_user(session, roles=(Role.AGENCY,), organisation_id=owner, email="hotline@demo.example")
        pilot_id = pilot.key
        session.commit()
    page = visit(f"/pilots/{pilot_id}", role="hotline", width=width, locale=locale)
    expect(page.locator("#usage tbody tr")).to_have_count(3)
    look_at(page, axe, width)
    page.locator("#decide summary").click()
    look_at(page, axe, width)
    page.goto(f"{site.address}/pilots/{pilot_id}/use-report")
    expect(page.locator("#field-reached")).to_have_value("覆盖100%，一致率93.2%")
    look_at(page, axe, width)
