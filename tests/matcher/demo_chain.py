"""The seeded demo with the real model, for tests that ask what it is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from sqlmodel import Session

from matcher.workshop import Workshop, make_workshop
from models.capability import listed_capabilities
from models.config import Settings
from models.db import make_engine, transaction
from models.demo import seed_demo
from models.scenario import open_scenarios
from tests.conftest import NOW, sqlite_copy

MODEL_CACHE = Settings().cache
TODAY = date(2026, 11, 23)
N_FIRST_SCENARIOS, N_FIRST_CAPABILITIES = 35, 86
"""Keys up to these numbers were written first. They are a small market of their own: enough for tests that do not need
all of the demo, in a third of the time."""


@contextmanager
def demo_workshop(template: Path, folder: Path, *, first_rows: bool = False) -> Iterator[Workshop]:
    """The demo, or its first rows, in a database of its own under `folder`, encoded."""
    settings = Settings(data_dir=folder, cache_dir=MODEL_CACHE, model="bundled:e5-small", _env_file=None)
    with sqlite_copy(template, folder) as engine:
        with transaction(engine) as session:
            seed_demo(session, now=NOW, settings=settings)
            if first_rows:
                leave_first_rows(session)
        workshop = make_workshop(settings, engine)
        workshop.today = lambda: TODAY
        workshop.update_index(now=NOW)
        yield workshop


def leave_first_rows(session: Session) -> None:
    """Take what was written later out of the market."""
    for capability in listed_capabilities(session):
        if int(str(capability.external_id)[1:]) > N_FIRST_CAPABILITIES:
            capability.unlist(NOW)
    for scenario in open_scenarios(session, on=TODAY):
        if int(str(scenario.external_id)[1:]) > N_FIRST_SCENARIOS:
            scenario.close(NOW)


@contextmanager
def first_rows_of(workshop: Workshop, folder: Path) -> Iterator[Workshop]:
    """The first rows of an encoded demo, in a copy of its database under `folder`: nothing is encoded again."""
    copy = folder / "first-rows.sqlite3"
    original = str(workshop.engine.url.database)
    with closing(sqlite3.connect(original)) as whole, closing(sqlite3.connect(copy)) as target:
        whole.backup(target)
    engine = make_engine(f"sqlite:///{copy}")
    with transaction(engine) as session:
        leave_first_rows(session)
    first = Workshop(engine, folder / "index", workshop.model, workshop.embedder, workshop.today)
    first.update_index(now=NOW)
    yield first
    engine.dispose()
