"""The job that sets decisions as documents: once, and again where it could not be done."""

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from jobs import list_pdf
from jobs.runner import Run
from jobs.set_records import set_records
from models.db import transaction
from models.jury import Jury
from models.jury_decision import hash_of, make_record
from tests.factories import MONDAY, make_user
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import SHENZHEN, make_run
from tests.judging import make_jury


def set_all(engine: Engine, clock: FixedClock, **values: object) -> Run:
    run = make_run(engine, clock, **values)
    set_records(run, zone=SHENZHEN)
    return run


@pytest.fixture
def decided(database: Engine) -> None:
    with transaction(database) as session:
        jury = make_jury(session, n_jurors=2, scored_at=MONDAY, settled_at=MONDAY)
        jury.record = make_record(session, jury, [], by=make_user(session), now=MONDAY)
        jury.record_sha256, jury.decided_at = hash_of(jury.record), MONDAY
        make_jury(session)


def documents(engine: Engine) -> list[bytes | None]:
    with Session(engine) as session:
        return [jury.record_pdf for jury in session.exec(select(Jury).order_by(Jury.id))]


def test_running_twice_changes_nothing(database: Engine, clock: FixedClock, decided: None) -> None:
    set_all(database, clock)
    first = documents(database)

    set_all(database, clock)

    assert first[0] is not None and first[0].startswith(b"%PDF-")
    assert first[1] is None
    assert documents(database) == first


def test_a_dry_run_writes_nothing(database: Engine, clock: FixedClock, decided: None) -> None:
    set_all(database, clock, dry_run=True)

    assert documents(database) == [None, None]


def test_without_a_font_it_is_said_and_tried_again(
    database: Engine, clock: FixedClock, decided: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(list_pdf, "FONTS", ("A Font That Nobody Has",))
        run = set_all(database, clock)
    set_all(database, clock)

    assert "font_missing" in str(run.counts.to_json())
    assert documents(database)[0] is not None
