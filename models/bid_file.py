"""Files of a proposal: kept in the store of models/files.py by their hash, listed by name, taken off by the firm."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, moment
from models.errors import InvalidInput, NotFound
from models.files import StoredFile
from models.i18n import N_
from models.user import User

MAX_FILES = 10


class BidFile(Table, table=True):
    """One file. Uploaded and taken off by the firm; versions that were handed in with it go on naming it."""

    __tablename__ = "bid_file"
    __table_args__ = (
        sa.CheckConstraint("file_size >= 0", name="file_size_not_negative"),
        sa.CheckConstraint("length(file_hash) = 64", name="file_hash_is_sha256"),
    )

    bid_id: int = Field(foreign_key="bid.id", index=True)
    file_name: str = Field(max_length=255, description="As uploaded; shown, never used as a path.")
    file_hash: str = Field(max_length=64, description="SHA-256 of the bytes, hex.")
    file_size: int
    media_type: str = Field(max_length=120)
    uploaded_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    removed_at: datetime | None = moment(description="Since when it is no part of what is being written.")


def list_files(session: Session, bid_id: int) -> list[BidFile]:
    """The files that belong to what is being written, oldest first."""
    statement = select(BidFile).where(col(BidFile.bid_id) == bid_id, col(BidFile.removed_at).is_(None))
    return list(session.exec(statement.order_by(col(BidFile.id))))


def file_rows(session: Session, bid_id: int) -> list[dict[str, Any]]:
    """Those files as a version names them."""
    return [
        {"id": row.key, "name": row.file_name, "sha256": row.file_hash, "size": row.file_size}
        for row in list_files(session, bid_id)
    ]


def add_file(session: Session, bid_id: int, stored: StoredFile, *, by: User, now: datetime) -> BidFile:
    """Put a stored file with a proposal. InvalidInput for one too many, or one that is there."""
    there = list_files(session, bid_id)
    if len(there) >= MAX_FILES:
        full = N_("最多放 10 个文件，请先拿掉一个。")
        raise InvalidInput(full, fields={"file": full})
    if any(row.file_hash == stored.digest for row in there):
        twice = N_("这个文件已经放过了。")
        raise InvalidInput(twice, fields={"file": twice})
    row = BidFile(
        created_at=now,
        bid_id=bid_id,
        file_name=stored.name,
        file_hash=stored.digest,
        file_size=stored.size,
        media_type=stored.media_type,
        uploaded_by_user_id=by.key,
    )
    session.add(row)
    session.flush()
    return row


def get_file(session: Session, file_id: int, *, bid_id: int) -> BidFile:
    """A file of this proposal, also one that was taken off; NotFound otherwise."""
    row = session.exec(
        select(BidFile).where(col(BidFile.id) == file_id, col(BidFile.bid_id) == bid_id)
    ).first()
    if row is None:
        raise NotFound(N_("没有这个文件。"))
    return row


def remove_file(row: BidFile, now: datetime) -> None:
    """Take it off what is being written. NotFound when that has happened."""
    if row.removed_at is not None:
        raise NotFound(N_("没有这个文件。"))
    row.removed_at = now
