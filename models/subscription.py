"""Who wants which digest, how often, and what they have been told already."""

import secrets
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, enum_column, moment
from models.errors import NotFound
from models.organisation import Organisation
from models.outbox import MailKind, clean_address

DIGEST_KINDS = (MailKind.DIGEST_STARTUP, MailKind.DIGEST_AGENCY)


class Frequency(StrEnum):
    """How often at most: once a day, once a week, never."""

    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"

    def period(self, on: date) -> str:
        """The period a day falls in: `2026-11-23` or `2026-W48` (ISO 8601). ValueError for off."""
        if self is Frequency.DAILY:
            return on.isoformat()
        if self is Frequency.WEEKLY:
            year, week, _ = on.isocalendar()
            return f"{year}-W{week:02d}"
        raise ValueError("a subscription that is off has no period")


class SubscriptionStatus(StrEnum):
    """Derived: whether a digest may be mailed, and if not, why."""

    ACTIVE = "active"
    AWAITING_CONSENT = "awaiting_consent"
    OFF = "off"
    UNSUBSCRIBED = "unsubscribed"


class Subscription(Table, table=True):
    """One address that gets one kind of digest about one organisation.
    Made by sign-up or import, never deleted.

    The token stands in every digest's unsubscribe link. It is random, lasts as long as the row, and can do
    one thing only, stop this mail; so it is kept in clear, and an old link works whatever keys were changed
    since.
    """

    __table_args__ = (
        sa.UniqueConstraint("email", "kind", "organisation_id"),
        sa.CheckConstraint("kind IN ('digest_startup', 'digest_agency')", name="kind_is_digest"),
    )

    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id", index=True)
    email: str = Field(max_length=254, description="Lower case.")
    kind: MailKind = Field(sa_type=enum_column(MailKind))
    frequency: Frequency = Field(default=Frequency.WEEKLY, sa_type=enum_column(Frequency))
    locale: str = Field(default="zh", max_length=8)
    token: str = Field(default_factory=lambda: secrets.token_urlsafe(24), unique=True, max_length=64)
    is_placeholder: bool = Field(default=False, description="A trial address nobody reads (example.org).")
    consented_at: datetime | None = moment(description="The reader asked for it, or said yes.")
    unsubscribed_at: datetime | None = moment(description="The reader stopped it.")

    @property
    def status(self) -> SubscriptionStatus:
        """Whether it may be mailed; a reader's no outranks everything."""
        if self.unsubscribed_at is not None:
            return SubscriptionStatus.UNSUBSCRIBED
        if self.frequency is Frequency.OFF:
            return SubscriptionStatus.OFF
        if self.consented_at is None and not self.is_placeholder:
            return SubscriptionStatus.AWAITING_CONSENT
        return SubscriptionStatus.ACTIVE

    def unsubscribe(self, now: datetime) -> None:
        """Stop it. Doing so twice changes nothing: mail programs press the button on their own."""
        if self.unsubscribed_at is None:
            self.unsubscribed_at = now

    def subscribe(self, now: datetime, *, frequency: Frequency) -> None:
        """The reader asks for it (again), this often; off keeps the consent but sends nothing."""
        self.frequency, self.unsubscribed_at = frequency, None
        self.consented_at = self.consented_at or now


class DigestItem(Table, table=True):
    """A match that was put into a digest for a subscriber: the key keeps it from being mailed twice."""

    __tablename__ = "digest_item"
    __table_args__ = (sa.UniqueConstraint("subscription_id", "match_id"),)

    subscription_id: int = Field(foreign_key="subscription.id", index=True)
    match_id: int = Field(foreign_key="match.id", index=True)
    mail_id: int = Field(foreign_key="outbox_mail.id", index=True)


def add_subscription(  # noqa: PLR0913  (columns of the row)
    session: Session,
    *,
    organisation_id: int,
    email: str,
    kind: MailKind,
    locale: str = "zh",
    frequency: Frequency = Frequency.WEEKLY,
    user_id: int | None = None,
    consented_at: datetime | None = None,
    is_placeholder: bool = False,
) -> Subscription:
    """Add a subscriber, or give back the row that is there, unchanged: an import never overrules a reader.

    InvalidInput if the address is not one plain address; ValueError if `kind` is not a digest.
    """
    if kind not in DIGEST_KINDS:
        raise ValueError(f"{kind} is not a digest")
    email = clean_address(email)
    there = find_subscription(session, email=email, kind=kind, organisation_id=organisation_id)
    if there is not None:
        return there
    row = Subscription(
        organisation_id=organisation_id,
        email=email,
        kind=kind,
        locale=locale,
        frequency=frequency,
        user_id=user_id,
        consented_at=consented_at,
        is_placeholder=is_placeholder,
    )
    session.add(row)
    session.flush()
    return row


def find_subscription(
    session: Session, *, email: str, kind: MailKind, organisation_id: int
) -> Subscription | None:
    """The subscription with this key, or None."""
    statement = select(Subscription).where(
        col(Subscription.email) == email.strip().lower(),
        col(Subscription.kind) == kind,
        col(Subscription.organisation_id) == organisation_id,
    )
    return session.exec(statement).first()


def get_subscription(session: Session, token: str) -> Subscription:
    """The subscription an unsubscribe link speaks of; NotFound for a forged or mangled token."""
    row = session.exec(select(Subscription).where(col(Subscription.token) == token)).first()
    if row is None:
        raise NotFound("这个退订链接不完整，请从最近一封邮件里打开。")
    return row


def organisation_subscriptions(session: Session, organisation_id: int) -> list[Subscription]:
    """Who reads an organisation's digests, by id."""
    statement = select(Subscription).where(col(Subscription.organisation_id) == organisation_id)
    return list(session.exec(statement.order_by(col(Subscription.id))))


def user_subscriptions(session: Session, user_id: int) -> list[Subscription]:
    """What a person may switch on and off, by id."""
    statement = select(Subscription).where(col(Subscription.user_id) == user_id)
    return list(session.exec(statement.order_by(col(Subscription.id))))


def digest_subscription_ids(session: Session) -> list[int]:
    """Every subscription, by id: the job reads each again, and counts why it skips one."""
    statement = select(Subscription.id).order_by(col(Subscription.id))
    return [subscription_id for subscription_id in session.exec(statement) if subscription_id is not None]


def read_subscription(session: Session, subscription_id: int) -> tuple[Subscription, Organisation]:
    """A subscription by its id, with its organisation; NotFound if there is none."""
    statement = (
        select(Subscription, Organisation)
        .join(Organisation, col(Organisation.id) == col(Subscription.organisation_id))
        .where(col(Subscription.id) == subscription_id)
    )
    row = session.exec(statement).first()
    if row is None:
        raise NotFound("没有这个订阅。")
    return row[0], row[1]


def mailed_match_ids(session: Session, subscription_id: int) -> set[int]:
    """The matches this subscriber has been told about."""
    statement = select(DigestItem.match_id).where(col(DigestItem.subscription_id) == subscription_id)
    return set(session.exec(statement))


def add_digest_items(session: Session, *, subscription_id: int, mail_id: int, match_ids: list[int]) -> None:
    """Remember which matches a digest holds. IntegrityError if one was told before: then mail nothing."""
    for match_id in match_ids:
        session.add(DigestItem(subscription_id=subscription_id, match_id=match_id, mail_id=mail_id))
    session.flush()
