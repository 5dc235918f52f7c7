from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from tests.factories import make_match, make_organisation, make_scenario
from web.replies import interest_counts, reply_times


def answered(
    session: Session, agency_id: int, now: datetime, asked: float, replied: float, by: str = "invited_at"
):
    scenario = make_scenario(session, organisation_id=agency_id)
    values = {"interested_at": now - timedelta(days=asked), by: now - timedelta(days=replied)}
    if by == "declined_at":
        values["decline_reason"] = "other"
    return make_match(session, scenario_id=scenario.key, **values)


def test_the_median_is_over_real_answers_of_either_kind(session: Session, now: datetime) -> None:
    agency = make_organisation(session).key
    answered(session, agency, now, asked=10, replied=9)
    answered(session, agency, now, asked=10, replied=8, by="declined_at")
    answered(session, agency, now, asked=10, replied=1)

    found = reply_times(session, {agency}, now=now)[agency]

    assert (found.median_days, found.n, found.is_enough) == (2.0, 3, True)


def test_two_answers_are_too_few(session: Session, now: datetime) -> None:
    agency = make_organisation(session).key
    answered(session, agency, now, asked=10, replied=9)
    answered(session, agency, now, asked=10, replied=8)

    assert not reply_times(session, {agency}, now=now)[agency].is_enough


def test_an_invitation_before_the_interest_is_no_answer(session: Session, now: datetime) -> None:
    agency = make_organisation(session).key
    answered(session, agency, now, asked=2, replied=5)

    assert reply_times(session, {agency}, now=now) == {}


def test_what_is_older_than_half_a_year_does_not_count(session: Session, now: datetime) -> None:
    agency = make_organisation(session).key
    answered(session, agency, now, asked=200, replied=199)

    assert reply_times(session, {agency}, now=now) == {}


def test_interests_are_counted_by_scenario(session: Session, now: datetime) -> None:
    scenario = make_scenario(session)
    for at in (now, now, None):
        make_match(session, scenario_id=scenario.key, interested_at=at)

    assert interest_counts(session, [scenario.key]) == {scenario.key: 2}
