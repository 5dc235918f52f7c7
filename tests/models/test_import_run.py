from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidTransition, NotFound
from models.import_run import ImportChange, ImportScope, get_import, list_imports, remembered_columns
from tests.factories import make_organisation, make_user
from tests.import_rows import make_import


def test_a_list_is_imported_once_and_undone_once(session: Session, now: datetime) -> None:
    person = make_user(session)
    row = make_import(session, user_id=person.key)

    with pytest.raises(InvalidTransition):
        row.mark_undone(now, person, {})
    row.mark_imported(now, {"counts": {}})
    with pytest.raises(InvalidTransition):
        row.mark_imported(now, {})
    row.mark_undone(now, person, {"deleted": 1})
    with pytest.raises(InvalidTransition):
        row.mark_undone(now, person, {})

    assert (row.imported_at, row.undone_at, row.undone_by_user_id) == (now, now, person.key)


def test_an_import_of_another_organisation_is_not_found(session: Session) -> None:
    mine, other = make_organisation(session), make_organisation(session)
    person = make_user(session)
    row = make_import(session, user_id=person.key, organisation_id=mine.key)

    with pytest.raises(NotFound):
        get_import(session, row.key, ImportScope(organisation_id=other.key))
    assert get_import(session, row.key, ImportScope(organisation_id=mine.key)) is row
    assert list_imports(session, ImportScope(organisation_id=other.key)) == []
    assert list_imports(session, ImportScope()) == [row]


def test_an_import_of_another_person_is_not_found_where_only_ones_own_count(session: Session) -> None:
    person, other = make_user(session), make_user(session)
    row = make_import(session, user_id=person.key)

    with pytest.raises(NotFound):
        get_import(session, row.key, ImportScope(user_id=other.key))
    assert list_imports(session, ImportScope(user_id=person.key)) == [row]
    assert list_imports(session, ImportScope(user_id=other.key)) == []


def test_columns_are_remembered_for_the_organisation_from_what_was_imported(
    session: Session, now: datetime
) -> None:
    mine, person = make_organisation(session), make_user(session)
    for organisation_id, mapping, imported_at in (
        (mine.key, {"代号": "id", "说法": "title"}, now),
        (mine.key, {"说法": "text"}, now),
        (mine.key, {"说法": "metric"}, None),
        (None, {"说法": "data"}, now),
    ):
        make_import(
            session,
            user_id=person.key,
            organisation_id=organisation_id,
            mapping=mapping,
            imported_at=imported_at,
        )

    assert remembered_columns(session, "scenarios", organisation_id=mine.key) == {
        "代号": "id",
        "说法": "text",
    }
    assert remembered_columns(session, "scenarios", organisation_id=None) == {"说法": "data"}
    assert remembered_columns(session, "capabilities", organisation_id=mine.key) == {}


@pytest.mark.parametrize("wrong", ["kind", "undone"])
def test_what_must_never_be_the_database_refuses(session: Session, now: datetime, wrong: str) -> None:
    values = {"kind": {"kind": "pilots"}, "undone": {"undone_at": now}}[wrong]
    person = make_user(session)

    with pytest.raises(IntegrityError), session.begin_nested():
        make_import(session, user_id=person.key, **values)


def test_one_change_a_row_and_import(session: Session) -> None:
    row = make_import(session, user_id=make_user(session).key)
    same = {
        "import_id": row.key,
        "subject_kind": "scenario",
        "subject_id": 1,
        "was_new": True,
        "after_hash": "0" * 64,
    }
    session.add(ImportChange(**same))
    session.flush()

    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(ImportChange(**same))
        session.flush()
