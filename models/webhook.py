"""Webhooks: addresses that are told of events, and the deliveries that are owed to them.

A subscription belongs to a person and is told what that person may see (models/webhook_event.py). A delivery is a row
before it is sent, so none is lost; it may arrive twice after a crash, under the same event id, which is how a receiver
knows it again.

    waiting ──2xx──▶ delivered      waiting ──else──▶ waiting, later ──MAX_TRIES──▶ failed ──replay──▶ a new row
"""

import base64
import ipaddress
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, UtcDateTime, find_row, moment
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.i18n import N_
from models.secret_key import derive
from models.user import User

MAX_OPEN = 10
"""Subscriptions of one person at a time."""

MAX_URL = 500
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=4)
MAX_TRIES = 14
"""1, 2, 4, ... minutes, at most four hours apart: about a day in all, so that an outage over night is bridged."""

MAX_REASON = 80


class EventKind(StrEnum):
    """What may be told. The words are stored and sent: never renamed. PING is sent on request only."""

    SCENARIO_PUBLISHED = "scenario.published"
    BATCH_RELEASED = "batch.released"
    MATCH_FOUND = "match.found"
    PILOT_CHANGED = "pilot.changed"
    PING = "ping"


SUBSCRIBABLE = (
    EventKind.SCENARIO_PUBLISHED,
    EventKind.BATCH_RELEASED,
    EventKind.MATCH_FOUND,
    EventKind.PILOT_CHANGED,
)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. ref: the row it is read from. data: ids and states; the rest is read through the API."""

    ref: str
    at: datetime
    data: Mapping[str, Any]


class DeliveryStatus(StrEnum):
    """Derived: waiting until it arrived or was given up."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Webhook(Table, table=True):
    """One subscription. Made and ended by its person; ended by itself where the receiver says it is gone."""

    user_id: int = Field(foreign_key="user.id", index=True)
    url: str = Field(max_length=MAX_URL)
    kinds: list[str] = Field(default=[], sa_type=sa.JSON, description="Values of EventKind.")
    nonce: str = Field(max_length=43, description="From it and the installation's key its secret is made.")
    scanned_at: datetime = Field(sa_type=UtcDateTime, description="Up to when events have been looked for.")
    ended_at: datetime | None = moment()
    end_reason: str = Field(default="", max_length=20, description="removed, or gone: the receiver said so.")

    user: User = Relationship()

    def end(self, now: datetime, *, reason: str) -> None:
        """Tell it nothing more. InvalidTransition for one that has ended."""
        if self.ended_at is not None:
            raise InvalidTransition(N_("这个订阅已经停了。"))
        self.ended_at, self.end_reason = now, reason


class WebhookDelivery(Table, table=True):
    """One event owed to one subscription. Made by the job that looks for events, or by a replay; never deleted."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        sa.UniqueConstraint("webhook_id", "event_ref", "serial"),
        sa.CheckConstraint("delivered_at IS NULL OR failed_at IS NULL", name="one_end"),
    )

    webhook_id: int = Field(foreign_key="webhook.id", index=True)
    event_ref: str = Field(max_length=60, description="The row the event is about, e.g. audit_event:7.")
    serial: int = Field(default=1, description="1, then 2, ... for replays of the same event.")
    kind: str = Field(max_length=40, description="A value of EventKind.")
    occurred_at: datetime = Field(sa_type=UtcDateTime)
    data: dict[str, Any] = Field(default={}, sa_type=sa.JSON, description="What is told: ids and states.")
    uuid: str = Field(unique=True, max_length=36, description="Id of the delivery.")
    n_tries: int = Field(default=0)
    next_try_at: datetime = Field(sa_type=UtcDateTime, index=True)
    delivered_at: datetime | None = moment()
    failed_at: datetime | None = moment()
    answer_status: int | None = Field(default=None, description="HTTP status of the last answer.")
    reason: str = Field(
        default="", max_length=MAX_REASON, description="Why the last try failed: a fixed word."
    )

    webhook: Webhook = Relationship()

    @property
    def status(self) -> DeliveryStatus:
        """Where it stands."""
        if self.delivered_at is not None:
            return DeliveryStatus.DELIVERED
        return DeliveryStatus.WAITING if self.failed_at is None else DeliveryStatus.FAILED

    @property
    def event_id(self) -> str:
        """Id of the event: the same for every try and every replay."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"webhook:{self.webhook_id}:{self.event_ref}"))

    def note_try(self, now: datetime, *, status: int | None, reason: str = "") -> None:
        """Write down how a try went; reason: empty for one that arrived."""
        self.n_tries += 1
        self.answer_status, self.reason = status, reason[:MAX_REASON]
        if not reason:
            self.delivered_at = now
        elif self.n_tries >= MAX_TRIES:
            self.failed_at = now
        else:
            self.next_try_at = now + min(FIRST_DELAY * 2 ** (self.n_tries - 1), LONGEST_DELAY)

    def give_up(self, now: datetime, *, reason: str) -> None:
        """Try no more."""
        self.failed_at, self.reason = now, reason[:MAX_REASON]


