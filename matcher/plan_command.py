"""`python -m matcher plan`: from files to a plan file, with progress on stderr; Ctrl-C keeps the best so far."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from matcher.meeting_instance import read_instance
from matcher.meeting_plan import MeetingPlan, read_assignments, write_plan
from matcher.meetings import DEFAULT_SECONDS, PlanRequest, Progress, plan_meetings
from models.errors import InvalidInput


@dataclass(frozen=True)
class PlanOptions:
    """What the command line says. time_limit: seconds; work: nominal seconds instead of it."""

    instance: Path
    output: Path | None = None
    keep: Path | None = None
    time_limit: float | None = None
    work: float | None = None
    seed: int = 0
    floor: int | None = None


def run(options: PlanOptions, locale: str) -> MeetingPlan:
    """Plan and write the file, if one is named. InvalidInput for files that are none; then nothing is written."""
    event = read_instance(options.instance)
    if options.floor is not None:
        event = event.model_copy(update={"fairness_floor": options.floor})
    if options.output is not None and not options.output.absolute().parent.is_dir():
        raise InvalidInput(f"没有 {options.output.absolute().parent} 这个文件夹。")
    earlier = None if options.keep is None else read_assignments(options.keep, event)
    with asked_to_stop() as is_stopped, progress_line() as show:
        found = plan_meetings(
            PlanRequest(
                event,
                seconds=None if options.work is not None else options.time_limit or DEFAULT_SECONDS,
                work=options.work,
                seed=options.seed,
                earlier=earlier,
                locale=locale,
                is_stopped=is_stopped,
                on_progress=show,
            )
        )
    if options.output is not None:
        write_plan(options.output, found.to_json(locale))
    return found


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed. A second one ends the process as usual."""
    pressed: list[int] = []

    def press(number: int, _frame: object) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def progress_line() -> Iterator[Callable[[Progress], None]]:
    """A line on stderr: the stage, its share, and the best so far; silent where stderr is no terminal."""
    console = Console(stderr=True)
    best = TextColumn("{task.fields[best]}")
    columns = (TextColumn("{task.description}"), BarColumn(), best, TimeElapsedColumn())
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task("placement", total=None, best="")

        def show(progress: Progress) -> None:
            known = {"weight": progress.weight, "bound": progress.bound, "gaps": progress.gaps}
            best = "  ".join(f"{name} {value:g}" for name, value in known.items() if value is not None)
            total = None if progress.share is None else 1.0
            share = progress.share or 0.0
            bars.update(task, description=progress.stage, completed=share, total=total, best=best)

        yield show
