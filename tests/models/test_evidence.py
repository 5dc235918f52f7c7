"""Documents of a pilot: checked or rejected once, valid on a day, replaced rather than edited."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidTransition, NotFound
from models.evidence import Evidence, get_evidence, pilot_evidence
from tests.factories import MONDAY, make_evidence, make_pilot

DAY = date(2026, 11, 23)


def test_a_document_is_checked_once(session: Session, now: datetime) -> None:
    row = make_evidence(session, make_pilot(session))

    row.check(now, note="与原件一致")

    assert (row.checked_at, row.rejected_at, row.check_note) == (now, None, "与原件一致")
    with pytest.raises(InvalidTransition):
        row.check(now)
    with pytest.raises(InvalidTransition):
        row.reject(now, note="其实不对")


def test_a_document_is_rejected_once(session: Session, now: datetime) -> None:
    row = make_evidence(session, make_pilot(session))

    row.reject(now, note="缺公章")

    assert (row.checked_at, row.rejected_at, row.check_note) == (None, now, "缺公章")
    with pytest.raises(InvalidTransition):
        row.check(now)


@pytest.mark.parametrize(
    ("values", "is_valid"),
    [
        ({"issued_on": None}, True),
        ({"issued_on": DAY}, True),
        ({"issued_on": date(2026, 11, 24)}, False),
        ({"valid_until_on": DAY}, True),
        ({"valid_until_on": date(2026, 11, 22)}, False),
        ({"rejected_at": MONDAY}, False),
        ({"checked_at": MONDAY}, True),
    ],
)
def test_a_document_counts_from_its_issue_to_its_last_day(
    session: Session, values: dict[str, Any], is_valid: bool
) -> None:
    assert make_evidence(session, make_pilot(session), **values).is_valid_on(DAY) is is_valid


def test_replaced_documents_are_left_out_oldest_first(session: Session) -> None:
    pilot = make_pilot(session)
    first, second = make_evidence(session, pilot), make_evidence(session, pilot)
    correction = make_evidence(session, pilot, replaces_id=first.id)
    last = make_evidence(session, pilot, replaces_id=correction.id)
    make_evidence(session, make_pilot(session))

    assert pilot_evidence(session, pilot.key) == [second, last]


def test_a_document_is_got_through_its_pilot_only(session: Session) -> None:
    row = make_evidence(session, make_pilot(session))

    assert get_evidence(session, row.key, pilot_id=row.pilot_id) is row
    with pytest.raises(NotFound):
        get_evidence(session, row.key, pilot_id=make_pilot(session).key)
    with pytest.raises(NotFound):
        get_evidence(session, row.key + 1000, pilot_id=row.pilot_id)


@pytest.mark.parametrize(
    "values",
    [
        {"checked_at": MONDAY, "rejected_at": MONDAY},
        {"file_size": -1},
        {"file_hash": "abc"},
        {"pilot_id": 987_654},
        {"replaces_id": 987_654},
        {"issuer_organisation_id": 987_654},
    ],
)
def test_the_database_refuses_what_must_never_be(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_evidence(session, make_pilot(session), **values)


def test_a_document_is_replaced_at_most_once(session: Session) -> None:
    pilot = make_pilot(session)
    first = make_evidence(session, pilot)
    make_evidence(session, pilot, replaces_id=first.id)

    with pytest.raises(IntegrityError):
        make_evidence(session, pilot, replaces_id=first.id)


def test_a_large_amount_is_kept_to_the_fen(session: Session) -> None:
    row: Evidence = make_evidence(session, make_pilot(session), amount_fen=123_456_789_012_345)
    session.expire(row)

    assert row.amount_fen == 123_456_789_012_345
