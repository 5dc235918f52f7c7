"""An encoder in a process of its own over a real socket, with an embedder in miniature: run by the tests of both sides.

    python encoder_process.py SOCKET [SECONDS]

SECONDS: how long each encoding takes, so that a test can come in between. MODEL in the environment names the model.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from matcher.embedder import Progress, TextRole, Vectors
from matcher.encoder_service import EncoderService
from tests.fakes import HashingEmbedder


class SlowEmbedder(HashingEmbedder):
    """Takes its time over each encoding; says so in a file, so that a test knows that it has begun."""

    def __init__(self, begun: Path, seconds: float) -> None:
        self._begun, self._seconds = begun, seconds

    def encode(self, texts: Sequence[str], *, role: TextRole, progress: Progress | None = None) -> Vectors:
        self._begun.touch()
        time.sleep(self._seconds)
        return super().encode(texts, role=role, progress=progress)


def main() -> None:
    """Serve until SIGTERM."""
    path = Path(sys.argv[1])
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    embedder = SlowEmbedder(path.with_suffix(".begun"), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
    if len(sys.argv) > 3:
        embedder.model_key = sys.argv[3]
    EncoderService(embedder, max_waiting=2).serve(path, stop)


if __name__ == "__main__":
    main()
