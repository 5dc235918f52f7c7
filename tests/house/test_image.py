"""The image is built by the same targets that a person runs; there is no engine here to build it with."""

from __future__ import annotations

import re

from tests.house.checkout import PACKAGES, text_of
from tests.house.test_makefile import targets

DOCKERFILE = text_of("Dockerfile").replace("\\\n", " ")


def instructions(name: str) -> list[str]:
    """The arguments of every instruction of this name, in order."""
    return re.findall(rf"^{name}\s+(.*)$", DOCKERFILE, re.MULTILINE)


def test_every_step_but_the_system_packages_is_a_make_target() -> None:
    system, *steps = instructions("RUN")

    assert system.startswith("apt-get update")
    assert [step.split()[0] for step in steps] == ["make"] * len(steps)
    assert {step.split()[1] for step in steps} <= targets()


def test_steps_use_variables_that_the_makefile_knows() -> None:
    used = {name for step in instructions("RUN")[1:] for name in re.findall(r"(\w+)=", step)}

    assert {
        name for name in used if not re.search(rf"^{name} \?=", text_of("Makefile"), re.MULTILINE)
    } == set()


def test_nothing_runs_as_root() -> None:
    lines = DOCKERFILE.splitlines()

    assert lines.index("USER duijie") < min(i for i, line in enumerate(lines) if line.startswith("COPY"))
    assert instructions("USER") == ["duijie"]


def test_health_is_asked_of_the_process() -> None:
    [check] = instructions("HEALTHCHECK")

    assert "/healthz" in check


def test_the_image_is_made_of_the_packages_and_what_builds_them() -> None:
    let_in = {line[1:] for line in text_of(".dockerignore").splitlines() if line.startswith("!")}

    assert let_in >= {*PACKAGES, "requirements", "Makefile", "pyproject.toml"}
    assert not let_in & {"tests", "docs", "var", ".venv", ".env", ".git"}
