"""Which pairs are worth keeping: each scenario's best, and each firm's best, so that nobody is left without any."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.likeness import Floats

STORED_PER_SCENARIO = 50
STORED_PER_FIRM = 20
"""How many of a scenario's best pairs are kept in the database, and how many of a firm's."""

Ids = NDArray[np.int64]


def strongest(ids: Ids, strengths: Floats, n: int) -> list[int]:
    """The ids of the `n` strongest, best first, equal ones by id; -inf means that the pair may not meet."""
    order = np.lexsort((ids, -strengths))[:n]
    return [int(ids[at]) for at in order if strengths[at] > -np.inf]


Settle = Callable[[int, float], float]
"""(id, upper bound of its strength) -> its strength; called only where it may matter."""

_AT_FIRST = 4
"""So many times the wanted number are put in order at first; more only where settling moves them down."""


def strongest_settled(ids: Ids, bounds: Floats, n: int, settle: Settle) -> list[tuple[int, float]]:
    """The `n` strongest with their strengths, best first, equal ones by id, without settling all.

    bounds: (n_ids,) at or above the strength of each; -inf means that the pair may not meet. The answer is the one that
    settling every id would give: what is left out could not come before the last that is in.
    """
    if n <= 0:
        return []
    n_ordered = _AT_FIRST * n
    while True:
        order = _first_in_order(ids, bounds, n_ordered)
        settled: list[tuple[float, int]] = []
        for at in order:
            next_best = -float(bounds[at]), int(ids[at])
            if len(settled) >= n and settled[n - 1] <= next_best:
                return [(id_, -strength) for strength, id_ in settled[:n]]
            insort(settled, (-settle(int(ids[at]), float(bounds[at])), int(ids[at])))
        if len(order) < n_ordered:  # there are no others
            return [(id_, -strength) for strength, id_ in settled[:n]]
        n_ordered *= _AT_FIRST


def _first_in_order(ids: Ids, bounds: Floats, n: int) -> Ids:
    """Positions of the `n` highest bounds above -inf, highest first, equal ones by id."""
    allowed = np.flatnonzero(bounds > -np.inf)
    if len(allowed) > n:
        # All that reach the n-th stay for the sort, or a tie at the edge would be cut by chance.
        edge = np.partition(bounds[allowed], len(allowed) - n)[len(allowed) - n]
        allowed = allowed[bounds[allowed] >= edge]
    order: Ids = allowed[np.lexsort((ids[allowed], -bounds[allowed]))][:n]
    return order


class Choice:
    """Fills up scenario by scenario; holds no more than the best of each capability at any time.

    chosen: by scenario, the capabilities to keep. firms: (n_capabilities,) the firm of each, in the order of `ids`.
    """

    def __init__(self, ids: Ids, firms: Sequence[int]) -> None:
        self.chosen: dict[int, set[int]] = {}
        self._ids, self._firms = ids, firms
        self._best = np.full((len(ids), STORED_PER_FIRM), -np.inf)
        self._scenarios = np.zeros((len(ids), STORED_PER_FIRM), np.int64)
        self._floor = np.full(len(ids), -np.inf)

    def add(self, scenario_id: int, bounds: Floats, settle: Settle) -> None:
        """Take in a scenario's view of all capabilities; scenarios must come by ascending id.

        bounds, settle: as in strongest_settled.
        """
        settled = strongest_settled(self._ids, bounds, STORED_PER_SCENARIO, settle)
        self.chosen[scenario_id] = {id_ for id_, strength in settled if strength > -np.inf}
        # Strictly better only: among equals the earlier scenario stays.
        better = np.flatnonzero(bounds > self._floor)
        known = dict(settled)
        strengths = np.array(
            [
                known[id_] if id_ in known else settle(id_, float(bounds[at]))
                for at, id_ in zip(better.tolist(), self._ids[better].tolist(), strict=True)
            ],
            np.float64,
        )
        still = strengths > self._floor[better]
        better, strengths = better[still], strengths[still]
        weakest = self._weakest(better)
        self._best[better, weakest] = strengths
        self._scenarios[better, weakest] = scenario_id
        self._floor[better] = self._best[better].min(axis=1)

    def finish(self) -> dict[int, set[int]]:
        """All pairs to keep, each firm's best included, whichever of its capabilities they come through."""
        by_firm: dict[int, list[tuple[float, int, int]]] = {}
        for at, firm in enumerate(self._firms):
            by_firm.setdefault(firm, []).extend(
                (-float(strength), int(scenario_id), int(self._ids[at]))
                for strength, scenario_id in zip(self._best[at], self._scenarios[at], strict=True)
                if strength > -np.inf
            )
        for pairs in by_firm.values():
            for _, scenario_id, capability_id in sorted(pairs)[:STORED_PER_FIRM]:
                self.chosen[scenario_id].add(capability_id)
        return self.chosen

    def _weakest(self, rows: Ids) -> Ids:
        """The column to give up in each row: the lowest, of equal ones the latest scenario."""
        best = self._best[rows]
        lowest = best == best.min(axis=1, keepdims=True)
        found: Ids = np.where(lowest, self._scenarios[rows], -1).argmax(axis=1)
        return found
