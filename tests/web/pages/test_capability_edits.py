from __future__ import annotations

import pytest
from sqlmodel import Session

from models.audit import subject_events
from models.capability import Capability, CapabilityStatus
from models.capability_edit import make_capability_draft
from models.login import start_session
from models.user import Role
from tests.factories import make_capability, save
from tests.fakes import HashingEmbedder
from tests.matcher.market import TOPICS, make_market
from tests.web.draft_form import revision_in
from tests.web.live_market import index_rows, live_app
from web.auth import cookie_name

FIELDS = {
    "title": "车载视频识别井盖",
    "text": "用车载记录仪视频识别井盖缺失和破损，召回率 91%，可整套部署在政务云，每路视频一分钟内出结果。",
    "industries": ["city_governance"],
    "deployment": ["gov_cloud", "edge"],
    "filings": ["mlps_2"],
    "maturity": "pilot",
    "capacity": "2",
    "weeks": "6",
    "case_text_1": "三个街道用了半年",
    "case_customer_1": "街道办",
}
ADDRESSES = [
    ("GET", ""), ("POST", ""), ("POST", "/autosave"), ("POST", "/panel"), ("GET", "/preview"), ("POST", "/publish"),
    ("POST", "/discard"),
]  # fmt: skip


@pytest.fixture
def draft(session: Session, city, now) -> Capability:
    return save(session, make_capability_draft(city.firm, title="井盖", now=now))


@pytest.fixture
def listed(session: Session, city) -> Capability:
    return make_capability(session, organisation_id=city.firm.key, title="老标题", text="老的说明。")


def send(client, row: Capability, path: str = "", **changes: object):
    fields = {**FIELDS, "revision": str(row.revision), **changes}
    data = {name: value for name, value in fields.items() if value is not None}
    return client.post(f"/capabilities/{row.key}{path}", data=data)


def actions(session: Session, row: Capability) -> list[str]:
    return [event.action for event in subject_events(session, "capability", row.key)]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_who_may_not_write_it(session, client, as_agency, as_firm, draft, method, path):
    theirs = make_capability(session)
    before = theirs.model_dump()

    assert client.open(f"/capabilities/{draft.key}{path}", method=method).status_code == 303
    assert as_agency.open(f"/capabilities/{draft.key}{path}", method=method).status_code == 403
    answer = as_firm.open(
        f"/capabilities/{theirs.key}{path}", method=method, data={**FIELDS, "revision": "1"}
    )

    assert answer.status_code == 404
    session.refresh(theirs)
    assert theirs.model_dump() == before


def test_saving_keeps_every_field(session, as_firm, draft):
    answer = send(
        as_firm, draft, data_needed="一个月的路面视频", price_note="按路收费", url="https://example.cn"
    )

    session.refresh(draft)
    stored = draft.model_dump(mode="json")
    assert answer.status_code == 303
    assert {name: stored[name] for name in ("deployment", "filings", "maturity", "capacity", "weeks", "url")} == {
        "deployment": ["gov_cloud", "edge"], "filings": ["mlps_2"], "maturity": "pilot", "capacity": 2, "weeks": 6,
        "url": "https://example.cn",
    }  # fmt: skip
    assert [(case.text, case.customer) for case in draft.cases] == [("三个街道用了半年", "街道办")]
    page = as_firm.get(f"/capabilities/{draft.key}").text
    for typed in ("一个月的路面视频", "按路收费", "三个街道用了半年", 'value="6"'):
        assert typed in page
    assert actions(session, draft) == ["capability.draft_changed"]


def test_it_saves_itself_and_a_repeated_save_changes_nothing(session, as_firm, draft):
    first = send(as_firm, draft, "/autosave")
    again = send(as_firm, draft, "/autosave", revision="1")

    assert (first.status_code, again.status_code) == (200, 200)
    assert revision_in(first.text) == revision_in(again.text) == "2"
    assert "已自动保存" in first.text
    assert actions(session, draft) == ["capability.draft_changed"]


def test_wrong_input_is_said_at_its_field_and_what_was_typed_stays(session, as_firm, draft):
    answer = send(as_firm, draft, weeks="六周", text="写了很多")

    assert answer.status_code == 422
    assert 'href="#field-weeks"' in answer.text
    assert "写了很多" in answer.text and 'value="六周"' in answer.text
    assert send(as_firm, draft, "/autosave", weeks="六周").status_code == 422
    session.refresh(draft)
    assert draft.text == ""


def test_an_older_window_is_told_what_changed_and_loses_nothing(session, as_firm, draft):
    send(as_firm, draft, revision="1", text="第一个窗口写的。")

    answer = send(as_firm, draft, revision="1", text="第二个窗口写的。")

    assert answer.status_code == 409
    assert "现在存的是" in answer.text
    assert "第一个窗口写的。" in answer.text and "第二个窗口写的。" in answer.text
    assert send(as_firm, draft, "/autosave", revision="1", text="第三个窗口").status_code == 409
    session.refresh(draft)
    assert draft.text == "第一个窗口写的。"


