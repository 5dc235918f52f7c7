from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models.audit import AuditEvent, subject_events
from models.draft import make_draft
from models.scenario import Scenario, ScenarioStatus
from models.user import Role
from tests.factories import make_organisation, make_user, save
from tests.web.draft_form import FIELDS, actions, revision_in, send


@pytest.fixture
def draft(session: Session, city, now) -> Scenario:
    return save(session, make_draft(city.agency, title="井盖破损", now=now))


@pytest.fixture
def theirs(session: Session, now) -> Scenario:
    """A draft of another agency."""
    return save(session, make_draft(make_organisation(session), title="别家的草稿", now=now))


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
