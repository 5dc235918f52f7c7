"""The job that keeps the time of release: once, with mails, lists and documents; nothing before its moment."""

from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from jobs import list_pdf
from jobs.release_batches import release_batches
from jobs.runner import Run
from models.batch import Batch
from models.batch_list import BatchFile
from models.db import transaction
from models.outbox import MailKind
from models.scenario import Scenario, ScenarioStatus
from models.user import Role
from tests.factories import make_approved, make_batch, make_user
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import SHENZHEN, all_mails, make_run


def release(engine: Engine, clock: FixedClock, **values: object) -> Run:
    run = make_run(engine, clock, **values)
    release_batches(run, zone=SHENZHEN)
    return run


@pytest.fixture
def batch(database: Engine, clock: FixedClock) -> Batch:
    """A batch with one approved scenario, due in an hour."""
    with transaction(database) as session:
        batch = make_batch(
            session, number="2027Q1", released_at=None, releases_at=clock.now + timedelta(hours=1)
        )
        scenario = make_approved(session, batch_id=batch.key)
        make_user(session, roles=(Role.AGENCY,), organisation_id=scenario.organisation_id)
    return batch


def scenario(engine: Engine) -> Scenario:
    with Session(engine) as session:
        return session.exec(select(Scenario)).one()


def files(engine: Engine) -> dict[str, str]:
    with Session(engine) as session:
        rows = session.exec(select(BatchFile).order_by(col(BatchFile.id)))
        return {str(row.format): row.sha256 for row in rows}


def test_nothing_is_public_before_its_moment(database: Engine, clock: FixedClock, batch: Batch) -> None:
    run = release(database, clock)

    assert run.counts.to_json() == {}
    assert scenario(database).status is ScenarioStatus.APPROVED
    assert files(database) == {}


def test_at_its_moment_it_is_public_frozen_and_told(
    database: Engine, clock: FixedClock, batch: Batch
) -> None:
    clock.advance(timedelta(hours=1))

    run = release(database, clock)

    assert run.counts.to_json() == {"done": {"batches": 1, "documents": 1}}
    assert (scenario(database).status, scenario(database).number) == (ScenarioStatus.PUBLISHED, "2027Q1-001")
    assert set(files(database)) == {"json", "xlsx", "pdf"}
    assert [mail.kind for mail in all_mails(database)] == [MailKind.SCENARIO_PUBLISHED]


def test_running_twice_changes_nothing(database: Engine, clock: FixedClock, batch: Batch) -> None:
    clock.advance(timedelta(hours=1))
    release(database, clock)
    before = files(database)

    run = release(database, clock)

    assert run.counts.to_json() == {}
    assert files(database) == before
    assert len(all_mails(database)) == 1


def test_a_dry_run_writes_nothing(database: Engine, clock: FixedClock, batch: Batch) -> None:
    clock.advance(timedelta(hours=1))

    run = release(database, clock, dry_run=True)

    assert run.counts.done["batches"] == 1
    assert scenario(database).published_at is None
    assert (files(database), all_mails(database)) == ({}, [])


def test_without_a_font_the_release_stands_and_the_document_comes_later(
    database: Engine, clock: FixedClock, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.advance(timedelta(hours=1))
    with monkeypatch.context() as patch:
        patch.setattr(list_pdf, "FONTS", ())
        run = release(database, clock)
    assert run.counts.to_json() == {"done": {"batches": 1}, "skipped": {"font_missing": 1}}
    before = files(database)

    release(database, clock)

    after = files(database)
    assert set(after) - set(before) == {"pdf"}
    assert {kind: after[kind] for kind in before} == before


def test_an_empty_batch_waits_and_does_not_stop_the_others(
    database: Engine, clock: FixedClock, batch: Batch
) -> None:
    with transaction(database) as session:
        make_batch(session, released_at=None, releases_at=clock.now)
    clock.advance(timedelta(hours=1))

    run = release(database, clock)

    assert run.counts.done["batches"] == 1
    assert run.counts.skipped == {"nothing_approved": 1}
