"""Documents cut into chunks that remember where they came from, and into sections, and the vectors of both.

A chunk is about a sentence. The same cut serves encoding and quoting, so a quote is always a chunk whose vector was
compared. A section is a run of chunks, as long as the model reads with profit: it holds what no single sentence says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from matcher.chunks import chunk_text, join_texts
from matcher.documents import Document, DocumentKind
from matcher.embedder import Embedder, Progress, TextRole, Vectors, VectorStore, encode_cached
from models.embedding import store_vectors, stored_vectors

OpenSession = Callable[[], AbstractContextManager[Session]]

MAX_CHUNK_TOKENS = 128
"""Longer sentences are cut at clauses: a quote must be readable, and the model's attention is best on short text."""

MAX_SECTION_TOKENS = 400
"""Room is left below the model's 512: joined chunks may come to a token or two more than their parts."""

ROLE_OF = {DocumentKind.SCENARIO: TextRole.DEMAND, DocumentKind.CAPABILITY: TextRole.SUPPLY}


@dataclass(frozen=True, slots=True)
class Passage:
    """One chunk of a document. source: the statement's; position: place within the document, from 0."""

    position: int
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class EncodedText:
    """The vectors of one text at both grains. chunks: (n_chunks, dim); sections: (n_sections, dim) float32.

    A text without anything to encode has none of either; every other one has at least one of each.
    """

    chunks: Vectors
    sections: Vectors


def passages_of(document: Document, embedder: Embedder) -> list[Passage]:
    """The document's chunks in reading order; a requirement is never merged with its neighbour."""
    max_tokens = min(MAX_CHUNK_TOKENS, embedder.max_tokens)
    found: list[Passage] = []
    for statement in document.statements:
        chunks = chunk_text("", statement.text, count_tokens=embedder.count_tokens, max_tokens=max_tokens)
        found += [Passage(len(found) + i, statement.source, chunk.text) for i, chunk in enumerate(chunks)]
    return found


def sections_of(chunks: Sequence[str], embedder: Embedder) -> list[str]:
    """The chunks of one text joined to sections of at most MAX_SECTION_TOKENS, in reading order."""
    limit = min(MAX_SECTION_TOKENS, embedder.max_tokens)
    joined: list[str] = []
    room = 0
    for chunk, n_tokens in zip(chunks, embedder.count_tokens(chunks), strict=True):
        if joined and n_tokens < room:
            joined[-1] = join_texts(joined[-1], chunk)
            room -= n_tokens
        else:
            joined.append(chunk)
            room = limit - n_tokens
    return _short_enough(joined, chunks, embedder)


def _short_enough(joined: list[str], chunks: Sequence[str], embedder: Embedder) -> list[str]:
    """The sections, or the chunks themselves should joining have made one longer than the model reads."""
    return joined if max(embedder.count_tokens(joined), default=0) <= embedder.max_tokens else list(chunks)


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
) -> list[EncodedText]:
    """The raw vectors of each document; what the store knows is not encoded again.

    All documents must be of one kind: the two sides have different prompts.
    """
    cut = [[passage.text for passage in passages_of(document, embedder)] for document in documents]
    role = ROLE_OF[documents[0].kind] if documents else TextRole.DEMAND
    return encode_texts(cut, embedder, store, role=role, progress=progress)


def encode_texts(
    texts: Sequence[Sequence[str]],
    embedder: Embedder,
    store: VectorStore,
    *,
    role: TextRole,
    progress: Progress | None = None,
) -> list[EncodedText]:
    """The raw vectors of texts that are cut into chunks already. Chunks and sections are encoded in one go, so that
    batches hold texts of like length; a section that is a single chunk costs nothing.
    """
    grains = [(list(chunks), sections_of(chunks, embedder)) for chunks in texts]
    flat = [text for chunks, sections in grains for text in (*chunks, *sections)]
    if flat:
        vectors = encode_cached(embedder, flat, role=role, store=store, progress=progress)
    else:
        vectors = np.zeros((0, embedder.dim), np.float32)
    ends = np.cumsum([len(part) for grain in grains for part in grain])
    parts = np.split(vectors, ends)[:-1]
    return [EncodedText(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
