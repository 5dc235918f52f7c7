"""A form as templates show it: what was typed and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import g

from models.errors import InvalidInput
from models.i18n import gettext, is_translated

GENERAL = "这一项写得不对，请核对。"


@dataclass(frozen=True, slots=True)
class FormView:
    """typed: text by field name, as it was sent. errors: sentences by field name, in the reader's language.

    remarks: what a reviewer said to a field, by its name.
    """

    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)


def rejected(error: InvalidInput, sent: Mapping[str, str], labels: Mapping[str, str]) -> FormView:
    """The form again, each error behind the label of its field. labels: in the reader's language, by field name."""
    errors = {}
    for name, sentence in error.fields.items():
        known = sentence if is_translated(g.locale, sentence) else GENERAL
        words = gettext(g.locale, known)
        label = labels.get(name, "")
        separator = "：" if g.locale == "zh" else ": "
        errors[name] = words if not label or words.startswith(label) else f"{label}{separator}{words}"
    if not errors:
        errors["form"] = gettext(
            g.locale, error.message if is_translated(g.locale, error.message) else GENERAL
        )
    return FormView(typed=dict(sent), errors=errors)
