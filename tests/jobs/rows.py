"""Rows of the outbox and its neighbours, saved and flushed. Name only what the test is about."""

import itertools
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from models.outbox import MailKind, OutboxMail
from models.outbox_queries import Claim, claim_batch
from models.subscription import Subscription
from tests.factories import MONDAY, make_firm, save

LEASE = timedelta(minutes=1)
_numbers = itertools.count(1)


def make_mail(session: Session, **values: Any) -> OutboxMail:
    """A queued mail about a pilot in use, to a reader of its own."""
    n = next(_numbers)
    defaults = {
        "created_at": MONDAY,
        "kind": MailKind.PILOT_IN_USE,
        "recipient": f"reader{n}@example.org",
        "locale": "zh",
        "subject_ref": f"pilot:{n}",
        "context": {"pilot_id": n, "title": f"试点{n}", "n_users": 12, "go_live_on": "2026-11-16"},
    }
    return save(session, OutboxMail(**{**defaults, **values}))


def claim_one(session: Session, mail: OutboxMail, *, owner: str = "a") -> Claim:
    """Claim this mail, which must be the only one that is due."""
    (claim,) = claim_batch(session, now=MONDAY, owner=owner, limit=10, lease=LEASE)
    assert claim.mail_id == mail.id
    session.refresh(mail)
    return claim


def make_claimed_mail(session: Session, **values: Any) -> tuple[OutboxMail, int]:
    """A mail claimed by `a`, and the claim's token."""
    mail = make_mail(session, **values)
    return mail, claim_one(session, mail).token


def make_mail_in_doubt(session: Session, **values: Any) -> tuple[OutboxMail, int]:
    """A mail whose final dot may have been sent, and the claim's token."""
    mail, token = make_claimed_mail(session, **values)
    mail.mark_in_doubt(MONDAY, token=token, lease=LEASE)
    return mail, token


def make_subscription(session: Session, **values: Any) -> Subscription:
    """A consented weekly subscriber of a new firm's digest."""
    n = next(_numbers)
    if "organisation_id" not in values:
        values["organisation_id"] = make_firm(session).key
    defaults = {"email": f"reader{n}@example.org", "kind": MailKind.DIGEST_STARTUP, "consented_at": MONDAY}
    return save(session, Subscription(**{**defaults, **values}))
