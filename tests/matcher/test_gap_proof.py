import time
from typing import Any

import pytest
from hypothesis import given, settings

from matcher.gap_proof import MAX_VARIABLES, GapProof
from matcher.meeting_grid import idle_gaps, make_grid
from matcher.meeting_instance import make_instance
from matcher.meeting_placement import place_greedily
from tests.matcher.small_events import events, fewest_gaps, grid_of, shared_event


@settings(max_examples=60, deadline=None)
@given(events())
def test_the_bound_is_the_least_there_is(event: dict[str, Any]) -> None:
    grid = make_grid(make_instance(event))
    wishes = set(place_greedily(grid, {}))
    proof = GapProof(grid, tuple(sorted(wishes)))

    proof.run()

    assert proof.bound == fewest_gaps(grid, wishes)
    assert proof.placement is not None
    assert idle_gaps(grid, proof.placement) == proof.bound


def test_what_a_person_forces_alone_is_found() -> None:
    grid = grid_of(
        participants=[{"id": "a", "unavailable_slots": [2]}, {"id": "b"}, {"id": "c"}],
        meetings=[{"id": "x", "participants": ["a", "b"]}, {"id": "y", "participants": ["a", "c"]}],
    )
    proof = GapProof(grid, (0, 1))

    proof.run()

    assert proof.bound == 1


def test_a_real_event_needs_at_least_four() -> None:
    grid = make_grid(make_instance(shared_event("forum-13crafb")))
    proof = GapProof(grid, tuple(range(grid.n_wishes)))
    proof.start()
    deadline = time.monotonic() + 120
    while proof.bound < 4 and time.monotonic() < deadline:
        proof.wait(0.2)
    proof.stop()

    assert proof.wait(30)
    assert proof.bound >= 4


def test_nothing_is_proved_of_what_is_too_large() -> None:
    wishes = [{"id": str(number), "participants": ["a", "b"]} for number in range(MAX_VARIABLES // 3 + 1)]
    grid = grid_of(meetings=wishes)
    proof = GapProof(grid, tuple(range(grid.n_wishes)))

    proof.run()

    assert (proof.bound, proof.placement) == (0, None)


def test_what_goes_wrong_beside_is_raised_where_it_is_waited_for() -> None:
    proof = GapProof(grid_of(), (0, 99))
    proof.start()

    with pytest.raises(IndexError):
        while not proof.wait(0.1):
            pass


def test_a_stopped_proof_ends_without_an_answer() -> None:
    proof = GapProof(grid_of(), (0, 1, 2))
    proof.stop()

    proof.run()

    assert proof.placement is None
