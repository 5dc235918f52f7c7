"""Who is told by mail when something happens to a pair, a pilot or a funding record.

Called by a view or a job in the transaction of the event itself. The row holds ids only: what the mail says is read
when it is sent, so that it never tells what no longer holds.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.addendum import Addendum, concerned_firms
from models.batch import Batch
from models.bid import Bid
from models.contact_release import note_mails
from models.funding_record import FundingRecord
from models.jury import Juror, Jury
from models.match import Match
from models.organisation import Organisation
from models.outbox import MailKind, OutboxMail, enqueue
from models.pilot import Pilot
from models.proof import Proof
from models.question import Question
from models.review import ReviewRound, reviewers
from models.scenario import Scenario
from models.subscription import SubscriptionStatus, organisation_subscriptions
from models.user import organisation_users


def tell_of_invitation(session: Session, match: Match, *, now: datetime) -> list[OutboxMail]:
    """The agency invited the firm: the firm is told."""
    return _tell(session, MailKind.INVITATION, [match.organisation_id], f"match:{match.key}", now=now)


def tell_of_interest(session: Session, match: Match, *, now: datetime) -> list[OutboxMail]:
    """The firm is interested: the agency is told."""
    return _tell(session, MailKind.INTEREST, [match.scenario.organisation_id], f"match:{match.key}", now=now)


def tell_of_introduction(session: Session, match: Match, *, now: datetime) -> list[OutboxMail]:
    """Both said yes: both are told, each by a mail of its own; who thereby sees whose contact is written down."""
    sides = [match.scenario.organisation_id, match.organisation_id]
    mails = _tell(session, MailKind.INTRODUCTION, sides, f"match:{match.key}", now=now)
    note_mails(session, match, mails, now=now)
    return mails


def tell_of_pilot_in_use(session: Session, pilot: Pilot, *, now: datetime) -> list[OutboxMail]:
    """The pilot went into use: both sides are told, and what papers they will need."""
    sides = [pilot.scenario.organisation_id, pilot.organisation_id]
    return _tell(session, MailKind.PILOT_IN_USE, sides, f"pilot:{pilot.key}", now=now)


def tell_of_undecided_pilot(session: Session, pilot: Pilot, *, now: datetime) -> list[OutboxMail]:
    """The decision date of a pilot passed and nobody decided: its agency is told, once for each such date."""
    agency, on = pilot.scenario.organisation_id, pilot.decision_on
    if on is None:
        return []
    return [
        enqueue(
            session,
            kind=MailKind.PILOT_UNDECIDED,
            recipient=email,
            locale=locale,
            subject_ref=f"pilot:{pilot.key}",
            period=on.isoformat(),
            context={"organisation_id": agency},
            now=now,
        )
        for email, locale in readers(session, agency)
    ]


def tell_of_funding(session: Session, records: list[FundingRecord], *, now: datetime) -> list[OutboxMail]:
    """New funding records of one pilot: the firm is told of all of them by one mail."""
    if not records:
        return []
    first = min(records, key=lambda record: record.key)
    record_ids = sorted(record.key for record in records)
    return _tell(
        session,
        MailKind.FUNDING_RECORDED,
        [first.pilot.organisation_id],
        f"funding_record:{first.key}",
        record_ids=record_ids,
        now=now,
    )


def tell_of_submission(session: Session, row: ReviewRound, *, now: datetime) -> list[OutboxMail]:
    """A scenario was handed in: those who review for its district are told, each hand-in once."""
    return [
        enqueue(
            session,
            kind=MailKind.SCENARIO_SUBMITTED,
            recipient=person.email,
            locale=person.locale,
            subject_ref=f"review_round:{row.key}",
            context={},
            now=now,
        )
        for person in reviewers(session, row.scenario)
    ]


def tell_of_review(session: Session, row: ReviewRound, *, now: datetime) -> list[OutboxMail]:
    """The reviewer answered: the people of the agency are told, what to change or what it waits for."""
    kind = MailKind.SCENARIO_RETURNED if row.returned_at is not None else MailKind.SCENARIO_APPROVED
    return _tell(session, kind, [row.scenario.organisation_id], f"review_round:{row.key}", now=now)


def tell_of_publication(session: Session, scenario: Scenario, *, now: datetime) -> list[OutboxMail]:
    """A scenario became public with its batch: its agency is told, with its number."""
    kind = MailKind.SCENARIO_PUBLISHED
    return _tell(session, kind, [scenario.organisation_id], f"scenario:{scenario.key}", now=now)


def tell_of_collection(
    session: Session, batch: Batch, unit: Organisation, *, now: datetime
) -> list[OutboxMail]:
    """A batch collects, and this unit posted nothing: its people are told, each once a batch."""
    return _tell(session, MailKind.BATCH_REMINDER, [unit.key], f"batch:{batch.key}", now=now)


def tell_of_question(session: Session, question: Question, *, now: datetime) -> list[OutboxMail]:
    """A firm asked: the agency is told, without the firm's name."""
    agency = question.scenario.organisation_id
    return _tell(session, MailKind.QUESTION_ASKED, [agency], f"question:{question.key}", now=now)


