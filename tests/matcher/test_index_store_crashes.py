"""The folder of the index when writers die, the disk fills up, or readers come at the wrong moment."""

import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from matcher.durable_files import temp_files
from models.errors import NotReady
from tests.matcher.index_entries import DIM, LATER, NOW, hashes, make_entry, make_store


@pytest.fixture
def store(tmp_path):
    """Capabilities 1-3 and scenario 1, generation 1."""
    store = make_store(tmp_path)
    store.write_base([make_entry(1, kind="scenario"), *map(make_entry, (1, 2, 3))], now=NOW)
    return store


def steps_of(folder, write):
    """The names of all steps of a write."""
    steps = []
    write(make_store(folder, on_step=steps.append))
    return steps


def base_write(store):
    store.write_base([make_entry(5), make_entry(6)], now=LATER, extras={"means": {"zh": np.ones(DIM)}})


def delta_write(store):
    store.write_delta([make_entry(5)], [("capability", 1)], now=LATER)


def compact_write(store):
    store.compact(now=LATER)


def make_two_generations(folder):
    store = make_store(folder)
    store.write_base([make_entry(1), make_entry(2)], now=NOW)
    store.write_delta([make_entry(3)], now=NOW)
    return store


def crash_at(folder, write, step):
    """Run a write in a child process that ends, without any cleaning up, just before the named step."""
    child = os.fork()
    if child == 0:
        write(make_store(folder, on_step=lambda name: os._exit(9) if name == step else None))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("write", [base_write, delta_write, compact_write])
def test_a_crash_before_any_step_leaves_the_old_or_the_new_generation_whole(tmp_path, write):
    make_two_generations(tmp_path / "whole")
    before = hashes(make_store(tmp_path / "whole").open())
    steps = steps_of(tmp_path / "whole", write)
    after = hashes(make_store(tmp_path / "whole").open())
    assert len(steps) >= 21
    seen = []
    for at, step in enumerate(steps):
        folder = tmp_path / str(at)
        make_two_generations(folder)
        crash_at(folder, write, step)
        manifest = make_store(folder).verify()
        seen.append(manifest.generation)
        assert hashes(make_store(folder).open()) == {2: before, 3: after}[manifest.generation]

        write(make_store(folder))
        assert hashes(make_store(folder).open()) == after
        assert make_store(folder).status().leftovers == ()
    assert seen == sorted(seen)
    assert set(seen) == {2, 3}


@pytest.mark.parametrize("write", [base_write, delta_write, compact_write])
def test_a_disk_that_refuses_at_any_step_is_an_error_and_nothing_is_left_behind(tmp_path, write):
    n_steps = len(steps_of(make_two_generations(tmp_path / "whole").folder, write))
    for at in range(n_steps):
        folder = tmp_path / str(at)
        make_two_generations(folder)
        steps_left = [at]

        def refuse(step, steps_left=steps_left):
            steps_left[0] -= 1
            if steps_left[0] == -1:
                raise OSError(28, "No space left on device")

        with pytest.raises(NotReady) as caught:
            write(make_store(folder, on_step=refuse))
        assert caught.value.code == "index_not_written"
        assert "No space left" in caught.value.message
        assert make_store(folder).verify().generation in (2, 3)
        assert make_store(folder).status().leftovers == ()


@pytest.mark.parametrize("limit", [0, 100, 400, 1_000, 4_000, 8_000])
def test_a_full_disk_keeps_the_generation_in_use(tmp_path, limit):
    store = make_two_generations(tmp_path)
    before = hashes(store.open())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limits[1]))
    try:
        with pytest.raises(NotReady) as caught:
            store.write_base([make_entry(n, n_chunks=40) for n in range(100, 110)], now=LATER)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    assert caught.value.code == "index_not_written"
    assert hashes(store.open()) == before
    assert store.status().leftovers == ()


ENDLESS_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import numpy as np
from matcher.index_segment import IndexEntry, write_segment
from matcher.index_store import IndexStore

store = IndexStore(Path(sys.argv[1]), model_key="model", dim=8)
rows = np.eye(8, dtype=np.float32)
number = 0
while True:
    number += 1
    vectors = np.tile(rows, (50, 1))
    entries = [IndexEntry("capability", n, "zh", f"{number}", vectors, rows) for n in range(20)]
    if number % 3 == 1:
        store.write_base(entries, now=datetime.now(UTC))
    else:
        store.write_delta(entries[:5], [("capability", 19)], now=datetime.now(UTC))
    print(number, flush=True)
"""


def kill_again_and_again(folder, n_kills):
    """Kill a writer at so many random moments; the index can be opened after each, and generations only rise."""
    rng = random.Random(3)
    make_store(folder).write_base([], now=NOW)
    generations = [1]
    for _ in range(n_kills):
        writer = subprocess.Popen(
            [sys.executable, "-c", ENDLESS_WRITER, str(folder), str(Path.cwd())], stdout=subprocess.PIPE
        )
        writer.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.06))
        writer.kill()
        writer.communicate()
        manifest = make_store(folder).verify()
        generations.append(manifest.generation)

    assert generations == sorted(set(generations))
    make_store(folder).write_base([], now=LATER)
    assert temp_files(folder) == []
    assert make_store(folder).status().leftovers == ()


@pytest.mark.slow
def test_fifteen_kills_in_the_middle_of_writing_never_lose_the_index(tmp_path):
    kill_again_and_again(tmp_path / "index", 15)


@pytest.mark.proof
def test_a_hundred_kills_in_the_middle_of_writing_never_lose_the_index(tmp_path, record_property):
    kill_again_and_again(tmp_path / "index", 100)

    record_property("figure", "100 kills, each time a whole index")


def test_readers_always_find_a_whole_generation_while_a_writer_publishes(store):
    failures, stop = [], threading.Event()

    def read():
        reader, snapshot = make_store(store.folder), None
        while not stop.is_set():
            snapshot = reader.open(reuse=snapshot)
            version = {h.rpartition("v")[2] for h in snapshot.content_hashes("capability").values()}
            if len(version) != 1:
                failures.append(version)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for version in range(2, 40):
        store.write_base([make_entry(n, version=version) for n in range(6)], now=LATER)
    stop.set()
    for reader in readers:
        reader.join()

    assert failures == []
