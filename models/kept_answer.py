"""Answers kept for whoever asks again: a program that lost the answer repeats the request under the same key.

The answer is kept in the commit of what it tells of, so a key never stands for something that did not happen.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Field, Session, col, delete, select

from models.base import Table

KEPT_FOR = timedelta(days=1)
"""So long a program may repeat itself; afterwards a key is free again."""


class KeptAnswer(Table, table=True):
    """The answer to one request of one token. Made with the change, never changed, forgotten after KEPT_FOR."""

    __tablename__ = "kept_answer"
    __table_args__ = (sa.UniqueConstraint("token_id", "request_key"),)

    token_id: int = Field(foreign_key="api_token.id")
    request_key: str = Field(max_length=100, description="As the program chose it.")
    request_hash: str = Field(max_length=64, description="SHA-256 of method, address and body.")
    status: int
    content: str = Field(sa_type=sa.Text, description="The JSON that was answered.")


def find_kept(session: Session, token_id: int, key: str, *, now: datetime) -> KeptAnswer | None:
    """What was answered under this key within KEPT_FOR, or None."""
    statement = select(KeptAnswer).where(
        col(KeptAnswer.token_id) == token_id,
        col(KeptAnswer.request_key) == key,
        col(KeptAnswer.created_at) > now - KEPT_FOR,
    )
    return session.exec(statement).first()


def keep(session: Session, answer: KeptAnswer, *, now: datetime) -> None:
    """Keep an answer, and forget those of the same token that are too old. IntegrityError where the key is taken."""
    session.execute(
        delete(KeptAnswer).where(
            col(KeptAnswer.token_id) == answer.token_id, col(KeptAnswer.created_at) <= now - KEPT_FOR
        )
    )
    session.add(answer)
    session.flush()
