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
from models.funding_record import APPEND_ONLY_DDL

MIGRATIONS = Path(__file__).parent / "migrations"

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}
"""How each database lists its triggers."""


def alembic_config(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration for our migrations, bound to a connection when one is given."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Create the schema, or bring it to the newest version, all or nothing; no change when it is there already.

    Raises NotReady for a database that a newer version of the program has changed.
    """
    _require_known(current_revision(engine))
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
    _require_known(current)
    if current != head_revision():
        state = "还是空的" if current is None else "是旧版本"
        raise NotReady(f"数据库{state}，先运行 python -m models upgrade。", code="schema_behind")


def _require_known(current: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if current is not None and current not in known:
        raise NotReady("数据库比程序新。请换成较新的程序，数据库没有改动。", code="schema_ahead")


def differences(engine: Engine) -> list[str]:
    """How the database differs from the code: tables, columns, types, indexes, constraints by name, triggers.

    Empty when they agree.
    """
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = [_in_words(difference) for difference in compare_metadata(context, SQLModel.metadata)]
        return found + _check_differences(connection) + _trigger_differences(connection)


def _in_words(difference: object) -> str:
    # Alembic answers with a tuple for a table and a list of tuples for a column.
    parts = difference if isinstance(difference, tuple) else str(difference)[:300].split("\n")
    return " ".join(str(part)[:120] for part in parts)


def _check_differences(connection: sa.Connection) -> list[str]:
    """CHECK constraints that only one side has; Alembic does not look at them."""
    inspector = sa.inspect(connection)
    found = []
    for table in SQLModel.metadata.sorted_tables:
        if not inspector.has_table(table.name):
            continue  # reported as a missing table
        there = {check["name"] for check in inspector.get_check_constraints(table.name)}
        wanted = {item.name for item in table.constraints if isinstance(item, sa.CheckConstraint)}
        found += [f"missing check {name}" for name in sorted(map(str, wanted - there))]
        found += [f"unknown check {name}" for name in sorted(map(str, there - wanted))]
    return found


def _trigger_differences(connection: sa.Connection) -> list[str]:
    """Triggers of append-only tables that are not there."""
    dialect = connection.dialect.name
    there = set(connection.exec_driver_sql(TRIGGERS[dialect]).scalars())
    statements = [ddl for ddl in APPEND_ONLY_DDL[dialect] if ddl.startswith("CREATE TRIGGER")]
    wanted = [ddl.split()[2] for ddl in statements]
    return [f"missing trigger {name}" for name in wanted if name not in there]
