"""How few idle gaps there can be: a proof by CP-SAT that no plan of the same meetings has fewer.

First what each person's own meetings force. Then, for one total after the other, whether all can be met within it:
where CP-SAT proves that they cannot, the bound goes up by one; where it finds a plan, that plan is best. The model that
works says of everybody without gaps only when the single run of meetings begins; gaps are counted only for the others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matcher.meeting_grid import Grid

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, CpSolver

MAX_VARIABLES = 20_000
"""Above this many (meeting, position) pairs no proof is tried; the bound of such an event would stay 0 in an hour."""

UNITS = 30.0
"""Deterministic seconds of CP-SAT for one total, unless the caller says otherwise."""


@dataclass
class GapProof:
    """A proof that runs beside the search for a better plan.

    bound: proven so far. placement: a plan with exactly that many gaps, once one is found. units: deterministic seconds
    of CP-SAT for one total; deadline: of time.monotonic(), None for no limit.
    """

    grid: Grid
    wishes: tuple[int, ...]
    seed: int = 0
    units: float = UNITS
    deadline: float | None = None
    bound: int = 0
    placement: dict[int, int] | None = None
    _solver: CpSolver | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)
    _running: Future[None] | None = None

    def start(self) -> None:
        """Begin, in a thread of its own; CP-SAT leaves the interpreter free."""
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gap-proof")
        self._running = pool.submit(self.run)
        pool.shutdown(wait=False)

    def stop(self) -> None:
        """End it soon; what is proved stays."""
        self._stopped.set()
        solver = self._solver
        if solver is not None:
            solver.stop_search()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, within this time. Raises what went wrong in it."""
        if self._running is not None:
            try:
                self._running.result(seconds)
            except FutureTimeout:
                return False
        return True

    def run(self) -> None:
        """Prove as much as the limits allow."""
        if not self.wishes:
            self.placement = {}
        if not 0 < sum(len(self.grid.allowed[wish]) for wish in self.wishes) <= MAX_VARIABLES:
            return
        forced = [self._forced(person) for person in range(self.grid.n_people)]
        self.bound, total = sum(forced), sum(forced)
        while not self._stopped.is_set():
            model = _GapModel(self.grid, self.wishes, forced, total)
            answer = self._solve(model)
            if answer is None:
                return
            if answer:
                self.bound, self.placement = total, answer
                return
            total += 1
            self.bound = total

    def _forced(self, person: int) -> int:
        """Gaps that this person's own meetings force, were there nobody else."""
        own = [wish for wish in self.wishes if person in self.grid.people(wish)]
        if self._stopped.is_set() or len(own) < 2 or _fits_one_run(self.grid, person, own):
            return 0
        for gaps in range(1, len(own)):
            forced = [gaps if each == person else 0 for each in range(self.grid.n_people)]
            answer = self._solve(_GapModel(self.grid, own, forced, gaps, only=person))
            # Unsettled or found: that fewer are not enough is proved.
            if answer is None or answer:
                return gaps
        return len(own) - 1

    def _solve(self, model: _GapModel) -> dict[int, int] | None:
        """A plan, {} where there is none, None where that was not settled."""
        from ortools.sat.python import cp_model

        solver = self._solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.seed
        solver.parameters.max_deterministic_time = self.units
        solver.parameters.catch_sigint_signal = False
        if self.deadline is not None:
            solver.parameters.max_time_in_seconds = max(self.deadline - time.monotonic(), 0.1)
        if self._stopped.is_set():
            return None
        status = solver.solve(model.model)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return {wish: position for (wish, position), held in model.held.items() if solver.value(held)}
        return {} if status == cp_model.INFEASIBLE else None


def _fits_one_run(grid: Grid, person: int, own: list[int]) -> bool:
    """Whether somebody's meetings fit into positions next to each other, were there nobody else."""
    clashes, allowed = grid.clashes[person], [set(grid.allowed[wish]) for wish in own]
    for first in range(grid.n_positions - len(own) + 1):
        window = range(first, first + len(own))
        is_spaced = not any(clashes[here] >> there & 1 for here in window for there in window)
        if is_spaced and _can_fill(window, allowed):
            return True
    return False


def _can_fill(window: range, allowed: list[set[int]]) -> bool:
    """Whether every position of the window can have a meeting of its own: augmenting paths."""
    taken: dict[int, int] = {}

    def seat(meeting: int, seen: set[int]) -> bool:
        for position in window:
            if position in allowed[meeting] and position not in seen:
                seen.add(position)
                if position not in taken or seat(taken[position], seen):
                    taken[position] = meeting
                    return True
        return False

    return all(seat(meeting, set()) for meeting in range(len(allowed)))


