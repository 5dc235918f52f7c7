"""What every table shares: the metadata with named constraints, aware UTC times, enum and JSON columns.

Facts are stored as timestamps (`*_at`, aware UTC) and dates (`*_on`); a state is a property computed from them.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel

# Named constraints let migrations and error messages speak of them, on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def utcnow() -> datetime:
    """The present moment, aware, in UTC. Edges take it once and hand it on; nothing deeper asks the clock."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Takes aware datetimes only (naive raises ValueError), stores UTC, gives back aware UTC.

    SQLite forgets time zones and PostgreSQL keeps them; this type makes both answer alike.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive values, convert the rest to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give back an aware UTC value whatever the driver returned."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_column(enum_class: type[StrEnum]) -> sa.Enum:
    """The column type for a StrEnum: its *values* as text under a named CHECK, never a native database type.

    Native enum types make PostgreSQL migrations one-way, and SQLAlchemy would store member names.
    """
    return sa.Enum(
        enum_class,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=_snake(enum_class.__name__),
        values_callable=lambda members: [member.value for member in members],
    )


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def moment(*, index: bool = False, description: str = "") -> Any:
    """A nullable `*_at` column: empty until the thing has happened."""
    return Field(default=None, sa_type=UtcDateTime, index=index, description=description)


class Table(SQLModel):
    """Base of all tables with a number for a key. `created_at` is set when the row is made."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=utcnow, sa_type=UtcDateTime, nullable=False)

    @property
    def key(self) -> int:
        """The id of a row that has been flushed. Raises ValueError for one that has not."""
        if self.id is None:
            raise ValueError(f"{type(self).__name__} has no id before it is flushed")
        return self.id


Row = TypeVar("Row", bound=Table)

MAX_ID = 2**31 - 1
"""Largest id the column holds; a larger one from an address or a command names no row, and would break the query."""


def find_row(session: Session, table: type[Row], row_id: int) -> Row | None:
    """The row with this id, or None; also for ids that no column could hold."""
    return session.get(table, row_id) if 0 < row_id <= MAX_ID else None
