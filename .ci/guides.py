"""What `make guides` runs: the pictures of docs/guides, taken from a running demo.

Start the demo first (`make demo`). Every picture is one line below: who looks, at which page, and which link of that
page is followed where an id is not known beforehand. The window has one size, the language and the light theme are
fixed, and pictures are JPEG, so that all of them together stay small.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import Error, async_playwright

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images" / "guides"
WIDTH, HEIGHT, QUALITY = 1180, 760, 62
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture. who: the demo account before the @. follow: links pressed one after the other, by selector."""

    name: str
    who: str
    path: str
    follow: tuple[str, ...] = ()


SHOTS = (
    Shot("agency-home", "agency", "/home"),
    Shot("agency-draft", "agency", "/drafts/new"),
    Shot(
        "agency-candidates", "agency", "/my/scenarios", ("main tr:has-text('可能') a[href$='/candidates']",)
    ),
    Shot("startup-recommended", "startup", "/recommended"),
    Shot("startup-match", "startup", "/recommended", ("main a[href^='/matches/']",)),
    Shot("startup-capabilities", "startup", "/capabilities"),
    Shot("evaluator-seats", "evaluator", "/juries"),
    Shot("evaluator-jury", "evaluator", "/juries", ("main a[href^='/juries/']",)),
    Shot("operator-organisations", "operator", "/organisations"),
    Shot("operator-communities", "operator", "/communities"),
    Shot("operator-jobs", "operator", "/jobs"),
    Shot("operator-audit", "operator", "/audit"),
    Shot("funding-list", "funding", "/funding"),
    Shot("funding-record", "funding", "/funding", ("main a[href^='/funding/']",)),
    Shot("organizer-gaps", "organizer", "/gaps"),
    Shot("organizer-exposure", "organizer", "/exposure"),
)


async def take_all(site: str, accounts: dict[str, str], chromium: str) -> None:
    """Take every picture, one log-in an account."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for who in dict.fromkeys(shot.who for shot in SHOTS):
            page = await logged_in(browser, site, who, accounts)
            for shot in (each for each in SHOTS if each.who == who):
                await take(page, site, shot)
            await page.context.close()
        await browser.close()


async def logged_in(browser: Browser, site: str, who: str, accounts: dict[str, str]) -> Page:
    """A page of this account, in Chinese and in daylight."""
    viewport = {"width": WIDTH, "height": HEIGHT}
    context = await browser.new_context(viewport=viewport, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
    page = await context.new_page()
    email = f"{who}@demo.example"
    await page.goto(f"{site}/login?lang=zh")
    await page.fill("[name=email]", email)
    await page.fill("[name=password]", accounts[email])
    await page.press("[name=password]", "Enter")
    await page.wait_for_url(lambda address: "/login" not in address)
    return page


async def take(page: Page, site: str, shot: Shot) -> None:
    """One picture, of the upper part of the page."""
    await page.goto(f"{site}{shot.path}{'&' if '?' in shot.path else '?'}lang=zh")
    for selector in shot.follow:
        await page.locator(selector).first.click()
        await page.wait_for_load_state()
    await page.evaluate("document.documentElement.setAttribute('data-bs-theme', 'light')")
    await page.screenshot(path=IMAGES / f"{shot.name}.jpg", type="jpeg", quality=QUALITY)
    print(f"{shot.name}.jpg", flush=True)


def main() -> int:
    """Take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(description="Take the pictures of docs/guides from a running demo.")
    parser.add_argument("--site", default="http://127.0.0.1:8000", help="where the demo runs")
    parser.add_argument("--logins", default=str(ROOT / "var" / "demo-logins.json"), help="its accounts")
    asked = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("chromium is not installed: make system (as root) installs it.", file=sys.stderr)
        return 1
    if not Path(asked.logins).is_file():
        print(f"No accounts in {asked.logins}: start the demo first (make demo).", file=sys.stderr)
        return 1
    rows = json.loads(Path(asked.logins).read_text(encoding="utf-8"))
    IMAGES.mkdir(parents=True, exist_ok=True)
    try:
        accounts = {row["email"]: row["password"] for row in rows}
        asyncio.run(take_all(asked.site, accounts, chromium))
    except Error as err:
        print(f"{asked.site}: {err.message.splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