class _GapModel:
    """All of these meetings held, with at most `total` gaps, of which each person has at least the forced ones."""

    def __init__(
        self, grid: Grid, wishes: Iterable[int], forced: list[int], total: int, *, only: int | None = None
    ) -> None:
        from ortools.sat.python import cp_model

        self.grid, self.only = grid, only
        self.model: CpModel = cp_model.CpModel()
        self.wishes = list(wishes)
        self.held = {
            (wish, position): self.model.new_bool_var("")
            for wish in self.wishes
            for position in grid.allowed[wish]
        }
        self._add_places()
        slack, extras = total - sum(forced), []
        for person in range(grid.n_people) if only is None else [only]:
            extras += self._add_person(person, forced[person], slack)
        if extras:
            self.model.add(sum(extras) <= slack)

    def _add_places(self) -> None:
        loads: dict[int, list[Any]] = {}
        tables: dict[tuple[int, int], list[Any]] = {}
        for wish in self.wishes:
            self.model.add_exactly_one([self.held[wish, position] for position in self.grid.allowed[wish]])
        for (wish, position), held in self.held.items():
            loads.setdefault(position, []).append(held)
            for resource in self.grid.resources[wish][2:]:
                tables.setdefault((resource, position), []).append(held)
        for position, held in loads.items():
            if len(held) > self.grid.capacity[position]:
                self.model.add(sum(held) <= self.grid.capacity[position])
        for held in tables.values():
            self.model.add_at_most_one(held)

    def _add_person(self, person: int, forced: int, slack: int) -> list[Any]:
        """Rules for one person; gives back the gaps above what is forced, where any are allowed."""
        own = [wish for wish in self.wishes if person in self.grid.people(wish)]
        at = [
            [self.held[wish, position] for wish in own if (wish, position) in self.held]
            for position in range(self.grid.n_positions)
        ]
        self._add_buffers(person, at)
        if len(own) < 2:
            return []
        if forced == 0 and slack == 0:
            self._add_run(at, len(own), broken=None)
            return []
        busy = self._busy(at)
        n_runs = self._n_runs(busy)
        if slack == 0:
            self.model.add(n_runs <= forced + 1)
            return []
        extra = self.model.new_int_var(0, min(slack, len(own) - 1 - forced), "")
        self.model.add(n_runs <= forced + 1 + extra)
        if forced == 0:
            broken = self.model.new_bool_var("")
            self.model.add(extra >= 1).only_enforce_if(broken)
            self.model.add(extra == 0).only_enforce_if(broken.negated())
            self._add_run(at, len(own), broken=broken)
        return [extra]

    def _add_run(self, at: list[list[Any]], length: int, *, broken: Any) -> None:
        """One unbroken run: a position is taken exactly when the run that begins at one of the last few covers it."""
        n_positions = len(at)
        begins = [
            self.model.new_bool_var("") if all(at[first : first + length]) else None
            for first in range(n_positions - length + 1)
        ]
        possible = [begin for begin in begins if begin is not None]
        self.model.add_exactly_one(possible if broken is None else [*possible, broken])
        for position in range(n_positions):
            first = max(position - length + 1, 0)
            covering = [begin for begin in begins[first : position + 1] if begin is not None]
            rule = self.model.add(sum(at[position]) == sum(covering))
            if broken is not None:
                rule.only_enforce_if(broken.negated())

    def _busy(self, at: list[list[Any]]) -> list[Any]:
        busy: list[Any] = []
        for held in at:
            if not held:
                busy.append(None)
                continue
            taken = self.model.new_bool_var("")
            self.model.add_exactly_one([*held, taken.negated()])
            busy.append(taken)
        return busy

    def _n_runs(self, busy: list[Any]) -> Any:
        begins = []
        for position, taken in enumerate(busy):
            before = busy[position - 1] if position else None
            if taken is None:
                continue
            if before is None:
                begins.append(taken)
                continue
            begin = self.model.new_bool_var("")
            self.model.add_bool_or([begin, taken.negated(), before])
            begins.append(begin)
        return sum(begins)

    def _add_buffers(self, person: int, at: list[list[Any]]) -> None:
        for held in at:
            if len(held) > 1:
                self.model.add_at_most_one(held)
        for position, near in enumerate(self.grid.clashes[person]):
            for other in range(position + 1, self.grid.n_positions):
                if near >> other & 1:
                    self.model.add_at_most_one(at[position] + at[other])
