"""Decisions that are signed are set as documents; where that cannot be done now, the next run tries again."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from jobs.list_pdf import FontMissing
from jobs.record_pdf import set_record
from jobs.runner import Run
from models.jury import Jury
from models.jury_decision import records_without_pdf


def set_records(run: Run, *, zone: ZoneInfo) -> None:
    """Set each record that has no PDF, one transaction a record."""
    with run.reading() as session:
        unset = records_without_pdf(session)
    run.each(unset, lambda session, jury_id: _set(session, jury_id, zone=zone), what="documents")


def _set(session: Session, jury_id: int, *, zone: ZoneInfo) -> str | None:
    jury = session.get(Jury, jury_id)
    if jury is None or jury.record is None or jury.record_sha256 is None:
        return "not_decided"
    if jury.record_pdf is not None:
        return "set_already"
    try:
        jury.record_pdf = set_record(jury.record, sha256=jury.record_sha256, zone=zone)
    except FontMissing:
        return "font_missing"
    session.add(jury)
    return None
