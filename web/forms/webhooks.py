"""A new webhook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from models.webhook import SUBSCRIBABLE, EventKind, checked_url
from web.forms.parsing import Form, filled, parse


class WebhookForm(Form):
    """Where it goes."""

    url: Annotated[str, filled(500)]


def parse_webhook(
    sent: Mapping[str, str], ticked: Sequence[str], *, allows_private: bool
) -> tuple[str, list[EventKind]]:
    """The address and the kinds of events; what is no kind is left out. InvalidInput as for every form."""
    form = parse(WebhookForm, sent)
    kinds = [kind for kind in SUBSCRIBABLE if kind.value in ticked]
    return checked_url(form.url, allows_private=allows_private), kinds
