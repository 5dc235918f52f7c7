"""What a bench hands back, and how time and memory are taken.

Processor time rather than wall time wherever two things are compared: other processes' slices are not in it. Pairs
are measured in turn inside one run, and the ratio is the median of the pairs, so that a busy minute hits both sides.
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. ratio: to the yardstick, measured beside it; at_most: the goal for the ratio, or for the
    value where there is no ratio."""

    what: str
    value: float
    unit: str
    yardstick: str = ""
    ratio: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def is_missed(self) -> bool:
        """Whether there is a goal, and this is worse."""
        measured = self.value if self.ratio is None else self.ratio
        return self.at_most is not None and measured > self.at_most

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "is_missed": self.is_missed}


@dataclass(slots=True)
class Watch:
    """Wall and processor seconds of a block; the processor's are those of the whole process, all threads."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def watch() -> Iterator[Watch]:
    """Measure a block once."""
    taken = Watch()
    wall, cpu = time.perf_counter(), time.process_time()
    yield taken
    taken.wall, taken.cpu = time.perf_counter() - wall, time.process_time() - cpu


def thread_ms(act: Callable[[], object]) -> float:
    """Processor milliseconds of this thread while it acts: for work that other threads have no part in."""
    started = time.thread_time_ns()
    act()
    return (time.thread_time_ns() - started) / 1e6


@dataclass
class Pairs:
    """Two ways to do a thing, timed in turn."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Our median."""
        return statistics.median(self.ours)

    @property
    def their_median(self) -> float:
        """The yardstick's median."""
        return statistics.median(self.theirs)

    @property
    def ratio(self) -> float:
        """The median of ours over theirs, pair by pair."""
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs, strict=True))


def in_turn(ours: Callable[[int], object], theirs: Callable[[int], object], n: int) -> Pairs:
    """Processor milliseconds of `ours(i)` and `theirs(i)` for i below n, in turn; each is run once unseen before."""
    theirs(0)
    ours(0)
    pairs = Pairs()
    for i in range(n):
        pairs.theirs.append(thread_ms(lambda i=i: theirs(i)))
        pairs.ours.append(thread_ms(lambda i=i: ours(i)))
    return pairs


def p95(values: Sequence[float]) -> float:
    """The value that 95% do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def peak_mib() -> float:
    """The most memory this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_own_process(act: Callable[..., Result], *arguments: Any) -> Result:
    """What `act` returns, computed in a fresh process, so that its memory and its imports are its own.

    `act` must be a function of a module, and everything that goes in or out must be picklable.
    """
    # An executor, not a Pool: its process may have children, so that a bench can ask for one more of its own.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(act, *arguments).result()


def run_bench(name: str, folder: str) -> list[Figure]:
    """The figures of one bench, which may write into `folder`."""
    return list(import_module(f"tests.bench.bench_{name}").measure(Path(folder)))
