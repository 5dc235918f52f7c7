"""Mails on the way of a scenario from draft to decision, read when they are sent (see jobs/mail_content.py)."""

from datetime import date
from typing import Any

from sqlmodel import Session

from jobs.mail_parts import Content, Dropped, active, subject_id
from models.addendum import Addendum, concerned_firms
from models.batch import Batch
from models.batch_units import has_posted
from models.organisation import get_organisation
from models.outbox import MailKind, OutboxMail
from models.question import Question, QuestionStatus
from models.review import ReviewRound, list_rounds
from models.scenario import Scenario, ScenarioStatus


def read_submission(session: Session, mail: OutboxMail, on: date) -> Content:
    """A hand-in that still waits for its reviewer."""
    row = _latest_round(session, mail)
    if row.scenario.status is not ScenarioStatus.IN_REVIEW:
        raise Dropped(f"scenario_{row.scenario.status}")
    return Content({**scenario_values(row.scenario), "is_again": row.serial > 1})


def read_return(session: Session, mail: OutboxMail, on: date) -> Content:
    """Remarks its author has not handed in again since."""
    row = _latest_round(session, mail)
    if row.scenario.status is not ScenarioStatus.RETURNED:
        raise Dropped(f"scenario_{row.scenario.status}")
    return Content({**scenario_values(row.scenario), "note": row.note, "n_remarks": len(row.remarks)})


def read_approval(session: Session, mail: OutboxMail, on: date) -> Content:
    """An approval that still waits for its batch."""
    row = _latest_round(session, mail)
    scenario = row.scenario
    if scenario.status is not ScenarioStatus.APPROVED:
        raise Dropped(f"scenario_{scenario.status}")
    batch = scenario.batch
    values = {"note": row.note, "batch_number": None if batch is None else batch.number}
    return Content({**scenario_values(scenario), **values})


def read_publication(session: Session, mail: OutboxMail, on: date) -> Content:
    """A scenario that is public."""
    scenario = session.get(Scenario, subject_id(mail))
    if scenario is None:
        raise Dropped("scenario_gone")
    active(scenario.organisation)
    if scenario.status is not ScenarioStatus.PUBLISHED:
        raise Dropped(f"scenario_{scenario.status}")
    return Content(scenario_values(scenario))


def read_reminder(session: Session, mail: OutboxMail, on: date) -> Content:
    """A window that is open still, for a unit that still posted nothing."""
    batch = session.get(Batch, subject_id(mail))
    if batch is None:
        raise Dropped("batch_gone")
    unit = active(get_organisation(session, mail.context["organisation_id"]))
    if not batch.collects_on(on):
        raise Dropped("collection_over")
    # Whatever was posted between writing and sending the reminder makes it moot.
    if has_posted(session, unit.key, since=mail.created_at):
        raise Dropped("posted_meanwhile")
    return Content(
        {
            "unit_name": unit.name,
            "batch_number": batch.number,
            "batch_title": {"zh": batch.title, "en": batch.title_en},
            "collects_until_on": batch.collects_until_on,
            "is_demo": batch.is_demo,
        }
    )


def read_question(session: Session, mail: OutboxMail, on: date) -> Content:
    """A question, new or overdue, that still waits for its agency; who asked is not in it."""
    question = _question(session, mail)
    status = question.status_on(on)
    if status is not QuestionStatus.OPEN:
        raise Dropped(f"question_{status}")
    values = {"question": question.text, "due_on": question.due_on}
    return Content({**scenario_values(question.scenario), **values})


def read_answer(session: Session, mail: OutboxMail, on: date) -> Content:
    """The answer, for the firm that asked."""
    question = _question(session, mail)
    values = {"question": question.text, "answer": question.answer, "is_public": question.is_public}
    return Content({**scenario_values(question.scenario), **values})


def read_addendum(session: Session, mail: OutboxMail, on: date) -> Content:
    """What changed and why, for a firm that is in touch with the agency."""
    addendum = session.get(Addendum, subject_id(mail))
    if addendum is None:
        raise Dropped("addendum_gone")
    if addendum.scenario.withdrawn_at is not None:
        raise Dropped("scenario_withdrawn")
    firm = active(get_organisation(session, mail.context["organisation_id"]))
    if firm.key not in concerned_firms(session, addendum.scenario_id):
        raise Dropped("no_longer_in_touch")
    values = {"what": addendum.what, "why": addendum.why, "serial": addendum.serial}
    return Content({**scenario_values(addendum.scenario), **values})


def _question(session: Session, mail: OutboxMail) -> Question:
    question = session.get(Question, subject_id(mail))
    if question is None:
        raise Dropped("question_gone")
    if question.scenario.withdrawn_at is not None:
        raise Dropped("scenario_withdrawn")
    active(get_organisation(session, mail.context["organisation_id"]))
    return question


def _latest_round(session: Session, mail: OutboxMail) -> ReviewRound:
    row = session.get(ReviewRound, subject_id(mail))
    if row is None:
        raise Dropped("review_gone")
    active(row.scenario.organisation)
    if list_rounds(session, row.scenario_id)[-1].key != row.key:
        raise Dropped("review_superseded")
    return row


def scenario_values(scenario: Scenario) -> dict[str, Any]:
    """What every mail about a scenario says of it."""
    return {
        "scenario_id": scenario.key,
        "scenario_number": scenario.number or "",
        "scenario_title": scenario.title,
        "scenario_lang": scenario.lang,
        "agency_name": scenario.organisation.name,
        "deadline_on": scenario.deadline_on,
        "is_demo": scenario.is_demo,
    }


READERS = {
    MailKind.SCENARIO_SUBMITTED: read_submission,
    MailKind.SCENARIO_RETURNED: read_return,
    MailKind.SCENARIO_APPROVED: read_approval,
    MailKind.SCENARIO_PUBLISHED: read_publication,
    MailKind.BATCH_REMINDER: read_reminder,
    MailKind.QUESTION_ASKED: read_question,
    MailKind.QUESTION_ANSWERED: read_answer,
    MailKind.QUESTION_REMINDER: read_question,
    MailKind.ADDENDUM: read_addendum,
}
