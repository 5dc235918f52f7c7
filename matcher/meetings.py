"""Meeting plans, from an event to a plan with proofs: the whole chain in its order.

placement (most weight, then the floor) → gaps (annealing, with a proof beside it) → tables → causes of what is unplaced
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from matcher.gap_proof import GapProof
from matcher.linear_program import Limits
from matcher.meeting_annealing import STEPS_PER_SECOND, Effort, anneal_in_rounds
from matcher.meeting_board import Board
from matcher.meeting_causes import Unplaced, explain_unplaced
from matcher.meeting_grid import HOLE, Grid, Placement, idle_gaps, make_grid
from matcher.meeting_instance import Instance
from matcher.meeting_keeping import keep
from matcher.meeting_placement import Placed, place, weight_bound
from matcher.meeting_plan import Assignment, Fairness, Kept, MeetingPlan, PlanStatus
from matcher.meeting_rules import find_contradictions
from matcher.meeting_tables import assign_tables, table_changes

DEFAULT_SECONDS = 60.0
PLACEMENT_SHARE, RESERVE_SHARE = 0.6, 0.04
"""Of the time limit: at most what placement may take, and what is kept back for tables and causes."""

NODES_PER_UNIT, PROOF_SHARE = 50, 0.2
"""Branch-and-bound nodes, and deterministic seconds of CP-SAT, for each unit of work."""

REPLAN_SHARE = 0.1
"""Of the effort for gaps when an earlier plan is kept: only what moves anyway can be put better."""


@dataclass(frozen=True)
class Progress:
    """How far it is. stage: placement, gaps or finishing. share: of that stage, from 0 to 1; None where unknown."""

    stage: str
    share: float | None = None
    weight: float | None = None
    bound: float | None = None
    gaps: int | None = None


@dataclass(frozen=True)
class PlanRequest:
    """What is asked for. seconds: of the clock. work: nominal seconds instead, for the same plan on every machine.
    earlier: meeting id → slot and table of the plan to keep. locale: of the reasons.
    """

    instance: Instance
    seconds: float | None = DEFAULT_SECONDS
    work: float | None = None
    seed: int = 0
    earlier: Mapping[str, tuple[int, int]] | None = None
    locale: str = "zh"
    is_stopped: Callable[[], bool] = bool
    on_progress: Callable[[Progress], None] = lambda progress: None


def plan_meetings(request: PlanRequest) -> MeetingPlan:
    """The best plan found within the limits. What is not proved is not called optimal."""
    return _Planning(request).run()


@dataclass
class _Planning:
    """One run, with its clock."""

    request: PlanRequest
    started: float = field(default_factory=time.monotonic)

    def run(self) -> MeetingPlan:
        """Stage by stage."""
        request, grid = self.request, make_grid(self.request.instance)
        self._tell(Progress("placement"))
        fixed, start = grid, None
        if request.earlier is not None:
            kept = keep(grid, self._earlier(grid), self._limits(PLACEMENT_SHARE))
            fixed, start = kept.grid, kept.start
        placed = place(fixed, self._limits(PLACEMENT_SHARE), start=start)
        if placed.placement is None and fixed is not grid:
            # The hard rules of today cannot be kept around yesterday's plan; they stand above it.
            fixed, placed = grid, place(grid, self._limits(PLACEMENT_SHARE))
        placement = placed.placement
        if placement is None:
            return self._infeasible(grid, placed)
        if request.earlier is not None:
            placed = replace(placed, bound=max(weight_bound(grid), grid.weight(placement)))
        placement, gaps_bound = self._fewest_gaps(fixed, placement)
        self._tell(Progress("finishing"))
        return self._finish(grid, replace(placed, placement=placement), gaps_bound)

    def _tell(self, progress: Progress) -> None:
        self.request.on_progress(progress)

    def _deadline(self, share: float) -> float | None:
        if self.request.work is not None or self.request.seconds is None:
            return None
        return self.started + self.request.seconds * share

    def _limits(self, share: float) -> Limits:
        work = self.request.work
        return Limits(
            deadline=self._deadline(share),
            max_nodes=None if work is None else max(int(work * NODES_PER_UNIT), 1),
            seed=self.request.seed,
            is_stopped=self.request.is_stopped,
            on_progress=lambda value, bound: self._tell(Progress("placement", weight=value, bound=bound)),
        )

    def _earlier(self, grid: Grid) -> dict[int, int]:
        numbers = {wish.id: number for number, wish in enumerate(self.request.instance.meetings)}
        positions = {slot: at for at, slot in enumerate(grid.slot_ids) if slot != HOLE}
        # A slot that is no more is a place where nobody can stay.
        return {
            numbers[meeting]: positions.get(slot, -1)
            for meeting, (slot, _) in (self.request.earlier or {}).items()
        }

    def _fewest_gaps(self, grid: Grid, placement: dict[int, int]) -> tuple[dict[int, int], int]:
        """The plan with the fewest gaps found, and what is proved to be the least for its meetings."""
        request, deadline = self.request, self._deadline(1 - RESERVE_SHARE)
        steps = 10**12 if request.work is None else max(int(request.work * STEPS_PER_SECOND), 1)
        if request.earlier is not None:
            steps = int(min(steps, (request.seconds or DEFAULT_SECONDS) * STEPS_PER_SECOND) * REPLAN_SHARE)
        proof = self._proof(grid, placement, deadline)
        effort = Effort(
            steps=steps,
            deadline=deadline,
            is_stopped=request.is_stopped,
            goal=lambda: proof.bound,
            on_step=lambda share, gaps: self._tell(Progress("gaps", share, gaps=gaps)),
        )
        try:
            best = anneal_in_rounds(grid, placement, effort, seed=request.seed)
            self._await(proof, idle_gaps(grid, best))
        finally:
            proof.stop()
        if proof.placement is not None and idle_gaps(grid, proof.placement) < idle_gaps(grid, best):
            best = proof.placement
        # Proved is what this same set of meetings needs; another set may need less.
        return best, proof.bound if best.keys() == set(proof.wishes) else 0

    def _proof(self, grid: Grid, placement: Placement, deadline: float | None) -> GapProof:
        """Started where there is something to prove: every meeting that can be held is."""
        units = (self.request.work or self.request.seconds or DEFAULT_SECONDS) * PROOF_SHARE
        proof = GapProof(grid, tuple(sorted(placement)), self.request.seed, units, deadline)
        if self.request.earlier is None and len(placement) == sum(map(bool, grid.allowed)):
            proof.start()
        return proof

    def _await(self, proof: GapProof, gaps: int) -> None:
        """Let the proof go on while it may still prove or find something."""
        while not proof.wait(0.05):
            self._tell(Progress("gaps", 1.0, gaps=gaps))
            if proof.bound >= gaps or self.request.is_stopped():
                proof.stop()

    def _finish(self, grid: Grid, placed: Placed, gaps_bound: int) -> MeetingPlan:
        request, instance = self.request, self.request.instance
        placement = fill_up(grid, placed.placement or {})
        tables = self._tables(grid, placement)
        weight = grid.weight(placement)
        proved = placed.bound - weight <= 1e-6
        counts = grid.counts(placement)
        below = [
            person.id
            for person, n, floor in zip(instance.participants, counts, grid.floor, strict=True)
            if n < floor
        ]
        gaps = idle_gaps(grid, placement)
        return MeetingPlan(
            status=PlanStatus.OPTIMAL if proved else PlanStatus.FEASIBLE,
            assignments=tuple(
                Assignment(instance.meetings[wish].id, grid.slot_ids[position], tables[wish])
                for wish, position in sorted(placement.items())
            ),
            unplaced=tuple(explain_unplaced(instance, grid, placement, request.locale)),
            weight_placed=weight,
            weight_bound=weight if proved else placed.bound,
            idle_gaps=gaps,
            gaps_bound=min(gaps_bound, gaps),
            table_changes=table_changes(grid, placement, tables),
            fairness=Fairness(
                instance.fairness_floor,
                grid.served(placement),
                max(placed.served_bound, grid.served(placement)),
                tuple(below),
            ),
            seed=request.seed,
            seconds=time.monotonic() - self.started,
            was_stopped=request.is_stopped(),
            kept=self._kept(grid, placement),
            name=instance.name,
        )

    def _tables(self, grid: Grid, placement: Placement) -> dict[int, int]:
        slots = {slot.id: slot for slot in self.request.instance.slots}
        every = set(range(1, self.request.instance.n_tables + 1))
        open_tables = {
            position: every - set(slots[slot_id].closed_tables)
            for position, slot_id in enumerate(grid.slot_ids)
            if slot_id != HOLE
        }
        before = self.request.earlier or {}
        stays = {
            wish: before[meeting.id][1]
            for wish, meeting in enumerate(self.request.instance.meetings)
            if meeting.id in before and before[meeting.id][0] == grid.slot_ids[placement.get(wish, 0)]
        }
        return assign_tables(grid, placement, open_tables, earlier=stays)

    def _kept(self, grid: Grid, placement: Placement) -> Kept | None:
        if self.request.earlier is None:
            return None
        ids = [wish.id for wish in self.request.instance.meetings]
        before = self._earlier(grid)
        return Kept(
            stayed=tuple(ids[wish] for wish in sorted(before) if placement.get(wish) == before[wish]),
            moved=tuple(
                ids[wish] for wish in sorted(before) if placement.get(wish, before[wish]) != before[wish]
            ),
            dropped=tuple(ids[wish] for wish in sorted(before) if wish not in placement),
            added=tuple(ids[wish] for wish in sorted(placement) if wish not in before),
        )

    def _infeasible(self, grid: Grid, placed: Placed) -> MeetingPlan:
        instance = self.request.instance
        found = find_contradictions(instance, self._limits(1.0), self.request.locale)
        return MeetingPlan(
            status=PlanStatus.INFEASIBLE,
            assignments=(),
            unplaced=tuple(Unplaced(wish.id, {"code": "rules_contradict"}, {}) for wish in instance.meetings),
            weight_placed=0.0,
            weight_bound=placed.bound,
            idle_gaps=0,
            gaps_bound=0,
            table_changes=0,
            fairness=Fairness(instance.fairness_floor, 0, placed.served_bound, ()),
            seed=self.request.seed,
            seconds=time.monotonic() - self.started,
            was_stopped=self.request.is_stopped(),
            contradictions=tuple(found),
            name=instance.name,
        )


def fill_up(grid: Grid, placement: Placement) -> dict[int, int]:
    """The plan with whatever still fits without moving anybody: meetings of no weight, or of a plan cut short."""
    board = Board(grid, placement)
    for wish in range(grid.n_wishes):
        if board.position[wish] < 0:
            found = [board.exchange(wish, position) for position in grid.allowed[wish]]
            free = [each for each in found if each is not None and each.out < 0]
            if free:
                board.take(min(free, key=lambda each: (each.waits, each.position)))
    return board.placement()
