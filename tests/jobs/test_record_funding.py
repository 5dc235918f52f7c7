from datetime import date, timedelta
from typing import Any

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from jobs.record_funding import record_funding
from jobs.runner import Run
from models.audit import AuditEvent
from models.db import transaction
from models.funding_record import FundingRecord
from models.outbox import MailKind
from models.pilot import Pilot
from tests.factories import make_pilot, make_pilot_in_use
from tests.jobs.conftest import FixedClock
from tests.jobs.funding import TESTED, add_test_report, save_rule
from tests.jobs.rows import make_subscription
from tests.jobs.sending import SHENZHEN, all_mails, make_run

DAY = timedelta(days=1)


def record(engine: Engine, clock: FixedClock, **values: Any) -> Run:
    run = make_run(engine, clock, **values)
    record_funding(run, zone=SHENZHEN)
    return run


def records(engine: Engine) -> list[FundingRecord]:
    with Session(engine) as session:
        return list(session.exec(select(FundingRecord).order_by(col(FundingRecord.id))))


def add_pilot(session: Session, **values: Any) -> Pilot:
    """A pilot in use of a firm with a reader."""
    pilot = make_pilot_in_use(session, **values)
    make_subscription(session, organisation_id=pilot.organisation_id)
    return pilot


def test_a_pilot_in_use_is_judged_by_every_rule_in_force(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        pilot = add_pilot(session)
        rules = [save_rule(session), save_rule(session, TESTED)]
        save_rule(session, valid_until_on=date(2026, 11, 22))
        save_rule(session, valid_from_on=date(2026, 11, 24))

    run = record(database, clock)

    found = {row.programme: row for row in records(database)}
    assert [str(found[rule.programme].verdict) for rule in rules] == ["met", "unknown"]
    assert {row.pilot_id for row in found.values()} == {pilot.key}
    assert {row.assessed_on for row in found.values()} == {date(2026, 11, 23)}
    assert len(records(database)) == 2
    assert run.counts.to_json() == {"done": {"pilots": 1}}


def test_the_firm_is_told_of_all_of_them_by_one_mail(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_pilot(session)
        [save_rule(session) for _ in range(3)]

    record(database, clock)

    (mail,) = all_mails(database)
    assert mail.kind is MailKind.FUNDING_RECORDED
    assert mail.context["record_ids"] == [row.key for row in records(database)]


def test_running_twice_changes_nothing(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_pilot(session)
        save_rule(session)
    record(database, clock)
    clock.advance(DAY)

    again = record(database, clock)

    assert len(records(database)) == len(all_mails(database)) == 1
    assert again.counts.to_json() == {"skipped": {"unchanged": 1}}


def test_new_evidence_appends_a_correction_that_names_what_it_replaces(
    database: Engine, clock: FixedClock
) -> None:
    with transaction(database) as session:
        pilot = add_pilot(session)
        save_rule(session, TESTED)
    record(database, clock)
    with transaction(database) as session:
        add_test_report(session, pilot)
    clock.advance(DAY)

    record(database, clock)

    first, second = records(database)
    assert (str(first.verdict), str(second.verdict)) == ("unknown", "met")
    assert (first.replaces_id, second.replaces_id) == (None, first.id)
    assert len(all_mails(database)) == 2


def test_a_rule_that_lapsed_is_not_asked_any_more(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_pilot(session)
        save_rule(session, valid_until_on=date(2026, 12, 31))
    record(database, clock)
    clock.now = clock.now.replace(year=2027, month=1, day=1)

    again = record(database, clock)

    assert len(records(database)) == 1
    assert again.counts.to_json() == {"skipped": {"unchanged": 1}}


def test_today_is_today_where_the_office_is(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_pilot(session)
        save_rule(session, valid_from_on=date(2026, 11, 24))
    clock.now = clock.now.replace(hour=17)

    record(database, clock)

    assert [row.assessed_on for row in records(database)] == [date(2026, 11, 24)]


def test_only_pilots_in_use_are_judged(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        make_pilot(session)
        stopped = add_pilot(session)
        stopped.stop(clock.now, reason="换了办法")
        save_rule(session)

    assert record(database, clock).counts.to_json() == {}


def test_a_dry_run_keeps_and_tells_nothing(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_pilot(session)
        save_rule(session)

    dry = record(database, clock, dry_run=True)

    assert dry.counts.to_json() == {"done": {"pilots": 1}}
    assert records(database) == []
    assert all_mails(database) == []


def test_one_bad_row_does_not_stop_the_rest(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        first, broken, last = (add_pilot(session) for _ in range(3))
        broken.capability.filings = 7  # type: ignore[assignment]
        save_rule(session)

    run = record(database, clock)

    assert [row.pilot_id for row in records(database)] == [first.key, last.key]
    assert run.counts.done["pilots"] == 2
    assert run.counts.failed.total() == 1


def test_each_record_is_audited_in_its_own_commit(database: Engine, clock: FixedClock) -> None:
    with transaction(database) as session:
        add_pilot(session)
        save_rule(session)

    record(database, clock)

    with Session(database) as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.action == "funding.recorded")).all()
    assert [event.subject_id for event in events] == [row.key for row in records(database)]
