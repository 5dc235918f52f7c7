"""What the index promises under random histories, in short in the suite and at length in `make proof`.

It holds what the database holds; readers meet whole generations while a writer publishes; what was taken back is in no
answer; the same rows give the same answers in every process.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import Session

from matcher.index import IndexSnapshot
from matcher.index_store import IndexStore
from matcher.indexing import differences, load_documents
from models.capability import Capability
from models.db import make_engine, transaction
from models.scenario import Scenario
from models.schema import upgrade
from tests.matcher.index_entries import LATER, make_entry, make_store
from tests.matcher.index_entries import NOW as WRITTEN
from tests.matcher.market import (
    NOW,
    TODAY,
    Chain,
    CountingEmbedder,
    make_market,
    make_needs,
    make_offers,
    make_workshop,
)

Record = Callable[[str, object], None]

PROOF_OPERATIONS = 10_000
PROOF_QUESTIONS = 100_000
PROOF_SECONDS = 600.0


class Refused(Exception):
    """The model or the disk fails in the middle of an update."""


@dataclass
class History:
    """Random changes of a market, and updates of its index that sometimes fail."""

    session: Session
    chain: Chain
    needs: list[Scenario]
    offers: list[Capability]
    rng: random.Random
    fails: bool = False
    done: dict[str, int] = field(default_factory=dict)
    ids_seen: set[tuple[str, int]] = field(default_factory=set)

    def step(self) -> None:
        """One operation."""
        name = self.rng.choice(list(OPERATIONS))
        OPERATIONS[name](self)
        self.session.flush()
        self.done[name] = self.done.get(name, 0) + 1

    def any_row(self) -> Scenario | Capability:
        """One of either side."""
        return self.rng.choice([*self.needs, *self.offers])

    def add(self) -> None:
        """A new row; its id was never another's."""
        make = make_needs if self.rng.random() < 0.4 else make_offers
        [row] = make(self.session, 1, seed=self.rng.randrange(10**6))
        key = (type(row).__name__, row.key)
        assert key not in self.ids_seen
        self.ids_seen.add(key)
        (self.needs if isinstance(row, Scenario) else self.offers).append(row)

    def rewrite(self) -> None:
        """Another text."""
        row = self.any_row()
        row.text = f"{row.text[:200]}第{self.rng.randrange(10**6)}次修改。"

    def take_back(self) -> None:
        """Closed, withdrawn or taken down."""
        row = self.any_row()
        if isinstance(row, Scenario):
            setattr(row, self.rng.choice(["closed_at", "withdrawn_at"]), NOW)
        else:
            row.unlisted_at = NOW

    def bring_back(self) -> None:
        """Open again."""
        row = self.any_row()
        if isinstance(row, Scenario):
            row.closed_at = row.withdrawn_at = None
        else:
            row.unlisted_at = None

    def roll_back(self) -> None:
        """A change that is undone before it is committed."""
        nested = self.session.begin_nested()
        self.rewrite()
        self.session.flush()
        nested.rollback()
        self.session.expire_all()

    def break_off(self) -> None:
        """An update that fails while it encodes; the next one mends all."""
        self.rewrite()
        self.session.flush()
        self.fails = True
        with suppress(Refused):
            self.chain.update()
        self.fails = False

    def settle(self) -> None:
        """An update, now and then of everything; then nothing is missing and nothing too much."""
        self.chain.update(rebuild=self.rng.random() < 0.05)
        snapshot = IndexStore(self.chain.folder).open()
        documents = load_documents(self.session, on=TODAY)
        assert differences(documents, snapshot) == ([], [])
        held = {kind: snapshot.content_hashes(kind) for kind in ("scenario", "capability")}
        wanted: dict[str, dict[int, str]] = {"scenario": {}, "capability": {}}
        for document in documents:
            wanted[document.kind.value][document.id] = document.content_hash
        assert held == wanted
        # By the rows themselves, not by the product's own idea of what is listed.
        assert set(held["scenario"]) == {n.key for n in self.needs if n.closed_at is n.withdrawn_at is None}
        assert set(held["capability"]) == {offer.key for offer in self.offers if offer.unlisted_at is None}
        assert snapshot.manifest.model_key == CountingEmbedder.model_key


