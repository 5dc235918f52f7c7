"""Embeddings already computed, by content: unchanged text is never encoded twice."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from models.base import UtcDateTime, utcnow

QUERY_BATCH = 500


class Embedding(SQLModel, table=True):
    """One raw vector (not centred). The key already contains model, dtype, prompt and text; rows never change."""

    __table_args__ = (sa.CheckConstraint("dim > 0", name="dim_positive"),)

    text_hash: str = Field(
        primary_key=True, max_length=64, description="matcher.embedder.embedding_key of the text."
    )
    model_key: str = Field(max_length=200, index=True)
    dim: int
    vector: bytes = Field(sa_type=sa.LargeBinary, description="dim float32 values, little endian.")
    created_at: datetime = Field(default_factory=utcnow, sa_type=UtcDateTime)


def stored_vectors(session: Session, keys: Iterable[str]) -> dict[str, bytes]:
    """The stored vectors among these keys, as bytes; keys that were never encoded are left out."""
    wanted = list(dict.fromkeys(keys))
    found: dict[str, bytes] = {}
    for start in range(0, len(wanted), QUERY_BATCH):
        batch = wanted[start : start + QUERY_BATCH]
        statement = select(Embedding.text_hash, Embedding.vector).where(col(Embedding.text_hash).in_(batch))
        found.update(session.exec(statement).all())
    return found


def store_vectors(session: Session, vectors: Mapping[str, bytes], *, model_key: str, dim: int) -> int:
    """Add the vectors that are not stored yet; returns how many. Flushes, never commits."""
    known = stored_vectors(session, vectors)
    rows = [
        {"text_hash": key, "model_key": model_key, "dim": dim, "vector": vector, "created_at": utcnow()}
        for key, vector in vectors.items()
        if key not in known
    ]
    if rows:
        session.exec(sa.insert(Embedding), params=rows)
    return len(rows)
