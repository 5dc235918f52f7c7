from typing import Any

import pytest
from hypothesis import given, settings

from matcher.meeting_annealing import Effort, anneal
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