def tell_of_answer(session: Session, question: Question, *, now: datetime) -> list[OutboxMail]:
    """The agency answered: the firm that asked is told."""
    asker = question.organisation_id
    return _tell(session, MailKind.QUESTION_ANSWERED, [asker], f"question:{question.key}", now=now)


def tell_of_waiting_question(session: Session, question: Question, *, now: datetime) -> list[OutboxMail]:
    """The term of a question ends: the agency is reminded, once a question."""
    agency = question.scenario.organisation_id
    return _tell(session, MailKind.QUESTION_REMINDER, [agency], f"question:{question.key}", now=now)


def tell_of_addendum(session: Session, addendum: Addendum, *, now: datetime) -> list[OutboxMail]:
    """A published scenario changed: every firm in touch with its agency is told, each person once an addendum."""
    firms = concerned_firms(session, addendum.scenario_id)
    return _tell(session, MailKind.ADDENDUM, firms, f"addendum:{addendum.key}", now=now)


def tell_of_bid(session: Session, bid: Bid, *, now: datetime) -> list[OutboxMail]:
    """A firm handed in a proposal: the agency is told, once a proposal."""
    return _tell(session, MailKind.BID_SUBMITTED, [bid.scenario.organisation_id], f"bid:{bid.key}", now=now)


def tell_of_outcome(session: Session, bid: Bid, *, now: datetime) -> list[OutboxMail]:
    """A proposal was selected or not: its firm is told, with the reasons."""
    return _tell(session, MailKind.BID_DECIDED, [bid.organisation_id], f"bid:{bid.key}", now=now)


def tell_of_appointment(session: Session, juror: Juror, *, now: datetime) -> OutboxMail:
    """Somebody was made a member of a panel: that person is told."""
    return enqueue(
        session,
        kind=MailKind.JUROR_APPOINTED,
        recipient=juror.user.email,
        locale=juror.user.locale,
        subject_ref=f"juror:{juror.key}",
        context={},
        now=now,
    )


def tell_of_marks(session: Session, jury: Jury, *, now: datetime) -> list[OutboxMail]:
    """The last mark of a panel is in: the agency is told, once."""
    agency = jury.scenario.organisation_id
    return _tell(session, MailKind.MARKS_COMPLETE, [agency], f"jury:{jury.key}", now=now)


def tell_of_ending_proof(session: Session, proof: Proof, *, now: datetime) -> list[OutboxMail]:
    """The last day of a proof comes: its firm is told, once a proof."""
    firm = proof.capability.organisation_id
    return _tell(session, MailKind.PROOF_EXPIRING, [firm], f"proof:{proof.key}", now=now)


def tell_of_refused_proof(session: Session, proof: Proof, *, now: datetime) -> list[OutboxMail]:
    """A proof was refused: its firm is told why, once a proof."""
    firm = proof.capability.organisation_id
    return _tell(session, MailKind.PROOF_REFUSED, [firm], f"proof:{proof.key}", now=now)


def _tell(
    session: Session,
    kind: MailKind,
    organisation_ids: list[int],
    subject_ref: str,
    *,
    now: datetime,
    **ids: Any,
) -> list[OutboxMail]:
    """One mail a reader. The same event told again, by whomever, gives the rows that are there."""
    return [
        enqueue(
            session,
            kind=kind,
            recipient=email,
            locale=locale,
            subject_ref=subject_ref,
            context={"organisation_id": organisation_id, **ids},
            now=now,
        )
        for organisation_id in organisation_ids
        for email, locale in readers(session, organisation_id)
    ]


def readers(session: Session, organisation_id: int) -> list[tuple[str, str]]:
    """(address, locale) of whom to tell: an organisation's people, or, where nobody has a log-in yet, the readers of
    its digests. Each address once, in order of the rows.
    """
    people = [(user.email, user.locale) for user in organisation_users(session, organisation_id)]
    if not people:
        people = [
            (subscription.email, subscription.locale)
            for subscription in organisation_subscriptions(session, organisation_id)
            if subscription.status is SubscriptionStatus.ACTIVE
        ]
    return list(dict(people).items())
