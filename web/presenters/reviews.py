"""A handed-in text field by field, in the reader's words: what it says, what it said before, where it changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from flask import g

from models.i18n import N_, gettext
from models.review import REVIEWED, ReviewRound, changed_fields
from web.forms.parsing import FEN_PER_WAN
from web.labels import label
from web.presenters.drafts import FIELD_LABELS

LABELS = FIELD_LABELS | {"requirements": N_("逐条要求")}
ALIKE = 0.6
"""Share of tokens two texts must have in common to be woven into one (tried on the demo's texts, 2026-11-26)."""
_TOKEN = re.compile(r"[A-Za-z0-9_.,%-]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. kind: same, gone or new."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of a hand-in. pieces: what changed inside it since the last return, None without one.

    asked: what the reviewer had said to it then.
    """

    name: str
    label: str
    text: str
    pieces: Sequence[Piece] | None
    changed: bool
    asked: str


def field_views(content: Mapping[str, Any], before: ReviewRound | None) -> list[FieldView]:
    """Every field in the form's order; empty ones too, for what is missing may be what is to be said."""
    changed = set() if before is None else set(changed_fields(before.content, content))
    asked = {} if before is None else before.by_field
    return [
        FieldView(
            name=name,
            label=field_label(name),
            text=worded(name, content.get(name)),
            pieces=None if before is None or name not in changed else _pieces(name, before.content, content),
            changed=name in changed,
            asked=asked.get(name, ""),
        )
        for name in REVIEWED
    ]


def field_label(name: str) -> str:
    """The label of a field in the reader's language."""
    return gettext(g.locale, LABELS[name])


def worded(name: str, value: Any) -> str:
    """A stored value as the reader sees it; requirements a line each; nothing for what is not filled."""
    if name == "requirements":
        return "\n".join(
            f"{position}. {line['text']} · {_level(line['must'])}"
            for position, line in enumerate(value or (), 1)
        )
    if value in (None, "", []):
        return ""
    if name == "kind":
        return label("scenario_kind", value, g.locale)
    if name == "domain":
        return label("domain", value, g.locale)
    if name == "deployment":
        joint = "、" if g.locale == "zh" else ", "
        return joint.join(label("deployment", code, g.locale) for code in value)
    if name.endswith("_fen"):
        return f"{Decimal(value) / FEN_PER_WAN:f}"
    return str(value)


def _level(must: bool) -> str:
    return gettext(g.locale, N_("必须")) if must else gettext(g.locale, N_("应当"))


def _pieces(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Piece]:
    return compared(worded(name, before.get(name)), worded(name, after.get(name)))


def compared(before: str, after: str) -> list[Piece]:
    """The two texts as one, run by run: what stayed, what went, what came; words whole, Chinese by character.

    Texts that have little in common are shown one after the other: shared characters would only tear them apart.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [piece for piece in (Piece("gone", before), Piece("new", after)) if piece.text]
    pieces: list[Piece] = []
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[i:j])))
            continue
        if i < j:
            pieces.append(Piece("gone", "".join(old[i:j])))
        if k < m:
            pieces.append(Piece("new", "".join(new[k:m])))
    return pieces
