"""Scoring criteria: written before publication, locked with a hash, changed afterwards with an addendum only."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.addendum import Addendum, issue_addendum
from models.errors import InvalidTransition
from models.rubric import (
    FULL_WEIGHT,
    SCORES,
    Criterion,
    amend_rubric,
    default_criteria,
    find_locked,
    find_rubric,
    hash_of,
    list_rubrics,
    lock_rubric,
    locked_hashes,
    refuse_to_amend,
    write_rubric,
)
from models.scenario import Scenario
from tests.factories import make_scenario, make_user
from tests.judging import make_rubric

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
OWN = (
    Criterion("夜间效果", 60, ("差", "一般", "好", "很好")),
    Criterion("价格", 40, ("高", "偏高", "合适", "低")),
)


def draft(session: Session) -> Scenario:
    return make_scenario(session, published_at=None, number=None)


def addendum_to(session: Session, scenario: Scenario) -> Addendum:
    return issue_addendum(session, scenario, what="改标准", why="漏了夜间", by=make_user(session), now=NOW)


def test_what_is_written_before_publication_may_change_and_is_then_locked(session: Session) -> None:
    scenario = draft(session)
    write_rubric(session, scenario, default_criteria("zh"), now=NOW)
    write_rubric(session, scenario, OWN, now=NOW)
    unlocked = find_locked(session, scenario.key)

    row = lock_rubric(session, scenario, now=NOW)

    assert unlocked is None
    assert (row.lines, row.sha256, row.serial) == (list(OWN), hash_of(OWN), 1)
    assert lock_rubric(session, scenario, now=datetime(2027, 1, 1, tzinfo=UTC)).locked_at == NOW
    assert list_rubrics(session, scenario.key) == [row]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_where_nobody_wrote_any_the_proposed_ones_are_locked(session: Session, lang: str) -> None:
    row = lock_rubric(session, make_scenario(session, lang=lang), now=NOW)

    assert row.lines == list(default_criteria(lang))


def test_a_published_scenarios_criteria_are_not_rewritten(session: Session) -> None:
    with pytest.raises(InvalidTransition):
        write_rubric(session, make_scenario(session), OWN, now=NOW)


def test_the_hash_tells_every_difference() -> None:
    other = (OWN[0], Criterion("价格", 40, ("高", "偏高", "合适", "很低")))

    assert hash_of(OWN) != hash_of(other)
    assert hash_of(OWN) == hash_of(tuple(OWN))
    assert len(hash_of(OWN)) == 64


def test_a_change_is_a_version_of_its_own_beside_its_addendum(session: Session) -> None:
    first = make_rubric(session)
    addendum = addendum_to(session, first.scenario)

    row = amend_rubric(session, first.scenario, OWN, addendum=addendum, now=NOW)

    assert (row.serial, row.addendum_id, row.locked_at) == (2, addendum.key, NOW)
    assert find_rubric(session, first.scenario_id) == find_locked(session, first.scenario_id) == row
    with pytest.raises(InvalidTransition):
        amend_rubric(session, first.scenario, OWN, addendum=addendum, now=NOW)


def test_an_addendum_of_another_scenario_is_a_mistake(session: Session) -> None:
    addendum = addendum_to(session, make_scenario(session))

    with pytest.raises(ValueError):
        amend_rubric(session, make_scenario(session), OWN, addendum=addendum, now=NOW)


def test_the_database_keeps_no_change_without_addendum(session: Session) -> None:
    first = make_rubric(session)

    with pytest.raises(IntegrityError):
        make_rubric(session, scenario_id=first.scenario_id, serial=2)


def test_after_the_last_day_criteria_stand_unless_there_never_were_any(session: Session) -> None:
    late = date(2027, 1, 1)
    rubric = make_rubric(session)
    closed = make_scenario(session, closed_at=NOW)

    refuse_to_amend(session, rubric.scenario, on=TODAY)
    refuse_to_amend(session, make_scenario(session), on=late)
    for scenario, on in ((rubric.scenario, late), (closed, TODAY), (draft(session), TODAY)):
        with pytest.raises(InvalidTransition):
            refuse_to_amend(session, scenario, on=on)


def test_scores_have_no_middle_and_weights_are_shares() -> None:
    assert len(SCORES) % 2 == 0
    assert FULL_WEIGHT == 100


def test_lists_show_the_hash_in_force(session: Session) -> None:
    first = make_rubric(session)
    unlocked = make_rubric(session, locked_at=None)
    row = amend_rubric(session, first.scenario, OWN, addendum=addendum_to(session, first.scenario), now=NOW)

    assert locked_hashes(session, [first.scenario_id, unlocked.scenario_id]) == {
        first.scenario_id: row.sha256
    }
