"""A paragraph about a need becomes a draft whose fields somebody has looked at."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlmodel import Session, select

from models.scenario import Scenario
from models.user import Role

TEXT = (
    "片区有路内停车位6,400个，目前由协管员每天巡查两次。平均处置时间由5小时缩短到1小时。希望用路侧视频自动发现占道停车并派单。"
    "要求识别准确率不低于94%，夜间也能用。预算30-50万元。"
)


@pytest.fixture
def officer(city, log_in):
    return log_in(city.users[Role.AGENCY])


def sent_back(page: str) -> dict[str, object]:
    """What a browser would send from the page as it came."""
    fields: dict[str, object] = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    }
    fields["take"] = re.findall(r'name="take" value="([^"]+)" checked', page)
    fields["title-0"] = unescape(re.search(r'name="title-0" value="([^"]*)"', page)[1])  # type: ignore[index]
    fields["text-0"] = unescape(re.search(r'name="text-0"[^>]*>\n(.*?)</textarea>', page, re.S)[1])  # type: ignore[index]
    return fields


def test_what_is_read_is_shown_with_its_sentence_and_becomes_a_draft(officer, session: Session) -> None:
    page = officer.post("/drafts/reading", data={"text": TEXT})
    shown = page.get_data(as_text=True)
    begun = officer.post("/drafts/reading/take", data=sent_back(shown))

    assert page.status_code == 200 and "平均处置时间 5小时 → 1小时" in shown and "30–50 万元" in shown
    assert begun.status_code == 303
    draft = session.exec(select(Scenario).where(Scenario.metric == "平均处置时间")).one()
    assert (draft.baseline, draft.target, draft.budget_max_fen) == ("5小时", "1小时", 50_000_000)
    assert [row.text for row in draft.requirements] == ["要求识别准确率不低于94%，夜间也能用。"]
    assert begun.headers["Location"].endswith(f"/drafts/{draft.key}")


def test_what_is_not_ticked_is_left(officer, session: Session) -> None:
    fields = sent_back(officer.post("/drafts/reading", data={"text": TEXT}).get_data(as_text=True))

    officer.post("/drafts/reading/take", data=fields | {"take": [], "title-0": "只有文字"})

    draft = session.exec(select(Scenario).where(Scenario.title == "只有文字")).one()
    assert (draft.metric, draft.budget_max_fen, draft.requirements) == ("", None, [])
    assert draft.text == TEXT


@pytest.mark.parametrize("text", ["", "长" * 10_001])
def test_nothing_and_too_much_are_one_sentence(officer, text: str) -> None:
    answer = officer.post("/drafts/reading", data={"text": text})

    assert answer.status_code == 422
    assert 'id="field-text"' in answer.get_data(as_text=True)


def test_a_draft_needs_its_title(officer) -> None:
    fields = sent_back(officer.post("/drafts/reading", data={"text": TEXT}).get_data(as_text=True))

    answer = officer.post("/drafts/reading/take", data=fields | {"title-0": ""})

    assert answer.status_code == 422 and "平均处置时间" in answer.get_data(as_text=True)


def test_a_page_of_nothing_sent_is_refused_in_a_sentence(officer) -> None:
    assert officer.post("/drafts/reading/take", data={}).status_code == 422
