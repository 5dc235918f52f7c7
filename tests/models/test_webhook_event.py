from __future__ import annotations

from datetime import timedelta

import pytest

from models.audit import record
from models.match import Band
from models.user import Role
from models.webhook import EventKind, owe
from models.webhook_event import Span, may_be_told, news_for
from tests.factories import (
    MONDAY,
    make_batch,
    make_firm,
    make_introduced_match,
    make_match,
    make_organisation,
    make_pilot,
    make_scenario,
    make_score,
    make_user,
    make_webhook,
)


@pytest.fixture
def span(now) -> Span:
    return Span(MONDAY, now.date())


def told(session, user, span) -> list[tuple[str, dict]]:
    return [
        (kind.value, dict(event.data)) for kind, event in news_for(session, make_webhook(session, user), span)
    ]


def test_what_is_published_and_released_is_told_to_everybody(session, span):
    scenario, batch = make_scenario(session, number="A-1"), make_batch(session, number="2026Q4")
    record(session, actor=None, action="scenario.published", subject=scenario)
    record(session, actor=None, action="batch.released", subject=batch)
    session.flush()

    assert told(session, make_user(session), span) == [
        ("scenario.published", {"scenario_id": scenario.key, "number": "A-1"}),
        ("batch.released", {"number": "2026Q4"}),
    ]


def test_a_scenario_that_was_withdrawn_since_is_told_to_nobody(session, span, now):
    scenario = make_scenario(session, withdrawn_at=now)
    record(session, actor=None, action="scenario.published", subject=scenario)
    session.flush()

    assert told(session, make_user(session), span) == []


def test_what_happened_before_is_not_told(session, now):
    record(session, actor=None, action="scenario.published", subject=make_scenario(session))
    session.flush()

    assert told(session, make_user(session), Span(now + timedelta(days=900), now.date())) == []


def test_a_pilot_is_told_to_its_parties_and_to_officers(session, span):
    pilot = make_pilot(session, match_id=make_introduced_match(session).key)
    record(session, actor=None, action="pilot.started", subject=pilot)
    session.flush()
    people = {
        "agency": make_user(session, roles=(Role.AGENCY,), organisation_id=pilot.scenario.organisation_id),
        "firm": make_user(session, roles=(Role.STARTUP,), organisation_id=pilot.organisation_id),
        "officer": make_user(session, roles=(Role.FUNDING_OFFICER,)),
        "other firm": make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key),
        "no role": make_user(session, organisation_id=pilot.organisation_id),
    }

    knows = [name for name, person in people.items() if told(session, person, span)]

    assert knows == ["agency", "firm", "officer"]


def test_a_match_is_told_to_its_two_sides_once(session, span, now):
    agency = make_organisation(session)
    match = make_match(session, scenario_id=make_scenario(session, organisation_id=agency.key).key)
    first = make_score(session, match, band=Band.POSSIBLE, created_at=now)
    make_score(session, match, band=Band.STRONG, created_at=now, capability_id=first.capability_id, serial=2)
    sides = {Role.AGENCY: agency.key, Role.STARTUP: match.organisation_id}

    for role, home in sides.items():
        person = make_user(session, roles=(role,), organisation_id=home)
        assert [(kind, data["band"]) for kind, data in told(session, person, span)] == [
            ("match.found", "possible")
        ]
    stranger = make_user(session, roles=(Role.AGENCY, Role.STARTUP), organisation_id=make_firm(session).key)
    assert told(session, stranger, span) == []


@pytest.mark.parametrize("band", [Band.WEAK, Band.NOT_ENOUGH_INFORMATION])
def test_what_is_weak_is_no_news(session, span, now, band):
    match = make_match(session)
    make_score(session, match, band=band, created_at=now)

    assert (
        told(session, make_user(session, roles=(Role.STARTUP,), organisation_id=match.organisation_id), span)
        == []
    )


def test_what_is_owed_already_is_not_told_again(session, span, now):
    record(session, actor=None, action="batch.released", subject=make_batch(session))
    session.flush()
    webhook = make_webhook(session, make_user(session))
    [(kind, event)] = news_for(session, webhook, span)

    owe(session, webhook, kind, event, now=now)

    assert news_for(session, webhook, span) == []


def test_only_what_was_subscribed_to_is_told(session, span):
    record(session, actor=None, action="batch.released", subject=make_batch(session))
    session.flush()
    webhook = make_webhook(session, make_user(session), kinds=[EventKind.PILOT_CHANGED.value])

    assert news_for(session, webhook, span) == []


def test_who_is_locked_or_of_a_suspended_organisation_is_told_nothing(session, now):
    home = make_organisation(session)
    person, locked = make_user(session, organisation_id=home.key), make_user(session, locked_at=now)
    before = may_be_told(person)
    home.suspend(now)

    assert (before, may_be_told(person), may_be_told(locked)) == (True, False, False)
