"""Numbered versions of what people edit: every save names the one it was made on, so that two windows cannot overwrite
each other in silence.
"""

from typing import Protocol

import sqlalchemy as sa
from sqlmodel import Session

from models.errors import InvalidTransition

CONFLICT = "draft_conflict"


class Revised(Protocol):
    """A row with a version: its table has the columns id and revision."""

    revision: int

    @property
    def key(self) -> int:
        """The id."""


def claim_revision(session: Session, row: Revised, revision: int) -> None:
    """Take the revision after this one; of two who want the same one, the database lets one have it.

    InvalidTransition with the code draft_conflict for the other. The caller sets it on the row as well.
    """
    session.flush()
    table: sa.Table = type(row).__table__  # type: ignore[attr-defined]
    claimed = session.execute(
        sa.update(table)
        .where(table.c.id == row.key, table.c.revision == revision)
        .values(revision=revision + 1)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise InvalidTransition(
            "这份草稿刚在别处改过，你这里的没有保存。先把这里的新内容复制出来，再刷新页面接着改。",
            code=CONFLICT,
        )
