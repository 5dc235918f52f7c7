from __future__ import annotations

import pytest
from sqlmodel import Session, select

from models.audit import subject_events
from models.capability import Capability, CapabilityStatus, listed_capabilities
from models.user import Role
from tests.factories import MONDAY, make_capability, make_firm, make_match, make_score

MOVES = ["pause", "resume", "withdraw", "delete"]


@pytest.fixture
def mine(session: Session, city) -> Capability:
    return make_capability(session, organisation_id=city.firm.key, title="车载视频找井盖")


def actions(session: Session, row_id: int) -> list[str]:
    return [event.action for event in subject_events(session, "capability", row_id)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/new"),
        ("POST", ""),
        ("GET", "/1/withdraw"),
        *(("POST", f"/1/{move}") for move in MOVES),
    ],
)
def test_only_firms_write_capabilities(client, as_agency, method, path):
    assert client.open(f"/capabilities{path}", method=method).status_code == 303
    assert as_agency.open(f"/capabilities{path}", method=method).status_code == 403


@pytest.mark.parametrize("move", MOVES)
def test_another_firms_capability_is_not_there(session, as_firm, move):
    row = make_capability(session)

    assert as_firm.post(f"/capabilities/{row.key}/{move}").status_code == 404
    assert as_firm.get(f"/capabilities/{row.key}/withdraw").status_code == 404
    session.refresh(row)
    assert row.status is CapabilityStatus.LISTED


def test_the_list_shows_every_state_and_what_each_finds(session, as_firm, city, mine):
    match = make_match(session, organisation_id=city.firm.key)
    make_score(session, match, capability_id=mine.key)
    make_capability(session, organisation_id=city.firm.key, title="草稿一项", listed_at=None)
    make_capability(session, organisation_id=city.firm.key, title="停了一项", unlisted_at=MONDAY)
    make_capability(
        session, organisation_id=city.firm.key, title="撤了一项", unlisted_at=MONDAY, withdrawn_at=MONDAY
    )
    make_capability(session, title="别家的一项")

    page = as_firm.get("/capabilities").text

    assert "别家的一项" not in page
    for words in ("已入库，参加匹配", "草稿，没有入库", "已暂停，不参加匹配", "已撤下"):
        assert words in page
    assert (
        page.index("车载视频找井盖")
        < page.index("草稿一项")
        < page.index("停了一项")
        < page.index("撤了一项")
    )
    assert "band-strong" in page


def test_without_any_the_list_says_how_to_begin(session, as_firm, city):
    for row in session.exec(select(Capability).where(Capability.organisation_id == city.firm.key)):
        row.organisation_id = make_firm(session).key

    assert "还没有写能力" in as_firm.get("/capabilities").text


def test_a_line_begins_a_draft(session, as_firm, city):
    answer = as_firm.post("/capabilities", data={"title": " 夜间噪声定位 "})

    row = session.exec(select(Capability).where(Capability.title == "夜间噪声定位")).one()
    assert answer.headers["Location"].endswith(f"/capabilities/{row.key}")
    assert (row.organisation_id, row.status, actions(session, row.key)) == (
        city.firm.key,
        CapabilityStatus.DRAFT,
        ["capability.drafted"],
    )


@pytest.mark.parametrize("title", ["", "长" * 301])
def test_no_draft_without_a_line(session, as_firm, title):
    before = len(session.exec(select(Capability)).all())

    answer = as_firm.post("/capabilities", data={"title": title})

    assert answer.status_code == 422
    assert 'href="#field-title"' in answer.text
    assert len(session.exec(select(Capability)).all()) == before


def test_a_pause_takes_it_out_of_matching_and_resuming_brings_it_back(session, as_firm, mine):
    as_firm.post(f"/capabilities/{mine.key}/pause")
    assert mine.key not in {row.key for row in listed_capabilities(session)}

    as_firm.post(f"/capabilities/{mine.key}/resume")

    assert mine.key in {row.key for row in listed_capabilities(session)}
    assert actions(session, mine.key) == ["capability.paused", "capability.listed"]


def test_what_was_listed_is_withdrawn_for_good(session, as_firm, mine):
    assert "也不能恢复" in as_firm.get(f"/capabilities/{mine.key}/withdraw").text

    as_firm.post(f"/capabilities/{mine.key}/withdraw")

    session.refresh(mine)
    assert mine.status is CapabilityStatus.WITHDRAWN
    assert as_firm.post(f"/capabilities/{mine.key}/resume").status_code == 409
    assert as_firm.get(f"/capabilities/{mine.key}").status_code == 409


def test_a_draft_is_deleted_and_a_listed_one_is_not(session, as_firm, city, mine):
    draft = make_capability(session, organisation_id=city.firm.key, listed_at=None).key
    assert "别人没有看到过" in as_firm.get(f"/capabilities/{draft}/withdraw").text

    assert as_firm.post(f"/capabilities/{draft}/delete").status_code == 303
    assert as_firm.post(f"/capabilities/{mine.key}/delete").status_code == 409

    session.expire_all()
    assert session.get(Capability, draft) is None
    assert session.get(Capability, mine.key) is not None
    assert actions(session, draft) == ["capability.draft_deleted"]


def test_an_operator_has_no_capabilities_of_its_own(city, log_in):
    assert log_in(city.users[Role.OPERATOR]).get("/capabilities").status_code == 403
