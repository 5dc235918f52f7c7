"""Proposals read from a document as the page shows them, and as the page sends them back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from flask import g

from matcher.profile_reading import Proposed, ProposedCapability
from models.i18n import N_, gettext
from web.autosave import CODED
from web.labels import label
from web.presenters.capabilities import LABELS

MAX_PROPOSALS, MAX_FIELDS = 60, 100


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
    """One capability to take or leave. Its text is the document's; the fields beside it are ticked one by one."""

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
            fields=[_field(n, proposed) for n, proposed in enumerate(each.fields)],
        )
        for at, each in enumerate(found[:MAX_PROPOSALS])
    ]


def _field(number: int, proposed: Proposed) -> ProposedField:
    return ProposedField(
        number=number,
        label=_label(proposed.kind),
        words=_words(proposed.kind, proposed.values),
        values=proposed.values,
        source=proposed.source,
        place=str(proposed.place),
        kind=proposed.kind,
    )


def present_proposals_again(
    sent: Mapping[str, str], ticked: Collection[str], wanted: Collection[str]
) -> list[Proposal]:
    """The same page after something on it was refused: what was typed and ticked is kept."""
    return [
        Proposal(
            number=at,
            title=sent[f"title-{at}"],
            text=sent.get(f"text-{at}", ""),
            ticked=str(at) in wanted,
            fields=[
                _sent_field(sent, at, n, f"{at}-{n}" in ticked)
                for n in range(MAX_FIELDS)
                if f"kind-{at}-{n}" in sent
            ],
        )
        for at in range(MAX_PROPOSALS)
        if f"title-{at}" in sent
    ]


def _sent_field(sent: Mapping[str, str], at: int, n: int, ticked: bool) -> ProposedField:
    kind, start = sent[f"kind-{at}-{n}"], f"v{at}-{n}-"
    values = {name.removeprefix(start): value for name, value in sent.items() if name.startswith(start)}
    return ProposedField(
        number=n,
        label=_label(kind),
        words=_words(kind, values),
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
