"""Events become deliveries that are owed: looked for in what was committed, once an event and subscription."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from jobs.runner import Run
from models.errors import NotFound
from models.webhook import Webhook, open_webhooks, owe
from models.webhook_event import Span, may_be_told, news_for

OVERLAP = timedelta(hours=1)
"""Looked at again each time: a change may be committed later than the moment it is dated with."""


def queue_webhooks(run: Run, *, zone: ZoneInfo) -> None:
    """Look for the news of each subscription since it was last looked for, one transaction a subscription."""
    on = run.now.astimezone(zone).date()
    with run.reading() as session:
        webhook_ids = open_webhooks(session)

    def act(session: Session, webhook_id: int) -> str | None:
        webhook = session.get(Webhook, webhook_id)
        if webhook is None:
            raise NotFound("没有这个订阅。")
        # What happened before it was made is not told.
        span = Span(max(webhook.created_at, webhook.scanned_at - OVERLAP), on)
        if not may_be_told(webhook.user):
            return "owner_shut_out"
        news = news_for(session, webhook, span)
        for kind, event in news:
            owe(session, webhook, kind, event, now=run.now)
        webhook.scanned_at = run.now
        session.add(webhook)
        run.counts.did("deliveries", len(news))
        return None if news else "no_news"

    run.each(webhook_ids, act, what="webhooks")
