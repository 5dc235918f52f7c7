"""Pilots in use, assessed against every rule in force today; what is new becomes a funding record and a mail.

The assessment is models/funding.py's, the record models/funding_record.py's: one original per pilot and programme,
and a row that replaces it when what it rests on has changed. Here is only the loop, and that the firm is told.
"""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from jobs.runner import Run
from models.audit import record
from models.errors import NotFound
from models.funding import assess
from models.funding_facts import facts_of
from models.funding_record import FundingRecord, append_record, current_records
from models.funding_rule import FundingTarget, rules_in_force
from models.notice import tell_of_funding
from models.pilot import Pilot, pilots_in_use


def record_funding(run: Run, *, zone: ZoneInfo) -> None:
    """Assess each pilot in use against each rule in force as of today in `zone`, one transaction a pilot."""
    with run.reading() as session:
        pilot_ids = [pilot.key for pilot in pilots_in_use(session)]

    def act(session: Session, pilot_id: int) -> str | None:
        records = record_pilot(session, pilot_id, run=run, zone=zone)
        return None if records else "unchanged"

    run.each(pilot_ids, act, what="pilots")


def record_pilot(session: Session, pilot_id: int, *, run: Run, zone: ZoneInfo) -> list[FundingRecord]:
    """Keep what is new about one pilot, tell the firm by one mail, and return the new records."""
    pilot = session.get(Pilot, pilot_id)
    if pilot is None:
        raise NotFound("没有这个试点。")
    on = run.now.astimezone(zone).date()
    facts = facts_of(session, pilot, on, zone=zone)
    # Most mornings nothing is new: one question for all programmes of the pilot, and a row only for what differs.
    known = {
        row.programme: row.inputs_hash
        for row in current_records(session, organisation_id=None, pilot_id=pilot.key)
    }
    found = [assess(facts, rule, on) for rule in rules_in_force(session, on, target=FundingTarget.PILOT)]
    appended = [
        append_record(session, item) for item in found if known.get(item.programme) != item.inputs_hash
    ]
    records = [kept for kept in appended if kept is not None]
    for kept in records:
        record(session, actor=None, action="funding.recorded", subject=kept)
    tell_of_funding(session, records, now=run.now)
    return records
