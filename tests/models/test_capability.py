"""Capabilities: listed and taken down; who may be matched; constraints; tenants."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, select

from models.capability import (
    CapabilityCase,
    CapabilityStatus,
    get_capability,
    listed_capabilities,
    listed_firms,
    organisation_capabilities,
)
from models.errors import InvalidTransition, NotFound
from models.organisation import OrganisationStatus
from tests.factories import MONDAY, make_capability, make_firm, save

TUESDAY = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"listed_at": None}, CapabilityStatus.DRAFT),
        ({}, CapabilityStatus.LISTED),
        ({"unlisted_at": TUESDAY}, CapabilityStatus.UNLISTED),
    ],
)
def test_the_state_follows_the_two_moments(
    session: Session, values: dict[str, Any], status: CapabilityStatus
) -> None:
    assert make_capability(session, **values).status is status


@pytest.mark.parametrize("values", [{"listed_at": None}, {"unlisted_at": MONDAY}])
def test_a_draft_or_a_taken_down_capability_is_listed(session: Session, values: dict[str, Any]) -> None:
    row = make_capability(session, **values)

    row.list_publicly(TUESDAY)

    assert (row.status, row.listed_at) == (CapabilityStatus.LISTED, TUESDAY)


def test_a_listed_capability_is_not_listed_again(session: Session) -> None:
    with pytest.raises(InvalidTransition):
        make_capability(session).list_publicly(TUESDAY)


def test_a_listed_capability_is_taken_down(session: Session) -> None:
    row = make_capability(session)

    row.unlist(TUESDAY)

    assert (row.status, row.unlisted_at) == (CapabilityStatus.UNLISTED, TUESDAY)


@pytest.mark.parametrize("values", [{"listed_at": None}, {"unlisted_at": MONDAY}])
def test_only_a_listed_capability_is_taken_down(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidTransition):
        make_capability(session, **values).unlist(TUESDAY)


def test_state_and_sql_agree_over_every_combination(session: Session) -> None:
    rows = [
        make_capability(
            session,
            organisation_id=make_firm(session, approved_at=approved, suspended_at=suspended).key,
            listed_at=listed,
            unlisted_at=unlisted,
        )
        for approved, suspended, listed, unlisted in product((None, MONDAY), repeat=4)
        if listed is not None or unlisted is None
    ]

    assert listed_capabilities(session) == [
        row
        for row in rows
        if row.status is CapabilityStatus.LISTED and row.organisation.status is OrganisationStatus.ACTIVE
    ]
    assert len(listed_capabilities(session)) == 1


def test_another_firm_does_not_see_a_capability(session: Session) -> None:
    row = make_capability(session)

    assert get_capability(session, row.key, organisation_id=row.organisation_id) is row
    with pytest.raises(NotFound) as theirs:
        get_capability(session, row.key, organisation_id=make_firm(session).key)
    with pytest.raises(NotFound) as absent:
        get_capability(session, 2**70, organisation_id=row.organisation_id)
    assert theirs.value.message == absent.value.message


def test_a_firm_lists_its_own_by_id(session: Session) -> None:
    firm = make_firm(session).key
    rows = [make_capability(session, organisation_id=firm, listed_at=at) for at in (None, MONDAY, MONDAY)]
    make_capability(session)

    assert organisation_capabilities(session, firm) == rows


@pytest.mark.parametrize(
    "values",
    [
        {"capacity": -1},
        {"weeks": -1},
        {"lang": "xx"},
        {"listed_at": None, "unlisted_at": MONDAY},
        {"organisation_id": 987_654},
        {"text": None},
    ],
)
def test_the_database_refuses_what_must_never_be(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_capability(session, **values)


def test_a_maturity_that_is_none_is_refused(session: Session) -> None:
    with pytest.raises(StatementError, match="finished"):
        make_capability(session, maturity="finished")


def test_an_external_id_is_unique_within_a_firm(session: Session) -> None:
    row = make_capability(session, external_id="E1")
    make_capability(session, external_id="E1")

    with pytest.raises(IntegrityError):
        make_capability(session, organisation_id=row.organisation_id, external_id="E1")


def test_cases_come_in_their_order_and_go_with_their_capability(session: Session) -> None:
    row = make_capability(session)
    for position in (2, 1):
        save(session, CapabilityCase(capability_id=row.key, position=position, text=f"第{position}例"))
    session.refresh(row)

    assert [case.text for case in row.cases] == ["第1例", "第2例"]
    session.delete(row)
    session.flush()
    assert session.exec(select(CapabilityCase).where(CapabilityCase.capability_id == row.id)).all() == []


@pytest.mark.parametrize("positions", [(1, 1), (0,)])
def test_cases_are_numbered_from_one_without_repeating(session: Session, positions: tuple[int, ...]) -> None:
    row = make_capability(session)

    with pytest.raises(IntegrityError):
        for position in positions:
            save(session, CapabilityCase(capability_id=row.key, position=position, text="同一位置"))


def test_lists_are_kept_as_lists_and_are_not_shared(session: Session) -> None:
    one = make_capability(session, industries=["city_governance"], filings=["mlps_2"])
    other = make_capability(session)
    one.technologies.append("cv")
    session.expire(one, ["industries", "filings"])

    assert (one.industries, one.filings, other.technologies) == (["city_governance"], ["mlps_2"], [])


def test_listed_firms_have_something_listed(session: Session) -> None:
    active = make_capability(session).organisation_id
    make_capability(session, unlisted_at=MONDAY)
    make_firm(session)

    assert active in [firm.key for firm in listed_firms(session)]
    assert len(listed_firms(session)) == 1


@pytest.mark.parametrize(("values", "taken_down"), [({}, TUESDAY), ({"unlisted_at": MONDAY}, MONDAY)])
def test_withdrawing_takes_down_for_good(
    session: Session, values: dict[str, Any], taken_down: datetime
) -> None:
    row = make_capability(session, **values)

    row.withdraw(TUESDAY)

    assert (row.status, row.unlisted_at) == (CapabilityStatus.WITHDRAWN, taken_down)
    for move in (row.withdraw, row.list_publicly, row.unlist):
        with pytest.raises(InvalidTransition):
            move(TUESDAY)


def test_a_draft_is_not_withdrawn(session: Session) -> None:
    with pytest.raises(InvalidTransition):
        make_capability(session, listed_at=None).withdraw(TUESDAY)
