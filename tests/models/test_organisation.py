"""Organisations: pending, active, suspended; constraints; look-ups."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidTransition, NotFound
from models.organisation import (
    OrganisationKind,
    OrganisationStatus,
    find_organisation,
    get_organisation,
)
from tests.factories import MONDAY, make_firm, make_organisation

AGENCY, STARTUP = OrganisationKind.AGENCY, OrganisationKind.STARTUP


@pytest.mark.parametrize(
    ("approved", "suspended", "status"),
    [
        (None, None, OrganisationStatus.PENDING),
        (MONDAY, None, OrganisationStatus.ACTIVE),
        (None, MONDAY, OrganisationStatus.SUSPENDED),
        (MONDAY, MONDAY, OrganisationStatus.SUSPENDED),
    ],
)
def test_the_status_follows_the_two_moments(
    session: Session, approved: object, suspended: object, status: OrganisationStatus
) -> None:
    assert make_organisation(session, approved_at=approved, suspended_at=suspended).status is status


def test_a_pending_organisation_is_approved(session: Session) -> None:
    row = make_organisation(session, approved_at=None)

    row.approve(MONDAY)

    assert (row.status, row.approved_at) == (OrganisationStatus.ACTIVE, MONDAY)


@pytest.mark.parametrize(
    "values", [{}, {"suspended_at": MONDAY}, {"approved_at": None, "suspended_at": MONDAY}]
)
def test_only_a_pending_organisation_is_approved(session: Session, values: dict[str, object]) -> None:
    row = make_organisation(session, **values)

    with pytest.raises(InvalidTransition):
        row.approve(MONDAY)


def test_any_organisation_is_suspended_once(session: Session) -> None:
    row = make_organisation(session)

    row.suspend(MONDAY)

    assert row.status is OrganisationStatus.SUSPENDED
    with pytest.raises(InvalidTransition):
        row.suspend(MONDAY)


@pytest.mark.parametrize(("team_size", "one_person"), [(1, True), (2, False), (None, False)])
def test_a_one_person_company_is_one_whose_size_is_known_to_be_one(
    session: Session, team_size: int | None, one_person: bool
) -> None:
    assert make_firm(session, team_size=team_size).is_one_person is one_person


@pytest.mark.parametrize("team_size", [0, -3])
def test_a_team_has_somebody_in_it(session: Session, team_size: int) -> None:
    with pytest.raises(IntegrityError):
        make_firm(session, team_size=team_size)


def test_an_external_id_is_unique_within_a_kind(session: Session) -> None:
    make_organisation(session, kind=AGENCY, external_id="A1")
    make_organisation(session, kind=STARTUP, external_id="A1")
    make_organisation(session, kind=AGENCY, external_id=None)
    make_organisation(session, kind=AGENCY, external_id=None)

    with pytest.raises(IntegrityError):
        make_organisation(session, kind=AGENCY, external_id="A1")


def test_a_credit_code_names_one_organisation(session: Session) -> None:
    make_firm(session, credit_code="91440300MA5DEMO000")

    with pytest.raises(IntegrityError):
        make_firm(session, credit_code="91440300MA5DEMO000")


def test_an_organisation_is_got_by_id(session: Session) -> None:
    row = make_organisation(session)

    assert get_organisation(session, row.key) is row
    with pytest.raises(NotFound):
        get_organisation(session, row.key + 1000)


def test_an_organisation_is_found_by_its_exact_name_among_kinds(session: Session) -> None:
    older = make_organisation(session, name="同名单位", kind=AGENCY)
    make_organisation(session, name="同名单位", kind=AGENCY)
    firm = make_organisation(session, name="同名单位", kind=STARTUP)

    assert find_organisation(session, "同名单位", kinds=[AGENCY]) is older
    assert find_organisation(session, "同名单位", kinds=[STARTUP]) is firm
    assert find_organisation(session, "同名单位", kinds=[OrganisationKind.UNIVERSITY]) is None
    assert find_organisation(session, "同名", kinds=[AGENCY]) is None
