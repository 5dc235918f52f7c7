"""A founder at work, in both languages, at the desk and on a phone: from a profile to a listed capability, to the
scenarios that it finds; every page on the way is looked at by axe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from models.capability import Capability, CapabilityStatus
from models.db import make_session
from models.match import Match
from models.user import find_user
from tests.browser.conftest import Site
from tests.browser.looks import SETTINGS, look
from tests.factories import make_match, make_score
from tests.profile_texts import profile_text

pytestmark = pytest.mark.browser

WORDS = {
    "zh": {
        "read": "读出来", "take": "建成草稿", "preview": "预览和入库", "list": "确认入库", "update": "预览和更新",
        "confirm": "确认更新", "saved": "已自动保存", "pause": "暂停", "resume": "继续匹配", "later": "先不看…",
        "away": "收起，不告诉对方", "undo": "撤销", "save": "存下这个搜索…", "keep": "存下", "open": "打开",
        "hand_in": "传证明", "place": "能部署在哪里",
    },
    "en": {
        "read": "Read it", "take": "Make a draft", "preview": "Preview and list", "list": "List it now",
        "update": "Preview and publish", "confirm": "Publish the changes", "saved": "Saved",
        "pause": "Pause", "resume": "Resume", "later": "Not now…", "away": "Put away, without telling",
        "undo": "Undo", "save": "Save this search…", "keep": "Save", "open": "Open", "hand_in": "Hand in",
        "place": "Where it can run",
    },
}  # fmt: skip


@dataclass
class Founder:
    """A page of the demo founder in one language and width, with what axe found on each stop."""

    page: Page
    words: dict[str, str]
    axe: str

    def press(self, name: str) -> None:
        """Press the visible button of this name, and wait for what comes."""
        self.page.locator("button:visible", has_text=self.words[name]).last.click()
        self.page.wait_for_load_state()

    def look(self) -> None:
        """Nothing sticks out, nothing is in the way of anybody."""
        look(self.page, self.axe)


@pytest.fixture(params=SETTINGS, ids=lambda p: f"{p[0]}-{p[1]}")
def founder(request: pytest.FixtureRequest, visit: Callable[..., Page], axe: str) -> Founder:
    locale, width = request.param
    page = visit("/capabilities/import", role="startup", locale=locale, width=width)
    return Founder(page, WORDS[locale], axe)


def newest(site: Site) -> Capability:
    """The capability that was made last."""
    with make_session(site.engine, read_only=True) as session:
        return session.exec(select(Capability).order_by(col(Capability.id).desc())).first()


def test_from_a_profile_to_a_listed_capability(site: Site, founder: Founder) -> None:
    page = founder.page
    founder.look()
    page.fill("#field-text", profile_text())
    founder.press("read")
    founder.look()
    page.locator("input[name=capability]").nth(1).uncheck()
    page.locator("label", has_text=founder.words["place"]).first.click()
    founder.press("take")

    page.wait_for_url("**/capabilities/*")
    founder.look()
    page.locator("#field-weeks").press_sequentially("6")
    expect(page.locator("#save-state").get_by_text(founder.words["saved"], exact=True)).to_be_visible(
        timeout=15_000
    )
    founder.press("preview")
    founder.look()
    founder.press("list")

    page.wait_for_url("**/capabilities")
    founder.look()
    row = newest(site)
    assert (row.title, row.status, row.weeks) == ("车载视频道路病害识别", CapabilityStatus.LISTED, 6)
    assert row.deployment == ["gov_cloud"]


def test_what_is_listed_changes_when_the_founder_says_so(site: Site, founder: Founder) -> None:
    page = founder.page
    page.goto(f"{site.address}/capabilities")
    page.locator("[data-open]").first.click()
    page.wait_for_url("**/capabilities/*")
    number = int(page.url.rsplit("/", 1)[-1])
    before = stored(site, number).price_note
    page.fill("#field-price_note", f"{before[:60]}·{page.viewport_size}"[:80])
    expect(page.locator("#save-state").get_by_text(founder.words["saved"], exact=True)).to_be_visible(
        timeout=15_000
    )
    assert stored(site, number).price_note == before

    founder.press("update")
    founder.look()
    founder.press("confirm")
    page.wait_for_url("**/capabilities")

    assert stored(site, number).price_note != before
    founder.press("pause")
    founder.press("resume")
    page.goto(f"{site.address}/capabilities/{number}/proofs")
    founder.look()
    founder.press("hand_in")
    expect(page.locator(".error-summary")).to_be_visible()
    founder.look()


def stored(site: Site, capability_id: int) -> Capability:
    with make_session(site.engine, read_only=True) as session:
        return session.get_one(Capability, capability_id)


def test_a_scenario_is_put_away_and_brought_back(site: Site, founder: Founder) -> None:
    page, match_id = founder.page, recommend_another(site)
    page.goto(f"{site.address}/recommended?band=all")
    founder.look()
    card = page.locator(f"#match-{match_id}")
    card.locator("summary", has_text=founder.words["later"]).click()
    founder.look()
    card.get_by_role("button", name=founder.words["away"]).click()
    undo = page.get_by_role("status").get_by_role("button", name=founder.words["undo"])
    undo.wait_for()
    assert hidden(site, match_id)

    page.goto(f"{site.address}/recommended?band=dismissed")
    founder.look()
    page.locator(f"#match-{match_id}").get_by_role("button").click()
    page.wait_for_load_state()

    assert not hidden(site, match_id)


def recommend_another(site: Site) -> int:
    """A pair of the demo founder that nobody has acted on, scored as by the machine."""
    with make_session(site.engine) as session:
        person = find_user(session, "startup@demo.example")
        assert person is not None
        match = make_match(session, organisation_id=person.organisation_id)
        make_score(session, match)
        session.commit()
        return match.key


def hidden(site: Site, match_id: int) -> bool:
    with make_session(site.engine, read_only=True) as session:
        return session.get_one(Match, match_id).hidden_at is not None


def test_a_search_is_kept_and_opened_again(site: Site, founder: Founder) -> None:
    page = founder.page
    page.goto(f"{site.address}/scenarios?domain=city_governance")
    page.locator("summary", has_text=founder.words["save"]).click()
    founder.look()
    page.fill("#search-name", f"{founder.words['save']} {page.viewport_size['width']}")
    page.get_by_role("button", name=founder.words["keep"], exact=True).click()
    page.wait_for_url("**/searches")
    founder.look()
    page.get_by_role("button", name=founder.words["open"], exact=True).first.click()

    page.wait_for_url("**/scenarios?**")
    assert page.locator(".scenario-card").count() > 0
