"""Addenda on their pages: public beside the text, mailed to those in touch, never instead of the text."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from models.addendum import list_addenda
from models.audit import subject_events
from models.match import Match
from models.outbox import MailKind, OutboxMail
from models.user import Role
from tests.factories import make_scenario

SENT = {"what": "视频改为两路。", "why": "第三路还没有装好。"}


def mailed(session: Session) -> list[str]:
    kind = OutboxMail.kind == MailKind.ADDENDUM
    return [mail.recipient for mail in session.exec(select(OutboxMail).where(kind))]


def test_it_is_public_beside_the_text_and_mailed_to_those_in_touch(session, city, client, as_agency, now):
    session.get_one(Match, city.match_id).invite(now)
    session.refresh(city.scenario)
    before = city.scenario.model_dump()

    answer = as_agency.post(f"/my/scenarios/{city.scenario.key}/addenda", data=SENT)

    session.refresh(city.scenario)
    assert answer.status_code == 303
    assert city.scenario.model_dump() == before
    page = client.get("/scenarios/NS-2026Q4-017").text
    assert all(text in page for text in (*SENT.values(), city.scenario.text))
    assert mailed(session) == [city.users[Role.STARTUP].email]
    [row] = list_addenda(session, city.scenario.key)
    assert [event.action for event in subject_events(session, "addendum", row.key)] == ["addendum.issued"]


def test_nobody_else_is_mailed(session, city, as_agency):
    as_agency.post(f"/my/scenarios/{city.scenario.key}/addenda", data=SENT)

    assert mailed(session) == []
    assert SENT["what"] in as_agency.get(f"/my/scenarios/{city.scenario.key}/addenda").text


@pytest.mark.parametrize("field", ["what", "why"])
def test_what_and_why_are_both_asked_for(session, city, as_agency, field):
    answer = as_agency.post(f"/my/scenarios/{city.scenario.key}/addenda", data={**SENT, field: " "})

    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert list_addenda(session, city.scenario.key) == []


def test_a_scenario_that_is_over_has_no_more(session, city, as_agency, now):
    city.scenario.close(now)
    session.flush()
    address = f"/my/scenarios/{city.scenario.key}/addenda"

    assert as_agency.post(address, data=SENT).status_code == 409
    assert "公开并通知" not in as_agency.get(address).text


def test_the_scenario_of_another_agency_is_not_there(session, as_agency):
    address = f"/my/scenarios/{make_scenario(session).key}/addenda"

    assert as_agency.get(address).status_code == 404
    assert as_agency.post(address, data=SENT).status_code == 404


def test_a_scenario_without_addenda_shows_none(client, city):
    assert "变更说明" not in client.get("/scenarios/NS-2026Q4-017").text
