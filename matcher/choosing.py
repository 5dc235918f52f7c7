"""Which pairs are worth keeping: each scenario's best, and each firm's best, so that nobody is left without any."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.relevance import Floats

STORED_PER_SCENARIO = 50
STORED_PER_FIRM = 20
"""How many of a scenario's best pairs are kept in the database, and how many of a firm's."""

Ids = NDArray[np.int64]


def strongest(ids: Ids, strengths: Floats, n: int) -> list[int]:
    """The ids of the `n` strongest, best first, equal ones by id; -inf means that the pair may not meet."""
    order = np.lexsort((ids, -strengths))[:n]
    return [int(ids[at]) for at in order if strengths[at] > -np.inf]


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

    def add(self, scenario_id: int, strengths: Floats) -> None:
        """Take in a scenario's view of all capabilities; scenarios must come by ascending id."""
        self.chosen[scenario_id] = set(strongest(self._ids, strengths, STORED_PER_SCENARIO))
        # Strictly better only: among equals the earlier scenario stays.
        better = np.flatnonzero(strengths > self._floor)
        weakest = self._weakest(better)
        self._best[better, weakest] = strengths[better]
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
