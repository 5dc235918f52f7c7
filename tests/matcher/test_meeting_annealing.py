import time
from typing import Any

import pytest
from hypothesis import given, settings

from matcher.meeting_annealing import ROUND_STEPS, Effort, anneal, anneal_in_rounds, rank
from matcher.meeting_grid import idle_gaps, make_grid
from matcher.meeting_instance import make_instance
from matcher.meeting_placement import place_greedily
from tests.matcher.small_events import events, fits, grid_of, shared_event


@settings(max_examples=50)
@given(events())
def test_the_outcome_is_legal_and_never_worse(event: dict[str, Any]) -> None:
    grid = make_grid(make_instance(event))
    first = place_greedily(grid, {})

    best = anneal(grid, first, Effort(3_000), seed=1)

    placement: dict[int, int] = {}
    for wish, position in best.items():
        assert fits(grid, placement, wish, position)
        placement[wish] = position
    worse = (grid.weight(first), grid.served(first), -idle_gaps(grid, first))
    assert (grid.weight(best), grid.served(best), -idle_gaps(grid, best)) >= worse


def test_the_same_seed_gives_the_same_plan() -> None:
    grid = make_grid(make_instance(shared_event("tic-12crafc")))
    first = place_greedily(grid, {})

    plans = [anneal(grid, first, Effort(30_000), seed=7) for _ in range(2)]

    assert plans[0] == plans[1]


def test_what_greed_leaves_out_is_put_in() -> None:
    grid = make_grid(make_instance(shared_event("tic-14crafc")))
    first = place_greedily(grid, {})

    best = anneal(grid, first, Effort(200_000, goal=lambda: 10_000), seed=0)

    assert len(first) < 237 == len(best)


def test_a_stop_gives_what_there_is() -> None:
    grid = grid_of()

    assert anneal(grid, {0: 2}, Effort(10**9, is_stopped=lambda: True), seed=0) == {0: 2}


def test_progress_grows_to_the_end() -> None:
    shares: list[float] = []
    grid = grid_of(n_tables=1, slots=[{"id": 1, "session": "any"}])

    anneal(grid, {0: 0}, Effort(5_000, on_step=lambda share, gaps: shares.append(share)), seed=0)

    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_the_best_of_several_rounds_is_kept() -> None:
    grid = make_grid(make_instance(shared_event("forum-13crafc")))
    first = place_greedily(grid, {})
    steps = ROUND_STEPS * grid.n_wishes // 10

    one = anneal(grid, first, Effort(steps), seed=3)
    several = anneal_in_rounds(grid, first, Effort(steps), seed=3)

    assert several == one
    assert rank(grid, several) > rank(grid, first)


def test_rounds_end_when_there_is_nothing_left_to_gain() -> None:
    # Three people who all meet in three slots: somebody waits, whatever is done.
    grid = grid_of()
    effort = Effort(10**12, goal=lambda: 1)

    assert idle_gaps(grid, anneal_in_rounds(grid, {0: 0, 1: 1, 2: 2}, effort, seed=0)) == 1


def test_a_deadline_ends_the_rounds() -> None:
    grid = make_grid(make_instance(shared_event("forum-13crafc")))
    started = time.monotonic()

    anneal_in_rounds(grid, place_greedily(grid, {}), Effort(10**12, deadline=started + 2), seed=0)

    assert time.monotonic() - started < 5
