"""Writing a scenario in a real browser: it saves itself, the panel follows, and nothing needs a script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from models.db import make_session
from models.scenario import Scenario
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def begin(page: Page, title: str) -> None:
    page.fill("#field-title", title)
    page.get_by_role("button", name="开始写").click()


def stored(site: Site, title: str) -> Scenario:
    with make_session(site.engine, read_only=True) as session:
        statement = select(Scenario).where(col(Scenario.title) == title).order_by(col(Scenario.id).desc())
        found = session.exec(statement).first()
        assert found is not None
        return found


def test_typing_changes_the_panel_and_saves_itself(site: Site, visit: Callable[..., Page]) -> None:
    page = visit("/drafts/new", role="agency")
    begin(page, "夜间施工噪声来源判定")
    panel = page.locator("#panel")
    expect(panel).to_contain_text("没有成效指标")

    page.locator("#field-text").press_sequentially("希望尽快知道噪声从哪个工地来。")
    expect(panel).to_contain_text("“尽快”没有数")
    page.fill("#field-metric", "从投诉到找到工地的中位分钟数")
    expect(page.get_by_text("正在写，停下就保存")).to_be_visible()
    expect(panel).not_to_contain_text("没有成效指标")
    expect(page.get_by_text("已自动保存")).to_be_visible()

    page.reload()
    expect(page.locator("#field-metric")).to_have_value("从投诉到找到工地的中位分钟数")
    assert stored(site, "夜间施工噪声来源判定").text == "希望尽快知道噪声从哪个工地来。"


def test_the_panel_says_by_what_it_goes(visit: Callable[..., Page]) -> None:
    page = visit("/drafts/new", role="agency")
    begin(page, "河道排口夜间监测")

    expect(page.locator("#panel")).to_contain_text("按词模式")
    expect(page.locator("#panel")).to_contain_text("等编码进程")


def test_quick_typing_never_conflicts_with_itself(site: Site, visit: Callable[..., Page]) -> None:
    page = visit("/drafts/new", role="agency")
    begin(page, "老人跌倒告警")
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status) if "/autosave" in answer.url else None)
    # Each save takes longer than the pause after which the next one is due.
    page.route(re.compile("/autosave$"), lambda route: (page.wait_for_timeout(2000), route.continue_()))

    for n in range(4):
        page.fill("#field-target", f"{n} 分钟")
        page.wait_for_timeout(1300)
    for _ in range(150):
        if stored(site, "老人跌倒告警").target == "3 分钟":
            break
        page.wait_for_timeout(200)

    expect(page.get_by_text("已自动保存")).to_be_visible(timeout=30_000)
    assert stored(site, "老人跌倒告警").target == "3 分钟"
    assert set(statuses) == {200}


def test_a_lost_connection_is_said_and_the_next_word_tries_again(
    site: Site, visit: Callable[..., Page]
) -> None:
    page = visit("/drafts/new", role="agency")
    begin(page, "排口监测断线")
    page.evaluate(
        "() => { window.realFetch = window.fetch; window.fetch = () => Promise.reject(new TypeError('offline')); }"
    )
    page.fill("#field-target", "1 小时")
    expect(page.get_by_text("没连上，还没有保存")).to_be_visible(timeout=15_000)

    page.evaluate("() => { window.fetch = window.realFetch; }")
    page.fill("#field-target", "2 小时")
    expect(page.get_by_text("已自动保存")).to_be_visible(timeout=15_000)

    assert stored(site, "排口监测断线").target == "2 小时"


def test_two_tabs_do_not_overwrite_each_other(site: Site, visit: Callable[..., Page]) -> None:
    first = visit("/drafts/new", role="agency")
    begin(first, "窗口材料预审")
    second = visit(first.url.removeprefix(site.address), role="agency")
    first.fill("#field-metric", "第一个窗口")
    expect(first.get_by_text("已自动保存")).to_be_visible()

    with second.expect_response(re.compile("/autosave$")) as answer:
        second.locator("#field-metric").press_sequentially("第二个窗口")

    assert answer.value.status == 409
    expect(second.locator("#save-state")).to_contain_text("刚在别处改过")
    assert stored(site, "窗口材料预审").metric == "第一个窗口"


def test_the_form_works_without_script(site: Site, browser, visit) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "duijie_session", "value": site.token("agency"), "url": site.address}])
    page = context.new_page()
    page.goto(f"{site.address}/drafts/new")
    begin(page, "没有脚本也能写")
    page.fill("#field-text", "每天三百段视频看不过来。")
    page.fill("#field-req_1", "召回率不低于90%")
    page.get_by_role("button", name="再加一条").click()
    page.fill("#field-req_2", "给出经纬度")
    page.get_by_role("button", name="上移 第 2 条要求").click()

    assert page.input_value("#field-req_1") == "给出经纬度"
    assert page.input_value("#field-text") == "每天三百段视频看不过来。"
    page.locator(".save-bar").get_by_role("button", name="预览和发布").click()
    # The page may still be coming in when the click returns.
    page.locator("h2", has_text="还不能发布").wait_for()
    context.close()


def test_on_a_phone_the_two_acts_are_at_the_bottom_and_the_panel_first(visit: Callable[..., Page]) -> None:
    page = visit("/drafts/new", role="agency", width=390)
    begin(page, "手机上写")

    bar = page.locator(".sticky-acts")
    expect(bar.get_by_role("button", name="预览和发布")).to_be_visible()
    assert page.locator(".tabbar").count() == 0
    assert page.locator("#panel").bounding_box()["y"] < page.locator("#field-title").bounding_box()["y"]
