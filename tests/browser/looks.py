"""What every page on a journey owes its reader: it fits, it has one heading, and axe finds no fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# One that is broken off, because its part of the page is replaced, has settled too.
SETTLED = "Promise.allSettled(document.getAnimations().map(moving => moving.finished)).then(() => null)"
SETTINGS = [("zh", 1280), ("zh", 390), ("en", 1280), ("en", 390)]
"""Both languages, at the desk and on a phone."""


def look(page: Page, axe: str) -> None:
    """Nothing sticks out, nothing is in the way of anybody."""
    before = page.viewport_size
    assert before is not None
    width = before["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert page.locator("h1").count() == 1, page.url
    # The whole page at once: bars that stick to the edge of the screen cover what one would scroll to.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": height})
    # What fades in is measured when it is there.
    page.evaluate(SETTLED)
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", WCAG)
    page.set_viewport_size(before)
    faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]]
    assert faults == [], (page.url, faults)


@dataclass
class Person:
    """Somebody at work in one language and width. words: the names of the buttons they press."""

    page: Page
    site: Site
    words: dict[str, str]
    axe: str

    def go(self, path: str) -> None:
        """Open a page and look at it."""
        self.page.goto(self.site.address + path)
        look(self.page, self.axe)

    def press(self, name: str, *, then: str = "") -> None:
        """Press the visible button or link of this name; look at what comes. then: the end of its address."""
        button = self.page.locator("button:visible, a.btn:visible", has_text=self.words[name]).last
        button.click()
        if then:
            self.page.wait_for_url(then)
        self.page.wait_for_load_state()
        look(self.page, self.axe)

    def sees(self, text: str) -> None:
        """The page says this somewhere."""
        expect(self.page.get_by_text(text).first).to_be_visible()


Enter = Callable[[str, str], Person]
"""enter("reviewer", "/reviews"): somebody comes to a page, in the language and width of the test."""


def entrance(
    setting: tuple[str, int],
    words: dict[str, dict[str, str]],
    *,
    site: Site,
    visit: Callable[..., Page],
    axe: str,
) -> Enter:
    """Lets people in. words: what they press, by language."""
    locale, width = setting

    def enter(role: str, path: str) -> Person:
        page = visit(path, role=role, locale=locale, width=width)
        look(page, axe)
        return Person(page, site, words[locale], axe)

    return enter
