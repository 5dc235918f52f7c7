"""A recommender kept between questions, for a process that answers people while they type.

One per generation of the index and day, shared by all threads. What is no text, such as a firm's last free place,
changes without a new generation, so every few seconds it is looked whether the same rows may be matched, and every
minute all that is kept of them is let go. Nothing is written: vectors of what people type stay in memory.
"""

from __future__ import annotations

import threading
import time
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
from matcher.weighting import weighting_in_force
from models.config import Settings
from models.errors import ModelUnavailable

Answer = TypeVar("Answer")

LOOK_AGAIN_SECONDS = 5.0
"""So long the rows are taken to be what they were: about as long as a person who filled a place needs to look."""

KEPT_SECONDS = 60.0
"""So long a row that was read may be shown as it was then, in what is no text and takes it off no list."""


@dataclass(slots=True)
class _Kept:
    """A recommender and what it rests on. looked_at: when the rows were last found to be these, by the clock."""

    manifest: IndexManifest
    on: date
    made_at: float
    looked_at: float
    recommender: Recommender


@dataclass
class Warm:
    """The parts, handed over. index_dir, model: as in the settings. connect: reaches the encoder.

    open_session: a session that only reads; it is closed as soon as the rows have been read. clock: seconds that only
    grow.
    """

    index_dir: Path
    model: str
    connect: Callable[[], Embedder]
    open_session: Callable[[], AbstractContextManager[Session]]
    clock: Callable[[], float] = time.monotonic
    _vectors: VectorMemory = field(default_factory=VectorMemory, init=False, repr=False)
    _embedder: Embedder | None = field(default=None, init=False, repr=False)
    _index: OpenedIndex = field(init=False, repr=False)
    _kept: _Kept | None = field(default=None, init=False, repr=False)
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
            kept, now = self._kept, self.clock()
            is_there = kept is not None and kept.manifest is snapshot.manifest and kept.on == on
            if kept is not None and is_there and now - kept.looked_at < LOOK_AGAIN_SECONDS:
                return kept.recommender
            before = kept.recommender.corpus if kept is not None else None
            corpus = Corpus(self.open_session, snapshot, baseline, on=on, before=before)
            with self.open_session() as session:
                weighting = weighting_in_force(session)
            if kept is not None and is_there and now - kept.made_at < KEPT_SECONDS:
                same = corpus.is_as(kept.recommender.corpus) and weighting == kept.recommender.weighting
                if same:
                    kept.looked_at = now
                    return kept.recommender
            made = Recommender(
                corpus,
                make_embedder=self.embedder,
                make_store=lambda _: self._vectors,
                on=on,
                weighting=weighting,
            )
            self._kept = _Kept(snapshot.manifest, on, now, now, made)
            return made


def make_warm(settings: Settings, open_session: Callable[[], AbstractContextManager[Session]]) -> Warm:
    """For an installation: its index, and the encoder that listens in its data folder. Nothing is loaded yet."""
    return Warm(
        index_dir=settings.index_dir,
        model=f"{settings.model}:{settings.model_dtype}",
        connect=lambda: RemoteEmbedder(settings.encoder_socket),
        open_session=open_session,
    )
