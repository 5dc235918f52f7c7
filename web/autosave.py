"""A form that saves itself: the version it stands on, what became of the last save, and what another window changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import g, render_template, request

from models.audit import subject_events
from models.base import Table
from models.i18n import gettext
from models.texts import storable
from web.labels import label

SITTING = timedelta(minutes=30)
"""Saves of one person within so long are one entry of the audit trail: typing is not a list of decisions."""

CODED = {
    "deployment": "deployment",
    "filings": "filing",
    "industries": "domain",
    "maturity": "maturity",
    "domain": "domain",
    "kind": "scenario_kind",
}
"""Fields that hold codes, and the table of their words."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that reads otherwise here than it is stored. label: in the reader's language; anchor: id of the field."""

    label: str
    stored: str
    typed: str
    anchor: str


def sent_revision() -> int:
    """The version the form was opened on; 0, which no row has, where it names none."""
    sent = request.form.get("revision", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else 0


def save_state(
    revision: str,
    *,
    saved: bool = False,
    conflict: str = "",
    errors: Mapping[str, str] | None = None,
) -> str:
    """The part of the page that tells what became of the save."""
    return render_template(
        "pages/drafts/save_state.html", revision=revision, saved=saved, conflict=conflict, errors=errors or {}
    )


def is_same_sitting(row: Table, kind: str, action: str) -> bool:
    """Whether the newest entry about this row is this act of the same person not long ago."""
    last = subject_events(g.session, kind, row.key)[-1:]
    return any(
        event.action == action and event.actor_user_id == g.user.key and g.now - event.created_at < SITTING
        for event in last
    )


def differences(
    stored: Mapping[str, str], typed: Mapping[str, str], labels: Mapping[str, str]
) -> list[Difference]:
    """The fields in which a form and what is stored differ, in the order of the labels."""
    return [
        Difference(
            words, _worded(name, stored.get(name, "")), _worded(name, typed.get(name, "")), f"field-{name}"
        )
        for name, words in labels.items()
        if storable(stored.get(name, "")) != storable(typed.get(name, ""))
    ]


def _worded(name: str, value: str) -> str:
    if name not in CODED or not value:
        return value
    mark = "、" if g.locale == "zh" else ", "
    return mark.join(label(CODED[name], code, g.locale) for code in value.split(","))


def worded(message: str) -> str:
    """A sentence of an error in the reader's language."""
    return gettext(g.locale, message)
