from jobs.content import Content, Dropped, subject_id
from models.outbox import OutboxMail


def test_the_subject_of_a_mail_is_an_id() -> None:
    assert subject_id(OutboxMail(subject_ref="match:12")) == 12


def test_a_mail_cannot_be_stopped_unless_it_says_how() -> None:
    assert Content({}).unsubscribe_token is None


def test_a_reason_is_a_code() -> None:
    assert Dropped("match_gone").reason == str(Dropped("match_gone")) == "match_gone"
