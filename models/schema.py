"""The schema's version: bring a database to the newest one, or say how far it is from it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel

import models.tables  # noqa: F401  (registers every table)
from models.errors import NotReady

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration for our migrations, bound to a connection when one is given."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Create the schema, or bring it to the newest version; nothing happens when it is there already."""
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to `revision` ("base" for nothing)."""
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), revision)


def current_revision(engine: Engine) -> str | None:
    """The version the database is at, or None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    """The newest version there is."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None, "there is always a first migration"
    return head


def require_head(engine: Engine) -> None:
    """Raise NotReady, with what to do, unless the database is at the newest version."""
    current = current_revision(engine)
    if current != head_revision():
        state = "还是空的" if current is None else "是旧版本"
        raise NotReady(f"数据库{state}，先运行 python -m models upgrade。", code="schema_behind")


def differences(engine: Engine) -> list[str]:
    """How the database's tables differ from the code's; empty when they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, SQLModel.metadata)
    return [" ".join(str(part)[:120] for part in difference) for difference in found]
