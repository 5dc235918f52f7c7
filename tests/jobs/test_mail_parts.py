import pytest
from sqlmodel import Session

from jobs.mail_parts import Dropped, active, subject_id
from models.outbox import MailKind, OutboxMail
from tests.factories import MONDAY, make_organisation


def test_a_mail_names_the_row_it_is_about() -> None:
    mail = OutboxMail(kind=MailKind.INTEREST, recipient="a@b.cn", locale="zh", subject_ref="match:12")

    assert subject_id(mail) == 12


def test_nobody_is_told_about_a_suspended_organisation(session: Session) -> None:
    there = make_organisation(session)
    assert active(there) is there

    with pytest.raises(Dropped) as dropped:
        active(make_organisation(session, suspended_at=MONDAY))

    assert dropped.value.reason == "organisation_suspended"