def test_cases_are_added_and_taken_away(session, as_firm, draft):
    send(as_firm, draft, case_text_2="一个园区", act="add")
    page = as_firm.get(f"/capabilities/{draft.key}").text
    assert 'id="field-case_text_3"' in page

    session.refresh(draft)
    send(as_firm, draft, case_text_2="一个园区", act="remove-1")

    session.refresh(draft)
    assert [case.text for case in draft.cases] == ["一个园区"]


def test_a_draft_is_previewed_and_listed(session, as_firm, draft):
    answer = send(as_firm, draft, act="preview")
    assert answer.headers["Location"].endswith("/preview")
    page = as_firm.get(f"/capabilities/{draft.key}/preview").text
    assert "确认入库" in page and "三个街道用了半年" in page and "自报" in page

    answer = as_firm.post(f"/capabilities/{draft.key}/publish", data={"revision": revision_in(page)})

    session.refresh(draft)
    assert answer.headers["Location"].endswith("/capabilities")
    assert draft.status is CapabilityStatus.LISTED
    assert actions(session, draft)[-1] == "capability.listed"


def test_without_a_description_it_is_not_listed(session, as_firm, draft):
    assert "还不能入库" in as_firm.get(f"/capabilities/{draft.key}/preview").text

    answer = as_firm.post(f"/capabilities/{draft.key}/publish", data={"revision": "1"})

    session.refresh(draft)
    assert (answer.status_code, draft.status) == (422, CapabilityStatus.DRAFT)


def test_what_changed_after_the_preview_is_not_listed(session, as_firm, draft):
    send(as_firm, draft)

    answer = as_firm.post(f"/capabilities/{draft.key}/publish", data={"revision": "1"})

    session.refresh(draft)
    assert (answer.status_code, draft.status) == (409, CapabilityStatus.DRAFT)


def test_agencies_read_the_old_text_until_the_firm_confirms(session, as_firm, listed):
    send(as_firm, listed)
    session.refresh(listed)
    assert listed.text == "老的说明。"
    assert "有改动没更新" in as_firm.get("/capabilities").text
    page = as_firm.get(f"/capabilities/{listed.key}/preview").text
    assert "确认更新" in page and "老的说明。" in page and FIELDS["text"] in page

    as_firm.post(f"/capabilities/{listed.key}/publish", data={"revision": revision_in(page)})

    session.refresh(listed)
    assert (listed.text, listed.working) == (FIELDS["text"], None)
    assert actions(session, listed)[-1] == "capability.changed"


def test_a_change_can_be_dropped(session, as_firm, listed):
    send(as_firm, listed)

    answer = as_firm.post(f"/capabilities/{listed.key}/discard")

    session.refresh(listed)
    assert (answer.status_code, listed.text, listed.working) == (303, "老的说明。", None)
    assert as_firm.post(f"/capabilities/{listed.key}/discard").status_code == 409
    assert "需求方现在看到的就是这样" in as_firm.get(f"/capabilities/{listed.key}/preview").text


def test_nothing_changed_is_nothing_to_confirm(as_firm, listed):
    answer = as_firm.post(f"/capabilities/{listed.key}/publish", data={"revision": "1"})

    assert answer.status_code == 409


def test_without_an_encoder_the_panel_goes_by_words_and_says_what_is_missing(as_firm, draft):
    page = send(as_firm, draft, "/panel", case_text_1="", case_customer_1="", capacity="").text

    assert "按词模式" in page and "band-strong" not in page
    assert "你没有写案例" in page and 'href="#field-capacity"' in page


def test_with_an_encoder_the_panel_counts_scenarios_and_names_them(session, settings, city, now, draft):
    _, offers = make_market(session)
    index_rows(session, settings, HashingEmbedder())
    app = live_app(session, settings, HashingEmbedder, clock=lambda: now)
    client = app.test_client()
    client.set_cookie(cookie_name(app), start_session(session, city.users[Role.STARTUP], now=now, hours=12))

    page = send(client, draft, "/panel", title=TOPICS[5][1], text=offers[5].text, deployment=None).text

    assert 'data-mode="full"' in page
    assert "会推荐给你的" in page and TOPICS[5][0] in page
    assert "个差在这里" in page
    session.refresh(draft)
    assert draft.text == ""


def test_a_filing_that_an_import_brought_stays(session, as_firm, city):
    row = make_capability(session, organisation_id=city.firm.key, filings=["our_own"], listed_at=None)

    assert 'value="our_own" checked' in as_firm.get(f"/capabilities/{row.key}").text
