"""Every command that the documentation names exists, and starts fast."""

from __future__ import annotations

import re
import resource
import subprocess
import sys

import pytest

from tests.house.checkout import PACKAGES, ROOT, files, text_of
from tests.house.test_makefile import targets

# Heavy things a command may need later, but never to say what it can do.
HEAVY = ("torch", "transformers", "sentence_transformers", "faiss", "scipy", "sklearn")


def documents() -> list[str]:
    """Every page for people."""
    return [path for path in files() if path.endswith(".md")]


def documented_commands() -> list[tuple[str, ...]]:
    """(package, command, ...) for every `python -m PACKAGE COMMAND` on those pages."""
    found = set()
    for path in documents():
        for package, rest in re.findall(r"python -m (\w+)((?: [a-z-]+)*)", text_of(path)):
            if package in PACKAGES:
                found.add((package, *rest.split()[:1]))
    return sorted(found)


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m ARGUMENTS` from the checkout."""
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", documented_commands(), ids=" ".join)
def test_a_documented_command_exists(command: tuple[str, ...]) -> None:
    result = start(*command, "--help")

    assert result.returncode == 0, result.stderr


def test_documented_make_targets_exist() -> None:
    named = {
        target
        for path in documents()
        for target in re.findall(r"(?:`| {4}|^)make ([a-z-]+)", text_of(path), re.MULTILINE)
    }

    assert named - targets() == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_asking_for_help_loads_nothing_heavy(package: str) -> None:
    command = [sys.executable, "-X", "importtime", "-m", package, "--help"]

    report = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stderr

    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in report.splitlines()}
    assert loaded.isdisjoint(HEAVY)


def test_help_of_models_takes_less_than_a_second() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    start("models", "--help")

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Processor time: a busy machine must not fail it.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0


def test_an_unknown_command_is_wrong_usage() -> None:
    result = start("models", "no-such-command")

    assert result.returncode == 2
    assert "Traceback" not in result.stderr
