from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DUIJIE_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "web", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_help_lists_the_command(tmp_path: Path) -> None:
    answer = run(tmp_path, "--help")

    assert answer.returncode == 0
    assert "serve" in answer.stdout


def test_serving_without_a_schema_says_what_to_run(tmp_path: Path) -> None:
    answer = run(tmp_path, "serve", "--port", "0")

    assert answer.returncode == 2
    assert "python -m models upgrade" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    from models.db import make_engine
    from models.schema import upgrade

    engine = make_engine(f"sqlite:///{tmp_path / 'duijie.sqlite3'}")
    upgrade(engine)
    engine.dispose()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        answer = run(tmp_path, "serve", "--port", str(port))

    assert answer.returncode == 2
    assert f"127.0.0.1:{port}" in answer.stderr
    assert "Traceback" not in answer.stderr
