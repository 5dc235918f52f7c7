"""A linear program over whole numbers, and the process that solves it: HiGHS, with progress, a limit and a stop."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

PRECISION = 1e-6
"""How close bound and value must be to count as equal; weights are given to a tenth or so."""

_POLL_SECONDS = 0.1
_CHILD = "matcher.highs_process"
_ROOT = Path(__file__).resolve().parents[1]


class Ending(StrEnum):
    """Why the solver ended: proved, proved that nothing fits, or stopped by a limit or a person."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped"


@dataclass
class Program:
    """Maximise the sum of objective × column; columns are whole numbers from 0 to their upper end."""

    objective: list[float] = field(default_factory=list)
    upper_columns: list[int] = field(default_factory=list)
    lower: list[float | None] = field(default_factory=list)
    upper: list[float | None] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def add_column(self, objective: float = 0.0, *, upper: int = 1) -> int:
        """A new column; its number."""
        self.objective.append(objective)
        self.upper_columns.append(upper)
        return len(self.objective) - 1

    def add_row(
        self,
        terms: Iterable[tuple[int, float]],
        *,
        lower: float | None = None,
        upper: float | None = None,
    ) -> None:
        """Lower ≤ sum of coefficient × column ≤ upper, over these (column, coefficient)."""
        for column, value in terms:
            self.columns.append(column)
            self.values.append(value)
        self.starts.append(len(self.columns))
        self.lower.append(lower)
        self.upper.append(upper)


@dataclass(frozen=True)
class Limits:
    """When to give up. deadline: of time.monotonic(). max_nodes: deterministic, None for none."""

    deadline: float | None = None
    max_nodes: int | None = None
    seed: int = 0
    is_stopped: Callable[[], bool] = bool
    on_progress: Callable[[float | None, float | None], None] = lambda value, bound: None

    @property
    def seconds(self) -> float | None:
        """Left until the deadline; None without one."""
        return None if self.deadline is None else max(self.deadline - time.monotonic(), 0.1)


@dataclass(frozen=True)
class Outcome:
    """What came back. columns: those above 0 in the best solution, or None. bound: proven, or None."""

    ending: Ending
    columns: dict[int, int] | None
    bound: float | None


def maximise(program: Program, limits: Limits, *, start: Mapping[int, int] | None = None) -> Outcome:
    """The best found, and how good anything could be. `start`: a solution to begin with. RuntimeError if HiGHS dies."""
    if not program.objective:
        return Outcome(Ending.OPTIMAL, {}, 0.0)
    task = {
        **vars(program),
        "start": start or {},
        "seed": limits.seed,
        "precision": PRECISION / 2,
        "max_nodes": limits.max_nodes,
        "seconds": limits.seconds,
    }
    # A session of its own, so that Ctrl-C reaches us and not it.
    child = subprocess.Popen(
        [sys.executable, "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        cwd=_ROOT,
    )
    try:
        return _listen(child, json.dumps(task), limits)
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _listen(child: subprocess.Popen[str], task: str, limits: Limits) -> Outcome:
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_talk, args=(child, task, lines), daemon=True).start()
    found = _Best()
    while True:
        try:
            line = lines.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            line = ""
        if line is None:
            raise RuntimeError(f"HiGHS ended without an answer (exit code {child.wait()})")
        if line:
            found.read(json.loads(line))
            limits.on_progress(found.value, found.bound)
        if found.ending is not None:
            return Outcome(found.ending, found.columns, found.bound)
        if limits.is_stopped() or (limits.deadline is not None and time.monotonic() > limits.deadline + 1):
            return Outcome(Ending.STOPPED, found.columns, found.bound)


def _talk(child: subprocess.Popen[str], task: str, lines: queue.Queue[str | None]) -> None:
    """Hand the task over and pass on what is said; None when there is no more."""
    try:
        if child.stdin is not None and child.stdout is not None:
            child.stdin.write(task)
            child.stdin.close()
            for line in child.stdout:
                lines.put(line)
    except (OSError, ValueError):  # the child was ended; the reader has what it said
        pass
    lines.put(None)


class _Best:
    """What has been said so far."""

    def __init__(self) -> None:
        self.columns: dict[int, int] | None = None
        self.value: float | None = None
        self.bound: float | None = None
        self.ending: Ending | None = None

    def read(self, line: Mapping[str, Any]) -> None:
        if line.get("bound") is not None:
            self.bound = line["bound"]
        if line.get("value") is not None:
            self.value = line["value"]
        if "columns" in line:
            self.columns = {int(column): value for column, value in line["columns"].items()}
        if "status" in line:
            self.ending = Ending(line["status"])
