"""What a process loads before it is asked for anything: a command answers at once, the site needs no encoder."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house.checkout import PACKAGES, ROOT

ENCODER = {"torch", "transformers", "sentence_transformers"}
# Imported inside the commands of these packages, so that asking for help does not wait for them.
LAZY = {"models": "sqlalchemy", "matcher": "sqlalchemy", "jobs": "sqlalchemy"}


def loaded_by(*arguments: str, **environment: str) -> set[str]:
    """Top-level names of every module that a Python process imports."""
    command = [sys.executable, "-X", "importtime", *arguments]
    answer = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    lines = [line for line in answer.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in lines}


@pytest.mark.parametrize("package", PACKAGES)
def test_asking_for_help_does_not_load_the_encoder(package: str) -> None:
    loaded = loaded_by("-m", package, "--help")

    assert "click" in loaded
    assert loaded & ENCODER == set()


@pytest.mark.parametrize("package", sorted(LAZY))
def test_asking_for_help_does_not_load_the_database(package: str) -> None:
    assert LAZY[package] not in loaded_by("-m", package, "--help")


def test_the_site_starts_without_the_encoder(tmp_path: object) -> None:
    script = "from models.config import Settings; from web.app import create_app; create_app(Settings())"

    loaded = loaded_by("-c", script, DUIJIE_DATA_DIR=str(tmp_path), DUIJIE_MODEL="/no/such/model")

    assert "flask" in loaded
    assert loaded & ENCODER == set()
