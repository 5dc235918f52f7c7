"""What every reader of a mail's content gives back: values for templates, or the reason why nothing is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.outbox import OutboxMail


@dataclass(frozen=True, slots=True)
class Content:
    """Values for the templates of a mail's kind, and the reader's unsubscribe token if the mail can be stopped."""

    values: Mapping[str, Any]
    unsubscribe_token: str | None = None


class Dropped(Exception):
    """The mail must not be sent any more; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def subject_id(mail: OutboxMail) -> int:
    """The id in what the mail is about: 12 of match:12."""
    return int(mail.subject_ref.partition(":")[2])
