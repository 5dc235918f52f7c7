"""Deliveries that are owed are sent: tried again with growing pauses, given up after about a day, never lost.

No session is open while a receiver is spoken to. A crash between sending and writing that down sends once more, under
the same event id.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from jobs.runner import Run
from jobs.webhook_post import NotReached, Parcel, post
from models.errors import NotFound
from models.webhook import WebhookDelivery, due_deliveries, secret_of
from models.webhook_event import may_be_told

MAX_PER_RUN = 200
GONE = 410
Send = Callable[..., int]


@dataclass(frozen=True, slots=True)
class Courier:
    """What delivering needs. key: the installation's. allows_private: whether one's own network may be told."""

    key: str
    allows_private: bool


@dataclass(frozen=True, slots=True)
class _Errand:
    webhook_id: int
    url: str
    secret: str
    parcel: Parcel | None


def deliver_webhooks(run: Run, *, courier: Courier) -> None:
    """Try what is due. A receiver that does not answer, or refuses, is not asked again in the same run."""
    with run.reading() as session:
        ids = due_deliveries(session, now=run.now, limit=MAX_PER_RUN)
    if run.dry_run:
        run.counts.did("would_send", len(ids))
        return
    silent: set[int] = set()
    for delivery_id in ids:
        if run.is_stopping():
            return
        run.attempt(delivery_id, partial(_deliver, run, courier, delivery_id, silent))


def _deliver(run: Run, courier: Courier, delivery_id: int, silent: set[int]) -> None:
    errand = _read(run, courier, delivery_id)
    if errand.webhook_id in silent:
        run.counts.skip("silent_receiver")
        return
    if errand.parcel is None:
        _settle(run, delivery_id, lambda row: row.give_up(run.clock(), reason="owner_shut_out"))
        run.counts.skip("owner_shut_out")
        return
    try:
        status = post(errand.url, errand.parcel, secret=errand.secret, allows_private=courier.allows_private)
    except NotReached as err:
        silent.add(errand.webhook_id)
        reason = err.reason
        if err.is_forbidden:
            _settle(run, delivery_id, lambda row: row.give_up(run.clock(), reason=reason))
        else:
            _settle(run, delivery_id, lambda row: row.note_try(run.clock(), status=None, reason=reason))
        run.counts.skip(reason)
        return
    _settle(run, delivery_id, partial(_note_answer, run, status))
    if 200 <= status < 300:
        run.counts.did("delivered")
    else:
        silent.add(errand.webhook_id)
        run.counts.skip("refused")


def _read(run: Run, courier: Courier, delivery_id: int) -> _Errand:
    """What is to be sent where; no parcel where its person may see nothing any more."""
    with run.reading() as session:
        row = session.get(WebhookDelivery, delivery_id)
        if row is None:
            raise NotFound("没有这次投递。")
        webhook = row.webhook
        parcel = _parcel(row, int(run.clock().timestamp())) if may_be_told(webhook.user) else None
        return _Errand(webhook.key, webhook.url, secret_of(webhook, courier.key), parcel)


def _parcel(row: WebhookDelivery, moment: int) -> Parcel:
    content = {
        "id": row.event_id,
        "kind": row.kind,
        "at": row.occurred_at.isoformat(timespec="seconds"),
        "webhook_id": row.webhook_id,
        "data": row.data,
    }
    body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return Parcel(body=body, moment=moment, event=row.kind, delivery=row.uuid)


def _note_answer(run: Run, status: int, row: WebhookDelivery) -> None:
    if 200 <= status < 300:
        row.note_try(run.clock(), status=status)
        return
    row.note_try(run.clock(), status=status, reason="refused")
    if status == GONE and row.webhook.ended_at is None:
        row.webhook.end(run.clock(), reason="gone")


def _settle(run: Run, delivery_id: int, move: Callable[[WebhookDelivery], None]) -> None:
    with run.transaction() as session:
        row = session.get(WebhookDelivery, delivery_id)
        if row is None:
            raise NotFound("没有这次投递。")
        move(row)
        session.add(row)
