"""What a mail about a pilot that nobody decided says, read when it is sent (see jobs/mail_content.py)."""

from datetime import date

from sqlmodel import Session

from jobs.mail_parts import Content, Dropped, active, subject_id
from models.outbox import MailKind, OutboxMail
from models.pilot import Pilot
from models.pilot_decision import undecided_pilots


def read_undecided(session: Session, mail: OutboxMail, on: date) -> Content:
    """A pilot whose decision date has passed, while nobody has decided since."""
    pilot = session.get(Pilot, subject_id(mail))
    if pilot is None:
        raise Dropped("pilot_gone")
    if pilot.key not in undecided_pilots(session, on) or pilot.decision_on is None:
        raise Dropped("pilot_decided")
    active(pilot.scenario.organisation)
    return Content(
        {
            "pilot_id": pilot.key,
            "pilot_title": pilot.title,
            "firm_name": pilot.organisation.name,
            "decision_owner": pilot.decision_owner,
            "decision_on": pilot.decision_on,
            "is_demo": pilot.is_demo,
        }
    )


READERS = {MailKind.PILOT_UNDECIDED: read_undecided}
