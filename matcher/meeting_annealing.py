"""Fewer idle gaps by simulated annealing: many small swaps of a plan, most of them kept only if they help.

The best plan met is what comes back, never a worse one than was put in. Weight and floor are never given up for gaps.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import exp

from matcher.meeting_board import Board, Exchange
from matcher.meeting_grid import Grid, Placement, count_gaps, idle_gaps

HOT, COLD = 0.35, 0.08
"""Temperatures, in gaps. Chosen on the seven events of brokerage and the large generated one, 2026-11-26: hotter starts
and colder ends left one to four gaps more in the same time."""

NO_TABLE = 1.2
"""What a meeting without a table costs on the way, in gaps. At 0.7 the large event ended with plans for 11 to 64 tables
more than there were; at 2 swaps were refused that lead somewhere."""

REPAIRS = 0.5
"""Share of swaps that take a meeting of somebody who waits to a position next to another of theirs."""

EXCHANGES = 0.3
"""Share of steps that try to put in a meeting that has no place, where there is one. Between 0.1 and 0.3 the large
event ended 7 gaps apart, which is no difference."""

STEPS_PER_SECOND = 100_000
"""Nominal: what turns seconds into work, so that the same work gives the same plan on every machine."""

ROUND_STEPS = 4_000
"""Steps for each wish in one round. How a round ends is luck: on the event that is hardest for it, rounds of 600,000
steps ended at 10 to 14 gaps and those of 6,000,000 at 11, so several short ones are worth more than a long one."""

_LOOK_EVERY = 1024


@dataclass
class Effort:
    """How long to try. steps: of work. deadline: of time.monotonic(), or None; the temperature follows whichever of the
    two is nearer its end, so a slow machine cools faster instead of being cut off hot. is_stopped: asked now and then.
    """

    steps: int
    deadline: float | None = None
    is_stopped: Callable[[], bool] = bool
    goal: Callable[[], int] = int
    on_step: Callable[[float, int], None] = lambda share, gaps: None
    started: float = field(default_factory=time.monotonic)

    def share(self, step: float) -> float:
        """Of the effort that is spent, from 0 to 1."""
        spent = step / self.steps if self.steps else 1.0
        if self.deadline is None:
            return spent
        now = time.monotonic()
        if now >= self.deadline:
            return 1.0
        return max(spent, (now - self.started) / (self.deadline - self.started))

    def round(self, number: int, steps: int) -> Effort:
        """The effort of one round: so many steps, the same deadline, and the whole's progress."""

        def tell(share: float, gaps: int) -> None:
            self.on_step(min(self.share((number + share) * steps), 1.0), gaps)

        return replace(self, steps=steps, started=time.monotonic(), on_step=tell)


