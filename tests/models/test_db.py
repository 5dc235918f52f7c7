"""Engines, sessions and transactions, on both databases; several writers at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import col, select

from models.db import dialect_name, hurried, make_engine, make_session, normalise_url, transaction
from models.errors import InvalidInput
from models.organisation import Organisation, OrganisationKind

N_WRITERS = 4
N_INCREMENTS = 100


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("postgres://u:p@h/db", "postgresql+psycopg://u:p@h/db"),
        ("postgresql://u:p@h:5432/db?sslmode=require", "postgresql+psycopg://u:p@h:5432/db?sslmode=require"),
        ("postgresql+psycopg:///db?host=/tmp", "postgresql+psycopg:///db?host=/tmp"),
        ("sqlite:////var/lib/x.sqlite3", "sqlite:////var/lib/x.sqlite3"),
        ("sqlite://", "sqlite://"),
    ],
)
def test_an_address_is_given_the_driver_that_is_installed(written: str, normal: str) -> None:
    assert normalise_url(written) == normal


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:secret@h/db",
        "postgresql://u:secret@h:port/db",
        "duijie.sqlite3",
        "",
        "postgresql+asyncpg://u:secret@h/db",
    ],
)
def test_an_unknown_database_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        make_engine(url)

    assert "secret" not in caught.value.message


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'new' / 'deep' / 'x.sqlite3'}")

    assert (tmp_path / "new" / "deep").is_dir()
    engine.dispose()


def test_sqlite_checks_foreign_keys_and_syncs_every_commit(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }
    engine.dispose()

    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


def test_a_row_that_points_nowhere_is_refused(empty_engine: Engine) -> None:
    with pytest.raises(IntegrityError), transaction(empty_engine) as session:
        session.add(_organisation(district_id=12345))


def test_a_transaction_is_kept(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        session.add(_organisation(name="留下"))

    assert _names(empty_engine) == ["留下"]


def test_a_transaction_that_fails_leaves_nothing(empty_engine: Engine) -> None:
    with pytest.raises(RuntimeError), transaction(empty_engine) as session:
        session.add(_organisation(name="不留"))
        session.flush()
        raise RuntimeError

    assert _names(empty_engine) == []


def test_rows_stay_readable_after_the_session_is_closed(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        row = _organisation(name="关了也能读")
        session.add(row)

    assert row.name == "关了也能读"


def test_writers_at_once_lose_no_update(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        session.add(_organisation(team_size=1))

    _at_once(lambda: _increment(empty_engine))

    with make_session(empty_engine) as session:
        assert session.exec(select(Organisation.team_size)).one() == 1 + N_WRITERS * N_INCREMENTS


def _increment(engine: Engine) -> None:
    for _ in range(N_INCREMENTS):
        with transaction(engine) as session:
            # Reading comes first on purpose: that is what a deferred transaction gets wrong.
            row = session.exec(select(Organisation).with_for_update()).one()
            row.team_size = (row.team_size or 0) + 1


def _at_once(work: Callable[[], None]) -> None:
    with ThreadPoolExecutor(N_WRITERS) as pool:
        for future in [pool.submit(work) for _ in range(N_WRITERS)]:
            future.result(timeout=120)


def test_a_session_that_only_reads_waits_for_no_writer(empty_engine: Engine) -> None:
    with transaction(empty_engine) as writer:
        writer.add(_organisation(name="还没提交"))
        writer.flush()
        with make_session(empty_engine, read_only=True) as reader:
            seen = reader.exec(select(Organisation)).all()

    assert seen == []


def test_a_second_writer_waits_and_then_says_so(tmp_path: Path) -> None:
    patient = make_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    impatient = make_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with patient.connect() as holder, impatient.connect() as waiter:
        holder.exec_driver_sql("SELECT 1")
        waiter.connection.driver_connection.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(OperationalError, match="locked"):
            waiter.exec_driver_sql("SELECT 1")
    patient.dispose()
    impatient.dispose()


def test_nested_transactions_roll_back_alone(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        session.add(_organisation(name="外层"))
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(_organisation(name="内层", district_id=12345))
            session.flush()

    assert _names(empty_engine) == ["外层"]


def test_text_is_stored_as_itself_in_json(empty_engine: Engine) -> None:
    with empty_engine.connect() as connection:
        serialised = connection.dialect._json_serializer({"乙": 1, "甲": "对接"})

    assert serialised == '{"乙": 1, "甲": "对接"}'


def test_the_name_of_the_dialect(empty_engine: Engine) -> None:
    with make_session(empty_engine) as session:
        assert dialect_name(session) == empty_engine.dialect.name


def test_a_thousand_values_fit_into_one_statement(empty_engine: Engine) -> None:
    with make_session(empty_engine) as session:
        rows = session.exec(select(Organisation).where(col(Organisation.id).in_(range(1, 1001)))).all()

    assert rows == []


def _organisation(**values: object) -> Organisation:
    return Organisation(**{"name": "某机构", "kind": OrganisationKind.AGENCY, **values})


def _names(engine: Engine) -> list[str]:
    with make_session(engine) as session:
        return list(session.exec(sa.select(Organisation.name)).scalars())


def test_in_a_hurry_another_writer_is_not_waited_for_and_patience_comes_back(empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        session.add(Organisation(name="甲", kind=OrganisationKind.AGENCY))
    change = sa.update(Organisation).values(name="乙")

    with transaction(empty_engine) as busy:
        busy.execute(change)
        with make_session(empty_engine, read_only=True) as session:
            with pytest.raises(OperationalError), hurried(session, milliseconds=50):
                session.execute(change)
            session.rollback()
    with make_session(empty_engine, read_only=True) as session:
        with hurried(session, milliseconds=50):
            session.execute(change)
        session.commit()

    with make_session(empty_engine) as session:
        assert session.exec(select(col(Organisation.name))).all() == ["乙"]
        if dialect_name(session) == "sqlite":
            assert session.connection().exec_driver_sql("PRAGMA busy_timeout").scalar() == 15_000
