"""What only a browser can tell: nothing sticks out, nothing is refused by the policy, everything can be reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlmodel import select

from models.db import make_session
from models.jury import Jury, JuryStatus
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

PAGES = [
    ("", "/scenarios"),
    ("", "/scenarios/{number}"),
    ("", "/login"),
    ("", "/try"),
    ("agency", "/drafts/new"),
    ("agency", "/drafts/{draft}"),
    ("agency", "/drafts/{draft}/preview"),
    ("agency", "/home"),
    ("agency", "/my/scenarios"),
    ("agency", "/my/scenarios/{scenario}/candidates?band=all"),
    ("agency", "/matches/{match}"),
    ("agency", "/pilots"),
    ("startup", "/home"),
    ("startup", "/recommended?band=all"),
    ("startup", "/applications"),
    ("startup", "/matches/{match}"),
    ("startup", "/account"),
    ("startup", "/account/data"),
    ("startup", "/account/second-factor"),
    ("agency", "/my/scenarios/{scenario}/bids"),
    ("agency", "/my/scenarios/{scenario}/rubric"),
    ("agency2", "/my/scenarios/{decided}/jury/record"),
    ("agency", "/my/scenarios/{judged}/jury"),
    ("evaluator", "/juries"),
    ("startup", "/capabilities"),
    ("startup", "/capabilities/new"),
    ("startup", "/searches"),
    ("operator", "/panels"),
    ("operator", "/panels/{judged}"),
    ("agency", "/imports"),
    ("organizer", "/batches/2026Q4"),
    ("organizer", "/gaps"),
    ("organizer", "/gaps?domain=public_service&district=LH"),
    ("organizer", "/exposure"),
    ("operator", "/imports"),
    ("operator", "/proofs"),
    ("operator", "/evaluation"),
    ("operator", "/evaluation/labels"),
    ("operator", "/evaluation/labels/{match}"),
    ("funding", "/pilots/1"),
    ("funding", "/funding"),
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def filled(path: str, site: Site) -> str:
    ids = {"scenario": site.scenario_id, "match": site.match_id, "draft": site.draft_id}
    return path.format(number=site.scenario_number, **ids, **panels(site))


def panels(site: Site) -> dict[str, int]:
    """The scenarios of the demo whose panel is in consensus, and whose panel has decided."""
    with make_session(site.engine, read_only=True) as session:
        found = {jury.status: jury.scenario_id for jury in session.exec(select(Jury)) if jury.is_demo}
    return {"judged": found[JuryStatus.CONSENSUS], "decided": found[JuryStatus.DECIDED]}


def name_of(role: str, path: str) -> str:
    return f"{role or 'public'}{path.split('?')[0].replace('/', '-').replace('{', '').replace('}', '')}"


@pytest.mark.parametrize(("role", "path"), PAGES)
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_pages_fit_desk_and_phone(
    site: Site, visit: Callable[..., Page], tmp_path: Path, role: str, path: str, locale: str
) -> None:
    page = visit(filled(path, site), role=role, locale=locale)
    too_wide = {}
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=tmp_path / f"{name_of(role, path)}-{width}-{locale}.png")
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            too_wide[width] = needed

    assert too_wide == {}
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("role", "path"), PAGES)
def test_pages_have_no_accessibility_fault(
    site: Site, visit: Callable[..., Page], axe: str, role: str, path: str, theme: str
) -> None:
    page = visit(filled(path, site), role=role, width=390 if theme == "dark" else 1280, theme=theme)
    page.evaluate(axe)

    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", WCAG)

    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []


def test_filters_apply_when_they_change(site: Site, visit: Callable[..., Page]) -> None:
    page = visit("/scenarios")
    page.get_by_label("先进制造").check()
    page.wait_for_url("**domain=advanced_manufacturing**")

    assert page.locator(".scenario-card").count() > 0
    assert page.get_by_role("link", name="先进制造 去掉").is_visible()


def test_filters_are_a_sheet_on_the_phone(site: Site, visit: Callable[..., Page]) -> None:
    page = visit("/scenarios", width=390)
    hidden = page.locator("#filters").is_visible()
    page.get_by_role("link", name="筛选").click()
    page.locator("#filters").get_by_text("先进制造").click()
    page.get_by_role("button", name="按这些条件看").click()
    page.wait_for_url("**domain=advanced_manufacturing**")

    assert not hidden
    assert not page.locator("#filters").is_visible()


def test_a_candidate_opens_in_place(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(f"/my/scenarios/{site.scenario_id}/candidates", role="agency")
    page.locator("article").get_by_role("link", name="拾级智能").click()
    # Another card may name the firm too, as the partner who has what its own firm lacks.
    opened = page.locator("article.candidate.open").filter(has=page.locator("h3", has_text="拾级智能"))
    opened.wait_for()

    assert opened.get_by_text("需求原话").is_visible()
    assert "open=" not in page.url


def test_a_firm_is_declined_with_a_reason_and_that_is_undone(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(f"/my/scenarios/{site.scenario_id}/candidates?band=all", role="agency")
    row = page.locator("article.candidate", has_text="灯下算力")
    row.get_by_text("谢绝…").click()
    row.get_by_label("原因，会告诉对方").select_option("deployment")
    row.get_by_role("button", name="谢绝这家").click()
    said = page.get_by_role("status")
    said.wait_for()
    words = said.inner_text()
    said.get_by_role("button", name="撤销").click()

    page.locator("article.candidate", has_text="灯下算力").get_by_role("button", name="邀请").wait_for()
    assert "已谢绝灯下算力，原因会告诉对方" in words


def test_a_form_with_mistakes_takes_focus_to_its_summary(site: Site, visit: Callable[..., Page]) -> None:
    page = visit("/login")
    page.get_by_role("button", name="登录").click()
    page.locator("#field-email").wait_for()

    assert page.evaluate("document.activeElement.className") == "error-summary"


def test_a_keyboard_reaches_search_and_rows(site: Site, visit: Callable[..., Page]) -> None:
    page = visit("/scenarios")
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.closest('[data-row]') !== null")
    page.keyboard.press("/")
    page.keyboard.type("视频")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")

    assert first
    assert "视频" in page.locator(".control-row").inner_text()


def test_the_skip_link_comes_first(site: Site, visit: Callable[..., Page]) -> None:
    page = visit("/scenarios")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"


def test_the_menu_of_the_phone_leads_everywhere(site: Site, visit: Callable[..., Page]) -> None:
    page = visit("/home", role="startup", width=390)
    page.get_by_label("菜单", exact=True).first.click()

    assert page.locator(".drawer-panel").get_by_role("link", name="公开场景").is_visible()
    assert page.locator(".tabbar").get_by_role("link", name="推荐场景").is_visible()


def test_pages_work_without_script(site: Site, browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "duijie_session", "value": site.token("agency"), "url": site.address}])
    page = context.new_page()
    page.goto(f"{site.address}/my/scenarios/{site.scenario_id}/candidates")
    page.locator("article").get_by_role("link", name="拾级智能").click()
    opened = page.locator("article.candidate.open", has_text="拾级智能")

    assert opened.is_visible()
    context.close()


def test_a_page_weighs_little(site: Site, visit: Callable[..., Page]) -> None:
    page = visit("/scenarios")
    sizes = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.decodedBodySize)")

    # Uncompressed; a proxy's gzip brings this to about a quarter.
    assert sum(sizes) < 500_000
