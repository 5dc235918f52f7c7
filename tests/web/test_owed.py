from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import Session

from models.evidence import EvidenceKind
from models.user import Role, User
from tests.factories import (
    make_evidence,
    make_introduced_match,
    make_match,
    make_pilot,
    make_scenario,
    make_user,
)
from web.owed import Asking, Owed, evidence_kinds, owed


@pytest.fixture
def ask(app: Flask, session: Session, city, now: datetime):
    def ask(user: User, locale: str = "zh") -> list[Owed]:
        with app.test_request_context("/"):
            return owed(session, Asking(user=user, locale=locale, now=now, today=date(2026, 11, 23)))

    return ask


def agency_match(session: Session, city, **values):
    scenario = make_scenario(session, organisation_id=city.agency.key)
    return make_match(session, scenario_id=scenario.key, **values)


def agency_pilot(session: Session, city, **values):
    scenario = make_scenario(session, organisation_id=city.agency.key)
    match = make_introduced_match(session, scenario_id=scenario.key, organisation_id=city.firm.key)
    return make_pilot(session, match_id=match.key, **values)


def test_an_unanswered_interest_is_owed_and_red_after_three_days(ask, session: Session, city, now) -> None:
    agency_match(session, city, interested_at=now - timedelta(days=4))
    agency_match(session, city, interested_at=now - timedelta(hours=3))

    items = ask(city.users[Role.AGENCY])

    assert [(item.due, item.late) for item in items] == [("已等 4 天", True), ("今天", False)]


def test_an_answered_interest_is_not_owed(ask, session: Session, city, now) -> None:
    agency_match(session, city, interested_at=now, declined_at=now, decline_reason="other")
    agency_match(session, city, interested_at=now, dismissed_at=now, dismiss_reason="other")

    assert ask(city.users[Role.AGENCY]) == []


def test_an_introduction_asks_for_a_pilot_until_there_is_one(ask, session: Session, city) -> None:
    scenario = make_scenario(session, organisation_id=city.agency.key)
    match = make_introduced_match(session, scenario_id=scenario.key)
    before = [item.address for item in ask(city.users[Role.AGENCY])]
    make_pilot(session, match_id=match.key)

    assert before == [f"/matches/{match.key}/pilot"]
    assert f"/matches/{match.key}/pilot" not in [item.address for item in ask(city.users[Role.AGENCY])]


def test_an_invitation_is_the_firms_to_answer(ask, session: Session, city, now) -> None:
    agency_match(session, city, organisation_id=city.firm.key, invited_at=now)

    assert [item.words for item in ask(city.users[Role.STARTUP])] == ["答复南山区城管部门的邀请"]
    assert ask(city.users[Role.AGENCY]) == []


@pytest.mark.parametrize(
    ("decision_on", "owed_now", "late"),
    [(date(2026, 11, 20), True, True), (date(2026, 12, 1), True, False), (date(2027, 1, 15), False, False)],
)
def test_a_decision_is_owed_two_weeks_ahead(
    ask, session: Session, city, now, decision_on, owed_now, late
) -> None:
    agency_pilot(session, city, agreed_at=now, started_at=now, decision_on=decision_on)

    items = ask(city.users[Role.AGENCY])

    assert [item.late for item in items] == ([late] if owed_now else [])


def test_each_side_owes_its_report_after_going_live(ask, session: Session, city, now) -> None:
    live = {
        "agreed_at": now,
        "started_at": now,
        "in_use_at": now,
        "go_live_on": date(2026, 11, 20),
        "n_users": 3,
    }
    pilot = agency_pilot(session, city, **live)
    both = (ask(city.users[Role.AGENCY]), ask(city.users[Role.STARTUP]))
    make_evidence(session, pilot, kind=EvidenceKind.USE_REPORT)
    make_evidence(session, pilot, kind=EvidenceKind.TEST_REPORT)

    assert [items[0].words.split("：")[0] for items in both] == ["出使用报告", "传测试报告"]
    assert ask(city.users[Role.AGENCY]) == ask(city.users[Role.STARTUP]) == []


def test_the_most_urgent_comes_first(ask, session: Session, city, now) -> None:
    agency_pilot(session, city, agreed_at=now, started_at=now, decision_on=date(2026, 12, 1))
    agency_match(session, city, interested_at=now - timedelta(days=5))

    assert [item.late for item in ask(city.users[Role.AGENCY])] == [True, False]


def test_people_without_an_organisation_owe_nothing(ask, session: Session) -> None:
    assert ask(make_user(session, roles=(Role.ORGANIZER,))) == []


def test_words_are_in_the_readers_language(ask, session: Session, city, now) -> None:
    agency_match(session, city, interested_at=now - timedelta(days=1))

    assert ask(city.users[Role.AGENCY], "en")[0].due == "waiting 1 day"


def test_rejected_documents_do_not_count(session: Session, now) -> None:
    pilot = make_pilot(session)
    make_evidence(session, pilot, kind=EvidenceKind.TEST_REPORT, rejected_at=now)

    assert evidence_kinds(session, [pilot.key]) == {pilot.key: frozenset()}
