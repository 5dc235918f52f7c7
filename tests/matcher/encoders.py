"""Starts and ends encoders in processes of their own, for tests."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from matcher.encoder_client import ask_encoder
from models.errors import ModelUnavailable

PROGRAM = Path(__file__).with_name("encoder_process.py")
PATIENCE_SECONDS = 30


def start_encoder(
    path: Path, *, seconds: float = 0.0, model: str = "hashing-64:1"
) -> subprocess.Popen[bytes]:
    """An encoder that listens at `path` by the time this returns."""
    process = subprocess.Popen([sys.executable, str(PROGRAM), str(path), str(seconds), model])
    wait_for(lambda: answers(path) or process.poll() is not None)
    assert process.poll() is None, "the encoder ended before it listened"
    return process


def answers(path: Path) -> bool:
    """Whether an encoder answers there: a killed one leaves its socket behind."""
    try:
        return bool(ask_encoder(path, {"op": "info"}))
    except ModelUnavailable:
        return False


@contextmanager
def running_encoder(
    path: Path, *, seconds: float = 0.0, model: str = "hashing-64:1"
) -> Iterator[subprocess.Popen[bytes]]:
    """An encoder that has ended afterwards, whatever happens."""
    process = start_encoder(path, seconds=seconds, model=model)
    try:
        yield process
    finally:
        if process.poll() is None:
            end_encoder(process)


def end_encoder(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> int:
    """Send a signal and return the exit code."""
    process.send_signal(number)
    return process.wait(timeout=PATIENCE_SECONDS)


def wait_for(condition: Callable[[], bool]) -> None:
    """Return once a condition holds; fail after PATIENCE_SECONDS."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
