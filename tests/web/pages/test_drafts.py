from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import AuditEvent, subject_events
from models.draft import make_draft
from models.scenario import Scenario, ScenarioStatus
from models.user import Role
from tests.factories import make_organisation, make_user, save

FIELDS = {
    "title": "用巡查车视频发现井盖破损",
    "kind": "government",
    "domain": "city_governance",
    "text": "巡查车每天拍摄 300 段道路视频，人工回看太慢。希望自动发现井盖缺失与破损并派单。",
    "metric": "发现到派单的中位小时数",
    "baseline": "26 小时",
    "target": "4 小时",
    "acceptance": "用三个月的视频验，看召回率和派单时间。",
    "req_1": "召回率不低于90%",
    "must_1": "must",
    "req_2": "给出经纬度",
    "must_2": "should",
    "data_note": "两年的巡查视频，签协议后可用。",
    "deployment": ["gov_cloud", "edge"],
    "budget_min_fen": "30",
    "budget_max_fen": "60",
    "deadline_on": "2026-12-31",
    "contact_name": "李科长",
    "contact_email": "li@agency.example",
}


@pytest.fixture
def draft(session: Session, city, now) -> Scenario:
    return save(session, make_draft(city.agency, title="井盖破损", now=now))


@pytest.fixture
def theirs(session: Session, now) -> Scenario:
    """A draft of another agency."""
    return save(session, make_draft(make_organisation(session), title="别家的草稿", now=now))


def send(client: FlaskClient, draft: Scenario, path: str = "", **changes: object):
    """POST the form of a draft with these changes; None leaves a field out."""
    fields = {**FIELDS, "revision": str(draft.revision), **changes}
    return client.post(f"/drafts/{draft.key}{path}", data={k: v for k, v in fields.items() if v is not None})


def actions(session: Session, draft_id: int) -> list[str]:
    return [event.action for event in subject_events(session, "scenario", draft_id)]


def revision_in(page: str) -> str:
    return re.search(r'name="revision" value="([^"]*)"', page).group(1)


ADDRESSES = [
    ("GET", ""), ("POST", ""), ("POST", "/autosave"), ("POST", "/panel"), ("GET", "/preview"), ("POST", "/publish"),
    ("GET", "/delete"), ("POST", "/delete"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), [*ADDRESSES, ("GET", "new")])
def test_strangers_are_sent_to_the_log_in(client, draft, method, path):
    address = "/drafts/new" if path == "new" else f"/drafts/{draft.key}{path}"

    answer = client.open(address, method=method)

    assert answer.status_code == 303
    assert "/login" in answer.headers["Location"]


@pytest.mark.parametrize("role", [Role.STARTUP, Role.ORGANIZER, Role.FUNDING_OFFICER, Role.ADMIN])
@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_only_agencies_write_scenarios(city, log_in, draft, role, method, path):
    answer = log_in(city.users[role]).open(f"/drafts/{draft.key}{path}", method=method, data=FIELDS)

    assert answer.status_code == 403


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_the_draft_of_another_agency_is_not_there(session, as_agency, theirs, method, path):
    session.refresh(theirs)
    before = theirs.model_dump()

    answer = as_agency.open(f"/drafts/{theirs.key}{path}", method=method, data={**FIELDS, "revision": "1"})

    assert answer.status_code == 404
    session.refresh(theirs)
    assert theirs.model_dump() == before


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_what_is_published_is_not_edited_here(session, as_agency, city, method, path):
    session.refresh(city.scenario)
    before = city.scenario.model_dump()

    answer = as_agency.open(
        f"/drafts/{city.scenario.key}{path}", method=method, data={**FIELDS, "revision": "1"}
    )

    assert answer.status_code == 409
    session.refresh(city.scenario)
    assert city.scenario.model_dump() == before


def test_an_agency_without_organisation_is_told_so(session, log_in):
    client = log_in(make_user(session, roles=(Role.AGENCY,)))

    assert client.get("/drafts/new").status_code == 403
    assert client.post("/drafts", data={"title": "甲"}).status_code == 403


def test_a_title_begins_a_draft(session, as_agency, city):
    answer = as_agency.post("/drafts", data={"title": " 夜间噪声来源 "})

    draft = session.exec(select(Scenario).where(Scenario.title == "夜间噪声来源")).one()
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/drafts/{draft.key}")
    assert (draft.organisation_id, draft.status, draft.is_demo) == (
        city.agency.key,
        ScenarioStatus.DRAFT,
        False,
    )
    assert actions(session, draft.key) == ["scenario.drafted"]


