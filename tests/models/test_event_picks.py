"""What an event brings together: picks, booths, gaps by stored matches, and the order of whom to invite."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidInput, InvalidTransition, NotFound
from models.event import Event
from models.event_picks import (
    EventFirm,
    EventScenario,
    ScenarioFilter,
    copy_picks,
    drop_pick,
    event_picks,
    get_pick,
    idle_firms,
    offered_scenarios,
    pick_firms,
    pick_scenarios,
    promising,
    ranked_firms,
    refuse_unless_ready,
    set_booth,
    uncovered,
)
from models.match import Band, DismissReason
from models.organisation import Organisation
from models.scenario import Scenario
from tests.factories import MONDAY, make_event, make_firm, make_match, make_scenario, make_score, save

DAY = date(2026, 11, 23)


@dataclass
class Hall:
    """An event with two scenarios, and firms that fit them more or less."""

    event: Event
    first: Scenario
    second: Scenario
    strong: Organisation
    both: Organisation
    weak: Organisation


@pytest.fixture
def hall(session: Session) -> Hall:
    event = make_event(session)
    first, second = (make_scenario(session, number=f"E-{n}", deadline_on=None) for n in (1, 2))
    strong, both, weak = (make_firm(session, name=name) for name in ("甲工作室", "乙工作室", "丙工作室"))
    for scenario, firm, band in (
        (first, strong, Band.STRONG),
        (first, both, Band.POSSIBLE),
        (second, both, Band.POSSIBLE),
        (second, weak, Band.WEAK),
    ):
        match = make_match(session, scenario_id=scenario.key, organisation_id=firm.key)
        make_score(session, match, band=band)
    pick_scenarios(session, event, [first, second])
    return Hall(event, first, second, strong, both, weak)


def test_what_is_picked_twice_is_there_once(session: Session, hall: Hall) -> None:
    assert pick_scenarios(session, hall.event, [hall.first]) == []
    assert len(pick_firms(session, hall.event, [hall.strong])) == 1
    assert pick_firms(session, hall.event, [hall.strong]) == []

    picks = event_picks(session, hall.event.key)
    assert picks.scenario_ids == {hall.first.key, hall.second.key}
    assert picks.firm_ids == {hall.strong.key}
    with pytest.raises(IntegrityError):
        save(session, EventScenario(event_id=hall.event.key, scenario_id=hall.first.key))


def test_only_strong_and_possible_pairs_count_and_only_while_nobody_said_no(
    session: Session, hall: Hall
) -> None:
    pairs = promising(session, {hall.first.key, hall.second.key})
    assert pairs == {
        (hall.first.key, hall.strong.key): Band.STRONG,
        (hall.first.key, hall.both.key): Band.POSSIBLE,
        (hall.second.key, hall.both.key): Band.POSSIBLE,
    }

    refused = make_match(
        session,
        scenario_id=hall.second.key,
        organisation_id=hall.strong.key,
        dismissed_at=MONDAY,
        dismiss_reason=DismissReason.BUDGET,
    )
    make_score(session, refused)

    assert promising(session, {hall.first.key, hall.second.key}) == pairs


def test_a_firm_with_two_capabilities_counts_by_the_better(session: Session) -> None:
    scenario, firm = make_scenario(session), make_firm(session)
    match = make_match(session, scenario_id=scenario.key, organisation_id=firm.key)
    make_score(session, match, band=Band.STRONG)
    make_score(session, match, band=Band.POSSIBLE)

    assert promising(session, {scenario.key}) == {(scenario.key, firm.key): Band.STRONG}


def test_gaps_are_named_on_both_sides(session: Session, hall: Hall) -> None:
    pick_firms(session, hall.event, [hall.strong, hall.weak])
    picks = event_picks(session, hall.event.key)
    pairs = promising(session, picks.scenario_ids)

    assert [row.scenario_id for row in uncovered(picks, pairs)] == [hall.second.key]
    assert [row.organisation_id for row in idle_firms(picks, pairs)] == [hall.weak.key]


def test_whoever_closes_more_gaps_is_invited_first(session: Session, hall: Hall) -> None:
    picks = event_picks(session, hall.event.key)
    pairs = promising(session, picks.scenario_ids)
    ranked = ranked_firms(session, picks, pairs)

    assert [(row.firm, row.n_closes, row.n_strong, row.n_possible) for row in ranked] == [
        (hall.both, 2, 0, 2),
        (hall.strong, 1, 1, 0),
    ]

    pick_firms(session, hall.event, [hall.both])
    picks = event_picks(session, hall.event.key)
    assert [(row.firm, row.n_closes) for row in ranked_firms(session, picks, pairs)] == [(hall.strong, 0)]


def test_a_booth_has_one_host_whichever_side(session: Session, hall: Hall) -> None:
    [firm] = pick_firms(session, hall.event, [hall.strong])
    first, second = event_picks(session, hall.event.key).scenarios
    set_booth(session, hall.event, first, 2)

    for row in (second, firm):
        with pytest.raises(InvalidInput, match="已经有固定的人"):
            set_booth(session, hall.event, row, 2)
    for table in (0, 6, -1):
        with pytest.raises(InvalidInput, match="没有这个桌号"):
            set_booth(session, hall.event, firm, table)

    set_booth(session, hall.event, first, 2)
    set_booth(session, hall.event, first, None)
    set_booth(session, hall.event, firm, 2)
    assert (first.booth_table, firm.booth_table) == (None, 2)


def test_open_scenarios_are_offered_by_batch_domain_and_district(session: Session, hall: Hall) -> None:
    other = make_scenario(session, domain="healthcare", deadline_on=None)
    make_scenario(session, deadline_on=date(2026, 11, 22))
    picks = event_picks(session, hall.event.key)

    assert other in offered_scenarios(session, picks, ScenarioFilter(), on=DAY)
    for wanted in (
        ScenarioFilter(domain="healthcare"),
        ScenarioFilter(batch_id=other.batch_id, domain="healthcare"),
        ScenarioFilter(district_id=other.district_id, domain="healthcare"),
    ):
        assert offered_scenarios(session, picks, wanted, on=DAY) == [other]
    assert offered_scenarios(session, picks, ScenarioFilter(domain="agriculture"), on=DAY) == []


def test_a_clone_has_the_picks_without_booths_and_without_closed_scenarios(
    session: Session, hall: Hall
) -> None:
    [firm] = pick_firms(session, hall.event, [hall.strong])
    set_booth(session, hall.event, firm, 1)
    clone = make_event(session)

    n = copy_picks(session, hall.event, clone, open_ids={hall.second.key})

    picks = event_picks(session, clone.key)
    assert (n, picks.scenario_ids, picks.firm_ids) == (2, {hall.second.key}, {hall.strong.key})
    assert picks.firms[0].booth_table is None


def test_after_the_release_nothing_is_picked_dropped_or_moved(
    session: Session, hall: Hall, now: datetime
) -> None:
    row = event_picks(session, hall.event.key).scenarios[0]
    for column in ("opened_at", "preference_at", "scheduling_at", "released_at"):
        setattr(hall.event, column, now)

    with pytest.raises(InvalidTransition):
        pick_firms(session, hall.event, [hall.strong])
    with pytest.raises(InvalidTransition):
        pick_scenarios(session, hall.event, [])
    with pytest.raises(InvalidTransition):
        drop_pick(session, hall.event, row)
    with pytest.raises(InvalidTransition):
        set_booth(session, hall.event, row, 1)


def test_a_pick_is_dropped_and_that_of_another_event_is_not_found(session: Session, hall: Hall) -> None:
    row = event_picks(session, hall.event.key).scenarios[0]
    with pytest.raises(NotFound):
        get_pick(session, make_event(session), EventScenario, row.key)
    with pytest.raises(NotFound):
        get_pick(session, hall.event, EventFirm, 999_999)

    drop_pick(session, hall.event, row)

    assert event_picks(session, hall.event.key).scenario_ids == {hall.second.key}


def test_an_event_with_nobody_to_bring_together_is_not_ready(session: Session, hall: Hall) -> None:
    with pytest.raises(InvalidTransition):
        refuse_unless_ready(session, hall.event)

    pick_firms(session, hall.event, [hall.weak])

    refuse_unless_ready(session, hall.event)