def anneal_in_rounds(grid: Grid, placement: Placement, effort: Effort, *, seed: int) -> dict[int, int]:
    """The best of as many rounds as the effort allows, each from `placement` and with a seed of its own."""
    per_round = max(min(ROUND_STEPS * grid.n_wishes, effort.steps), 1)
    best, n_rounds = dict(placement), max(effort.steps // per_round, 1)
    for number in range(n_rounds):
        found = anneal(grid, placement, effort.round(number, per_round), seed=seed + number)
        best = max(best, found, key=lambda each: rank(grid, each))
        over = idle_gaps(grid, best) <= effort.goal() and len(best) == sum(map(bool, grid.allowed))
        if over or effort.is_stopped() or effort.share(0) >= 1.0:
            break
    return best


def rank(grid: Grid, placement: Placement) -> tuple[float, int, int]:
    """What makes one plan better than another: weight, then served, then few gaps."""
    return (round(grid.weight(placement), 6), grid.served(placement), -idle_gaps(grid, placement))


def anneal(grid: Grid, placement: Placement, effort: Effort, *, seed: int) -> dict[int, int]:
    """The best plan met on the way: most weight, then most served, then fewest gaps. Never worse than `placement`."""
    return _Annealing(grid, placement, effort, seed).run()


class _Annealing:
    """One run. `best` is the best plan met that has a table for everybody."""

    def __init__(self, grid: Grid, placement: Placement, effort: Effort, seed: int) -> None:
        self.board = Board(grid, placement)
        self.grid, self.effort = grid, effort
        self.random = random.Random(seed)
        self.movable = [len(allowed) > 1 for allowed in grid.allowed]
        self.placed = [wish for wish in sorted(placement) if self.movable[wish]]
        self.unplaced = [
            wish for wish in range(grid.n_wishes) if wish not in placement and grid.allowed[wish]
        ]
        self.own: list[list[int]] = [[] for _ in range(grid.n_people)]
        for wish in range(grid.n_wishes):
            for person in grid.people(wish):
                self.own[person].append(wish)
        self.waiting: list[int] = []
        self.gain, self.served, self.temperature = 0.0, 0, HOT
        self.best, self.best_rank = dict(placement), (0.0, 0, -self.board.gaps)

    def run(self) -> dict[int, int]:
        step, draw = 0, self.random.random
        while self.placed or self.unplaced:
            if step % _LOOK_EVERY == 0 and not self._goes_on(step):
                break
            step += 1
            if self.unplaced and (not self.placed or draw() < EXCHANGES):
                self._exchange()
            else:
                self._swap()
        return self.best

    def _goes_on(self, step: int) -> bool:
        share = self.effort.share(step)
        gaps = -self.best_rank[2]
        self.effort.on_step(min(share, 1.0), gaps)
        if share >= 1.0 or self.effort.is_stopped():
            return False
        if not self.unplaced and gaps <= self.effort.goal():
            return False
        self.temperature = HOT * (COLD / HOT) ** share
        self.waiting = [person for person, mask in enumerate(self.board.mask) if count_gaps(mask)]
        return True

    def _swap(self) -> None:
        draw, board = self.random.random, self.board
        if self.waiting and draw() < REPAIRS:
            wish, there = self._repair()
        else:
            wish = self.placed[int(draw() * len(self.placed))]
            allowed = self.grid.allowed[wish]
            there = allowed[int(draw() * len(allowed))]
        if there == board.position[wish] or board.position[wish] < 0:
            return
        chain = board.chain(wish, there)
        if chain is None:
            return
        waits, crowding = board.waits(chain), board.crowding(chain)
        cost = waits + NO_TABLE * crowding
        if cost <= 0 or draw() < exp(-cost / self.temperature):
            board.swap(chain, waits=waits, crowding=crowding)
            self._remember()

    def _repair(self) -> tuple[int, int]:
        """A meeting of somebody who waited when last looked at, and a position beside another of the same person."""
        draw, board = self.random.random, self.board
        person = self.waiting[int(draw() * len(self.waiting))]
        wish = self.own[person][int(draw() * len(self.own[person]))]
        here = board.position[wish]
        others = board.mask[person] & ~(1 << here) if here >= 0 else 0
        beside = (others << 1 | others >> 1) & ~others
        choices = [position for position in self.grid.allowed[wish] if beside >> position & 1]
        return wish, choices[int(draw() * len(choices))] if choices else here

    def _exchange(self) -> None:
        draw = self.random.random
        number = int(draw() * len(self.unplaced))
        allowed = self.grid.allowed[self.unplaced[number]]
        found = self.board.exchange(self.unplaced[number], allowed[int(draw() * len(allowed))])
        if found is None or not self._is_welcome(found):
            return
        self.board.take(found)
        if self.movable[found.wish]:
            self.placed.append(found.wish)
        if found.out >= 0:
            if self.movable[found.out]:
                self.placed.remove(found.out)
            self.unplaced[number] = found.out
        else:
            del self.unplaced[number]
        self.gain += found.gain
        self.served += found.served
        self._remember()

    def _is_welcome(self, found: Exchange) -> bool:
        """Whether it makes the plan worth more, or as much for nobody's loss and few gaps."""
        if found.gain > 1e-9:
            return True
        if found.gain < -1e-9 or found.served < 0:
            return False
        return found.waits <= 0 or self.random.random() < exp(-found.waits / self.temperature)

    def _remember(self) -> None:
        if self.board.overflow:
            return
        rank = (round(self.gain, 6), self.served, -self.board.gaps)
        if rank > self.best_rank:
            self.best_rank, self.best = rank, self.board.placement()
