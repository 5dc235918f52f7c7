"""From a firm's proposal to the reason it reads: the firm, the agency and three evaluators in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlmodel import Session, col, select

from models.bid import Bid
from models.db import make_session
from models.draft import Wanted
from models.jury import Jury, find_jury
from models.rubric import lock_rubric
from models.scenario import Requirement, Scenario
from models.user import User, find_user
from tests.browser.conftest import NOW, Site
from tests.browser.test_pages import WCAG

pytestmark = pytest.mark.browser

WORDS = {
    "zh": {
        "begin": "写完整方案", "review": "看一遍再提交", "submit": "提交方案", "panel": "开始评审", "appoint": "请评委",
        "clear": "没有利益冲突，开始评审", "aside": "回避", "save": "存分", "finish": "交分", "settle": "定稿",
        "decide": "作决定", "sign": "签署决定", "far": "分歧大", "not_selected": "未入选",
    },
    "en": {
        "begin": "Write a full proposal", "review": "Review and hand in", "submit": "Hand in the proposal",
        "panel": "Begin judging", "appoint": "Appoint", "clear": "No conflict of interest, begin",
        "aside": "Step aside", "save": "Save marks", "finish": "Hand in marks", "settle": "Settle", "decide": "Decide",
        "sign": "Sign the decision", "far": "far apart", "not_selected": "Not selected",
    },
}  # fmt: skip
REQUIREMENTS = (Wanted("识别两类情形，夜间召回率不低于85%"), Wanted("每条告警带坐标和截图", must=False))
REASON = "夜间没有数，补上以后欢迎再来。"


def person(session: Session, role: str) -> User:
    found = find_user(session, f"{role}@demo.example")
    assert found is not None
    return found


def open_call(site: Site, name: str) -> str:
    """A published scenario of the demo agency that takes proposals; its number."""
    with make_session(site.engine) as session:
        agency = person(session, "agency")
        row = Scenario(
            organisation_id=agency.organisation_id, title=f"夜间巡查识别 {name}", text="夜间巡查，当晚派单。",
            number=f"BT-{name}", published_at=NOW, deadline_on=date(2026, 12, 31), budget_max_fen=60_000_000,
            requirements=[
                Requirement(scenario_id=0, position=n, text=wanted.text, must=wanted.must)
                for n, wanted in enumerate(REQUIREMENTS, 1)
            ],
        )  # fmt: skip
        session.add(row)
        session.flush()
        lock_rubric(session, row, now=NOW)
        session.commit()
        return str(row.number)


def end_call(site: Site, number: str) -> int:
    """The last day is over; the id of the scenario."""
    with make_session(site.engine) as session:
        row = session.exec(select(Scenario).where(col(Scenario.number) == number)).one()
        row.deadline_on = date(2026, 11, 20)
        session.commit()
        return row.key


@pytest.fixture
def check(axe: str, tmp_path: Path) -> Callable[[Page, str], None]:
    """Look at a page: nothing sticks out, and axe finds no fault."""

    def check(page: Page, name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
        page.evaluate(axe)
        found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", WCAG)
        faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]]
        assert (name, faults) == (name, [])

    return check


def press(page: Page, words: str) -> None:
    """The visible button whose words begin so: at the foot of the page on a phone, in its place on a desk."""
    page.locator("button:visible", has_text=words).first.click()


def write_and_submit(page: Page, words: dict[str, str], check: Callable[[Page, str], None]) -> None:
    press(page, words["begin"])
    page.wait_for_url("**/edit")
    page.fill("#field-summary", "沿用现在的巡查车，当晚跑一遍。")
    page.fill("#field-start", "合同后 2 周")
    page.select_option("#field-verdict_1", "met")
    page.fill("#field-quote_1", "夜间召回率91%")
    page.fill("#field-answer_1", "每晚在政务云跑一遍。")
    page.fill("#field-plan", "先离线，再接每晚的视频。")
    page.fill("#field-milestone_1", "离线报告")
    page.fill("#field-weeks_1", "4")
    page.fill("#field-price_fen", "35")
    check(page, "write")
    press(page, words["review"])
    page.wait_for_url("**/bids/*")
    press(page, words["submit"])
    page.locator(".hash").first.wait_for()
    check(page, "handed-in")


def score(page: Page, words: dict[str, str], points: list[int]) -> None:
    """One proposal, by keyboard: Tab reaches a criterion, the arrows move its score."""
    page.locator("table a[data-open]").first.click()
    page.wait_for_url("**/bids/*")
    for n, given in enumerate(points, 1):
        page.locator(f"input[name=score_{n}]").first.focus()
        page.keyboard.press("Space")
        for _ in range(given):
            page.keyboard.press("ArrowDown")
    page.fill("#field-comment_1", "看了逐条的依据。")


def set_up_panel(page: Page, site: Site, scenario_id: int, words: dict[str, str]) -> int:
    """Begin judging and appoint the three evaluators; the id of the panel."""
    page.goto(f"{site.address}/my/scenarios/{scenario_id}/jury")
    press(page, words["panel"])
    page.wait_for_load_state()
    with make_session(site.engine, read_only=True) as session:
        ids = [person(session, name).key for name in ("evaluator", "evaluator2", "evaluator3")]
        jury = find_jury(session, scenario_id)
        assert isinstance(jury, Jury)
    for user_id in ids:
        page.select_option("#field-user_id", str(user_id))
        press(page, words["appoint"])
        page.wait_for_load_state()
    return jury.key


def judge(page: Page, site: Site, jury_id: int, points: list[int], words: dict[str, str]) -> None:
    """From the declaration to the marks that are given, not saved yet."""
    page.goto(f"{site.address}/juries/{jury_id}")
    press(page, words["clear"])
    page.wait_for_load_state()
    score(page, words, points)


def settle_and_decide(page: Page, site: Site, scenario_id: int, words: dict[str, str]) -> int:
    """Settle although marks are apart, and answer the one proposal with a no; its id."""
    page.fill("#field-note", "两人都写明了理由。")
    press(page, words["settle"])
    page.locator("a", has_text=words["decide"]).first.click()
    page.wait_for_url("**/decision")
    with make_session(site.engine, read_only=True) as session:
        bid_id = session.exec(select(Bid).where(col(Bid.scenario_id) == scenario_id)).one().key
    page.check(f"input[name=outcome_{bid_id}][value=not_selected]")
    page.check(f"input[name=reasons_{bid_id}][value=evidence_missing]")
    page.fill(f"#field-text_{bid_id}", REASON)
    return bid_id


@pytest.mark.parametrize(("locale", "width"), [("zh", 390), ("zh", 1280), ("en", 390), ("en", 1280)])
def test_from_a_proposal_to_the_reason_the_firm_reads(
    site: Site, visit: Callable[..., Page], check: Callable[[Page, str], None], locale: str, width: int
) -> None:
    words, how = WORDS[locale], {"locale": locale, "width": width}
    number = open_call(site, f"{locale}{width}")
    firm = visit(f"/scenarios/{number}", role="startup", **how)
    check(firm, "scenario")
    write_and_submit(firm, words, check)
    scenario_id = end_call(site, number)
    agency = visit(f"/my/scenarios/{scenario_id}/bids", role="agency", **how)
    check(agency, "list")
    jury_id = set_up_panel(agency, site, scenario_id, words)
    check(agency, "panel")

    third = visit(f"/juries/{jury_id}", role="evaluator3", **how)
    check(third, "declare")
    third.fill("#field-reason", "曾在这家企业任职")
    press(third, words["aside"])
    for name, points in (("evaluator", [3, 3, 2, 2, 2]), ("evaluator2", [1, 3, 2, 2, 2])):
        page = visit("/juries", role=name, **how)
        check(page, f"{name}-home")
        judge(page, site, jury_id, points, words)
        check(page, f"{name}-score")
        press(page, words["save"])
        page.wait_for_url(f"**/juries/{jury_id}")
        press(page, words["finish"])
        page.wait_for_load_state()
    check(page, "consensus")

    agency.goto(f"{site.address}/my/scenarios/{scenario_id}/jury")
    check(agency, "spread")
    assert agency.get_by_text(words["far"]).first.is_visible()
    bid_id = settle_and_decide(agency, site, scenario_id, words)
    check(agency, "decide")
    press(agency, words["sign"])
    agency.wait_for_url("**/record")
    check(agency, "record")

    firm.goto(f"{site.address}/bids/{bid_id}")
    check(firm, "reason")
    assert firm.get_by_text(REASON).is_visible()
    assert firm.get_by_text(words["not_selected"]).first.is_visible()


def test_a_proposal_saves_itself_and_two_windows_do_not_overwrite_each_other(
    site: Site, visit: Callable[..., Page]
) -> None:
    number = open_call(site, "autosave")
    first = visit(f"/scenarios/{number}", role="startup")
    press(first, "写完整方案")
    first.wait_for_url("**/edit")
    second = visit(first.url.removeprefix(site.address), role="startup")
    first.fill("#field-summary", "第一个窗口")
    first.get_by_text("已自动保存").wait_for()
    second.locator("#field-summary").press_sequentially("第二个")
    second.get_by_text("刚在别处改过").wait_for()

    first.reload()

    assert first.input_value("#field-summary") == "第一个窗口"
