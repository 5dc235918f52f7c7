"""People and their roles."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import NotFound
from models.user import (
    Role,
    User,
    UserRole,
    everybody_of,
    find_user,
    get_user,
    organisation_users,
    role_holders,
    withdraw_roles,
)
from tests.factories import MONDAY, make_district, make_organisation, make_user, save


@pytest.mark.parametrize("typed", ["li@example.org", "Li@Example.ORG", "  li@example.org\n"])
def test_a_person_is_found_however_the_address_is_typed(session: Session, typed: str) -> None:
    user = make_user(session, email="li@example.org")

    assert find_user(session, typed) is user


@pytest.mark.parametrize("typed", ["", "li", "li@example.or", "%", "li_example.org"])
def test_another_address_finds_nobody(session: Session, typed: str) -> None:
    make_user(session, email="li@example.org")

    assert find_user(session, typed) is None


def test_an_address_belongs_to_one_person(session: Session) -> None:
    make_user(session, email="li@example.org")

    with pytest.raises(IntegrityError):
        make_user(session, email="li@example.org")


def test_an_address_in_capitals_is_refused_by_the_database(session: Session) -> None:
    with pytest.raises(IntegrityError):
        make_user(session, email="Li@example.org")


def test_a_person_is_got_by_id(session: Session) -> None:
    user = make_user(session)

    assert get_user(session, user.key) is user
    with pytest.raises(NotFound):
        get_user(session, user.key + 1000)


def test_a_person_may_hold_several_roles(session: Session) -> None:
    user = make_user(session, roles=(Role.AGENCY, Role.OPERATOR))

    assert [user.has_role(role) for role in (Role.AGENCY, Role.OPERATOR, Role.ADMIN)] == [True, True, False]


def test_a_role_in_one_district_is_a_role(session: Session) -> None:
    user = make_user(session)
    save(session, UserRole(user_id=user.key, role=Role.OPERATOR, district_id=make_district(session).key))
    session.refresh(user)

    assert user.has_role(Role.OPERATOR)


def test_a_role_for_the_whole_city_is_held_once(session: Session) -> None:
    user = make_user(session, roles=(Role.OPERATOR,))

    with pytest.raises(IntegrityError):
        save(session, UserRole(user_id=user.key, role=Role.OPERATOR))


def test_a_role_for_a_district_is_held_once(session: Session) -> None:
    user, district = make_user(session), make_district(session)
    save(session, UserRole(user_id=user.key, role=Role.OPERATOR, district_id=district.key))
    save(session, UserRole(user_id=user.key, role=Role.OPERATOR, district_id=make_district(session).key))

    with pytest.raises(IntegrityError):
        save(session, UserRole(user_id=user.key, role=Role.OPERATOR, district_id=district.key))


def test_the_people_of_an_organisation_are_those_who_may_log_in(session: Session) -> None:
    ours, theirs = make_organisation(session), make_organisation(session)
    first = make_user(session, organisation_id=ours.key)
    second = make_user(session, organisation_id=ours.key)
    make_user(session, organisation_id=ours.key, locked_at=MONDAY)
    make_user(session, organisation_id=theirs.key)
    make_user(session)

    assert organisation_users(session, ours.key) == [first, second]


def test_a_new_person_reads_chinese_and_has_no_password(session: Session) -> None:
    user = save(session, User(email="neu@example.org", name="新人"))

    assert (user.locale, user.theme, user.password_hash, user.locked_at) == ("zh", "auto", None, None)


def test_where_a_role_is_held(session: Session) -> None:
    south, north = make_district(session), make_district(session)
    person = make_user(session, roles=(Role.AGENCY,))
    for district in (south, north):
        person.roles.append(UserRole(user_id=person.key, role=Role.OPERATOR, district_id=district.key))

    assert person.districts(Role.OPERATOR) == {south.key, north.key}
    assert person.districts(Role.OPERATOR, Role.AGENCY) is None
    assert person.districts(Role.ADMIN) == frozenset()


def test_holders_of_a_role_in_a_district_are_those_of_the_city_and_of_the_district(
    session: Session, now
) -> None:
    south, north = make_district(session), make_district(session)
    city = make_user(session, roles=(Role.OPERATOR, Role.ADMIN))
    local, other = make_user(session), make_user(session)
    local.roles.append(UserRole(user_id=local.key, role=Role.OPERATOR, district_id=south.key))
    other.roles.append(UserRole(user_id=other.key, role=Role.OPERATOR, district_id=north.key))
    make_user(session, roles=(Role.OPERATOR,), locked_at=now)
    session.flush()

    assert role_holders(session, Role.OPERATOR, Role.ADMIN, district_id=south.key) == [city, local]
    assert role_holders(session, Role.OPERATOR) == [city]


def test_managers_come_first_and_locked_people_are_among_everybody(session: Session, now) -> None:
    home = make_organisation(session)
    locked = make_user(session, organisation_id=home.key, locked_at=now)
    manager = make_user(session, organisation_id=home.key, manager_at=now)

    assert everybody_of(session, home.key) == [manager, locked]
    assert manager.is_manager and not locked.is_manager
    assert not make_user(session, manager_at=now).is_manager


def test_roles_are_withdrawn_wherever_they_were_held(session: Session) -> None:
    person = make_user(session, roles=(Role.OPERATOR, Role.ADMIN))
    person.roles.append(
        UserRole(user_id=person.key, role=Role.OPERATOR, district_id=make_district(session).key)
    )
    session.flush()

    assert withdraw_roles(session, person, Role.OPERATOR, Role.STARTUP) == 2
    assert [granted.role for granted in person.roles] == [Role.ADMIN]
