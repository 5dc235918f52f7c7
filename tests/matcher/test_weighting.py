from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from matcher.scoring import BUILT_IN, ENGINE_VERSION, WEIGHTS, engine_tag
from matcher.weighting import weighting_in_force, weights_of
from tests.factories import MONDAY
from tests.weightings import make_weights


def test_without_a_version_the_built_in_weights_are_in_force(session: Session) -> None:
    make_weights(session)

    assert weighting_in_force(session) == BUILT_IN
    assert engine_tag(BUILT_IN) == ENGINE_VERSION


def test_the_one_activated_last_is_in_force_until_it_is_taken_back(session: Session) -> None:
    first = make_weights(session, activated_at=MONDAY)
    second = make_weights(session, activated_at=MONDAY + timedelta(days=1), proven=0.5)

    found = weighting_in_force(session)

    assert (found.serial, found.weights.proven) == (second.serial, 0.5)
    assert engine_tag(found) == f"{ENGINE_VERSION}w{second.serial}"
    second.revert(MONDAY + timedelta(days=2), by=None)
    session.flush()
    assert weighting_in_force(session).serial == first.serial


def test_a_version_of_another_engine_is_not_in_force(session: Session) -> None:
    make_weights(session, activated_at=MONDAY, engine_version="before")

    assert weighting_in_force(session) == BUILT_IN


def test_a_signal_there_is_not_is_refused() -> None:
    assert weights_of({"proven": 0.3}).maturity == WEIGHTS.maturity
    with pytest.raises(TypeError):
        weights_of({"shoe_size": 1.0})
