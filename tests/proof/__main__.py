"""`python -m tests.proof [KEY ...]`: every promise shown by its tests, every broken build caught; writes docs/proof.md.

Promises named on the command line are run anew, the rows of the others stay as the last run left them. An interrupted
run keeps what it has.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from tests.proof.mutants import MUTANTS, ROOT, copy_of, is_caught
from tests.proof.promises import PROMISES, SECTIONS, Promise

LATEST = ROOT / "docs" / "proof.json"
PAGE = ROOT / "docs" / "proof.md"
XUNIT = "junit_family=xunit1"
"""The kind of report that holds the figures of a test."""
VERSIONS = ("faiss-cpu", "flask", "numpy", "sqlalchemy", "sqlmodel", "torch")


@dataclass(frozen=True)
class Shown:
    """What the tests of a promise gave. outcome: kept, broken, or not shown where one was skipped or there is none."""

    outcome: str
    n_tests: int
    figures: list[str]
    seconds: int
    on: str
    revision: str
    detail: str = ""


def show(promise: Promise, *, revision: str) -> Shown:
    """Run the tests of a promise, the long ones too."""
    today = datetime.now(UTC).date().isoformat()
    if not promise.tests:
        return Shown("not shown", 0, [], 0, today, revision, "no test yet")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="proof-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "", "-o", XUNIT]
        command += [f"--junitxml={report}", f"--basetemp={folder}/tmp", *promise.tests]
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        if not report.exists():
            return Shown("broken", 0, [], 0, today, revision, done.stdout[-500:])
        cases = list(ET.parse(report).getroot().iter("testcase"))
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case for case in cases if case.find("skipped") is not None]
    figures = [
        str(entry.get("value"))
        for case in cases
        for entry in case.iter("property")
        if entry.get("name") == "figure"
    ]
    outcome = "broken" if failed or done.returncode not in (0, 5) else "not shown" if skipped else "kept"
    detail = "; ".join(sorted({str(case.get("name")) for case in failed or skipped}))[:300]
    return Shown(outcome, len(cases), figures, round(time.monotonic() - began), today, revision, detail)


def revision_now() -> str:
    """The short name of what is checked out, with a plus where it was changed since."""
    short = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    return f"{short}+" if changed else short


def machine() -> dict[str, Any]:
    """What the figures depend on, without anything that names the machine."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        **{name: version(name) for name in VERSIONS},
    }


def page(known: dict[str, Any]) -> str:
    """docs/proof.md."""
    lines = [
        "# What is promised, and how it was shown",
        "",
        "`make proof` runs the tests of every promise, breaks the code on purpose to see that they notice, and writes",
        "this page. It takes over an hour on 2 quiet cores; `python -m tests.proof B1 B5` runs a part of it again.",
        "A row says when it was last run and at which revision (a plus: with changes since). *Not shown* means that",
        "nobody has shown it yet, or that a test was left out because its data was absent. tests/proof/promises.py",
        "names the tests, and tests/proof/mutants.py the broken builds.",
        "",
    ]
    for letter, title in SECTIONS.items():
        lines += [
            f"## {title}",
            "",
            "| | promise | outcome | figures | not shown by it | last run |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for promise in PROMISES:
            if promise.key[0] == letter:
                lines.append(row_of(promise, known["promises"].get(promise.key)))
        lines.append("")
    lines += ["## Builds broken on purpose", "", "| broken | promise | noticed |", "| --- | --- | --- |"]
    caught = known["mutants"]
    lines += [
        f"| {mutant.words} | {mutant.key.split('-')[0]} | {caught.get(mutant.key, 'not run')} |"
        for mutant in MUTANTS
    ]
    told = ", ".join(f"{name} {value}" for name, value in known["machine"].items())
    return "\n".join([*lines, "", f"Last run with {told}.", ""])


def row_of(promise: Promise, shown: dict[str, Any] | None) -> str:
    """One line of the table."""
    if shown is None:
        return f"| {promise.key} | {promise.words} | not run | | {promise.left} | |"
    outcome = shown["outcome"] if shown["outcome"] == "kept" else f"**{shown['outcome']}**"
    figures = (
        "; ".join([*shown["figures"], f"{shown['n_tests']} tests, {shown['seconds']} s"])
        if shown["n_tests"]
        else ""
    )
    left = "; ".join(filter(None, [promise.left, shown["detail"] if promise.tests else "no test yet"]))
    when = f"{shown['on']}, {shown['revision']}"
    return f"| {promise.key} | {promise.words} | {outcome} | {figures} | {left} | {when} |"


def keep(known: dict[str, Any]) -> None:
    """Write both, so that an interrupted run loses nothing."""
    LATEST.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    PAGE.write_text(page(known), "utf-8")


def run_mutants(known: dict[str, Any], progress: Progress, keys: Sequence[str]) -> None:
    """Every broken build in a copy of the checkout."""
    mutants = [mutant for mutant in MUTANTS if not keys or mutant.key.split("-")[0] in keys]
    task = progress.add_task("broken builds", total=len(mutants))
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = copy_of(ROOT, Path(folder))
        for mutant in mutants:
            known["mutants"][mutant.key] = "yes" if is_caught(mutant, copy) else "**no**"
            keep(known)
            progress.advance(task)


@click.command(help="Show every promise, or only the named ones, and write docs/proof.md.")
@click.argument("keys", nargs=-1, type=click.Choice([promise.key for promise in PROMISES]))
@click.option(
    "--mutants/--no-mutants", default=True, help="Break the code on purpose too.", show_default=True
)
def main(keys: tuple[str, ...], *, mutants: bool) -> None:
    """Exit 1 when a promise is broken or a broken build goes unnoticed."""
    known: dict[str, Any] = json.loads(LATEST.read_text("utf-8")) if LATEST.exists() else {}
    known = {"promises": known.get("promises", {}), "mutants": known.get("mutants", {}), "machine": machine()}
    chosen = [promise for promise in PROMISES if not keys or promise.key in keys]
    console, revision = Console(), revision_now()
    with Progress(console=console) as progress:
        if mutants:
            run_mutants(known, progress, keys)
        task = progress.add_task("promises", total=len(chosen))
        for promise in chosen:
            shown = show(promise, revision=revision)
            known["promises"][promise.key] = asdict(shown)
            keep(known)
            progress.console.print(
                f"{promise.key} {promise.words}: {shown.outcome} {'; '.join(shown.figures)}"
            )
            progress.advance(task)
    broken = [
        key for key in (promise.key for promise in chosen) if known["promises"][key]["outcome"] == "broken"
    ]
    missed = [key for key, noticed in known["mutants"].items() if noticed != "yes"]
    console.print(f"broken: {broken or 'none'}; broken builds unnoticed: {missed or 'none'}")
    sys.exit(1 if broken or missed else 0)


if __name__ == "__main__":
    main()
