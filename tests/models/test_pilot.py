"""Pilots: every step, legal and illegal; what must be agreed beforehand; constraints; parties."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidInput, InvalidTransition, NotFound
from models.pilot import (
    Pilot,
    PilotStatus,
    find_pilot,
    get_pilot,
    make_pilot,
    organisation_pilots,
    pilots_in_use,
)
from tests.factories import (
    MONDAY,
    make_capability,
    make_introduced_match,
    make_match,
    make_organisation,
)
from tests.factories import make_pilot as make_saved_pilot

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)

PLANNED: dict[str, Any] = {}
AGREED = {"agreed_at": MONDAY}
RUNNING = {**AGREED, "started_at": MONDAY}
IN_USE = {**RUNNING, "in_use_at": MONDAY, "go_live_on": date(2026, 11, 16), "n_users": 12}
ACCEPTED = {**IN_USE, "accepted_at": MONDAY}
STOPPED = {**RUNNING, "stopped_at": MONDAY, "stop_reason": "误报太多"}
STATES = {
    "planned": PLANNED,
    "agreed": AGREED,
    "running": RUNNING,
    "in_use": IN_USE,
    "accepted": ACCEPTED,
    "stopped": STOPPED,
}
MOVES: dict[str, tuple[Callable[[Pilot], None], set[str], str]] = {
    "agree": (lambda pilot: pilot.agree(NOON), {"planned"}, "agreed"),
    "start": (lambda pilot: pilot.start(NOON), {"agreed"}, "running"),
    "put_in_use": (
        lambda pilot: pilot.put_in_use(NOON, go_live_on=TODAY, n_users=3, usage_note=" 班组在用 "),
        {"running"},
        "in_use",
    ),
    "accept": (lambda pilot: pilot.accept(NOON), {"in_use"}, "accepted"),
    "stop": (
        lambda pilot: pilot.stop(NOON, reason=" 没有预算 "),
        {"planned", "agreed", "running", "in_use"},
        "stopped",
    ),
}
LEGAL = [(move, state) for move, (_, states, _) in MOVES.items() for state in sorted(states)]
ILLEGAL = [(move, state) for move, state in product(MOVES, STATES) if state not in MOVES[move][1]]


@pytest.mark.parametrize("state", STATES)
def test_the_state_follows_the_moments(session: Session, state: str) -> None:
    assert make_saved_pilot(session, **STATES[state]).status == state


@pytest.mark.parametrize(("move", "state"), LEGAL)
def test_a_legal_step_leads_to_its_state_and_can_be_saved(session: Session, move: str, state: str) -> None:
    pilot = make_saved_pilot(session, **STATES[state])

    MOVES[move][0](pilot)
    session.flush()

    assert pilot.status == MOVES[move][2]


@pytest.mark.parametrize(("move", "state"), ILLEGAL)
def test_an_illegal_step_is_refused_and_changes_nothing(session: Session, move: str, state: str) -> None:
    pilot = make_saved_pilot(session, **STATES[state])
    before = pilot.model_dump()

    with pytest.raises(InvalidTransition):
        MOVES[move][0](pilot)

    assert pilot.model_dump() == before


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"success_metric": " "}, {"success_metric"}),
        ({"decision_owner": ""}, {"decision_owner"}),
        ({"decision_on": None}, {"decision_on"}),
        (
            {"success_metric": "", "decision_owner": "", "decision_on": None},
            {"success_metric", "decision_owner", "decision_on"},
        ),
    ],
)
def test_without_metric_owner_and_date_nothing_is_agreed(
    session: Session, values: dict[str, Any], missing: set[str]
) -> None:
    pilot = make_saved_pilot(session, **values)

    with pytest.raises(InvalidInput) as caught:
        pilot.agree(NOON)

    assert set(caught.value.fields) == missing
    assert pilot.status is PilotStatus.PLANNED


def test_use_is_recorded_with_day_users_and_note(session: Session) -> None:
    pilot = make_saved_pilot(session, **RUNNING)

    MOVES["put_in_use"][0](pilot)

    assert (pilot.in_use_at, pilot.go_live_on, pilot.n_users, pilot.usage_note) == (
        NOON,
        TODAY,
        3,
        "班组在用",
    )


@pytest.mark.parametrize(
    ("go_live_on", "n_users", "fields"),
    [
        (date(2026, 11, 24), 3, {"go_live_on"}),
        (TODAY, 0, {"n_users"}),
        (TODAY, -1, {"n_users"}),
        (date(2030, 1, 1), 0, {"go_live_on", "n_users"}),
    ],
)
def test_use_that_cannot_be_is_refused(
    session: Session, go_live_on: date, n_users: int, fields: set[str]
) -> None:
    pilot = make_saved_pilot(session, **RUNNING)

    with pytest.raises(InvalidInput) as caught:
        pilot.put_in_use(NOON.replace(hour=9, minute=59), go_live_on=go_live_on, n_users=n_users)

    assert set(caught.value.fields) == fields
    assert pilot.status is PilotStatus.RUNNING


def test_today_in_the_far_east_is_today(session: Session) -> None:
    pilot = make_saved_pilot(session, **RUNNING)
    half_past_midnight_in_shenzhen = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)

    pilot.put_in_use(half_past_midnight_in_shenzhen, go_live_on=TODAY, n_users=1)

    assert pilot.go_live_on == TODAY


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_stopping_needs_a_reason(session: Session, reason: str) -> None:
    pilot = make_saved_pilot(session, **RUNNING)

    with pytest.raises(InvalidInput) as caught:
        pilot.stop(NOON, reason=reason)

    assert set(caught.value.fields) == {"stop_reason"}


def test_a_pilot_is_made_from_an_introduced_match(session: Session) -> None:
    match = make_introduced_match(session)
    capability = make_capability(session, organisation_id=match.organisation_id)

    pilot = make_pilot(match, capability, title="井盖试点")

    assert (pilot.match_id, pilot.scenario_id, pilot.organisation_id, pilot.capability_id) == (
        match.id,
        match.scenario_id,
        match.organisation_id,
        capability.id,
    )
    assert pilot.id is None


def test_before_an_introduction_there_is_no_pilot(session: Session) -> None:
    match = make_match(session, invited_at=MONDAY)
    capability = make_capability(session, organisation_id=match.organisation_id)

    with pytest.raises(InvalidTransition):
        make_pilot(match, capability, title="井盖试点")


def test_the_capability_of_another_firm_is_refused(session: Session) -> None:
    with pytest.raises(InvalidInput):
        make_pilot(make_introduced_match(session), make_capability(session), title="井盖试点")


def test_a_scenario_that_is_not_published_has_no_pilot(session: Session) -> None:
    match = make_introduced_match(session)
    capability = make_capability(session, organisation_id=match.organisation_id)
    match.scenario.published_at = None

    with pytest.raises(InvalidTransition, match="还没有发布"):
        make_pilot(match, capability, title="井盖试点")


@pytest.mark.parametrize(
    "values",
    [
        {**AGREED, "success_metric": ""},
        {**AGREED, "decision_owner": ""},
        {**AGREED, "decision_on": None},
        {"started_at": MONDAY},
        {**AGREED, "in_use_at": MONDAY, "go_live_on": TODAY, "n_users": 1},
        {**RUNNING, "in_use_at": MONDAY},
        {**IN_USE, "go_live_on": None},
        {**IN_USE, "n_users": 0},
        {**IN_USE, "n_users": None},
        {**RUNNING, "accepted_at": MONDAY},
        {**ACCEPTED, "stopped_at": MONDAY, "stop_reason": "太晚"},
        {**RUNNING, "stopped_at": MONDAY},
        {"budget_fen": -1},
        {"capability_id": 987_654},
    ],
)
def test_the_database_refuses_what_must_never_be(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_saved_pilot(session, **values)


def test_a_match_leads_to_one_pilot(session: Session) -> None:
    pilot = make_saved_pilot(session)

    with pytest.raises(IntegrityError):
        make_saved_pilot(session, match_id=pilot.match_id)


def test_the_parties_get_a_pilot_and_nobody_else(session: Session) -> None:
    pilot = make_saved_pilot(session)
    parties = (pilot.organisation_id, pilot.scenario.organisation_id)

    assert [get_pilot(session, pilot.key, organisation_id=party) for party in parties] == [pilot, pilot]
    assert get_pilot(session, pilot.key, organisation_id=None) is pilot
    with pytest.raises(NotFound) as theirs:
        get_pilot(session, pilot.key, organisation_id=make_organisation(session).key)
    with pytest.raises(NotFound) as absent:
        get_pilot(session, pilot.key + 1000, organisation_id=None)
    assert theirs.value.message == absent.value.message


def test_a_pilot_is_found_by_its_match(session: Session) -> None:
    pilot = make_saved_pilot(session)

    assert find_pilot(session, pilot.match_id) is pilot
    assert find_pilot(session, make_match(session).key) is None


def test_each_party_lists_its_pilots_newest_first(session: Session) -> None:
    first = make_saved_pilot(session)
    match = make_introduced_match(session, organisation_id=first.organisation_id)
    second = make_saved_pilot(session, match_id=match.key)
    make_saved_pilot(session)

    assert organisation_pilots(session, first.organisation_id) == [second, first]
    assert organisation_pilots(session, first.scenario.organisation_id) == [first]


def test_pilots_in_use_reached_use_and_were_not_stopped(session: Session) -> None:
    before = pilots_in_use(session)
    rows = {state: make_saved_pilot(session, **values) for state, values in STATES.items()}
    make_saved_pilot(session, **IN_USE, stopped_at=MONDAY, stop_reason="换了系统")

    assert pilots_in_use(session) == [*before, rows["in_use"], rows["accepted"]]
