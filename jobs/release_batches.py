"""Batches whose moment has come are released: scenarios public, list frozen, agencies told. Then the PDFs are set.

A PDF is a fact apart from the release: where it cannot be set now, the release stands and the next run tries again.
"""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from jobs.list_pdf import FontMissing, set_list
from jobs.runner import Run
from models.batch import Batch
from models.batch_list import ListFormat, add_pdf, get_file, lists_without_pdf
from models.batch_release import due_batches, release_batch
from models.errors import NotFound
from models.notice import tell_of_publication


def release_batches(run: Run, *, zone: ZoneInfo) -> None:
    """Release each batch that is due, one transaction a batch; then set the lists that have no PDF yet."""
    on = run.now.astimezone(zone).date()
    with run.reading() as session:
        due = due_batches(session, now=run.now)

    def release(session: Session, batch_id: int) -> str | None:
        published = release_batch(session, _batch(session, batch_id), now=run.now, on=on)
        for scenario in published:
            tell_of_publication(session, scenario, now=run.now)
        return None if published else "nothing_approved"

    run.each(due, release, what="batches")
    with run.reading() as session:
        unset = lists_without_pdf(session)
    run.each(unset, lambda session, batch_id: _set(session, batch_id, run=run, zone=zone), what="documents")


def _set(session: Session, batch_id: int, *, run: Run, zone: ZoneInfo) -> str | None:
    batch = _batch(session, batch_id)
    original = get_file(session, batch, ListFormat.JSON)
    try:
        content = set_list(original.content, sha256=original.sha256, zone=zone)
    except FontMissing:
        return "font_missing"
    add_pdf(session, batch, content, now=run.now)
    return None


def _batch(session: Session, batch_id: int) -> Batch:
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise NotFound("没有这个批次。")
    return batch
