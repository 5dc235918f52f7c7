"""Several processes behind one address answer everything, however they are started."""

from __future__ import annotations

import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from models.config import Settings
from models.db import make_engine, transaction
from models.schema import upgrade
from tests.fakes import HashingEmbedder
from tests.matcher.market import make_market
from tests.web.live_market import index_rows

ROOT = Path(__file__).parents[2]
ANSWER_SECONDS = 120.0
"""An answer takes some milliseconds, the first of a process some seconds; what has not come by then hangs."""
QUESTIONS_EACH = 9
"""As many as an address may ask in a row, less one."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small market and its index."""
    folder = tmp_path_factory.mktemp("workers")
    settings = Settings(data_dir=folder)
    engine = make_engine(settings.database)
    upgrade(engine)
    with transaction(engine) as session:
        make_market(session)
        index_rows(session, settings, HashingEmbedder())
    engine.dispose()
    return folder


class Server:
    """A gunicorn on a port of its own."""

    def __init__(self, folder: Path, *arguments: str, site: str = "", n_threads: int = 1) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = folder / f"{self.port}.log"
        environment = {
            **os.environ,
            "DUIJIE_DATA_DIR": str(folder),
            "OMP_NUM_THREADS": str(n_threads),
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "gunicorn", "--config", "python:web.workers", *arguments]
        command += ["--bind", f"127.0.0.1:{self.port}", site or "tests.web.forked_site:small_site()"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def __enter__(self) -> Server:
        until = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(timeout=ANSWER_SECONDS) == 0, self.log.read_text()
        finally:
            self.process.kill()

    def ask(self, n_address: int) -> list[tuple[int, bool]]:
        """Status, and whether it was answered in full, of one visitor's questions from an address of her own."""
        source = (f"127.0.0.{n_address + 2}", 0)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS, source_address=source)
        with closing(connection):
            connection.request("GET", "/try")
            first = connection.getresponse()
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', first.read().decode())
            assert token is not None
            cookie = str(first.getheader("Set-Cookie")).partition(";")[0]
            return [
                self._ask(connection, f"{n_address}-{at}", token[1], cookie) for at in range(QUESTIONS_EACH)
            ]

    def _ask(self, connection: HTTPConnection, number: str, token: str, cookie: str) -> tuple[int, bool]:
        text = f"用车载视频识别井盖缺失和破损，夜间也能识别道路沉降，编号{number}。"
        body = urlencode({"side": "need", "text": text, "csrf_token": token})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        connection.request("POST", "/try", body, headers)
        answer = connection.getresponse()
        return answer.status, "data-row" in answer.read().decode()


def ask_all(server: Server, n_visitors: int) -> Counter[tuple[int, bool]]:
    """So many visitors, eight at a time."""
    with ThreadPoolExecutor(8) as pool:
        return Counter(itertools.chain(*pool.map(server.ask, range(n_visitors))))


def test_two_forked_workers_answer_every_question_in_full(folder: Path) -> None:
    with Server(folder, "--preload", "--workers", "2", n_threads=2) as server:
        answers = ask_all(server, 6)

    assert answers == {(200, True): 6 * QUESTIONS_EACH}


@pytest.mark.proof
@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("n_workers", [1, 2, 4])
@pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["each_loads", "preloaded"])
def test_no_way_of_starting_hangs(
    folder: Path, preload: tuple[str, ...], n_workers: int, n_threads: int
) -> None:
    with Server(folder, *preload, "--workers", str(n_workers), n_threads=n_threads) as server:
        answers = ask_all(server, 23)

    assert answers == {(200, True): 23 * QUESTIONS_EACH}


def test_a_start_that_would_fork_the_index_library_is_refused(folder: Path) -> None:
    server = Server(folder, "--preload", site="tests.web.forked_site:site_with_the_index_loaded()")

    assert server.process.wait(timeout=ANSWER_SECONDS) == 4
    assert "faiss is loaded before the workers are forked" in server.log.read_text()
    assert "Traceback" not in server.log.read_text()
