from __future__ import annotations

from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.acceptance import CHECKLIST, Acceptance
from models.audit import subject_events
from models.pilot import Pilot, PilotStatus
from models.pilot_decision import PilotDecision
from tests.factories import MONDAY
from tests.web.pages.test_pilots import city_pilot

RUNNING = {"agreed_at": MONDAY, "started_at": MONDAY}
IN_USE = {**RUNNING, "in_use_at": MONDAY, "go_live_on": date(2026, 11, 16), "n_users": 12}
LATE = date(2026, 11, 20)
SITTING = {
    "held_on": "2026-11-22", "conclusion": "passed", "experts": "钱工、孙工",
    **{f"check_{code}": "met" for code in CHECKLIST},
}  # fmt: skip
DECISION = {
    "outcome": "extend",
    "decided_on": "2026-11-23",
    "decided_by": "李科长",
    "decision_note": "再看一个月",
}


def post(client: FlaskClient, pilot: Pilot, step: str, status: int = 303, **fields: str) -> str:
    answer = client.post(f"/pilots/{pilot.key}/{step}", data=fields)
    assert answer.status_code == status
    return unescape(answer.get_data(as_text=True))


def page_of(client: FlaskClient, address: str) -> str:
    return unescape(client.get(address).get_data(as_text=True))


def reload(session: Session, pilot: Pilot) -> Pilot:
    session.expire_all()
    session.refresh(pilot)
    return pilot


def test_conditions_are_mended_and_then_it_passes(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city, **IN_USE)
    conditional = {
        **SITTING, "check_handed_over": "unmet", "conclusion": "conditional", "rectify_by_on": "2026-12-15",
        "note": "补操作手册",
    }  # fmt: skip

    post(as_agency, pilot, "accept", **conditional)
    page = page_of(as_agency, f"/pilots/{pilot.key}")
    assert "验收：有条件通过" in page and "补操作手册" in page
    post(as_agency, pilot, "accept", **SITTING)

    assert reload(session, pilot).status is PilotStatus.ACCEPTED
    assert len(session.exec(select(Acceptance)).all()) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"check_handed_over": "unmet"}, "不能记“通过”"),
        ({"check_handed_over": ""}, "要选一项"),
        ({"held_on": "2026-11-24"}, "还没到那天"),
        ({"conclusion": "failed"}, "没有通过的要写清"),
    ],
)
def test_a_sitting_that_does_not_fit_together_comes_back(
    as_agency, session: Session, city, change: dict[str, str], words: str
) -> None:
    pilot = city_pilot(session, city, **IN_USE)

    page = post(as_agency, pilot, "accept", 422, **{**SITTING, **change})

    assert words in page and "钱工" in page
    assert reload(session, pilot).status is PilotStatus.IN_USE


def test_a_date_that_passed_raises_the_alarm_at_home_and_on_the_page_until_somebody_decides(
    as_agency, as_firm, session: Session, city
) -> None:
    pilot = city_pilot(session, city, **RUNNING, decision_on=LATE)
    assert "还没有人决定去留" in page_of(as_firm, f"/pilots/{pilot.key}")
    assert "决定试点去留" in page_of(as_agency, "/home")

    post(as_agency, pilot, "decide", **DECISION, next_decision_on="2027-01-20")

    assert reload(session, pilot).decision_on == date(2027, 1, 20)
    assert "还没有人决定去留" not in page_of(as_firm, f"/pilots/{pilot.key}")
    assert "决定试点去留" not in page_of(as_agency, "/home")


def test_one_in_use_is_scaled_and_in_the_audit(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city, **IN_USE, decision_on=LATE)
    assert "决定试点去留" in page_of(as_agency, "/home")

    post(as_agency, pilot, "decide", **{**DECISION, "outcome": "scale", "decision_note": "推到全区"})

    assert "推到全区" in page_of(as_agency, f"/pilots/{pilot.key}")
    assert "决定试点去留" not in page_of(as_agency, "/home")
    assert [event.action for event in subject_events(session, "pilot", pilot.key)] == ["pilot.decided"]


def test_stopping_is_a_decision_with_its_reason(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city, **RUNNING, decision_on=LATE)

    post(as_agency, pilot, "decide", **{**DECISION, "outcome": "stop", "decision_note": "没有效果"})

    assert reload(session, pilot).stop_reason == "没有效果"


def test_an_extension_needs_a_day_ahead(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city, **RUNNING, decision_on=LATE)

    page = post(as_agency, pilot, "decide", 422, **DECISION, next_decision_on="2026-11-23")

    assert "今天以后的一个决定日期" in page
    assert session.exec(select(PilotDecision)).all() == []


def test_the_firm_decides_nothing(as_firm, session: Session, city) -> None:
    pilot = city_pilot(session, city, **IN_USE, decision_on=LATE)

    post(as_firm, pilot, "decide", 403, **DECISION)
    post(as_firm, pilot, "accept", 403, **SITTING)
    assert "记下推广" not in page_of(as_firm, f"/pilots/{pilot.key}")
