"""The second half of web/pages/drafts.py: the panel, preview, publication, deletion."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session, select

from models.audit import AuditEvent
from models.draft import make_draft
from models.scenario import Scenario, ScenarioStatus
from tests.factories import save
from tests.web.draft_form import FIELDS, actions, send


@pytest.fixture
def draft(session: Session, city, now) -> Scenario:
    return save(session, make_draft(city.agency, title="井盖破损", now=now))


# ---------------------------------------------------------------- the panel


def test_the_panel_saves_nothing(session, as_agency, draft):
    session.refresh(draft)
    before, n_events = draft.model_dump(), len(session.exec(select(AuditEvent)).all())

    answer = send(as_agency, draft, "/panel")

    session.refresh(draft)
    assert answer.status_code == 200
    assert draft.model_dump() == before
    assert len(session.exec(select(AuditEvent)).all()) == n_events


def test_without_an_encoder_the_panel_says_so_and_counts_nobody(as_agency, draft):
    page = send(as_agency, draft, "/panel", text="希望尽快派单。", metric="").text

    assert 'data-mode="no_encoder"' in page
    assert "按词模式：编码进程没有在运行" in page
    assert "等编码进程" in page
    assert "band-strong" not in page
    assert "“尽快”没有数" in page
    assert "没有成效指标" in page


def test_by_words_the_panel_still_finds_what_is_open_already(as_agency, city, draft):
    page = send(as_agency, draft, "/panel", title="巡查车视频发现道路井盖病害").text

    assert f'href="/scenarios/{city.scenario.number}"' in page
    assert "要不要合并到一起？" in page


def test_what_is_closed_is_not_offered_for_merging(session, as_agency, city, draft, now):
    city.scenario.close(now)
    session.flush()

    page = send(as_agency, draft, "/panel", title="巡查车视频发现道路井盖病害").text

    assert city.scenario.number not in page


def test_a_field_that_cannot_be_read_yet_does_not_stop_the_panel(as_agency, draft):
    answer = send(as_agency, draft, "/panel", title="", deadline_on="2026-", budget_min_fen="三")

    assert answer.status_code == 200
    assert "还没有" not in answer.text


def test_the_panel_counts_what_is_left_to_fill(as_agency, draft):
    empty = as_agency.post(f"/drafts/{draft.key}/panel", data={"title": "甲"}).text
    full = send(as_agency, draft, "/panel").text

    assert empty.count("齐了") == 0
    assert full.count("齐了") == 6


def test_the_page_needs_no_script_for_the_panel(as_agency, draft):
    page = as_agency.get(f"/drafts/{draft.key}").text

    assert "写成这样，现在找得到谁" in page
    assert "没有成效指标" in page


# ---------------------------------------------------------------- preview, publication, deletion


def test_the_preview_shows_what_firms_will_see(session, as_agency, draft):
    send(as_agency, draft, site="南头街道")

    page = as_agency.get(f"/drafts/{draft.key}/preview").text

    for text in ("召回率不低于90%", "26 小时 → 4 小时", "南头街道", "确认发布"):
        assert text in page
    assert "li@agency.example" not in page


def test_the_preview_of_half_a_draft_lists_what_is_missing(as_agency, draft):
    page = as_agency.get(f"/drafts/{draft.key}/preview").text

    assert "确认发布" not in page
    for field in (
        "text",
        "metric",
        "baseline",
        "target",
        "acceptance",
        "data_note",
        "deployment",
        "deadline_on",
        "req_1",
    ):
        assert f"#field-{field}" in page


def test_saving_may_lead_to_the_preview(as_agency, draft):
    answer = send(as_agency, draft, act="preview")

    assert answer.headers["Location"].endswith(f"/drafts/{draft.key}/preview")


def test_publication_shows_the_scenario_to_everybody(session, as_agency, client, draft):
    send(as_agency, draft)
    session.refresh(draft)

    answer = as_agency.post(f"/drafts/{draft.key}/publish", data={"revision": str(draft.revision)})

    session.refresh(draft)
    assert answer.status_code == 303
    assert draft.status is ScenarioStatus.PUBLISHED
    assert client.get(f"/scenarios/{draft.number}").status_code == 200
    assert actions(session, draft.key)[-1] == "scenario.published"


@pytest.mark.parametrize(
    "changes",
    [
        {"metric": ""}, {"baseline": " "}, {"target": ""}, {"acceptance": ""}, {"data_note": ""}, {"deployment": []},
        {"deadline_on": ""}, {"contact_name": ""}, {"contact_email": ""}, {"req_1": "", "req_2": ""}, {"text": ""},
        {"deadline_on": "2026-11-22"},
    ],
    ids=lambda changes: "-".join(changes),
)  # fmt: skip
def test_half_a_scenario_is_not_published(session, as_agency, draft, changes):
    send(as_agency, draft, **changes)
    session.refresh(draft)

    answer = as_agency.post(f"/drafts/{draft.key}/publish", data={"revision": str(draft.revision)})

    session.refresh(draft)
    assert answer.status_code == 422
    assert f'href="#field-{next(iter(changes))}"' in answer.text
    assert draft.status is ScenarioStatus.DRAFT


def test_what_was_changed_after_the_preview_is_not_published(session, as_agency, draft):
    send(as_agency, draft)
    session.refresh(draft)
    previewed = draft.revision
    send(as_agency, draft, metric="另一个窗口改的")

    answer = as_agency.post(f"/drafts/{draft.key}/publish", data={"revision": str(previewed)})

    session.refresh(draft)
    assert answer.status_code == 409
    assert draft.status is ScenarioStatus.DRAFT


def test_publishing_twice_is_refused(session, as_agency, draft):
    send(as_agency, draft)
    session.refresh(draft)
    data = {"revision": str(draft.revision)}
    as_agency.post(f"/drafts/{draft.key}/publish", data=data)

    assert as_agency.post(f"/drafts/{draft.key}/publish", data=data).status_code == 409


def test_a_draft_goes_after_a_question_and_leaves_its_trace(session, as_agency, draft):
    send(as_agency, draft)
    key = draft.key

    question = as_agency.get(f"/drafts/{key}/delete").text
    answer = as_agency.post(f"/drafts/{key}/delete")

    session.expire_all()
    assert "不能恢复" in question
    assert answer.status_code == 303
    assert session.get(Scenario, key) is None
    assert actions(session, key)[-1] == "scenario.draft_deleted"


def test_my_scenarios_lead_to_the_draft(as_agency, draft):
    page = as_agency.get("/my/scenarios").text

    assert f'href="/drafts/{draft.key}"' in page
    assert 'href="/drafts/new"' in page


def test_a_draft_is_seen_by_nobody_else(client, draft):
    assert "井盖破损</a>" not in client.get("/scenarios").text
    assert client.get(f"/scenarios/{draft.key}").status_code == 404


def test_errors_are_in_the_readers_language(as_agency, draft):
    page = as_agency.post(
        f"/drafts/{draft.key}/autosave?lang=en", data={**FIELDS, "revision": "1", "domain": "x"}
    ).text

    assert "Not saved yet:" in page
    assert "Domain: " in page
    assert not re.search("[\u4e00-\u9fff]", page)
