"""Mails about proposals and panels, read when they are sent (see jobs/mail_content.py)."""

from datetime import date
from typing import Any

from sqlmodel import Session

from jobs.mail_parts import Content, Dropped, active, subject_id
from jobs.scenario_mail import scenario_values
from models.bid import Bid, BidStatus
from models.jury import Juror, JurorStatus, Jury, JuryStatus
from models.organisation import get_organisation
from models.outbox import MailKind, OutboxMail


def read_bid(session: Session, mail: OutboxMail, on: date) -> Content:
    """A proposal that is handed in, for the agency; its content stays on the site."""
    bid = _bid(session, mail)
    if bid.status is not BidStatus.SUBMITTED:
        raise Dropped(f"bid_{bid.status}")
    return Content({**_bid_values(bid)})


def read_outcome(session: Session, mail: OutboxMail, on: date) -> Content:
    """What became of a proposal and why, for its firm."""
    bid = _bid(session, mail)
    values = {"selected": bid.selected_at is not None, "reasons": bid.reasons, "text": bid.reason_text}
    return Content({**_bid_values(bid), **values})


def _bid(session: Session, mail: OutboxMail) -> Bid:
    bid = session.get(Bid, subject_id(mail))
    if bid is None:
        raise Dropped("bid_gone")
    if bid.scenario.withdrawn_at is not None:
        raise Dropped("scenario_withdrawn")
    active(get_organisation(session, mail.context["organisation_id"]))
    return bid


def _bid_values(bid: Bid) -> dict[str, Any]:
    return {**scenario_values(bid.scenario), "bid_id": bid.key, "firm_name": bid.organisation.name}


def read_appointment(session: Session, mail: OutboxMail, on: date) -> Content:
    """A seat on a panel that nobody has answered yet; who bids is not in it."""
    juror = session.get(Juror, subject_id(mail))
    if juror is None:
        raise Dropped("juror_gone")
    if juror.status is not JurorStatus.APPOINTED or juror.jury.scored_at is not None:
        raise Dropped(f"juror_{juror.status}")
    return Content(_jury_values(juror.jury))


def read_completion(session: Session, mail: OutboxMail, on: date) -> Content:
    """Marks that are all in, for the agency, which has the next step."""
    jury = session.get(Jury, subject_id(mail))
    if jury is None:
        raise Dropped("jury_gone")
    if jury.status is not JuryStatus.CONSENSUS:
        raise Dropped(f"jury_{jury.status}")
    active(jury.scenario.organisation)
    return Content(_jury_values(jury))


def _jury_values(jury: Jury) -> dict[str, Any]:
    return {
        **scenario_values(jury.scenario),
        "jury_id": jury.key,
        "answer_due_on": jury.answer_due_on,
    }


READERS = {
    MailKind.BID_SUBMITTED: read_bid,
    MailKind.BID_DECIDED: read_outcome,
    MailKind.JUROR_APPOINTED: read_appointment,
    MailKind.MARKS_COMPLETE: read_completion,
}
