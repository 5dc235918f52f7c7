from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import select

from jobs.learn_weights import learn_weights
from models.db import make_session, transaction
from models.match import Match
from models.weight_version import WeightVersion
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import make_run
from tests.weightings import make_learnable


@pytest.fixture
def learn(database: Engine, clock: FixedClock) -> Callable[..., dict[str, Any]]:
    """Run the job a day later, and return its counts."""

    def run_again(**values: Any) -> dict[str, Any]:
        clock.advance(timedelta(days=1))
        run = make_run(database, clock, **values)
        learn_weights(run)
        return run.counts.to_json()

    return run_again


def versions(database: Engine) -> list[WeightVersion]:
    with make_session(database, read_only=True) as session:
        return list(session.exec(select(WeightVersion)))


def test_with_too_little_it_says_what_is_missing_and_writes_nothing(database: Engine, learn) -> None:
    with transaction(database) as session:
        make_learnable(session, n=5)

    assert learn() == {"skipped": {"too_few_compared": 40, "too_few_deciders": 7, "too_few_lists": 15}}
    assert versions(database) == []


def test_a_proposal_is_stored_and_not_put_in_force(database: Engine, learn) -> None:
    with transaction(database) as session:
        make_learnable(session)

    assert learn() == {"done": {"proposed": 1}}

    (version,) = versions(database)
    assert (version.serial, version.passed, version.activated_at) == (1, True, None)


def test_a_second_run_changes_nothing_and_an_answer_is_news(database: Engine, learn) -> None:
    with transaction(database) as session:
        make_learnable(session)
    learn()

    assert learn() == {"skipped": {"nothing_new": 1}}
    with transaction(database) as session:
        invited = session.exec(select(Match).where(Match.invited_at.is_not(None))).first()
        invited.undo_invite()
    assert learn() == {"done": {"proposed": 1}}
    assert [version.serial for version in versions(database)] == [1, 2]


def test_what_does_not_pass_is_kept_with_its_figures(database: Engine, learn) -> None:
    with transaction(database) as session:
        make_learnable(session, n_labelled=0)

    assert learn() == {"done": {"proposed_but_refused": 1}}
    (version,) = versions(database)
    assert [check["passed"] for check in version.gate["checks"]] == [True, True, False, False]


def test_a_dry_run_writes_nothing(database: Engine, learn) -> None:
    with transaction(database) as session:
        make_learnable(session)

    assert learn(dry_run=True) == {"done": {"proposed": 1}}
    assert versions(database) == []
