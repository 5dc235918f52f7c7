from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from models.match import Band
from tests.factories import (
    MONDAY,
    make_batch,
    make_capability,
    make_firm,
    make_introduced_match,
    make_match,
    make_pilot,
    make_scenario,
    make_score,
)
from web.tallies import (
    band_counts,
    batch_progress,
    capability_bands,
    first_scored_at,
    pilots_by_match,
    promising_pairs,
    scenario_pilots,
    waiting_interests,
)


def test_a_firm_counts_once_in_its_best_band(session: Session) -> None:
    scenario, firm = make_scenario(session), make_firm(session)
    match = make_match(session, scenario_id=scenario.key, organisation_id=firm.key)
    make_score(session, match, band=Band.WEAK)
    make_score(session, match, band=Band.STRONG)

    assert band_counts(session, [scenario.key]) == {scenario.key: {Band.STRONG: 1}}


def test_only_the_newest_score_counts(session: Session) -> None:
    match = make_match(session)
    capability = make_capability(session, organisation_id=match.organisation_id)
    make_score(session, match, capability_id=capability.key, serial=1, band=Band.STRONG)
    make_score(session, match, capability_id=capability.key, serial=2, band=Band.WEAK)

    assert band_counts(session, [match.scenario_id]) == {match.scenario_id: {Band.WEAK: 1}}


def test_what_was_taken_down_does_not_count(session: Session) -> None:
    match = make_match(session)
    gone = make_capability(session, organisation_id=match.organisation_id, unlisted_at=MONDAY)
    make_score(session, match, capability_id=gone.key)

    assert band_counts(session, [match.scenario_id]) == {match.scenario_id: {}}


def test_each_capability_counts_the_open_scenarios_it_is_found_for(session: Session, now: datetime) -> None:
    firm = make_firm(session)
    mine = make_capability(session, organisation_id=firm.key)
    paused = make_capability(session, organisation_id=firm.key, unlisted_at=MONDAY)
    for values in ({}, {}, {"closed_at": MONDAY}):
        match = make_match(
            session, scenario_id=make_scenario(session, **values).key, organisation_id=firm.key
        )
        make_score(session, match, capability_id=mine.key, serial=1, band=Band.STRONG)
        make_score(session, match, capability_id=mine.key, serial=2, band=Band.WEAK)
        make_score(session, match, capability_id=paused.key)
    make_score(session, make_match(session))

    assert capability_bands(session, firm.key, on=now.date()) == {mine.key: {Band.WEAK: 2}}


def test_waiting_interests_are_those_nobody_answered(session: Session, now: datetime) -> None:
    scenario = make_scenario(session)
    make_match(session, scenario_id=scenario.key, interested_at=now)
    make_match(session, scenario_id=scenario.key, interested_at=now, declined_at=now, decline_reason="other")
    make_introduced_match(session, scenario_id=scenario.key)

    assert waiting_interests(session, [scenario.key]) == {scenario.key: 1}


def test_pilots_are_found_by_match_and_by_scenario(session: Session) -> None:
    pilot, other = make_pilot(session), make_pilot(session)

    assert set(pilots_by_match(session, [pilot.match_id])) == {pilot.match_id}
    assert set(scenario_pilots(session, [other.scenario_id])) == {other.scenario_id}


def test_the_first_look_at_a_scenario_is_remembered(session: Session, now: datetime) -> None:
    match = make_match(session)
    make_score(session, match, created_at=MONDAY)
    make_score(session, match, created_at=now)

    assert first_scored_at(session, match.scenario_id) == MONDAY
    assert first_scored_at(session, 999_999) is None


def test_promising_pairs_are_a_firms_best_and_never_weak(session: Session) -> None:
    batch = make_batch(session)
    strong = make_match(session, scenario_id=make_scenario(session, batch_id=batch.key).key)
    make_score(session, strong, band=Band.WEAK)
    best = make_score(session, strong, band=Band.POSSIBLE)
    weak = make_match(session, scenario_id=make_scenario(session, batch_id=batch.key).key)
    make_score(session, weak, band=Band.WEAK)

    assert [pair.score.id for pair in promising_pairs(session, batch.key)] == [best.id]


def test_progress_counts_scenarios_not_pairs(session: Session, now: datetime) -> None:
    batch = make_batch(session)
    scenario = make_scenario(session, batch_id=batch.key)
    make_match(session, scenario_id=scenario.key, invited_at=now)
    make_pilot(session, match_id=make_introduced_match(session, scenario_id=scenario.key).key)
    make_introduced_match(session)

    progress = batch_progress(session, batch.key)

    assert (progress.invited, progress.introduced, progress.n_pilots) == ({scenario.key}, {scenario.key}, 1)
