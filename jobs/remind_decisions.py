"""Pilots whose decision date passed without a decision: their agency hears of each such date once."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from jobs.runner import Run
from models.errors import NotFound
from models.notice import tell_of_undecided_pilot
from models.pilot import Pilot
from models.pilot_decision import undecided_pilots


def remind_decisions(run: Run, *, zone: ZoneInfo) -> None:
    """Write the reminders, one transaction a pilot."""
    on = run.now.astimezone(zone).date()
    with run.reading() as session:
        pilot_ids = undecided_pilots(session, on)

    def act(session: Session, pilot_id: int) -> str | None:
        pilot = session.get(Pilot, pilot_id)
        if pilot is None:
            raise NotFound("没有这个试点。")
        told = tell_of_undecided_pilot(session, pilot, now=run.now)
        return None if any(mail.created_at == run.now for mail in told) else "told_before"

    run.each(pilot_ids, act, what="pilots")
