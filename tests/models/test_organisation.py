"""Organisations: pending, active, suspended; constraints; look-ups."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidTransition, NotFound
from models.organisation import (
    OrganisationKind,
    OrganisationStatus,
    count_organisations,
    find_by_credit_code,
    find_organisation,
    get_organisation,
    search_organisations,
)
from tests.factories import MONDAY, make_district, make_firm, make_organisation

AGENCY, STARTUP = OrganisationKind.AGENCY, OrganisationKind.STARTUP


@pytest.mark.parametrize(
    ("approved", "suspended", "refused", "status"),
    [
        (None, None, None, OrganisationStatus.PENDING),
        (MONDAY, None, None, OrganisationStatus.ACTIVE),
        (None, MONDAY, None, OrganisationStatus.SUSPENDED),
        (MONDAY, MONDAY, None, OrganisationStatus.SUSPENDED),
        (None, None, MONDAY, OrganisationStatus.REFUSED),
        (MONDAY, None, MONDAY, OrganisationStatus.REFUSED),
        (None, MONDAY, MONDAY, OrganisationStatus.SUSPENDED),
        (MONDAY, MONDAY, MONDAY, OrganisationStatus.SUSPENDED),
    ],
)
def test_the_status_follows_the_moments_in_code_and_in_sql(
    session: Session, approved: object, suspended: object, refused: object, status: OrganisationStatus
) -> None:
    row = make_organisation(session, approved_at=approved, suspended_at=suspended, refused_at=refused)

    assert row.status is status
    assert [each for each in OrganisationStatus if row in search_organisations(session, each)] == [status]


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


def test_a_suspended_organisation_is_reinstated_once(session: Session) -> None:
    row = make_organisation(session, suspended_at=MONDAY)

    row.reinstate()

    assert row.status is OrganisationStatus.ACTIVE
    with pytest.raises(InvalidTransition):
        row.reinstate()


def test_a_pending_organisation_is_refused_with_a_reason_and_may_ask_again(session: Session) -> None:
    row = make_organisation(session, approved_at=None)

    row.refuse(MONDAY, reason="名称与代码不符")
    refused = (row.status, row.refused_reason)
    row.ask_again(MONDAY)

    assert refused == (OrganisationStatus.REFUSED, "名称与代码不符")
    assert (row.status, row.refused_reason) == (OrganisationStatus.PENDING, None)


@pytest.mark.parametrize("values", [{}, {"suspended_at": MONDAY}, {"refused_at": MONDAY}])
def test_only_a_pending_organisation_is_refused_and_only_a_refused_one_asks_again(
    session: Session, values: dict[str, object]
) -> None:
    row = make_organisation(session, **values)

    with pytest.raises(InvalidTransition):
        row.refuse(MONDAY, reason="x")
    if "refused_at" not in values:
        with pytest.raises(InvalidTransition):
            row.ask_again(MONDAY)


def test_a_search_takes_words_of_name_or_code_literally(session: Session) -> None:
    named = make_organisation(session, name="百分之百%公司", name_en="Full Share", credit_code="91A")
    make_organisation(session, name="别的单位")

    def found(words: str) -> list[str]:
        return [row.name for row in search_organisations(session, OrganisationStatus.ACTIVE, words)]

    assert found("%") == found("full sh") == found("91a") == [named.name]
    assert len(found("")) >= 2
    assert found("_") == []


def test_lists_and_counts_keep_to_the_districts_asked_for(session: Session) -> None:
    here, there = make_district(session), make_district(session)
    mine = make_organisation(session, district_id=here.key, approved_at=None)
    make_organisation(session, district_id=there.key, approved_at=None)

    rows = search_organisations(session, OrganisationStatus.PENDING, district_ids={here.key})

    assert rows == [mine]
    assert count_organisations(session, district_ids={here.key})[OrganisationStatus.PENDING] == 1
    assert count_organisations(session, district_ids=set())[OrganisationStatus.PENDING] == 0
    assert count_organisations(session)[OrganisationStatus.PENDING] >= 2


def test_an_organisation_is_found_by_its_code(session: Session) -> None:
    row = make_firm(session, credit_code="91440300MA5DEMO000")

    assert find_by_credit_code(session, "91440300MA5DEMO000") is row
    assert find_by_credit_code(session, "91440300MA5DEMO001") is None


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
