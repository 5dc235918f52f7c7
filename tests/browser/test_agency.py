"""An officer's morning, in both languages, at the desk and on a phone: from an empty draft over review and a batch to
the firms that are invited and declined; every page on the way is looked at by axe.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from models.batch import Batch
from models.batch_release import release_batch
from models.db import make_session
from models.match import Band, Match, MatchStatus
from models.scenario import Scenario, ScenarioStatus
from models.user import find_user
from tests.browser.conftest import NOW, Site, explained
from tests.browser.looks import SETTINGS, Enter, Person, entrance
from tests.factories import make_batch, make_capability, make_firm, make_match, make_score

pytestmark = pytest.mark.browser

WORDS = {
    "zh": {
        "begin": "开始写", "preview": "预览和送审", "submit": "提交审核", "return": "退回修改", "revise": "按意见修改",
        "approve": "批准", "compare": "并排比较", "invite": "邀请", "decline": "谢绝这家", "refuse": "谢绝…",
        "saved": "已自动保存", "remark": "写意见", "note": "保存备注", "undo": "撤销",
    },
    "en": {
        "begin": "Start writing", "preview": "Preview and submit", "submit": "Submit for review",
        "return": "Return for changes", "revise": "Make the changes", "approve": "Approve", "compare": "Compare",
        "invite": "Invite", "decline": "Decline",
        "refuse": "Decline…", "saved": "Saved", "remark": "Write a remark", "note": "Save note", "undo": "Undo",
    },
}  # fmt: skip
TEXT = "综合窗口每天收件 900 份，近三成因材料不齐退回，群众跑第二趟。希望收件前拍照预审，逐项说明缺什么。"
FILLED = {
    "text": TEXT, "metric": "材料不齐的退回率", "baseline": "28%", "target": "8%",
    "acceptance": "用一个月的收件验，看退回率。", "req_1": "识别 20 类证照，召回率不低于95%",
    "data_note": "两年的收件影像，签协议后可用。", "deadline_on": "2027-03-31", "contact_name": "林科长",
    "contact_email": "lin@agency.example",
}  # fmt: skip
REMARK = "写明“不齐”怎么算。"
FIRMS = ("清单智能", "预审算法", "证照视觉")


@pytest.fixture(params=SETTINGS, ids=lambda given: f"{given[0]}-{given[1]}")
def setting(request: pytest.FixtureRequest) -> tuple[str, int]:
    return request.param


@pytest.fixture
def enter(setting: tuple[str, int], site: Site, visit: Callable[..., Page], axe: str) -> Enter:
    return entrance(setting, WORDS, site=site, visit=visit, axe=axe)


def newest(session: Session, title: str) -> Scenario:
    return session.exec(select(Scenario).where(col(Scenario.title) == title)).one()


def write(officer: Person, title: str) -> None:
    """From the title to a draft with everything that publication needs."""
    page = officer.page
    page.fill("#field-title", title)
    officer.press("begin", then="**/drafts/*")
    for name, text in FILLED.items():
        page.fill(f"#field-{name}", text)
    page.locator("input[name=deployment]").first.check()
    saved = page.locator("#save-state").get_by_text(officer.words["saved"], exact=True)
    expect(saved).to_be_visible(timeout=15_000)


def hand_in(officer: Person) -> None:
    officer.press("preview", then="**/preview")
    officer.press("submit", then="**/review")


def send_back(reviewer: Person, scenario_id: int) -> None:
    """Return the text with one remark beside its field."""
    reviewer.go(f"/reviews/{scenario_id}")
    field = reviewer.page.locator(".review-field", has=reviewer.page.locator("#field-remark_text"))
    field.locator("summary").click()
    reviewer.page.fill("#field-remark_text", REMARK)
    reviewer.press("return", then="**/reviews")


def find_firms(site: Site, scenario_id: int) -> list[int]:
    """Three firms for the scenario, scored as by the machine; the ids of their pairs."""
    with make_session(site.engine) as session:
        scenario = session.get_one(Scenario, scenario_id)
        ids = []
        for name, band in zip(FIRMS, (Band.STRONG, Band.POSSIBLE, Band.POSSIBLE), strict=True):
            firm = make_firm(session, name=name)
            match = make_match(session, scenario_id=scenario.key, organisation_id=firm.key)
            capability = make_capability(session, organisation_id=firm.key)
            make_score(session, match, capability_id=capability.key, band=band, **explained(scenario))
            ids.append(match.key)
        session.commit()
        return ids


def release(site: Site, title: str) -> int:
    """The moment of its batch has come; the id of the scenario."""
    with make_session(site.engine) as session:
        scenario = newest(session, title)
        batch = session.get_one(Batch, scenario.batch_id)
        release_batch(session, batch, now=NOW, on=NOW.date())
        session.commit()
        assert scenario.status is ScenarioStatus.PUBLISHED
        return scenario.key


def status(site: Site, match_id: int) -> MatchStatus:
    with make_session(site.engine, read_only=True) as session:
        return session.get_one(Match, match_id).status


def test_from_a_draft_over_review_to_a_batch(site: Site, enter: Enter, setting: tuple[str, int]) -> None:
    officer, number = enter("agency2", "/home"), "W-{}-{}".format(*setting)
    title = f"窗口材料预审 {number}"
    with make_session(site.engine) as session:
        batch_id = make_batch(
            session, number=number, released_at=None, releases_at=NOW + timedelta(days=9)
        ).key
        session.commit()
    officer.go("/drafts/new")
    write(officer, title)
    hand_in(officer)
    with make_session(site.engine, read_only=True) as session:
        scenario_id = newest(session, title).key

    reviewer = enter("reviewer", "/reviews")
    send_back(reviewer, scenario_id)
    officer.go(f"/drafts/{scenario_id}/review")
    officer.sees(REMARK)
    officer.press("revise", then=f"**/drafts/{scenario_id}")
    officer.page.fill("#field-text", f"{TEXT}“不齐”指少一件以上必交材料。")
    hand_in(officer)

    reviewer.go(f"/reviews/{scenario_id}")
    expect(reviewer.page.locator("ins")).to_contain_text("必交材料")
    reviewer.page.select_option("#field-batch_id", str(batch_id))
    reviewer.press("approve", then="**/reviews")
    operator = enter("operator", f"/batches/{number}/plan")
    operator.sees(title)

    assert release(site, title) == scenario_id
    officer.go("/my/scenarios")
    officer.go(f"/lists/{number}")
    officer.sees(title)


def test_candidates_are_compared_invited_and_declined(site: Site, enter: Enter) -> None:
    ids = find_firms(site, published(site))
    with make_session(site.engine, read_only=True) as session:
        scenario_id = session.get_one(Match, ids[0]).scenario_id
    officer = enter("agency", f"/my/scenarios/{scenario_id}/candidates?band=all")
    page = officer.page
    for match_id in ids:
        page.locator(f"#match-{match_id} input[name=m]").check()
    officer.press("compare", then="**/compare?**")
    assert page.locator("table.compare thead th").count() == 4

    officer.go(f"/my/scenarios/{scenario_id}/candidates?band=all&open={ids[0]}")
    page.locator(f"#match-{ids[0]} form[action$='/invite'] button:visible").first.click()
    page.get_by_role("status").first.wait_for()
    row = page.locator(f"#match-{ids[1]}")
    row.locator("summary", has_text=officer.words["refuse"]).click()
    row.locator("select[name=reason]").select_option("deployment")
    row.get_by_role("button", name=officer.words["decline"]).last.click()
    page.get_by_role("status").get_by_role("button", name=officer.words["undo"]).wait_for()

    officer.go(f"/my/scenarios/{scenario_id}/candidates?band=all")
    assert [status(site, match_id) for match_id in ids[:2]] == [MatchStatus.INVITED, MatchStatus.DECLINED]
    for match_id in ids[:2]:
        officer.go(f"/matches/{match_id}")


def published(site: Site) -> int:
    """A published scenario of the demo agency, other than the one of the other browser tests."""
    with make_session(site.engine, read_only=True) as session:
        agency = find_user(session, "agency@demo.example")
        assert agency is not None
        owned = select(Scenario.id).where(
            col(Scenario.organisation_id) == agency.organisation_id, col(Scenario.published_at).is_not(None)
        )
        found = session.exec(owned.where(col(Scenario.id) != site.scenario_id)).first()
        return found or site.scenario_id