OPERATIONS: dict[str, Callable[[History], None]] = {
    "add": History.add,
    "rewrite": History.rewrite,
    "take back": History.take_back,
    "bring back": History.bring_back,
    "roll back": History.roll_back,
    "break off": History.break_off,
    "settle": History.settle,
}


def live_through(session: Session, folder: Path, n_operations: int, *, seed: int) -> History:
    """So many operations, and a last update."""
    needs, offers = make_market(session)

    def refuse(_: object) -> None:
        if history.fails:
            raise Refused

    chain = Chain(session, folder, CountingEmbedder(refuse))
    history = History(session, chain, needs, offers, random.Random(seed))
    history.ids_seen = {(type(row).__name__, row.key) for row in (*needs, *offers)}
    chain.update()
    for _ in range(n_operations):
        history.step()
    history.settle()
    return history


def test_the_index_is_the_database_after_any_history(session: Session, tmp_path: Path) -> None:
    history = live_through(session, tmp_path / "index", 70, seed=4)

    assert set(history.done) == set(OPERATIONS)


@pytest.mark.proof
def test_no_drift_after_ten_thousand_operations(tmp_path: Path, record_property: Record) -> None:
    n_lives = 20
    for seed in range(n_lives):
        with made_database(tmp_path / f"{seed}.sqlite3") as session:
            live_through(session, tmp_path / f"index{seed}", PROOF_OPERATIONS // n_lives, seed=seed)
    record_property("figure", f"{PROOF_OPERATIONS:,} operations, no drift")


def made_database(path: Path):
    """A session on a new database of its own."""
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    return transaction(engine)


# ------------------------------------------------------------------ readers while a writer publishes


@dataclass
class Traffic:
    """Searches and published generations, and what was wrong with any answer."""

    folder: Path
    n_searches: int = 0
    n_generations: int = 0
    wrong: list[object] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def read(self, seed: int) -> None:
        """Search for an entry of the newest generation until told to stop."""
        rng, store, snapshot = random.Random(seed), make_store(self.folder), None
        try:
            while not self.stop.is_set():
                snapshot = store.open(reuse=snapshot)
                self.look_at(snapshot, rng.choice(snapshot.entry_ids("capability")))
                self.n_searches += 1
        except Exception as err:
            self.wrong.append(err)
            raise

    def look_at(self, snapshot: IndexSnapshot, wanted: int) -> None:
        """The vectors under an id are those of its version, and nothing comes back that is not there."""
        version = int(str(snapshot.content_hash("capability", wanted)).rpartition("v")[2])
        [hits] = snapshot.search("capability", make_entry(wanted, version=version).sections[:1], 5)
        if hits[0].id != wanted or not {hit.id for hit in hits} <= set(snapshot.entry_ids("capability")):
            self.wrong.append((snapshot.generation, wanted, version, hits))

    def write(self, seconds: float) -> None:
        """Publish bases and deltas for so long."""
        writer, rng, until = make_store(self.folder), random.Random(9), time.monotonic() + seconds
        while time.monotonic() < until:
            self.n_generations += 1
            version = self.n_generations + 1
            ids = rng.sample(range(1, 40), 6)
            if version % 10 == 0:
                writer.write_base([make_entry(n, version=version) for n in range(1, 30)], now=LATER)
            else:
                upserts = [make_entry(n, version=version) for n in ids[:4]]
                writer.write_delta(upserts, [("capability", n) for n in ids[4:]], now=LATER)


def read_while_writing(folder: Path, seconds: float) -> Traffic:
    """Three readers and a writer."""
    make_store(folder).write_base([make_entry(n) for n in range(1, 30)], now=WRITTEN)
    traffic = Traffic(folder)
    readers = [threading.Thread(target=traffic.read, args=(seed,)) for seed in range(3)]
    for reader in readers:
        reader.start()
    traffic.write(seconds)
    traffic.stop.set()
    for reader in readers:
        reader.join()
    return traffic


def test_searches_meet_whole_generations_while_a_writer_publishes(tmp_path: Path) -> None:
    traffic = read_while_writing(tmp_path / "index", 2.0)

    assert traffic.wrong == []
    assert min(traffic.n_searches, traffic.n_generations) > 5


@pytest.mark.proof
def test_searches_meet_whole_generations_for_minutes(tmp_path: Path, record_property: Record) -> None:
    traffic = read_while_writing(tmp_path / "index", PROOF_SECONDS)

    record_property(
        "figure",
        f"{PROOF_SECONDS:.0f} s: {traffic.n_searches:,} searches over {traffic.n_generations:,} generations, "
        f"{len(traffic.wrong)} wrong",
    )
    assert traffic.wrong == []
    assert min(traffic.n_searches, traffic.n_generations) > 500


# ------------------------------------------------------------------ what was taken back


@dataclass
class Changing:
    """A market whose rows come and go, and an index that is renewed now and then."""

    session: Session
    chain: Chain
    needs: list[Scenario]
    offers: list[Capability]
    rng: random.Random
    n_asked: int = 0

    def change(self) -> None:
        """Some go, some come back; one update in three sees it."""
        for offer in self.rng.sample(self.offers, 3):
            offer.unlisted_at = None if offer.unlisted_at else NOW
        need = self.rng.choice(self.needs)
        need.withdrawn_at = None if need.withdrawn_at else NOW
        self.session.flush()
        if self.rng.random() < 0.3:
            self.chain.update()

    def ask_everybody(self) -> None:
        """Every open need and every listed capability asks for three."""
        listed = {row.key for row in self.offers if row.unlisted_at is None}
        open_ones = {row.key for row in self.needs if row.withdrawn_at is None}
        recommender = self.chain.recommender()
        corpus = recommender.corpus
        for need in open_ones & set(corpus.scenarios):
            found = [match.capability_id for match in recommender.match_scenario(need, k=3)]
            self.look_at(found, listed, there=set(corpus.capabilities))
        for offer in listed & set(corpus.capabilities):
            found = [match.scenario_id for match in recommender.match_capability(offer, k=3)]
            self.look_at(found, open_ones, there=set(corpus.scenarios))

    def look_at(self, found: list[int | None], wanted: set[int], *, there: set[int]) -> None:
        """What came back waits for the next update; what went is gone at once and its place is filled."""
        assert set(found) <= wanted
        assert len(found) == min(3, len(wanted & there))
        self.n_asked += 1


def ask_while_rows_go(session: Session, folder: Path, n_questions: int) -> Changing:
    """So many questions to a market that changes."""
    needs, offers = make_market(session, 6, 12)
    changing = Changing(session, Chain(session, folder), needs, offers, random.Random(2))
    changing.chain.update()
    while changing.n_asked < n_questions:
        changing.change()
        changing.ask_everybody()
    return changing


def test_what_was_taken_back_is_in_no_answer_and_its_place_is_filled(
    session: Session, tmp_path: Path
) -> None:
    assert ask_while_rows_go(session, tmp_path / "index", 75).n_asked >= 75


@pytest.mark.proof
def test_nothing_leaks_in_a_hundred_thousand_answers(tmp_path: Path, record_property: Record) -> None:
    with made_database(tmp_path / "d.sqlite3") as session:
        changing = ask_while_rows_go(session, tmp_path / "index", PROOF_QUESTIONS)

    assert changing.n_asked >= PROOF_QUESTIONS
    record_property("figure", f"{changing.n_asked:,} answers, no leak")


# ------------------------------------------------------------------ the same in every process

ASK = """
import json, sys
from pathlib import Path
from models.db import make_engine
from tests.matcher.market import make_workshop
recommender = make_workshop(make_engine(sys.argv[1]), Path(sys.argv[2])).recommender()
for scenario_id in recommender.corpus.scenarios:
    for match in recommender.match_scenario(scenario_id, k=24):
        print(json.dumps([scenario_id, match.capability_id, match.score, match.payload()], sort_keys=True))
"""


def test_two_processes_give_the_same_answers_byte_for_byte(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'd.sqlite3'}"
    with made_database(tmp_path / "d.sqlite3") as session:
        make_market(session, 6, 24)
    make_workshop(make_engine(url), tmp_path).update_index(now=NOW)

    answers = [
        subprocess.run(
            [sys.executable, "-c", ASK, url, str(tmp_path)],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())},
        ).stdout
        for seed in ("1", "2")
    ]

    assert answers[0].count(b"\n") >= 100
    assert answers[0] == answers[1]
