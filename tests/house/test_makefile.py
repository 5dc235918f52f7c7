"""One target for each thing a person does, and CI does nothing else."""

from __future__ import annotations

import os
import re
import subprocess

from tests.house.checkout import ROOT, text_of

MAKEFILE = text_of("Makefile")
PROMISED = {"setup", "system", "demo", "test", "check", "fix", "bench", "proof", "clean"}


def targets() -> set[str]:
    """Names of the targets that `make help` describes."""
    return set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def make(*arguments: str) -> str:
    """What make prints, as if it were not itself started by the make that runs the tests."""
    env = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    command = ["make", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout


def dry_run(*arguments: str) -> str:
    """What make would do."""
    return make("--dry-run", *arguments)


def test_make_alone_lists_every_target() -> None:
    assert set(re.findall(r"^  make ([a-z-]+) ", make(), re.MULTILINE)) == targets()


def test_every_target_is_described_and_a_command() -> None:
    assert set(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)) == targets()
    assert targets() >= PROMISED


def test_ci_is_what_a_developer_runs() -> None:
    script = text_of(".ci/run")

    assert script.rstrip().endswith("make system check test")
    assert "set -euo pipefail" in script


def test_the_tests_are_the_last_thing_ci_runs() -> None:
    last = dry_run("system", "check", "test").rstrip().split("\n")[-1]

    assert "-m pytest" in last


def test_torch_comes_first_and_from_an_index_of_its_own() -> None:
    installs = [line for line in dry_run_setup() if "pip" in line and "install " in line]

    assert "--requirement requirements/torch.txt" in installs[0]
    assert "--extra-index-url INDEX" in installs[0]
    assert "INDEX" not in installs[1]


def test_pip_decides_where_torch_comes_from_unless_told() -> None:
    assert "index-url" not in dry_run("setup", "VENV=nowhere")


def test_cleaning_spares_every_database() -> None:
    removed = dry_run("clean")

    assert ".sqlite3" not in removed
    assert re.search(r'rm -rf "?var/?"?(\s|$)', removed) is None


def dry_run_setup() -> list[str]:
    """The commands of a first `make setup` with an index for torch, each on one line."""
    return dry_run("setup", "VENV=nowhere", "TORCH_INDEX=INDEX").replace("\\\n", " ").splitlines()
