import time

import pytest

from matcher import linear_program
from matcher.linear_program import Ending, Limits, Outcome, Program, maximise


def knapsack() -> Program:
    """Worth 4, 5 and 3, of which two fit."""
    program = Program()
    for worth in (4.0, 5.0, 3.0):
        program.add_column(worth)
    program.add_row([(0, 1.0), (1, 1.0), (2, 1.0)], upper=2)
    return program


def test_the_best_is_found_and_proved() -> None:
    outcome = maximise(knapsack(), Limits())

    assert outcome.ending is Ending.OPTIMAL
    assert outcome.columns == {0: 1, 1: 1}
    assert outcome.bound == pytest.approx(9.0)


def test_columns_may_be_larger_than_one() -> None:
    program = Program()
    program.add_column(1.0, upper=5)
    program.add_row([(0, 2.0)], upper=7)

    assert maximise(program, Limits()).columns == {0: 3}


def test_what_cannot_be_is_said() -> None:
    program = knapsack()
    program.add_row([(0, 1.0)], lower=2)

    assert maximise(program, Limits()).ending is Ending.INFEASIBLE


def test_nothing_to_decide_is_decided() -> None:
    assert maximise(Program(), Limits()) == Outcome(Ending.OPTIMAL, {}, 0.0)


def test_a_stop_ends_the_process() -> None:
    started = time.monotonic()

    outcome = maximise(hard_program(), Limits(is_stopped=lambda: True))

    assert outcome.ending is Ending.STOPPED
    assert time.monotonic() - started < 10


def test_a_deadline_ends_it_with_what_was_found() -> None:
    seen: list[tuple[float | None, float | None]] = []

    outcome = maximise(
        hard_program(), Limits(deadline=time.monotonic() + 2, on_progress=lambda *found: seen.append(found))
    )

    assert outcome.ending is Ending.STOPPED
    assert outcome.bound is not None
    assert seen


def test_a_solver_that_dies_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_program, "_CHILD", "matcher.no_such_process")

    with pytest.raises(RuntimeError, match="HiGHS ended without an answer"):
        maximise(knapsack(), Limits())


def hard_program() -> Program:
    """A market split problem: five equations over forty columns, as near as can be; hours of search."""
    program = Program()
    for _ in range(40):
        program.add_column()
    for row in range(5):
        terms = [
            (column, float((column * 7919 + row * 104_729 + column * row * 31) % 97 + 1))
            for column in range(40)
        ]
        short, over = program.add_column(-1.0, upper=10_000), program.add_column(-1.0, upper=10_000)
        half = float(sum(value for _, value in terms) // 2)
        program.add_row([*terms, (short, 1.0), (over, -1.0)], lower=half, upper=half)
    return program
