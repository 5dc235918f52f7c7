"""Everything matching needs at hand, made once a process: settings, database, index folder, model, open snapshot.

The model is loaded when something must be encoded, not before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlmodel import Session

from matcher.corpus import Corpus
from matcher.embedder import Embedder, Progress, SentenceEmbedder
from matcher.index import IndexSnapshot
from matcher.index_store import IndexStore
from matcher.indexing import Encoding, IndexReport, differences, load_documents, open_snapshot, update_index
from matcher.passages import DatabaseVectorStore, OpenSession
from matcher.recommender import Recommender
from models.config import Settings
from models.db import transaction
from models.errors import IndexNotReady


@dataclass
class Workshop:
    """The parts, handed over rather than looked up; tests put their own in.

    model: the setting. make_embedder: loads it. open_session: a session whose end commits. today: the installation's day.
    """

    model: str
    make_embedder: Callable[[], Embedder]
    index_dir: Path
    open_session: OpenSession
    today: Callable[[], date]
    _embedder: Embedder | None = field(default=None, repr=False)
    _snapshot: IndexSnapshot | None = field(default=None, repr=False)

    def embedder(self) -> Embedder:
        """The model, loaded at the first call."""
        if self._embedder is None:
            self._embedder = self.make_embedder()
        return self._embedder

    def vectors(self, embedder: Embedder) -> DatabaseVectorStore:
        """The vectors remembered in the database."""
        return DatabaseVectorStore(self.open_session, embedder)

    def snapshot(self) -> IndexSnapshot:
        """The index in use; opened again only when there is a newer generation. Raises IndexNotReady."""
        store = IndexStore(self.index_dir)
        if self._snapshot is None or store.read_manifest().generation != self._snapshot.generation:
            self._snapshot = open_snapshot(store, reuse=self._snapshot)
        return self._snapshot

    def recommender(self, session: Session) -> Recommender:
        """What answers questions, on this session's rows and the index in use. Raises IndexNotReady."""
        corpus = Corpus(session, self.snapshot(), on=self.today())
        return Recommender(corpus, make_embedder=self.embedder, make_store=self.vectors, on=self.today())

    def update_index(
        self, *, now: datetime, rebuild: bool = False, progress: Progress | None = None
    ) -> IndexReport:
        """Bring the index in step with the database. No database lock is held while texts are encoded."""
        with self.open_session() as session:
            documents = load_documents(session, on=self.today())
        encoding = Encoding(model=self.model, make_embedder=self.embedder, make_store=self.vectors)
        return update_index(self.index_dir, documents, encoding, now=now, rebuild=rebuild, progress=progress)

    def verify_index(self) -> None:
        """Read every file of the index and compare checksums. Raises IndexNotReady naming what is wrong."""
        IndexStore(self.index_dir).verify()

    def index_status(self) -> dict[str, Any]:
        """What is on disk against what the database holds; `problem` says why it cannot be used, if so."""
        with self.open_session() as session:
            documents = load_documents(session, on=self.today())
        try:
            snapshot = self.snapshot()
        except IndexNotReady as err:
            return {"in_step": False, "problem": err.message, "documents": len(documents)}
        changed, removed = differences(documents, snapshot)
        manifest = snapshot.manifest
        return {
            "in_step": not changed and not removed,
            "problem": None,
            "documents": len(documents),
            "not_indexed": len(changed),
            "to_remove": len(removed),
            "generation": manifest.generation,
            "built_at": manifest.built_at.isoformat(),
            "model": manifest.model_key,
            "deltas": len(manifest.deltas),
            "bytes": manifest.n_bytes,
        }


def make_workshop(settings: Settings, engine: Engine) -> Workshop:
    """The parts of an installation. Nothing is loaded yet."""
    zone = ZoneInfo(settings.time_zone)
    return Workshop(
        model=f"{settings.model}:{settings.model_dtype}",
        make_embedder=lambda: SentenceEmbedder(settings.model, settings.cache, dtype=settings.model_dtype),
        index_dir=settings.index_dir,
        open_session=lambda: transaction(engine),
        today=lambda: datetime.now(zone).date(),
    )
