"""Rows of the database as plain texts to match: what is encoded, what is searched by words, what may be quoted.

A `Document` is a scenario or a capability taken apart into statements. Each statement knows where it came from, so
that a quote can name its source. Nothing here knows vectors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from matcher.chunks import clean_text, detect_lang
from matcher.copies import statements_of
from matcher.need_sentences import need_sentences
from models.capability import Capability
from models.scenario import Scenario


class DocumentKind(StrEnum):
    """Which side a document is on."""

    SCENARIO = "scenario"
    CAPABILITY = "capability"


@dataclass(frozen=True, slots=True)
class Statement:
    """A piece of text from one field. source: title, text, case, requirement, metric."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class RequirementText:
    """What is asked. position from 1; derived: cut from the text because nobody wrote requirements.

    topic: the title of the whole need; it tells what a bare "误报率不高于5%" is about.
    """

    position: int
    text: str
    must: bool
    derived: bool
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The structured fields of a capability that can meet or contradict a requirement; empty means unknown."""

    deployment: tuple[str, ...] = ()
    filings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One text to match. id is the row's; content_hash changes whenever anything that is matched changes."""

    kind: DocumentKind
    id: int
    lang: str
    statements: tuple[Statement, ...]
    requirements: tuple[RequirementText, ...] = ()
    facts: Facts = field(default_factory=Facts)

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything that matching reads, hex."""
        parts = [
            self.lang,
            [[s.source, s.text] for s in self.statements],
            [[r.text, r.must, r.derived] for r in self.requirements],
            [list(self.facts.deployment), list(self.facts.filings)],
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

    @property
    def keyword_text(self) -> str:
        """All statements in one text, for the word index."""
        return "\n".join(statement.text for statement in self.statements)


def scenario_document(scenario: Scenario) -> Document:
    """A scenario taken apart; its requirements must be loaded. Requirements nobody wrote are derived."""
    statements = [
        Statement("title", clean_text(scenario.title)),
        Statement("text", clean_text(scenario.text)),
    ]
    outcome = clean_text(" ".join(filter(None, (scenario.metric, scenario.baseline, scenario.target))))
    written = [(clean_text(row.text), row.must) for row in scenario.requirements]
    statements += [Statement("metric", outcome)] + [Statement("requirement", text) for text, _ in written]
    return Document(
        kind=DocumentKind.SCENARIO,
        id=scenario.key,
        lang=scenario.lang,
        statements=_without_empty(statements),
        requirements=_numbered(written, topic=clean_text(scenario.title))
        or derive_requirements(scenario.text, title=scenario.title),
    )


def capability_document(capability: Capability) -> Document:
    """A capability taken apart; its cases must be loaded. What it says again and again it says once.

    Its language is that of what is left: a block of keywords in the other one must not decide how the rest is measured.
    """
    body = clean_text(capability.text)
    stated = statements_of(body)
    statements = [Statement("title", clean_text(capability.title)), Statement("text", stated)]
    # A colon, not a blank: what happened and what came of it must not run into one clause.
    statements += [
        Statement("case", statements_of(clean_text(_joined(case.text, case.metric))))
        for case in capability.cases
    ]
    return Document(
        kind=DocumentKind.CAPABILITY,
        id=capability.key,
        lang=capability.lang if stated == body else detect_lang(f"{capability.title}\n{stated}"),
        statements=_without_empty(statements),
        facts=Facts(deployment=tuple(capability.deployment), filings=tuple(capability.standing_filings)),
    )


def text_document(text: str, *, kind: DocumentKind, title: str = "", document_id: int = 0) -> Document:
    """A pasted text as a document that no row stands for. Raises nothing; an empty text has no statements."""
    body = clean_text(text) if kind is DocumentKind.SCENARIO else statements_of(clean_text(text))
    statements = _without_empty([Statement("title", clean_text(title)), Statement("text", body)])
    requirements = derive_requirements(text, title=title) if kind is DocumentKind.SCENARIO else ()
    return Document(
        kind=kind,
        id=document_id,
        lang=detect_lang(f"{title}\n{body}"),
        statements=statements,
        requirements=requirements,
    )


def derive_requirements(text: str, *, title: str = "") -> tuple[RequirementText, ...]:
    """The sentences that state a need, as requirements marked derived; the title where there is no other text.

    They are should, not must: nobody said that a firm without one of them is out.
    """
    topic = clean_text(title)
    sentences = need_sentences(text) or [topic] * bool(topic)
    return tuple(
        RequirementText(position=position, text=sentence, must=False, derived=True, topic=topic)
        for position, sentence in enumerate(sentences, start=1)
    )


def _joined(text: str, metric: str) -> str:
    mark = "：" if detect_lang(text) == "zh" else ": "
    return mark.join(part for part in (text, metric) if part)


def _numbered(written: Iterable[tuple[str, bool]], *, topic: str) -> tuple[RequirementText, ...]:
    kept = [(text, must) for text, must in written if text]
    return tuple(
        RequirementText(position=position, text=text, must=must, derived=False, topic=topic)
        for position, (text, must) in enumerate(kept, start=1)
    )


def _without_empty(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    return tuple(statement for statement in statements if statement.text)