@pytest.mark.parametrize("title", ["", "  ", "长" * 301])
def test_no_draft_without_a_title(session, as_agency, title):
    before = len(session.exec(select(Scenario)).all())

    answer = as_agency.post("/drafts", data={"title": title})

    assert answer.status_code == 422
    assert 'href="#field-title"' in answer.text
    assert len(session.exec(select(Scenario)).all()) == before


def test_saving_keeps_every_field(session, as_agency, draft):
    extra = {
        "volume_note": "每天 300 段", "data_access": "政务云内", "security_note": "等保三级", "site": "南头街道",
        "procurement_note": "纳入运维预算", "opens_on": "2026-11-25", "pilot_from_on": "2027-01-10",
        "pilot_to_on": "2027-04-10",
    }  # fmt: skip

    answer = send(as_agency, draft, **extra)

    session.refresh(draft)
    stored = draft.model_dump(mode="json")
    expected = {
        name: value for name, value in FIELDS.items() if not name.startswith(("req_", "must_", "budget_"))
    }
    assert answer.status_code == 303
    assert {name: stored[name] for name in (expected | extra)} == expected | extra
    assert (draft.budget_min_fen, draft.budget_max_fen) == (30_000_000, 60_000_000)
    assert [(row.text, row.must) for row in draft.requirements] == [
        ("召回率不低于90%", True),
        ("给出经纬度", False),
    ]
    assert draft.revision == 2


def test_the_form_shows_what_was_saved(session, as_agency, draft):
    send(as_agency, draft, budget_max_fen="12.5", budget_min_fen="")
    session.refresh(draft)

    page = as_agency.get(f"/drafts/{draft.key}").text

    for text in (
        "召回率不低于90%",
        "李科长",
        'value="12.5"',
        'value="2026-12-31"',
        'value="gov_cloud" checked',
    ):
        assert text in page
    assert 'value="saas" checked' not in page
    assert revision_in(page) == "2"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"kind": "secret"}, "kind"),
        ({"domain": "space"}, "domain"),
        ({"text": "字" * 10_001}, "text"),
        ({"budget_min_fen": "viel"}, "budget_min_fen"),
        ({"budget_min_fen": "60", "budget_max_fen": "30"}, "budget_max_fen"),
        ({"deadline_on": "31.12.2026"}, "deadline_on"),
        ({"opens_on": "2027-01-01"}, "deadline_on"),
        ({"pilot_from_on": "2027-02-01", "pilot_to_on": "2027-01-01"}, "pilot_to_on"),
        ({"contact_email": "li at agency"}, "contact_email"),
        ({"req_2": "字" * 501}, "req_2"),
        ({f"req_{n}": "甲" for n in range(1, 43)}, "req_41"),
    ],
)
@pytest.mark.parametrize("path", ["", "/autosave"])
def test_what_cannot_be_read_is_said_beside_its_field_and_nothing_is_saved(
    session, as_agency, draft, changes, field, path
):
    answer = send(as_agency, draft, path, **changes)

    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    session.refresh(draft)
    assert (draft.text, draft.revision) == ("", 1)


def test_what_was_typed_is_still_there_after_an_error(as_agency, draft):
    page = send(as_agency, draft, deadline_on="bald", metric="一个指标").text

    assert "一个指标" in page
    assert 'value="bald"' in page
    assert 'value="edge" checked' in page


def test_nobody_sets_a_field_the_form_does_not_have(session, as_agency, city, draft):
    send(as_agency, draft, organisation_id="999", number="X-1", published_at="2026-01-01", is_demo="1")

    session.refresh(draft)
    assert (draft.organisation_id, draft.number, draft.published_at) == (city.agency.key, None, None)
    assert not draft.is_demo


# ---------------------------------------------------------------- requirements


@pytest.mark.parametrize(
    ("act", "after"),
    [
        ("add", ["甲", "乙", "丙"]),
        ("up-2", ["乙", "甲", "丙"]),
        ("up-1", ["甲", "乙", "丙"]),
        ("down-2", ["甲", "丙", "乙"]),
        ("down-5", ["甲", "乙", "丙"]),
        ("remove-1", ["乙", "丙"]),
        ("remove-5", ["甲", "乙"]),
        ("remove-77", ["甲", "乙", "丙"]),
        ("nonsense", ["甲", "乙", "丙"]),
    ],
)
def test_requirements_are_moved_and_taken_away_by_their_number(session, as_agency, draft, act, after):
    answer = send(as_agency, draft, req_1="甲", req_2="乙", req_3=" ", req_5="丙", act=act)

    session.refresh(draft)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("#requirements")
    assert [row.text for row in draft.requirements] == after


