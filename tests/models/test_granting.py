"""Roles and locks, on both databases."""

from datetime import datetime

import pytest
from sqlmodel import Session

from models.audit import subject_events
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.granting import grant, lock, search_users, suspend_organisation, unlock, withdraw
from models.login import find_session, start_session
from models.user import Role, User
from tests.factories import make_district, make_organisation, make_user


@pytest.fixture
def admin(session: Session) -> User:
    return make_user(session, roles=(Role.ADMIN,), password_hash="x")


def test_a_role_is_given_for_the_city_or_a_district_and_written_down(
    session: Session, admin: User, now: datetime
) -> None:
    person, district = make_user(session), make_district(session)

    grant(session, person, Role.OPERATOR, district_id=district.key, by=admin, now=now)
    grant(session, person, Role.REVIEWER, district_id=None, by=admin, now=now)

    assert person.districts(Role.OPERATOR) == {district.key}
    assert person.districts(Role.REVIEWER) is None
    assert [event.details for event in subject_events(session, "user", person.key)] == [
        {"role": "operator", "district_id": district.key},
        {"role": "reviewer", "district_id": None},
    ]


@pytest.mark.parametrize("role", [Role.AGENCY, Role.STARTUP])
def test_a_role_of_an_organisation_needs_one_and_no_district(
    session: Session, admin: User, now: datetime, role: Role
) -> None:
    district = make_district(session)
    member = make_user(session, organisation_id=make_organisation(session).key)

    for person, district_id in ((make_user(session), None), (member, district.key)):
        with pytest.raises(InvalidInput):
            grant(session, person, role, district_id=district_id, by=admin, now=now)
    assert grant(session, member, role, district_id=None, by=admin, now=now).role is role


def test_an_admin_is_one_of_the_city(session: Session, admin: User, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="不分区"):
        grant(
            session, make_user(session), Role.ADMIN, district_id=make_district(session).key, by=admin, now=now
        )


def test_a_role_is_given_once_and_the_city_includes_its_districts(
    session: Session, admin: User, now: datetime
) -> None:
    person = make_user(session, roles=(Role.OPERATOR,))

    for district_id in (None, make_district(session).key):
        with pytest.raises(InvalidInput, match="已经有"):
            grant(session, person, Role.OPERATOR, district_id=district_id, by=admin, now=now)


def test_taking_a_role_away_ends_every_log_in(session: Session, admin: User, now: datetime) -> None:
    person = make_user(session, roles=(Role.OPERATOR, Role.REVIEWER))
    token = start_session(session, person, now=now, hours=12)
    role_id = next(held.key for held in person.roles if held.role is Role.OPERATOR)

    withdraw(session, person, role_id, by=admin, now=now)

    assert [held.role for held in person.roles] == [Role.REVIEWER]
    assert find_session(session, token, now=now) is None
    with pytest.raises(NotFound):
        withdraw(session, person, role_id, by=admin, now=now)


def test_the_last_admin_who_can_log_in_keeps_the_role_and_is_not_locked(
    session: Session, admin: User, now: datetime
) -> None:
    make_user(session, roles=(Role.ADMIN,))  # was never here
    other = make_user(session, roles=(Role.ADMIN,))

    with pytest.raises(InvalidTransition, match="至少"):
        withdraw(session, admin, admin.roles[0].key, by=admin, now=now)
    with pytest.raises(InvalidTransition, match="至少"):
        lock(session, admin, by=other, now=now)
    other.password_hash = "x"
    lock(session, admin, by=other, now=now)

    assert admin.locked_at == now


def test_locking_ends_log_ins_and_unlocking_lets_in_again(
    session: Session, admin: User, now: datetime
) -> None:
    person = make_user(session)
    token = start_session(session, person, now=now, hours=12)

    lock(session, person, by=admin, now=now)
    locked_at = person.locked_at
    unlock(session, person, by=admin)

    assert (locked_at, person.locked_at) == (now, None)
    assert find_session(session, token, now=now) is None
    with pytest.raises(InvalidTransition):
        unlock(session, person, by=admin)


def test_nobody_locks_themselves_or_twice(session: Session, admin: User, now: datetime) -> None:
    person = make_user(session, locked_at=now)

    for who in (admin, person):
        with pytest.raises(InvalidTransition):
            lock(session, who, by=admin, now=now)


def test_people_are_found_by_name_address_and_role(session: Session) -> None:
    li = make_user(session, roles=(Role.OPERATOR,), name="李%工", email="li@city.example")
    make_user(session, name="王", email="wang@city.example")

    assert search_users(session, "%") == search_users(session, "LI@") == [li]
    assert li in search_users(session, role=Role.OPERATOR)
    assert search_users(session, "wang", Role.OPERATOR) == []
    assert len(search_users(session)) >= 2


def test_an_organisation_is_stopped_but_not_ones_own_nor_that_of_the_last_admin(
    session: Session, now: datetime
) -> None:
    home = make_organisation(session)
    only = make_user(session, roles=(Role.ADMIN,), password_hash="x", organisation_id=home.key)
    operator = make_user(session, roles=(Role.OPERATOR,))

    with pytest.raises(InvalidTransition, match="自己的"):
        suspend_organisation(session, home, by=only, now=now)
    with pytest.raises(InvalidTransition, match="至少"):
        suspend_organisation(session, home, by=operator, now=now)
    other = make_user(session, roles=(Role.ADMIN,), password_hash="x")
    suspend_organisation(session, home, by=operator, now=now)

    assert home.suspended_at == now
    # Who belongs to a stopped organisation is no admin who can act.
    with pytest.raises(InvalidTransition, match="至少"):
        withdraw(session, other, other.roles[0].key, by=other, now=now)
