from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from models import transfer_run
from models.errors import InvalidInput, InvalidTransition
from models.files import file_path, store_list
from models.import_run import ImportChange, ImportRun
from models.scenario import Scenario
from models.transfer_run import carry_out, options_of, read_columns, try_out, with_journal
from tests.factories import make_user
from tests.import_rows import TODAY, make_import

CSV = "编号,名称,说法,发布单位\nA1,井盖,发现井盖缺失,某局\nA2,占道,,某局\n"


@pytest.fixture
def listed(session: Session, tmp_path: Path, now: datetime) -> ImportRun:
    """An uploaded list with its columns read, committed."""
    stored = store_list(tmp_path, "a.csv", CSV.encode(), max_bytes=1000)
    row = make_import(session, user_id=make_user(session).key, file_hash=stored.digest)
    read_columns(
        row,
        tmp_path,
        remembered={"说法": "text"},
        options=options_of(row, now=now, today=TODAY, max_bytes=9_999),
    )
    session.commit()
    return row


def test_columns_come_with_samples_and_guesses(listed: ImportRun) -> None:
    assert [column["name"] for column in listed.columns] == ["编号", "名称", "说法", "发布单位"]
    assert listed.columns[2]["samples"] == ["发现井盖缺失"]
    assert listed.mapping == {"编号": "id", "名称": "title", "说法": "text", "发布单位": "publisher"}


def test_a_trial_writes_nothing(session: Session, listed: ImportRun, tmp_path: Path, now: datetime) -> None:
    options = options_of(listed, now=now, today=TODAY, max_bytes=9_999)

    report, problem = try_out(session, listed, file_path(tmp_path, listed.file_hash), options)

    assert report["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    assert report["errors"] == [
        {"where": "第 3 行", "field": "text", "message": "缺这一列，或这一格是空的。"}
    ]
    assert problem == ""
    assert session.exec(select(Scenario)).all() == []


def test_a_list_that_is_too_long_for_a_page_is_a_problem(
    session: Session, listed: ImportRun, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_run, "MAX_ROWS", 1)

    _, problem = try_out(
        session,
        listed,
        file_path(tmp_path, listed.file_hash),
        options_of(listed, now=now, today=TODAY, max_bytes=9_999),
    )

    assert problem.startswith("行数太多")


def test_too_many_columns_are_no_list(tmp_path: Path, now: datetime, session: Session) -> None:
    stored = store_list(tmp_path, "a.csv", ",".join(f"c{n}" for n in range(200)).encode(), max_bytes=9999)
    row = make_import(session, user_id=make_user(session).key, file_hash=stored.digest)

    with pytest.raises(InvalidInput, match="列太多"):
        read_columns(
            row, tmp_path, remembered={}, options=options_of(row, now=now, today=TODAY, max_bytes=9_999)
        )


def test_the_import_goes_in_once_with_what_it_changed(
    session: Session, listed: ImportRun, tmp_path: Path, now: datetime
) -> None:
    path = file_path(tmp_path, listed.file_hash)
    options = with_journal(options_of(listed, now=now, today=TODAY, max_bytes=9_999), session, listed)

    carry_out(session, listed, path, options)

    assert listed.imported_at == now
    assert [row.external_id for row in session.exec(select(Scenario))] == ["A1"]
    assert [change.was_new for change in session.exec(select(ImportChange))] == [True]
    with pytest.raises(InvalidTransition):
        carry_out(session, listed, path, options)
