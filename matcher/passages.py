"""Documents cut into chunks that remember where they came from, and their vectors.

The same cut serves encoding and quoting, so a quote is always a chunk whose vector was compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from matcher.chunks import chunk_text
from matcher.documents import Document, DocumentKind
from matcher.embedder import Embedder, Progress, TextRole, Vectors, VectorStore, encode_cached
from models.embedding import store_vectors, stored_vectors

OpenSession = Callable[[], AbstractContextManager[Session]]

MAX_CHUNK_TOKENS = 128
"""Longer sentences are cut at clauses: a quote must be readable, and the model's attention is best on short text."""

ROLE_OF = {DocumentKind.SCENARIO: TextRole.DEMAND, DocumentKind.CAPABILITY: TextRole.SUPPLY}


@dataclass(frozen=True, slots=True)
class Passage:
    """One chunk of a document. source: the statement's; position: place within the document, from 0."""

    position: int
    source: str
    text: str


def passages_of(document: Document, embedder: Embedder) -> list[Passage]:
    """The document's chunks in reading order; a requirement is never merged with its neighbour."""
    max_tokens = min(MAX_CHUNK_TOKENS, embedder.max_tokens)
    found: list[Passage] = []
    for statement in document.statements:
        chunks = chunk_text("", statement.text, count_tokens=embedder.count_tokens, max_tokens=max_tokens)
        found += [Passage(len(found) + i, statement.source, chunk.text) for i, chunk in enumerate(chunks)]
    return found


class DatabaseVectorStore:
    """Vectors remembered in the database, by key; a VectorStore for matcher.embedder.encode_cached."""

    def __init__(self, open_session: OpenSession, embedder: Embedder) -> None:
        """open_session: gives a session whose end commits, so that no lock is held while texts are encoded."""
        self._open_session = open_session
        self._embedder = embedder

    def get_many(self, keys: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors among these keys, each (dim,) float32."""
        with self._open_session() as session:
            found = stored_vectors(session, keys)
        return {key: np.frombuffer(vector, dtype="<f4") for key, vector in found.items()}

    def put_many(self, vectors: Mapping[str, Vectors]) -> None:
        """Store vectors; those that are there already are left alone."""
        content = {
            key: np.ascontiguousarray(vector, dtype="<f4").tobytes() for key, vector in vectors.items()
        }
        with self._open_session() as session:
            store_vectors(session, content, model_key=self._embedder.model_key, dim=self._embedder.dim)


def encode_documents(
    documents: Sequence[Document],
    embedder: Embedder,
    store: VectorStore,
    *,
    progress: Progress | None = None,
) -> list[Vectors]:
    """The raw chunk vectors of each document, (n_chunks, dim); what the store knows is not encoded again.

    A document without any text gets (0, dim). All documents must be of one kind: the two sides have different prompts.
    """
    cut = [[passage.text for passage in passages_of(document, embedder)] for document in documents]
    texts = [text for passages in cut for text in passages]
    if not texts:
        return [np.zeros((0, embedder.dim), dtype=np.float32) for _ in documents]
    vectors = encode_cached(embedder, texts, role=ROLE_OF[documents[0].kind], store=store, progress=progress)
    ends = np.cumsum([len(passages) for passages in cut])
    return list(np.split(vectors, ends)[:-1])
