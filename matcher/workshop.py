"""Everything matching needs at hand, made once a process: settings, database, index folder, model, open snapshot.

The model is loaded when something must be encoded or cut, not before.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlmodel import Session

from matcher.baseline import Baseline
from matcher.corpus import Corpus
from matcher.embedder import Embedder, Progress, SentenceEmbedder
from matcher.index import IndexSnapshot
from matcher.index_store import IndexStore
from matcher.indexing import (
    Encoding,
    IndexReport,
    index_health,
    load_documents,
    update_index,
)
from matcher.opened_index import OpenedIndex
from matcher.passages import DatabaseVectorStore
from matcher.recommender import Recommender
from matcher.scoring import ENGINE_VERSION
from matcher.weighting import weighting_in_force
from models.config import Settings
from models.db import make_session, transaction
from models.market_survey import find_rotation
from models.match_inputs import matching_inputs


@dataclass
class Workshop:
    """The parts, handed over rather than looked up; tests put their own in.

    model: the setting. make_embedder: loads it. today: the installation's day. settled: what the last complete run of
    matching rested on, as `inputs` gave it; empty before the first. turn: held by the job that uses the model, which is
    one and cuts one text at a time.
    """

    engine: Engine
    index_dir: Path
    model: str
    make_embedder: Callable[[], Embedder]
    today: Callable[[], date]
    settled: str = ""
    turn: AbstractContextManager[object] = field(default_factory=Lock, repr=False)
    _embedder: Embedder | None = field(default=None, repr=False)
    _index: OpenedIndex = field(init=False, repr=False)
    _corpus: Corpus | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._index = OpenedIndex(self.index_dir, self.model)

    def reading(self) -> AbstractContextManager[Session]:
        """A session that takes no write lock, so that texts may be encoded while it is open."""
        return make_session(self.engine, read_only=True)

    def embedder(self) -> Embedder:
        """The model, loaded at the first call."""
        if self._embedder is None:
            self._embedder = self.make_embedder()
        return self._embedder

    def vectors(self, embedder: Embedder) -> DatabaseVectorStore:
        """The vectors remembered in the database."""
        return DatabaseVectorStore(lambda: transaction(self.engine), embedder)

    def opened(self) -> tuple[IndexSnapshot, Baseline]:
        """The index in use with its baseline; read again only when there is a newer generation.

        Raises IndexNotReady, also for an index made with another model than the one that is set.
        """
        return self._index.opened()

    def recommender(self) -> Recommender:
        """What answers questions, on the rows of now and the index in use. Raises IndexNotReady."""
        self._corpus = Corpus(self.reading, *self.opened(), on=self.today(), before=self._corpus)
        with self.reading() as session:
            rotation, weighting = find_rotation(session), weighting_in_force(session)
        return Recommender(
            self._corpus,
            make_embedder=self.embedder,
            make_store=self.vectors,
            on=self.today(),
            rotation=rotation,
            weighting=weighting,
        )

    def update_index(
        self, *, now: datetime, rebuild: bool = False, progress: Progress | None = None
    ) -> IndexReport:
        """Bring the index in step with the database. No database lock is held while texts are encoded."""
        with self.reading() as session:
            documents = load_documents(session, on=self.today())
        encoding = Encoding(self.embedder, self.vectors, progress)
        return update_index(self._index, documents, encoding, now=now, rebuild=rebuild)

    def verify_index(self) -> None:
        """Read every file of the index and compare checksums. Raises IndexNotReady naming what is wrong."""
        IndexStore(self.index_dir).verify()

    def index_status(self) -> dict[str, Any]:
        """What is on disk against what the database holds; `problem` says why it cannot be used, if so."""
        with self.reading() as session:
            documents = load_documents(session, on=self.today())
        return index_health(documents, self._index)

    def rows_now(self) -> str:
        """Digest of all rows that matching reads, as they are on the installation's day."""
        with self.reading() as session:
            return matching_inputs(session, on=self.today())

    def inputs(self, rows: str) -> str:
        """All that a run of matching rests on: the rows as `rows_now` saw them, the index on disk, the versions.

        Empty where the index cannot be used, so that nothing ever counts as settled then.
        """
        status = IndexStore(self.index_dir).status()
        if status.problem is not None or status.manifest is None:
            return ""
        return (
            f"{rows} {status.manifest.generation} {status.manifest.changed_at} {self.model} {ENGINE_VERSION}"
        )


def make_workshop(settings: Settings, engine: Engine) -> Workshop:
    """The parts of an installation. Nothing is loaded yet."""
    zone = ZoneInfo(settings.time_zone)
    return Workshop(
        engine=engine,
        index_dir=settings.index_dir,
        model=f"{settings.model}:{settings.model_dtype}",
        make_embedder=lambda: SentenceEmbedder(settings.model, settings.cache, dtype=settings.model_dtype),
        today=lambda: datetime.now(zone).date(),
    )
