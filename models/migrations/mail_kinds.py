"""For migrations: which kinds of mail, and of work, the database lets in, where a release brings new ones."""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

TABLES = ("outbox_mail", "subscription")
MAIL_CHECK, WORK_CHECK = "mail_kind", "work_kind"


def allow(kinds: Sequence[str]) -> None:
    """Let these kinds in beside those that were."""
    for table in TABLES:
        _change(table, MAIL_CHECK, added=kinds)


def allow_work(kinds: Sequence[str]) -> None:
    """Let these kinds of work be asked for."""
    _change("work_request", WORK_CHECK, added=kinds)


def forbid_work(kinds: Sequence[str]) -> None:
    """Delete the wishes of these kinds and let none in any more."""
    wishes = sa.table("work_request", sa.column("kind", sa.String))
    op.execute(wishes.delete().where(wishes.c.kind.in_(kinds)))
    _change("work_request", WORK_CHECK, removed=kinds)


def forbid(kinds: Sequence[str]) -> None:
    """Delete the mails of these kinds and let none in any more."""
    mails = sa.table("outbox_mail", sa.column("id", sa.Integer), sa.column("kind", sa.String))
    dead = sa.table("suppressed_address", sa.column("mail_id", sa.Integer))
    ours = mails.c.kind.in_(kinds)
    op.execute(
        dead.update().where(dead.c.mail_id.in_(sa.select(mails.c.id).where(ours))).values(mail_id=None)
    )
    op.execute(mails.delete().where(ours))
    for table in TABLES:
        _change(table, MAIL_CHECK, removed=kinds)


def _change(table: str, check: str, *, added: Sequence[str] = (), removed: Sequence[str] = ()) -> None:
    """Change which kinds the CHECK of `table` lets in; the words that are there are read from the database itself."""
    name = f"ck_{table}_{check}"
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        found = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
        statement = str(connection.execute(found, {"name": table}).scalar_one())
        before = re.search(rf"CONSTRAINT {name} CHECK \(kind IN \(([^)]*)\)\)", statement)
        assert before is not None, f"{name} is where SQLAlchemy writes it"
        words = _words(before.group(1), added, removed)
        _rewrite_sqlite(table, statement.replace(before.group(1), words))
        return
    found = sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
    definition = str(connection.execute(found, {"name": name}).scalar_one())
    op.drop_constraint(op.f(name), table, type_="check")
    op.create_check_constraint(op.f(name), table, f"kind IN ({_words(definition, added, removed)})")


def _words(definition: str, added: Sequence[str], removed: Sequence[str]) -> str:
    kept = [word for word in re.findall(r"'([a-z_]+)'", definition) if word not in removed]
    return ", ".join(f"'{word}'" for word in [*kept, *(word for word in added if word not in kept)])


def _rewrite_sqlite(table: str, statement: str) -> None:
    """Put `statement` in the place of the one that made the table.

    SQLite changes no CHECK in place, and making this table anew would break the rows that refer to it. Rewriting the
    text of the schema is the way its documentation gives for changes that move no stored byte
    (ALTER TABLE, "making other kinds of table schema changes").
    """
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": statement, "name": table},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
