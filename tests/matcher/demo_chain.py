"""The seeded demo with the real model, for tests that ask what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from matcher.workshop import Workshop, make_workshop
from models.config import Settings
from models.db import transaction
from models.demo import seed_demo
from tests.conftest import NOW, sqlite_copy

MODEL_CACHE = Settings().cache


@contextmanager
def demo_workshop(template: Path, folder: Path) -> Iterator[Workshop]:
    """The demo in a database of its own under `folder`, encoded."""
    settings = Settings(data_dir=folder, cache_dir=MODEL_CACHE, model="bundled:e5-small", _env_file=None)
    with sqlite_copy(template, folder) as engine:
        with transaction(engine) as session:
            seed_demo(session, now=NOW, settings=settings)
        workshop = make_workshop(settings, engine)
        workshop.today = lambda: date(2026, 11, 23)
        workshop.update_index(now=NOW)
        yield workshop
