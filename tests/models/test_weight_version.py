from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from matcher.scoring import ENGINE_VERSION
from models.errors import InvalidTransition, NotFound
from models.weight_version import (
    WeightStatus,
    activate_version,
    find_in_force,
    get_version,
    list_versions,
    revert_in_force,
)
from tests.factories import MONDAY, make_user
from tests.weightings import make_weights

TUESDAY = MONDAY + timedelta(days=1)


def in_force(session: Session) -> int | None:
    found = find_in_force(session, engine_version=ENGINE_VERSION)
    return None if found is None else found.serial


def test_serials_count_up_and_the_newest_comes_first(session: Session) -> None:
    serials = [make_weights(session).serial for _ in range(3)]

    assert [row.serial for row in list_versions(session)] == serials[::-1]
    assert serials[1] - serials[0] == 1
    assert [row.serial for row in list_versions(session, n=1)] == serials[-1:]
    assert get_version(session, serials[0]).serial == serials[0]


@pytest.mark.parametrize("serial", [0, -1, 999_999, 10**12])
def test_a_serial_there_is_not_is_not_found(session: Session, serial: int) -> None:
    with pytest.raises(NotFound):
        get_version(session, serial)


def test_putting_in_force_and_taking_back_name_who_and_when(session: Session) -> None:
    version, person = make_weights(session), make_user(session)

    activate_version(session, version, MONDAY, engine_version=ENGINE_VERSION, by=person)
    assert (version.status, version.activated_by_user_id) == (WeightStatus.ACTIVATED, person.key)
    assert in_force(session) == version.serial
    revert_in_force(session, TUESDAY, engine_version=ENGINE_VERSION, by=None)

    assert (version.status, version.reverted_at, version.reverted_by_user_id) == (
        WeightStatus.REVERTED, TUESDAY, None,
    )  # fmt: skip
    assert in_force(session) is None


def test_taking_back_lets_the_one_before_stand_again(session: Session) -> None:
    first = make_weights(session, activated_at=MONDAY)
    second = make_weights(session, activated_at=TUESDAY, based_on=first.serial)
    assert in_force(session) == second.serial

    revert_in_force(session, TUESDAY, engine_version=ENGINE_VERSION, by=None)

    assert in_force(session) == first.serial


def test_what_did_not_pass_is_never_put_in_force(session: Session) -> None:
    version = make_weights(session, passed=False)

    assert version.status is WeightStatus.REFUSED
    with pytest.raises(InvalidTransition, match="没有通过检验"):
        activate_version(session, version, MONDAY, engine_version=ENGINE_VERSION, by=None)


def test_what_was_compared_with_another_weighting_is_refused(session: Session) -> None:
    old = make_weights(session)
    make_weights(session, activated_at=MONDAY)

    with pytest.raises(InvalidTransition, match="换过权重"):
        activate_version(session, old, TUESDAY, engine_version=ENGINE_VERSION, by=None)


def test_what_belongs_to_another_engine_is_refused(session: Session) -> None:
    version = make_weights(session, engine_version="before")

    with pytest.raises(InvalidTransition, match="引擎版本"):
        activate_version(session, version, MONDAY, engine_version=ENGINE_VERSION, by=None)


def test_nothing_is_put_in_force_twice_or_taken_back_twice(session: Session) -> None:
    version = make_weights(session, activated_at=MONDAY)
    with pytest.raises(InvalidTransition, match="已经启用过"):
        version.activate(TUESDAY, by=None)
    version.revert(TUESDAY, by=None)
    with pytest.raises(InvalidTransition, match="没有在用"):
        version.revert(TUESDAY, by=None)
    with pytest.raises(InvalidTransition, match="已经启用过"):
        version.activate(TUESDAY, by=None)


def test_with_the_built_in_weights_there_is_nothing_to_take_back(session: Session) -> None:
    with pytest.raises(InvalidTransition, match="内置权重"):
        revert_in_force(session, MONDAY, engine_version=ENGINE_VERSION, by=None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"passed": False, "activated_at": MONDAY},
        {"reverted_at": MONDAY},
    ],
)
def test_the_database_refuses_what_cannot_be(session: Session, wrong) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        make_weights(session, **wrong)


def test_the_database_refuses_a_serial_that_is_no_serial_or_is_taken(session: Session) -> None:
    version = make_weights(session)
    for serial in (0, version.serial):
        with pytest.raises(IntegrityError), session.begin_nested():
            make_weights(session).serial = serial
            session.flush()
