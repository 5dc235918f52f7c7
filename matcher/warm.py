"""A recommender kept between questions, for a process that answers people while they type.

One per generation of the index and day, shared by all threads. The database is read when a new one is made, not per
question; nothing is written: vectors of what people type stay in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session

from matcher.corpus import Corpus
from matcher.embedder import Embedder
from matcher.encoder_client import RemoteEmbedder
from matcher.index_manifest import IndexManifest
from matcher.opened_index import OpenedIndex
from matcher.recommender import Recommender
from matcher.vector_memory import VectorMemory
from models.config import Settings
from models.errors import ModelUnavailable

Answer = TypeVar("Answer")


@dataclass
class Warm:
    """The parts, handed over. index_dir, model: as in the settings. connect: reaches the encoder.

    open_session: a session that only reads; it is closed as soon as the rows have been read.
    """

    index_dir: Path
    model: str
    connect: Callable[[], Embedder]
    open_session: Callable[[], AbstractContextManager[Session]]
    _vectors: VectorMemory = field(default_factory=VectorMemory, init=False, repr=False)
    _embedder: Embedder | None = field(default=None, init=False, repr=False)
    _index: OpenedIndex = field(init=False, repr=False)
    _kept: tuple[IndexManifest, date, Recommender] | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self._index = OpenedIndex(self.index_dir, self.model)

    def ask(self, question: Callable[[Recommender], Answer], *, on: date) -> Answer:
        """What `question` finds on the index in use. Raises IndexNotReady, or ModelUnavailable without an encoder."""
        try:
            self.embedder()
            return question(self._recommender(on))
        except ModelUnavailable:
            # It may have been started anew, perhaps with another model: it is asked again who it is next time.
            self._embedder = None
            raise

    def embedder(self) -> Embedder:
        """The encoder, reached at the first call. Raises ModelUnavailable where there is none."""
        embedder = self._embedder
        if embedder is None:
            self._embedder = embedder = self.connect()
        return embedder

    def _recommender(self, on: date) -> Recommender:
        with self._lock:
            snapshot, baseline = self._index.opened()
            kept = self._kept
            if kept is None or kept[0] is not snapshot.manifest or kept[1] != on:
                with self.open_session() as session:
                    corpus = Corpus(session, snapshot, baseline, on=on)
                made = Recommender(
                    corpus, make_embedder=self.embedder, make_store=lambda _: self._vectors, on=on
                )
                self._kept = kept = snapshot.manifest, on, made
            return kept[2]


def make_warm(settings: Settings, open_session: Callable[[], AbstractContextManager[Session]]) -> Warm:
    """For an installation: its index, and the encoder that listens in its data folder. Nothing is loaded yet."""
    return Warm(
        index_dir=settings.index_dir,
        model=f"{settings.model}:{settings.model_dtype}",
        connect=lambda: RemoteEmbedder(settings.encoder_socket),
        open_session=open_session,
    )
