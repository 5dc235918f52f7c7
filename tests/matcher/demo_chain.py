"""The seeded demo with the real model, for tests that ask what it is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlmodel import Session

from matcher.workshop import Workshop, make_workshop
from models.capability import listed_capabilities
from models.config import Settings
from models.db import transaction
from models.demo import seed_demo
from models.scenario import open_scenarios
from tests.conftest import NOW, sqlite_copy

MODEL_CACHE = Settings().cache
TODAY = date(2026, 11, 23)
N_FIRST_SCENARIOS, N_FIRST_CAPABILITIES = 35, 86
"""Keys up to these numbers were written first. They are a small market of their own: enough for tests that do not need
all of the demo, in a third of the time."""


def encode_demo(template: Path, target: Path) -> None:
    """The demo in a database at `target`, with the vectors of all its texts: minutes of processor."""
    with sqlite_copy(template, target.parent) as engine:
        with transaction(engine) as session:
            seed_demo(session, now=NOW, settings=_settings(target.parent))
        _workshop(engine, target.parent).update_index(now=NOW)
        _copy(engine, target)


@contextmanager
def demo_workshop(encoded: Path, folder: Path, *, first_rows: bool = False) -> Iterator[Workshop]:
    """The demo, or its first rows, in a copy of `encoded` under `folder`: nothing is encoded again."""
    with sqlite_copy(encoded, folder) as engine:
        if first_rows:
            with transaction(engine) as session:
                leave_first_rows(session)
        workshop = _workshop(engine, folder)
        workshop.update_index(now=NOW)
        yield workshop


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, cache_dir=MODEL_CACHE, model="bundled:e5-small", _env_file=None)


def _workshop(engine: Engine, folder: Path) -> Workshop:
    workshop = make_workshop(_settings(folder), engine)
    workshop.today = lambda: TODAY
    return workshop


def _copy(engine: Engine, target: Path) -> None:
    """The whole database in one file, whatever still stands in the log beside it."""
    with (
        closing(sqlite3.connect(str(engine.url.database))) as whole,
        closing(sqlite3.connect(target)) as copy,
    ):
        whole.backup(copy)


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
    """The first rows of a demo, in a copy of its database under `folder`."""
    copy = folder / "whole.sqlite3"
    _copy(workshop.engine, copy)
    with demo_workshop(copy, folder, first_rows=True) as first:
        yield first
