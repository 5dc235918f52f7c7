"""Migrations make exactly the tables of the code, up and down, on both databases; another version says what it is."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col, select

from models import schema
from models.db import make_engine, make_session, transaction
from models.errors import NotReady
from models.organisation import Organisation
from models.user import Role, User
from tests.factories import make_organisation, make_user

HEAD = schema.head_revision()
ROOT = Path(schema.__file__).resolve().parents[1]

NEXT_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = depends_on = None


def upgrade():
    op.add_column("organisation", sa.Column("nickname", sa.String(length=20)))
    {more}


def downgrade():
    op.drop_column("organisation", "nickname")
"""


@pytest.fixture
def bare_engine(bare_url: str) -> Iterator[Engine]:
    engine = make_engine(bare_url)
    yield engine
    engine.dispose()


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations of a later release of the program: ours and one more. Returns the file of the new one."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    newest = folder / "versions" / "9999_nickname.py"
    newest.write_text(NEXT_MIGRATION.format(more="", head=HEAD))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    return newest


def description(engine: Engine) -> dict[str, Any]:
    """All that a database knows of its tables, in an order of its own."""
    inspector = sa.inspect(engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            ],
            "key": inspector.get_pk_constraint(table),
            "references": _sorted(inspector.get_foreign_keys(table)),
            "unique": _sorted(inspector.get_unique_constraints(table)),
            "indexes": _sorted(inspector.get_indexes(table)),
            "checks": _sorted(inspector.get_check_constraints(table)),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def _sorted(rows: Any) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)


def triggers(engine: Engine) -> set[str]:
    """Names of the triggers in a database."""
    with engine.connect() as connection:
        return set(connection.exec_driver_sql(schema.TRIGGERS[engine.dialect.name]).scalars())


def test_the_migrations_make_what_the_code_describes(bare_engine: Engine) -> None:
    schema.upgrade(bare_engine)

    assert schema.differences(bare_engine) == []
    assert schema.current_revision(bare_engine) == schema.head_revision()


def test_migrated_tables_equal_those_made_from_the_code_to_the_last_condition(bare_engine: Engine) -> None:
    schema.upgrade(bare_engine)
    migrated, migrated_triggers = description(bare_engine), triggers(bare_engine)
    schema.downgrade(bare_engine, "base")
    with bare_engine.begin() as connection:
        SQLModel.metadata.create_all(connection)

    assert description(bare_engine) == migrated
    assert triggers(bare_engine) == migrated_triggers


def test_down_to_nothing_and_up_again(bare_engine: Engine) -> None:
    schema.upgrade(bare_engine)
    schema.downgrade(bare_engine, "base")

    assert description(bare_engine) == {}
    assert triggers(bare_engine) == set()
    schema.upgrade(bare_engine)
    assert schema.differences(bare_engine) == []


