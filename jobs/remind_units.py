"""Units that posted nothing while a batch collects get one reminder, a week before its window shuts."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import Session

from jobs.runner import Run
from models.batch import Batch
from models.batch_units import collecting_batches, silent_units
from models.errors import NotFound
from models.notice import tell_of_collection


def remind_units(run: Run, *, zone: ZoneInfo) -> None:
    """Write the reminders of each batch that collects, one transaction a batch; each unit is told once a batch."""
    on = run.now.astimezone(zone).date()
    with run.reading() as session:
        batch_ids = [batch.key for batch in collecting_batches(session, on=on)]

    def act(session: Session, batch_id: int) -> str | None:
        batch = session.get(Batch, batch_id)
        if batch is None or batch.collects_from_on is None:
            raise NotFound("没有这个批次。")
        since = datetime.combine(batch.collects_from_on, time(), zone)
        units = silent_units(session, batch, since=since)
        told = [mail for unit in units for mail in tell_of_collection(session, batch, unit, now=run.now)]
        fresh = [mail for mail in told if mail.created_at == run.now]
        run.counts.did("reminders", len(fresh))
        return None if fresh else "nobody_to_remind"

    run.each(batch_ids, act, what="batches")
