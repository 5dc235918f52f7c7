"""What several test files of the matcher need and what is dear to make."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from tests.matcher.demo_chain import encode_demo


@pytest.fixture(scope="session")
def encoded_demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo and its vectors, encoded once for all processes of a run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "encoded-demo"
    folder.mkdir(exist_ok=True)
    target = folder / "encoded.sqlite3"
    with FileLock(folder / "lock"):
        if not target.exists():
            encode_demo(sqlite_template, target)
    return target
