from __future__ import annotations

import pytest

from models.errors import InvalidInput
from models.webhook import EventKind
from web.forms.webhooks import parse_webhook


def test_address_and_events_are_read_from_the_form():
    sent = {"url": " https://receiver.example/hook "}

    read = parse_webhook(sent, ["match.found", "ping", "no.such"], allows_private=False)

    assert read == ("https://receiver.example/hook", [EventKind.MATCH_FOUND])


@pytest.mark.parametrize("url", ["", "http://receiver.example/", "https://10.0.0.1/"])
def test_what_is_no_address_of_the_internet_is_refused_at_the_field(url):
    with pytest.raises(InvalidInput) as refused:
        parse_webhook({"url": url}, ["match.found"], allows_private=False)

    assert list(refused.value.fields) == ["url"]