def test_there_is_always_an_empty_line_to_go_on_with(session, as_agency, draft):
    first = as_agency.get(f"/drafts/{draft.key}").text
    send(as_agency, draft)
    second = as_agency.get(f"/drafts/{draft.key}").text

    assert re.findall(r'name="(req_\d+)"', first) == ["req_1"]
    assert re.findall(r'name="(req_\d+)"', second) == ["req_1", "req_2", "req_3"]


def test_enter_in_a_field_saves_and_moves_nothing(as_agency, draft):
    send(as_agency, draft)
    page = as_agency.get(f"/drafts/{draft.key}").text
    form = page[page.index('id="draft"') :]

    first_button = re.search(r"<button[^>]*>", form).group(0)

    assert "name=" not in first_button


# ---------------------------------------------------------------- two windows, and saving by itself


def test_autosave_saves_and_gives_the_next_revision(session, as_agency, draft):
    answer = send(as_agency, draft, "/autosave")

    session.refresh(draft)
    assert answer.status_code == 200
    assert (draft.target, draft.revision) == ("4 小时", 2)
    assert revision_in(answer.text) == "2"
    assert "已自动保存" in answer.text


def test_autosave_sent_twice_changes_nothing_the_second_time(session, as_agency, draft):
    first = send(as_agency, draft, "/autosave", revision="1")
    session.refresh(draft)
    before = draft.model_dump()

    second = send(as_agency, draft, "/autosave", revision="1")

    session.refresh(draft)
    assert (first.status_code, second.status_code) == (200, 200)
    assert revision_in(second.text) == "2"
    assert draft.model_dump() == before
    assert actions(session, draft.key) == ["scenario.draft_changed"]


@pytest.mark.parametrize("path", ["", "/autosave"])
def test_the_second_window_is_told_and_overwrites_nothing(session, as_agency, draft, path):
    send(as_agency, draft, revision="1", metric="第一个窗口")

    answer = send(as_agency, draft, path, revision="1", metric="第二个窗口")

    session.refresh(draft)
    assert answer.status_code == 409
    assert "刚在别处改过" in answer.text
    assert revision_in(answer.text) == "1"
    assert draft.metric == "第一个窗口"


def test_the_conflict_page_keeps_what_was_typed(as_agency, draft):
    send(as_agency, draft, revision="1", metric="第一个窗口")

    page = send(as_agency, draft, revision="1", metric="第二个窗口").text

    assert "第二个窗口" in page
    assert "看最新的草稿" in page


@pytest.mark.parametrize("revision", [None, "", "x", "-1", "9" * 30])
def test_without_a_revision_nothing_is_saved(session, as_agency, draft, revision):
    answer = send(as_agency, draft, revision=revision)

    session.refresh(draft)
    assert answer.status_code == 409
    assert draft.text == ""


def test_the_saves_of_a_sitting_are_one_entry_of_the_audit_trail(session, as_agency, draft, now):
    for n in range(1, 4):
        session.refresh(draft)
        send(as_agency, draft, "/autosave", metric=f"指标 {n}")

    assert actions(session, draft.key) == ["scenario.draft_changed"]

    event = session.exec(select(AuditEvent).where(AuditEvent.action == "scenario.draft_changed")).one()
    event.created_at = now - timedelta(hours=1)
    session.refresh(draft)
    send(as_agency, draft, "/autosave", metric="下午再改")
    assert actions(session, draft.key) == ["scenario.draft_changed"] * 2


def test_a_colleagues_save_is_an_entry_of_its_own(session, as_agency, city, log_in, draft):
    colleague = make_user(session, roles=(Role.AGENCY,), organisation_id=city.agency.key)
    send(as_agency, draft, "/autosave", metric="甲")
    session.refresh(draft)

    send(log_in(colleague), draft, "/autosave", metric="乙")

    events = subject_events(session, "scenario", draft.key)
    assert [event.actor_user_id for event in events] == [city.users[Role.AGENCY].key, colleague.key]


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
    assert "Field: " in page
    assert not re.search("[\u4e00-\u9fff]", page)
