"""`python -m tests.bench [NAME ...]`: time and memory of every part, beside yardsticks measured in the same run.

Each bench runs in a process of its own, one after the other, and writes below a temporary folder only. The figures
are printed as a table and kept in var/bench/latest.json, with what is known about the machine and how busy it was.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.figures import Figure, in_own_process, run_bench

# Quick ones first, so that a broken checkout shows at once.
BENCHES = (
    "start",
    "lexical",
    "index",
    "pages",
    "load",
    "mail",
    "model",
    "matching",
    "panel",
    "plans",
    "near",
    "scale",
)
LATEST = Path(__file__).resolve().parents[2] / "var" / "bench" / "latest.json"


def machine() -> dict[str, Any]:
    """What the figures depend on, without anything that names the machine."""
    flags = Path("/proc/cpuinfo")
    known = set(flags.read_text().split()) if flags.exists() else set()
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "vector_units": sorted(known & {"avx2", "avx512f", "avx512_bf16", "amx_bf16"}),
        "python": platform.python_version(),
        "load": [round(value, 1) for value in os.getloadavg()],
    }


def show(console: Console, name: str, figures: list[Figure], seconds: float) -> None:
    """Print one bench as a table."""
    table = Table(title=f"{name}: {seconds:.0f} s", title_justify="left", expand=False)
    table.add_column("what")
    table.add_column("figure", justify="right", no_wrap=True)
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("goal", justify="right", no_wrap=True)
    table.add_column("beside what, how")
    for figure in figures:
        goal = "" if figure.at_most is None else f"≤ {figure.at_most:g}"
        table.add_row(
            figure.what,
            f"{figure.value:,.3g} {figure.unit}"
            if figure.value < 1000
            else f"{figure.value:,.0f} {figure.unit}",
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            f"[red]{goal}[/red]" if figure.is_missed else goal,
            "; ".join(part for part in (figure.yardstick, figure.note) if part),
        )
    console.print(table)


@click.command(help="Measure everything, or only the named benches, and keep the figures.")
@click.argument("names", nargs=-1, type=click.Choice(BENCHES))
def main(names: tuple[str, ...]) -> None:
    """Exit 1 when a bench breaks; a missed goal is shown, and breaks nothing."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    started_at, began = datetime.now(UTC), time.monotonic()
    report: dict[str, Any] = {"started_at": started_at.isoformat(timespec="seconds"), "machine": machine()}
    console.print(f"{report['machine']}")
    results, broken = {}, []
    for name in names or BENCHES:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            start = time.monotonic()
            try:
                figures = in_own_process(run_bench, name, folder)
            except Exception as err:  # noqa: BLE001  (one broken bench must not cost the others)
                console.print(f"[red]{name}: {type(err).__name__}: {err}[/red]")
                broken.append(name)
                continue
        seconds = time.monotonic() - start
        show(console, name, figures, seconds)
        results[name] = {"seconds": round(seconds, 1), "figures": [figure.to_json() for figure in figures]}
    report |= {"seconds": round(time.monotonic() - began), "broken": broken, "benches": results}
    report["load_at_end"] = [round(value, 1) for value in os.getloadavg()]
    LATEST.parent.mkdir(parents=True, exist_ok=True)
    LATEST.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    console.print(f"{report['seconds']} s in all; kept in {LATEST.relative_to(LATEST.parents[2])}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
