"""Proposals read from a text as the page shows them, and as the page sends them back.

Wording: how a kind of field is called and its values are said; of capabilities unless another is given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from flask import g

from matcher.profile_reading import Proposed, ProposedCapability
from models.i18n import N_, gettext
from web.autosave import CODED
from web.labels import label
from web.presenters.capabilities import LABELS

MAX_PROPOSALS, MAX_FIELDS = 60, 100

Wording = tuple[Callable[[str], str], Callable[[str, Mapping[str, str]], str]]
"""What a kind of field is called, and how its values are said, in the reader's language."""


@dataclass(frozen=True, slots=True)
class ProposedField:
    """One field to take or leave. words: its value as read; values: by field of the form; source: the sentence."""

    number: int
    label: str
    words: str
    values: Mapping[str, str]
    source: str
    place: str
    kind: str
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """One capability or need to take or leave. Its text is the document's; the fields are ticked one by one."""

    number: int
    title: str
    text: str
    ticked: bool
    fields: Sequence[ProposedField] = field(default=())


def present_proposals(found: Sequence[ProposedCapability]) -> list[Proposal]:
    """What was read: capabilities ticked, their text being the firm's own; fields not, each being a conclusion."""
    return [
        Proposal(
            number=at,
            title=each.title,
            text=each.text,
            ticked=True,
            fields=[present_field(n, proposed) for n, proposed in enumerate(each.fields)],
        )
        for at, each in enumerate(found[:MAX_PROPOSALS])
    ]


def present_field(
    number: int, proposed: Proposed, wording: Wording | None = None, *, ticked: bool = False
) -> ProposedField:
    """One field as it was read."""
    label_of, words_of = wording or CAPABILITY
    return ProposedField(
        number=number,
        label=label_of(proposed.kind),
        words=words_of(proposed.kind, proposed.values),
        values=proposed.values,
        source=proposed.source,
        place=str(proposed.place),
        kind=proposed.kind,
        ticked=ticked,
    )


def present_proposals_again(
    sent: Mapping[str, str],
    ticked: Collection[str],
    wanted: Collection[str],
    wording: Wording | None = None,
) -> list[Proposal]:
    """The same page after something on it was refused: what was typed and ticked is kept."""
    return [
        Proposal(
            number=at,
            title=sent[f"title-{at}"],
            text=sent.get(f"text-{at}", ""),
            ticked=str(at) in wanted,
            fields=[
                _sent_field(sent, at, n, f"{at}-{n}" in ticked, wording or CAPABILITY)
                for n in range(MAX_FIELDS)
                if f"kind-{at}-{n}" in sent
            ],
        )
        for at in range(MAX_PROPOSALS)
        if f"title-{at}" in sent
    ]


def _sent_field(sent: Mapping[str, str], at: int, n: int, ticked: bool, wording: Wording) -> ProposedField:
    label_of, words_of = wording
    kind, start = sent[f"kind-{at}-{n}"], f"v{at}-{n}-"
    values = {name.removeprefix(start): value for name, value in sent.items() if name.startswith(start)}
    return ProposedField(
        number=n,
        label=label_of(kind),
        words=words_of(kind, values),
        values=values,
        source=sent.get(f"source-{at}-{n}", ""),
        place=sent.get(f"place-{at}-{n}", ""),
        kind=kind,
        ticked=ticked,
    )


def _label(kind: str) -> str:
    return gettext(g.locale, LABELS.get(kind, N_("案例")))


def _words(kind: str, values: Mapping[str, str]) -> str:
    if kind in CODED:
        return label(CODED[kind], values.get(kind, ""), g.locale)
    if kind in LABELS:
        return values.get(kind, "")
    customers = [value for name, value in values.items() if name.startswith("case_customer_") and value]
    return customers[0] if customers else gettext(g.locale, N_("没写给谁用"))


CAPABILITY: Wording = (_label, _words)
