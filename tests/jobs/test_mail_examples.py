"""Examples are invented, and every kind of mail has one that its templates take."""

from jobs.mail_examples import EXAMPLES
from models.outbox import MailKind


def test_there_is_one_of_every_kind_and_of_nothing_else() -> None:
    assert set(EXAMPLES) == set(MailKind)


def test_their_addresses_lead_nowhere() -> None:
    words = str(EXAMPLES).replace("'", " ").split()

    assert {word.rpartition("@")[2] for word in words if "@" in word} == {"example.org"}
