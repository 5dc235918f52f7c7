"""Scenarios: every move, legal and illegal; the derived state and its SQL twin; constraints; who sees what."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.errors import InvalidTransition, NotFound
from models.scenario import (
    Requirement,
    Scenario,
    ScenarioStatus,
    get_published_scenario,
    get_scenario,
    open_scenarios,
    organisation_scenarios,
    published,
    published_scenarios,
)
from tests.factories import MONDAY, make_organisation, make_scenario, save

TUESDAY = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)

DRAFT: dict[str, Any] = {"published_at": None}
IN_REVIEW = {**DRAFT, "submitted_at": MONDAY}
RETURNED = {**IN_REVIEW, "returned_at": MONDAY}
APPROVED = {**IN_REVIEW, "approved_at": MONDAY}
PUBLISHED = {**APPROVED, "published_at": MONDAY}
CLOSED = {**PUBLISHED, "closed_at": MONDAY}
WITHDRAWN = {**PUBLISHED, "withdrawn_at": MONDAY}
STATES = {
    ScenarioStatus.DRAFT: DRAFT,
    ScenarioStatus.IN_REVIEW: IN_REVIEW,
    ScenarioStatus.RETURNED: RETURNED,
    ScenarioStatus.APPROVED: APPROVED,
    ScenarioStatus.PUBLISHED: PUBLISHED,
    ScenarioStatus.CLOSED: CLOSED,
    ScenarioStatus.WITHDRAWN: WITHDRAWN,
}
MOVES: dict[str, tuple[Callable[[Scenario], None], set[str], str]] = {
    "submit": (lambda row: row.submit(TUESDAY), {"draft", "returned"}, "in_review"),
    "return": (lambda row: row.return_for_changes(TUESDAY), {"in_review"}, "returned"),
    "approve": (lambda row: row.approve(TUESDAY), {"in_review"}, "approved"),
    "reopen": (lambda row: row.reopen(TUESDAY), {"approved"}, "returned"),
    "publish": (lambda row: row.publish(TUESDAY, number="X-1"), {"approved"}, "published"),
    "close": (lambda row: row.close(TUESDAY), {"published"}, "closed"),
    "withdraw": (
        lambda row: row.withdraw(TUESDAY),
        {"draft", "in_review", "returned", "approved", "published"},
        "withdrawn",
    ),
}
LEGAL = [(move, state) for move, (_, states, _) in MOVES.items() for state in sorted(states)]
ILLEGAL = [(move, state.value) for move, state in product(MOVES, STATES) if state not in MOVES[move][1]]


@pytest.mark.parametrize("status", STATES)
def test_the_state_follows_the_moments(session: Session, status: ScenarioStatus) -> None:
    assert make_scenario(session, **STATES[status]).status is status


@pytest.mark.parametrize(("move", "state"), LEGAL)
def test_a_legal_move_leads_to_its_state_and_can_be_saved(session: Session, move: str, state: str) -> None:
    row = make_scenario(session, **STATES[ScenarioStatus(state)])
    act, _, target = MOVES[move]

    act(row)
    session.flush()

    assert row.status == target


@pytest.mark.parametrize(("move", "state"), ILLEGAL)
def test_an_illegal_move_is_refused_and_changes_nothing(session: Session, move: str, state: str) -> None:
    row = make_scenario(session, **STATES[ScenarioStatus(state)])
    before = row.model_dump()

    with pytest.raises(InvalidTransition):
        MOVES[move][0](row)

    assert row.model_dump() == before


def test_publishing_sets_the_number_and_the_moment(session: Session) -> None:
    row = make_scenario(session, **APPROVED, number=None)

    row.publish(TUESDAY, number="NS-2026Q4-901")

    assert (row.number, row.published_at) == ("NS-2026Q4-901", TUESDAY)


def test_a_returned_text_that_is_submitted_again_is_in_review(session: Session) -> None:
    row = make_scenario(session, **RETURNED)

    row.submit(TUESDAY)

    assert (row.status, row.submitted_at, row.returned_at) == (ScenarioStatus.IN_REVIEW, TUESDAY, None)


MOMENTS = ("submitted_at", "returned_at", "approved_at", "published_at", "closed_at", "withdrawn_at")
DEADLINES = (None, DAY - timedelta(days=1), DAY, DAY + timedelta(days=1))


def test_state_and_sql_agree_over_every_combination_of_moments(session: Session) -> None:
    owner = make_organisation(session).key
    rows = [
        make_scenario(
            session,
            organisation_id=owner,
            deadline_on=deadline,
            **{name: MONDAY if is_set else None for name, is_set in zip(MOMENTS, flags, strict=True)},
        )
        for flags, deadline in product(product((False, True), repeat=len(MOMENTS)), DEADLINES)
        if flags[3] or not flags[4]  # the database knows no closed scenario that was never published
    ]
    mine = col(Scenario.organisation_id) == owner

    shown = set(session.exec(select(Scenario.id).where(mine, published())))
    is_open = set(session.exec(select(Scenario.id).where(mine, published(DAY))))

    assert len(rows) == 48 * len(DEADLINES)
    assert shown == {
        row.id for row in rows if row.status in ("published", "closed") and row.published_at is not None
    }
    assert is_open == {row.id for row in rows if row.is_open(DAY)}


@pytest.mark.parametrize(
    ("deadline", "is_open"), list(zip(DEADLINES, (True, False, True, True), strict=True))
)
def test_answers_are_taken_up_to_and_on_the_deadline(
    session: Session, deadline: date | None, is_open: bool
) -> None:
    assert make_scenario(session, deadline_on=deadline).is_open(DAY) is is_open


def test_open_scenarios_are_those_that_take_answers_by_id(session: Session) -> None:
    first = make_scenario(session, deadline_on=DAY)
    second = make_scenario(session, deadline_on=None)
    over = make_scenario(session, deadline_on=DAY - timedelta(days=1))
    closed = make_scenario(session, **CLOSED)
    make_scenario(session, **DRAFT)
    gone = make_scenario(session, **WITHDRAWN)

    assert open_scenarios(session, on=DAY) == [first, second]
    assert published_scenarios(session) == [first, second, over, closed]
    assert gone not in published_scenarios(session)


def test_a_published_scenario_is_got_by_its_number(session: Session) -> None:
    row = make_scenario(session, number="P-1")
    make_scenario(session, **CLOSED, number="P-2")

    assert get_published_scenario(session, "P-1") is row
    assert get_published_scenario(session, "P-2").status is ScenarioStatus.CLOSED


@pytest.mark.parametrize("state", [DRAFT, IN_REVIEW, APPROVED, WITHDRAWN])
def test_what_is_not_public_is_answered_as_if_it_did_not_exist(
    session: Session, state: dict[str, Any]
) -> None:
    make_scenario(session, **state, number="P-3")

    with pytest.raises(NotFound) as hidden:
        get_published_scenario(session, "P-3")
    with pytest.raises(NotFound) as absent:
        get_published_scenario(session, "P-4")
    assert hidden.value.message == absent.value.message


def test_another_organisation_does_not_see_a_scenario(session: Session) -> None:
    row = make_scenario(session)
    other = make_organisation(session)

    assert get_scenario(session, row.key, organisation_id=row.organisation_id) is row
    with pytest.raises(NotFound) as theirs:
        get_scenario(session, row.key, organisation_id=other.key)
    with pytest.raises(NotFound) as absent:
        get_scenario(session, row.key + 1000, organisation_id=other.key)
    assert theirs.value.message == absent.value.message


def test_an_organisation_lists_its_own_newest_first(session: Session) -> None:
    owner = make_organisation(session).key
    rows = [make_scenario(session, organisation_id=owner, **state) for state in STATES.values()]
    make_scenario(session)

    assert organisation_scenarios(session, owner) == rows[::-1]


def test_requirements_come_in_their_order(session: Session) -> None:
    row = make_scenario(session)
    for position in (3, 1, 2):
        save(session, Requirement(scenario_id=row.key, position=position, text=f"第{position}条"))
    session.refresh(row)

    assert [requirement.text for requirement in row.requirements] == ["第1条", "第2条", "第3条"]


def test_requirements_go_with_their_scenario(session: Session) -> None:
    row = make_scenario(session, requirements=("甲", "乙"))

    session.delete(row)
    session.flush()

    assert session.exec(select(Requirement).where(Requirement.scenario_id == row.id)).all() == []


@pytest.mark.parametrize(
    "values",
    [
        {"number": None},
        {"published_at": None, "closed_at": MONDAY},
        {"budget_min_fen": -1},
        {"budget_min_fen": 200, "budget_max_fen": 100},
        {"lang": "fr"},
        {"title": None},
        {"organisation_id": 987_654},
        {"district_id": 987_654},
        {"batch_id": 987_654},
    ],
)
def test_the_database_refuses_what_must_never_be(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_scenario(session, **values)


def test_a_number_names_one_scenario(session: Session) -> None:
    make_scenario(session, number="N-1")

    with pytest.raises(IntegrityError):
        make_scenario(session, number="N-1")


def test_an_external_id_is_unique_within_an_organisation(session: Session) -> None:
    row = make_scenario(session, external_id="E1")
    make_scenario(session, external_id="E1")

    with pytest.raises(IntegrityError):
        make_scenario(session, organisation_id=row.organisation_id, external_id="E1")


@pytest.mark.parametrize("positions", [(1, 1), (0,), (-1,)])
def test_requirements_are_numbered_from_one_without_repeating(
    session: Session, positions: tuple[int, ...]
) -> None:
    row = make_scenario(session)

    with pytest.raises(IntegrityError):
        for position in positions:
            save(session, Requirement(scenario_id=row.key, position=position, text="同一位置"))


def test_budgets_are_kept_in_fen_beyond_thirty_two_bits(session: Session) -> None:
    row = make_scenario(session, budget_min_fen=0, budget_max_fen=90_000_000_000_00)
    session.expire(row)

    assert row.budget_max_fen == 9_000_000_000_000
