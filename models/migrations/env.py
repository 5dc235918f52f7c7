"""Runs migrations, on the connection that models/schema.py hands over or, from alembic's own command line, on the
installation's database.
"""

from collections.abc import Iterable
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import models.tables  # noqa: F401  (registers every table)
from models.base import UtcDateTime
from models.config import load_settings
from models.db import make_engine


def run() -> None:
    """Apply the requested steps, within the caller's transaction where there is one."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        run_on(connection)
        return
    engine = make_engine(load_settings().database)
    with engine.begin() as own:
        run_on(own)
    engine.dispose()


def run_on(connection: sa.Connection) -> None:
    """Apply the requested steps on a connection."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=plain_type,
        process_revision_directives=number_in_order,
    )
    with context.begin_transaction():
        context.run_migrations()


def plain_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Our own column types as plain SQLAlchemy, so that an old migration needs no code that may have moved."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()" if item.length is None else f"sa.String(length={item.length})"
    return False


def number_in_order(
    migration: MigrationContext,
    _revision: str | Iterable[str | None] | Iterable[str],
    directives: list[MigrationScript],
) -> None:
    """Number a new migration after the newest one: 0001, 0002, ..."""
    scripts = ScriptDirectory.from_config(context.config)
    for directive in directives:
        directive.rev_id = f"{int(scripts.get_current_head() or 0) + 1:04d}"


run()
