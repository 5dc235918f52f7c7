"""What the readers of mails share: what a mail says, why one is dropped, and whose mail it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.organisation import Organisation, OrganisationStatus
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
    """The id of the row a mail is about."""
    return int(mail.subject_ref.partition(":")[2])


def active(organisation: Organisation) -> Organisation:
    """The organisation; Dropped while it is suspended."""
    if organisation.status is OrganisationStatus.SUSPENDED:
        raise Dropped("organisation_suspended")
    return organisation