def test_the_upgrade_to_managers_finds_who_can_manage(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        home, other = make_organisation(session).key, make_organisation(session).key
        evaluator = make_user(session, roles=(Role.EVALUATOR,), organisation_id=home, password_hash="x").key
        never_here = make_user(session, roles=(Role.AGENCY,), organisation_id=home).key
        officer = make_user(session, roles=(Role.AGENCY,), organisation_id=home, password_hash="x").key
        alone = make_user(session, roles=(Role.AGENCY,), organisation_id=other).key
    schema.downgrade(empty_engine, "0007")

    schema.upgrade(empty_engine)

    with make_session(empty_engine, read_only=True) as session:
        managers = session.exec(select(User.id).where(col(User.manager_at).is_not(None))).all()
    assert sorted(managers) == [officer, alone]
    assert {evaluator, never_here}.isdisjoint(managers)
    assert schema.differences(empty_engine) == []


def test_upgrading_what_is_at_the_newest_version_keeps_everything(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        make_organisation(session, name="留下")
    before = description(empty_engine)

    schema.upgrade(empty_engine)

    assert description(empty_engine) == before
    assert _names(empty_engine) == ["留下"]


def test_the_newest_version_is_accepted(empty_engine: Engine) -> None:
    schema.require_head(empty_engine)


def test_an_empty_database_says_what_to_do(bare_engine: Engine) -> None:
    with pytest.raises(NotReady, match=r"还是空的，先运行 python -m models upgrade") as caught:
        schema.require_head(bare_engine)

    assert caught.value.code == "schema_behind"


def test_a_database_one_migration_behind_says_what_to_do_and_can_be_upgraded_with_its_data(
    empty_engine: Engine, next_release: Path
) -> None:
    with transaction(empty_engine) as session:
        make_organisation(session, name="留下")

    with pytest.raises(NotReady, match=r"是旧版本，先运行 python -m models upgrade") as caught:
        schema.require_head(empty_engine)

    assert caught.value.code == "schema_behind"
    schema.upgrade(empty_engine)
    schema.require_head(empty_engine)
    assert _names(empty_engine) == ["留下"]
    schema.downgrade(empty_engine, HEAD)
    assert schema.differences(empty_engine) == []
    assert _names(empty_engine) == ["留下"]


def test_a_database_of_a_newer_program_is_left_alone(
    empty_engine: Engine, next_release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(empty_engine)
    monkeypatch.undo()

    for refused in (schema.require_head, schema.upgrade):
        with pytest.raises(NotReady, match="数据库比程序新") as caught:
            refused(empty_engine)
        assert caught.value.code == "schema_ahead"
    assert schema.current_revision(empty_engine) == "9999"


def test_a_migration_that_fails_leaves_nothing_of_itself(empty_engine: Engine, next_release: Path) -> None:
    next_release.write_text(
        NEXT_MIGRATION.format(more='op.execute("SELECT * FROM no_such_table")', head=HEAD)
    )
    before = description(empty_engine)

    with pytest.raises(DBAPIError):
        schema.upgrade(empty_engine)

    assert description(empty_engine) == before
    assert schema.current_revision(empty_engine) == HEAD


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        ("DROP TABLE digest_item", "digest_item"),
        ("ALTER TABLE organisation ADD COLUMN nickname VARCHAR(20)", "nickname"),
        ("ALTER TABLE pilot DROP COLUMN scope", "scope"),
        ("DROP INDEX ix_scenario_deadline_on", "ix_scenario_deadline_on"),
        ("CREATE INDEX ix_extra ON scenario (title)", "ix_extra"),
    ],
)
def test_what_differs_from_the_code_is_named(empty_engine: Engine, damage: str, word: str) -> None:
    with empty_engine.begin() as connection:
        connection.exec_driver_sql(damage)

    found = schema.differences(empty_engine)

    assert found
    assert all(word in difference for difference in found)


def test_a_missing_trigger_is_named(empty_engine: Engine) -> None:
    names = sorted(triggers(empty_engine))
    suffix = " ON funding_record" if empty_engine.dialect.name == "postgresql" else ""
    with empty_engine.begin() as connection:
        for name in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}{suffix}")

    assert sorted(schema.differences(empty_engine)) == [f"missing trigger {name}" for name in names]


@pytest.mark.parametrize("empty_engine", ["postgresql"], indirect=True)
def test_a_changed_condition_is_named(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE pilot DROP CONSTRAINT ck_pilot_steps_in_order")
        connection.exec_driver_sql("ALTER TABLE pilot ADD CONSTRAINT ck_pilot_other CHECK (id > 0)")

    assert schema.differences(empty_engine) == [
        "missing check ck_pilot_steps_in_order",
        "unknown check ck_pilot_other",
    ]


def test_alembic_on_the_command_line_works_on_the_installations_database(bare_url: str) -> None:
    environment = {**os.environ, "DUIJIE_DATABASE_URL": bare_url}

    for arguments in (("upgrade", "head"), ("check",)):
        done = subprocess.run(
            [sys.executable, "-m", "alembic", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert "No new upgrade operations" in done.stdout


def _names(engine: Engine) -> list[str]:
    with make_session(engine) as session:
        return list(session.exec(select(Organisation.name)))
