"""Mails of review say what holds when they are sent, and are dropped when it no longer does."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from jobs.mail_content import Content, read_content
from jobs.mail_parts import Dropped
from jobs.render import Letter
from models.addendum import issue_addendum
from models.match import DismissReason
from models.notice import (
    tell_of_addendum,
    tell_of_answer,
    tell_of_collection,
    tell_of_publication,
    tell_of_question,
    tell_of_review,
    tell_of_submission,
    tell_of_waiting_question,
)
from models.organisation import Organisation
from models.outbox import MailKind, OutboxMail
from models.review import ReviewRound, approve_round, return_round
from models.user import Role, User
from tests.factories import MONDAY, make_batch, make_match, make_question, make_round, make_user
from tests.jobs.sending import make_renderer

TODAY = date(2026, 11, 23)


@pytest.fixture
def row(session: Session) -> ReviewRound:
    row = make_round(session)
    make_user(session, roles=(Role.AGENCY,), organisation_id=row.scenario.organisation_id)
    return row


@pytest.fixture
def reviewer(session: Session) -> User:
    return make_user(session, roles=(Role.REVIEWER,))


def read(session: Session, mail: OutboxMail) -> Content:
    session.flush()
    return read_content(session, mail, on=TODAY, is_local=True)


def render(mail: OutboxMail, content: Content) -> bytes:
    """Proof that the values fit the templates of the kind."""
    letter = Letter(mail.kind, "zh", "a@b.cn", "<x@y.cn>", content.values, TODAY, content.unsubscribe_token)
    return make_renderer().render(letter, now=MONDAY).data


def drop_reason(session: Session, mail: OutboxMail) -> str:
    with pytest.raises(Dropped) as dropped:
        read(session, mail)
    return dropped.value.reason


def test_reviewers_hear_of_a_hand_in_once(session: Session, row: ReviewRound, reviewer: User) -> None:
    mails = tell_of_submission(session, row, now=MONDAY)

    assert [mail.recipient for mail in mails] == [reviewer.email]
    assert [mail.key for mail in tell_of_submission(session, row, now=MONDAY)] == [mails[0].key]
    content = read(session, mails[0])
    assert (content.values["scenario_id"], content.values["is_again"]) == (row.scenario_id, False)
    assert render(mails[0], content)


def test_a_hand_in_that_was_answered_is_no_news(session: Session, row: ReviewRound, reviewer: User) -> None:
    [mail] = tell_of_submission(session, row, now=MONDAY)
    return_round(session, row, by=reviewer, note="改", remarks={}, now=MONDAY)

    assert drop_reason(session, mail) == "scenario_returned"


def test_the_agency_hears_what_to_change(session: Session, row: ReviewRound, reviewer: User) -> None:
    return_round(
        session, row, by=reviewer, note="先写数", remarks={"target": "甲", "metric": "乙"}, now=MONDAY
    )

    [mail] = tell_of_review(session, row, now=MONDAY)

    content = read(session, mail)
    assert mail.kind is MailKind.SCENARIO_RETURNED
    assert (content.values["note"], content.values["n_remarks"]) == ("先写数", 2)
    assert render(mail, content)


def test_remarks_of_an_earlier_round_are_no_news(session: Session, row: ReviewRound, reviewer: User) -> None:
    return_round(session, row, by=reviewer, note="改", remarks={}, now=MONDAY)
    [mail] = tell_of_review(session, row, now=MONDAY)
    row.scenario.submit(MONDAY)
    assert drop_reason(session, mail) == "scenario_in_review"
    make_round(session, scenario_id=row.scenario_id, serial=2)

    assert drop_reason(session, mail) == "review_superseded"


def test_the_agency_hears_of_the_batch_it_waits_for(
    session: Session, row: ReviewRound, reviewer: User
) -> None:
    batch = make_batch(session, number="2027Q1", released_at=None)
    approve_round(session, row, by=reviewer, batch=batch, note="", now=MONDAY)

    [mail] = tell_of_review(session, row, now=MONDAY)

    content = read(session, mail)
    assert mail.kind is MailKind.SCENARIO_APPROVED
    assert content.values["batch_number"] == "2027Q1"
    assert render(mail, content)
    row.scenario.withdraw(MONDAY)
    assert drop_reason(session, mail) == "scenario_withdrawn"


def test_an_approval_without_a_batch_says_so(session: Session, row: ReviewRound, reviewer: User) -> None:
    approve_round(session, row, by=reviewer, batch=None, note="很好", now=MONDAY)
    [mail] = tell_of_review(session, row, now=MONDAY)

    content = read(session, mail)

    assert content.values["batch_number"] is None
    assert render(mail, content)


def test_the_agency_hears_of_its_publication_with_the_number(session: Session, row: ReviewRound) -> None:
    scenario = row.scenario
    scenario.approve(MONDAY)
    scenario.publish(MONDAY, number="2027Q1-003")

    [mail] = tell_of_publication(session, scenario, now=MONDAY)

    content = read(session, mail)
    assert content.values["scenario_number"] == "2027Q1-003"
    assert render(mail, content)
    scenario.withdraw(MONDAY)
    assert drop_reason(session, mail) == "scenario_withdrawn"


def test_a_reminder_says_until_when_and_is_moot_once_something_was_posted(
    session: Session, row: ReviewRound
) -> None:
    unit = row.scenario.organisation
    batch = make_batch(
        session, released_at=None, collects_from_on=TODAY, collects_until_on=TODAY + timedelta(days=3)
    )
    after = MONDAY + timedelta(hours=1)
    [mail] = tell_of_collection(session, batch, unit, now=after)

    content = read(session, mail)
    assert content.values["collects_until_on"] == batch.collects_until_on
    assert render(mail, content)
    with pytest.raises(Dropped, match="collection_over"):
        read_content(session, mail, on=TODAY + timedelta(days=4), is_local=True)
    row.scenario.submitted_at = after
    assert drop_reason(session, mail) == "posted_meanwhile"


def test_the_agency_hears_a_question_without_the_name_of_who_asked(session: Session) -> None:
    question = make_question(session)
    make_user(session, roles=(Role.AGENCY,), organisation_id=question.scenario.organisation_id)
    firm = session.get_one(Organisation, question.organisation_id)

    [mail] = tell_of_question(session, question, now=MONDAY)

    content = read(session, mail)
    assert content.values["question"] == question.text
    assert firm.name not in str(content.values)
    assert firm.name.encode() not in render(mail, content)
    with pytest.raises(Dropped, match="question_closed"):
        read_content(session, mail, on=date(2027, 1, 1), is_local=True)


def test_the_firm_hears_the_answer_and_an_answered_question_is_no_reminder(session: Session) -> None:
    question = make_question(session)
    officer = make_user(session, roles=(Role.AGENCY,), organisation_id=question.scenario.organisation_id)
    person = make_user(session, roles=(Role.STARTUP,), organisation_id=question.organisation_id)
    [reminder] = tell_of_waiting_question(session, question, now=MONDAY)
    question.reply("可以。", is_public=False, by=officer, now=MONDAY, on=TODAY)

    [mail] = tell_of_answer(session, question, now=MONDAY)

    content = read(session, mail)
    assert (mail.recipient, content.values["answer"]) == (person.email, "可以。")
    assert render(mail, content)
    assert drop_reason(session, reminder) == "question_answered"
    question.scenario.withdraw(MONDAY)
    assert drop_reason(session, mail) == "scenario_withdrawn"


def test_those_in_touch_hear_of_an_addendum_once_and_as_long_as_they_are(session: Session) -> None:
    match = make_match(session, invited_at=MONDAY)
    make_user(session, roles=(Role.STARTUP,), organisation_id=match.organisation_id)
    officer = make_user(session, roles=(Role.AGENCY,), organisation_id=match.scenario.organisation_id)
    addendum = issue_addendum(session, match.scenario, what="改为两路", why="没装好", by=officer, now=MONDAY)

    [mail] = tell_of_addendum(session, addendum, now=MONDAY)

    assert [again.key for again in tell_of_addendum(session, addendum, now=MONDAY)] == [mail.key]
    content = read(session, mail)
    assert (content.values["what"], content.values["why"]) == ("改为两路", "没装好")
    assert render(mail, content)
    match.dismiss(MONDAY, reason=DismissReason.BUDGET)
    assert drop_reason(session, mail) == "no_longer_in_touch"
