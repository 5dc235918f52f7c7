from __future__ import annotations

from datetime import date

from sqlmodel import Session

from models.label_queue import FIRST, find_next_to_label
from tests.factories import MONDAY, make_match, make_scenario, make_score
from tests.weightings import make_label

DAY = date(2026, 11, 23)


def test_the_best_unlabelled_pair_of_the_scenario_with_fewest_labels_comes_next(session: Session) -> None:
    one, other = make_scenario(session), make_scenario(session)
    first = make_match(session, scenario_id=one.key)
    second = make_match(session, scenario_id=one.key)
    third = make_match(session, scenario_id=other.key)
    for match, score in ((first, 0.9), (second, 0.8), (third, 0.7)):
        make_score(session, match, score=score)

    order = []
    for _ in range(3):
        match = find_next_to_label(session, on=DAY)
        assert match is not None
        order.append(match.id)
        make_label(session, match)

    assert order == [first.id, third.id, second.id]
    assert find_next_to_label(session, on=DAY) is None


def test_what_is_closed_or_stands_far_down_is_not_asked_for(session: Session) -> None:
    closed = make_match(session, scenario_id=make_scenario(session, closed_at=MONDAY).key)
    make_score(session, closed)
    assert find_next_to_label(session, on=DAY) is None

    scenario = make_scenario(session)
    for n in range(FIRST + 1):
        match = make_match(session, scenario_id=scenario.key)
        make_score(session, match, score=0.9 - n / 100)
        if n < FIRST:
            make_label(session, match)
    assert find_next_to_label(session, on=DAY) is None
