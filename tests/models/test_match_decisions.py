"""What counts as an answer, and which view of the pair goes with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from models.match import FIT_DECLINES, FIT_DISMISSALS, Band, DeclineReason, DismissReason
from models.match_decisions import Decider, decisions_digest, list_decisions, scenario_views
from tests.factories import MONDAY, make_capability, make_match, make_scenario, make_score

SUNDAY, TUESDAY = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)


def decisions(session: Session):
    return list_decisions(session, engine_version="test")


def test_an_invitation_and_an_interest_are_wishes_of_their_sides(session: Session) -> None:
    match = make_match(session, invited_at=MONDAY, interested_at=TUESDAY)

    agency, firm = decisions(session)

    assert (agency.side, agency.wanted, agency.decided_at) == (Decider.AGENCY, True, MONDAY)
    assert (agency.decider_id, agency.list_id) == (match.scenario.organisation_id, match.scenario_id)
    assert (firm.side, firm.wanted, firm.decided_at) == (Decider.FIRM, True, TUESDAY)
    assert (firm.decider_id, firm.list_id) == (match.organisation_id, match.organisation_id)
    assert (agency.chosen_id, firm.chosen_id) == (match.organisation_id, match.scenario_id)


@pytest.mark.parametrize("reason", list(DeclineReason))
def test_a_refusal_outranks_an_invitation_and_counts_where_it_is_about_fit(
    session: Session, reason: DeclineReason
) -> None:
    make_match(session, invited_at=SUNDAY, declined_at=MONDAY, decline_reason=reason)

    (decision,) = decisions(session)

    assert decision.wanted == (False if reason in FIT_DECLINES else None)
    assert (decision.reason, decision.decided_at) == (reason, MONDAY)


@pytest.mark.parametrize("reason", list(DismissReason))
def test_a_firms_refusal_counts_where_it_is_about_fit(session: Session, reason: DismissReason) -> None:
    make_match(session, dismissed_at=MONDAY, dismiss_reason=reason)

    (decision,) = decisions(session)

    assert (decision.side, decision.wanted) == (Decider.FIRM, False if reason in FIT_DISMISSALS else None)


def test_saving_for_later_and_saying_nothing_are_no_answers(session: Session) -> None:
    make_match(session, saved_at=MONDAY)
    make_score(session, make_match(session))

    assert decisions(session) == []


def test_a_decision_goes_with_the_newest_view_before_it(session: Session) -> None:
    match = make_match(session, invited_at=MONDAY)
    first = make_score(session, match, created_at=SUNDAY - timedelta(days=1), signals={"relevance": 1.0})
    seen = make_score(
        session,
        match,
        capability_id=first.capability_id,
        serial=2,
        created_at=SUNDAY,
        signals={"relevance": 2.0},
    )
    make_score(session, match, capability_id=first.capability_id, serial=3, created_at=TUESDAY)

    (decision,) = decisions(session)

    assert decision.view is not None
    assert (decision.view.serial, decision.view.signals) == (seen.serial, {"relevance": 2.0})


def test_the_best_capability_at_that_time_is_what_was_seen(session: Session) -> None:
    match = make_match(session, invited_at=MONDAY)
    make_score(session, match, created_at=SUNDAY, band=Band.POSSIBLE, score=0.99)
    best = make_score(session, match, created_at=SUNDAY, band=Band.STRONG, score=0.7)
    make_score(session, match, created_at=TUESDAY, band=Band.STRONG, score=0.9)

    (decision,) = decisions(session)

    assert decision.view is not None
    assert decision.view.capability_id == best.capability_id


def test_where_the_view_was_not_kept_the_first_one_since_stands_in(session: Session) -> None:
    match = make_match(session, invited_at=MONDAY)
    first = make_score(session, match, created_at=TUESDAY, score=0.6)
    make_score(
        session,
        match,
        capability_id=first.capability_id,
        serial=2,
        created_at=TUESDAY + timedelta(days=1),
        score=0.9,
    )

    (decision,) = decisions(session)

    assert decision.view is not None
    assert (decision.view.serial, decision.view.made_at) == (1, TUESDAY)


def test_views_of_another_engine_do_not_count(session: Session) -> None:
    match = make_match(session, invited_at=MONDAY)
    make_score(session, match, created_at=SUNDAY, engine_version="before")

    (decision,) = decisions(session)

    assert decision.view is None


def test_the_digest_changes_with_every_answer_and_with_nothing_else(session: Session) -> None:
    match = make_match(session, invited_at=MONDAY)
    before = decisions_digest(session)

    match.save_for_later(MONDAY)
    session.flush()
    same = decisions_digest(session)
    match.decline(TUESDAY, reason=DeclineReason.PRICE)
    session.flush()
    declined = decisions_digest(session)
    match.undo_decline()
    session.flush()

    assert before == same != declined
    assert decisions_digest(session) == before


def test_views_are_there_whatever_became_of_either_side(session: Session) -> None:
    scenario = make_scenario(session, closed_at=TUESDAY)
    match = make_match(session, scenario_id=scenario.key)
    capability = make_capability(session, organisation_id=match.organisation_id, listed_at=None)
    make_score(session, match, capability_id=capability.key, weights_serial=4)

    found = scenario_views(session, [scenario.key, 999])

    assert [view.version for view in found[scenario.key]] == [("test", 4)]
    assert found[999] == []