def checked_url(url: str, *, allows_private: bool) -> str:
    """The address, cleaned. InvalidInput for one that is none, shows a password, or is of our own network.

    Where a name leads is found out at each delivery (jobs/webhook_post.py).
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    is_plain = parts.scheme == "http" and allows_private
    if len(url) > MAX_URL or not host or port == 0 or not (parts.scheme == "https" or is_plain):
        raise _bad_url(N_("要写一个 https:// 开头的地址。"))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _bad_url(N_("地址里不能写用户名、密码和 #。"))
    if not url.strip().isascii() or not url.strip().isprintable() or " " in url.strip():
        raise _bad_url(N_("地址里有不能用的字符。"))
    if not allows_private and (_is_inner_name(host) or not is_outside(host, otherwise=True)):
        raise _bad_url(N_("不能是本机或内网的地址。"))
    return url.strip()


def _bad_url(words: str) -> InvalidInput:
    return InvalidInput(N_("有几处要改。"), fields={"url": words})


def _is_inner_name(host: str) -> bool:
    is_bare = "." not in host and ":" not in host
    return is_bare or host.endswith((".localhost", ".local", ".internal"))


def is_outside(address: str, *, otherwise: bool = False) -> bool:
    """Whether an IP address is one that anybody on the internet can reach. otherwise: said of what is no address.

    What is carried inside another (IPv4 in IPv6, in all its forms) is judged as what it carries.
    """
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return otherwise
    if isinstance(found, ipaddress.IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if carried is not None:
            return carried.is_global and not carried.is_multicast
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def add_webhook(
    session: Session, user: User, *, url: str, kinds: Collection[EventKind], now: datetime
) -> Webhook:
    """A new subscription, flushed; it is told of what happens from now on. `url` has been checked.

    InvalidInput without a kind, and for one subscription too many.
    """
    if not kinds:
        raise InvalidInput(N_("有几处要改。"), fields={"kinds": N_("至少选一项。")})
    if sum(row.ended_at is None for row in user_webhooks(session, user.key)) >= MAX_OPEN:
        raise InvalidInput(N_("有几处要改。"), fields={"url": N_("订阅太多，先停掉不用的。")})
    row = Webhook(
        created_at=now,
        user_id=user.key,
        url=url,
        kinds=[kind.value for kind in SUBSCRIBABLE if kind in kinds],
        nonce=secrets.token_urlsafe(32),
        scanned_at=now,
    )
    session.add(row)
    session.flush()
    return row


def secret_of(webhook: Webhook, key: str) -> str:
    """The secret with which its deliveries are signed. key: the installation's."""
    return "whsec_" + base64.urlsafe_b64encode(derive(key, "webhook", webhook.nonce)).decode().rstrip("=")


