"""Mails about proposals and panels say what holds when they are sent, and are dropped when it no longer does."""

from datetime import date

import pytest
from sqlmodel import Session

from jobs.mail_content import Content, read_content
from jobs.mail_parts import Dropped
from jobs.render import Letter
from models.notice import tell_of_appointment, tell_of_bid, tell_of_marks, tell_of_outcome
from models.outbox import OutboxMail
from models.user import Role
from tests.factories import MONDAY, make_user
from tests.jobs.sending import make_renderer
from tests.judging import make_bid, make_juror, make_jury

TODAY = date(2026, 11, 23)


def read(session: Session, mail: OutboxMail) -> Content:
    session.flush()
    return read_content(session, mail, on=TODAY, is_local=True)


def render(mail: OutboxMail, content: Content) -> bytes:
    letter = Letter(mail.kind, "zh", "a@b.cn", "<x@y.cn>", content.values, TODAY, content.unsubscribe_token)
    return make_renderer().render(letter, now=MONDAY).data


def drop_reason(session: Session, mail: OutboxMail) -> str:
    with pytest.raises(Dropped) as dropped:
        read(session, mail)
    return dropped.value.reason


def test_the_agency_hears_of_a_proposal_without_its_content(session: Session) -> None:
    bid = make_bid(session)
    make_user(session, roles=(Role.AGENCY,), organisation_id=bid.scenario.organisation_id)
    (mail,) = tell_of_bid(session, bid, now=MONDAY)

    content = read(session, mail)

    assert content.values["firm_name"] == bid.organisation.name
    assert bid.content["summary"] not in str(content.values)
    assert render(mail, content)
    bid.withdrawn_at = MONDAY
    assert drop_reason(session, mail) == "bid_withdrawn"


def test_the_firm_hears_of_the_outcome_with_the_reasons(session: Session) -> None:
    bid = make_bid(session, not_selected_at=MONDAY, reasons=["price"], reason_text="超出预算。")
    make_user(session, roles=(Role.STARTUP,), organisation_id=bid.organisation_id)
    (mail,) = tell_of_outcome(session, bid, now=MONDAY)

    content = read(session, mail)

    assert (content.values["selected"], content.values["reasons"], content.values["text"]) == (
        False,
        ["price"],
        "超出预算。",
    )
    assert render(mail, content)
    bid.scenario.withdrawn_at = MONDAY
    assert drop_reason(session, mail) == "scenario_withdrawn"


def test_an_evaluator_hears_of_the_seat_until_it_is_answered(session: Session) -> None:
    juror = make_juror(session, make_jury(session))
    mail = tell_of_appointment(session, juror, now=MONDAY)

    content = read(session, mail)

    assert content.values["jury_id"] == juror.jury_id
    assert render(mail, content)
    juror.declared_at = MONDAY
    assert drop_reason(session, mail) == "juror_scoring"


def test_the_agency_hears_that_all_marks_are_in(session: Session) -> None:
    jury = make_jury(session, scored_at=MONDAY)
    make_user(session, roles=(Role.AGENCY,), organisation_id=jury.scenario.organisation_id)
    (mail,) = tell_of_marks(session, jury, now=MONDAY)

    content = read(session, mail)

    assert content.values["answer_due_on"] == jury.answer_due_on
    assert render(mail, content)
    jury.settled_at = MONDAY
    assert drop_reason(session, mail) == "jury_settled"
