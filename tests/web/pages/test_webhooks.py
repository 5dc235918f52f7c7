from __future__ import annotations

import pytest
from sqlmodel import select

from models.audit import subject_events
from models.secret_key import get_secret_key
from models.user import Role
from models.webhook import Webhook, WebhookDelivery, secret_of
from tests.factories import make_delivery, make_user, make_webhook

WISH = {"url": "https://receiver.example/hook", "kinds": ["match.found", "pilot.changed"]}


@pytest.fixture
def webhook(session, city) -> Webhook:
    return make_webhook(session, city.users[Role.STARTUP])


def test_an_address_is_subscribed_and_its_secret_is_shown(as_firm, session, settings):
    answer = as_firm.post("/account/webhooks", data=WISH)

    row = session.exec(select(Webhook)).one()
    page = as_firm.get(answer.headers["Location"]).text
    assert row.kinds == ["match.found", "pilot.changed"]
    assert secret_of(row, get_secret_key(settings)) in page
    assert [event.action for event in subject_events(session, "webhook", row.key)] == ["webhook.made"]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({**WISH, "url": "https://127.0.0.1/"}, "url"),
        ({**WISH, "url": "http://receiver.example/"}, "url"),
        ({**WISH, "kinds": []}, "kinds"),
    ],
)
def test_what_cannot_be_told_is_refused_at_the_field(as_firm, session, wish, field):
    answer = as_firm.post("/account/webhooks", data=wish)

    assert (answer.status_code, f'href="#field-{field}"' in answer.text) == (422, True)
    assert session.exec(select(Webhook)).all() == []


def test_a_test_is_queued(as_firm, session, webhook):
    as_firm.post(f"/account/webhooks/{webhook.key}/ping")

    assert [row.kind for row in session.exec(select(WebhookDelivery))] == ["ping"]


def test_the_log_says_what_became_of_each_delivery_and_sends_again(as_firm, session, webhook, now):
    failed = make_delivery(session, webhook)
    failed.give_up(now, reason="timeout")
    make_delivery(session, webhook)
    page = as_firm.get(f"/account/webhooks/{webhook.key}").text

    answer = as_firm.post(f"/account/webhooks/{webhook.key}/deliveries/{failed.key}/replay")

    assert "没送到" in page and "对方太久没有回答" in page and "等着送" in page
    assert page.count("再送一次") == 1
    assert answer.status_code == 303
    again = session.exec(select(WebhookDelivery).where(WebhookDelivery.serial == 2)).one()
    assert again.event_ref == failed.event_ref


def test_an_ended_subscription_shows_no_more_buttons(as_firm, session, webhook):
    as_firm.post(f"/account/webhooks/{webhook.key}/end")

    page = as_firm.get(f"/account/webhooks/{webhook.key}").text
    assert "已停止" in page and "发一次测试" not in page.split("投递记录")[0]
    assert as_firm.post(f"/account/webhooks/{webhook.key}/end").status_code == 409
    assert as_firm.post(f"/account/webhooks/{webhook.key}/ping").status_code == 409


def test_a_subscription_of_another_is_not_there(as_firm, session):
    theirs = make_webhook(session, make_user(session), url="https://theirs.example/")
    delivery = make_delivery(session, theirs)

    assert "theirs.example" not in as_firm.get("/account/webhooks").text
    assert as_firm.get(f"/account/webhooks/{theirs.key}").status_code == 404
    path = f"/account/webhooks/{theirs.key}/deliveries/{delivery.key}/replay"
    assert as_firm.post(path).status_code == 404


def test_in_english_the_pages_are_english(as_firm, webhook):
    assert "<h1>Webhooks</h1>" in as_firm.get("/account/webhooks?lang=en").text
    assert "Send a test" in as_firm.get(f"/account/webhooks/{webhook.key}?lang=en").text