def user_webhooks(session: Session, user_id: int) -> list[Webhook]:
    """Every subscription of a person, newest first."""
    statement = select(Webhook).where(col(Webhook.user_id) == user_id)
    return list(session.exec(statement.order_by(col(Webhook.id).desc())))


def get_webhook(session: Session, webhook_id: int, *, user_id: int) -> Webhook:
    """A subscription of this person. NotFound when it does not exist or is another's."""
    row = find_row(session, Webhook, webhook_id)
    if row is None or row.user_id != user_id:
        raise NotFound(N_("没有这个订阅。"))
    return row


def open_webhooks(session: Session) -> list[int]:
    """Ids of the subscriptions that have not ended."""
    return [row.key for row in session.exec(select(Webhook).where(col(Webhook.ended_at).is_(None)))]


def owe(
    session: Session, webhook: Webhook, kind: EventKind, event: Event, *, now: datetime
) -> WebhookDelivery:
    """A delivery that is due at once, flushed. IntegrityError where the event is owed already."""
    return _add(session, webhook.key, kind.value, event, serial=1, now=now)


def replay(session: Session, delivery: WebhookDelivery, *, now: datetime) -> WebhookDelivery:
    """The same event once more. InvalidTransition while it waits, or where the subscription has ended."""
    if delivery.status is DeliveryStatus.WAITING:
        raise InvalidTransition(N_("这一条还在等着送。"))
    if delivery.webhook.ended_at is not None:
        raise InvalidTransition(N_("这个订阅已经停了。"))
    statement = select(sa.func.max(WebhookDelivery.serial)).where(
        col(WebhookDelivery.webhook_id) == delivery.webhook_id,
        col(WebhookDelivery.event_ref) == delivery.event_ref,
    )
    serial = (session.exec(statement).one() or 0) + 1
    event = Event(delivery.event_ref, delivery.occurred_at, dict(delivery.data))
    return _add(session, delivery.webhook_id, delivery.kind, event, serial=serial, now=now)


def _add(  # noqa: PLR0913  (the columns of the row)
    session: Session, webhook_id: int, kind: str, event: Event, *, serial: int, now: datetime
) -> WebhookDelivery:
    row = WebhookDelivery(
        created_at=now,
        webhook_id=webhook_id,
        event_ref=event.ref,
        serial=serial,
        kind=kind,
        occurred_at=event.at,
        data=dict(event.data),
        uuid=str(uuid.uuid4()),
        next_try_at=now,
    )
    session.add(row)
    session.flush()
    return row


def due_deliveries(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Ids of the deliveries that are to be tried, the longest due first, of subscriptions that have not ended."""
    statement = (
        select(WebhookDelivery.id)
        .join(Webhook, col(Webhook.id) == col(WebhookDelivery.webhook_id))
        .where(
            col(Webhook.ended_at).is_(None),
            col(WebhookDelivery.delivered_at).is_(None),
            col(WebhookDelivery.failed_at).is_(None),
            col(WebhookDelivery.next_try_at) <= now,
        )
        .order_by(col(WebhookDelivery.next_try_at), col(WebhookDelivery.id))
        .limit(limit)
    )
    return [row_id for row_id in session.exec(statement) if row_id is not None]


def list_deliveries(session: Session, webhook_id: int, *, limit: int) -> Sequence[WebhookDelivery]:
    """The newest deliveries of a subscription, newest first."""
    statement = select(WebhookDelivery).where(col(WebhookDelivery.webhook_id) == webhook_id)
    return session.exec(statement.order_by(col(WebhookDelivery.id).desc()).limit(limit)).all()


def get_delivery(session: Session, delivery_id: int, webhook: Webhook) -> WebhookDelivery:
    """A delivery of this subscription. NotFound otherwise."""
    row = find_row(session, WebhookDelivery, delivery_id)
    if row is None or row.webhook_id != webhook.id:
        raise NotFound(N_("没有这次投递。"))
    return row
