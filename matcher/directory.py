"""The public list in memory (公开场景目录): the facts filters need, and the words of every published scenario.

Kept until the rows change: each request asks the database for a fingerprint (one query) and reads the rows again only
when it differs. So the list needs neither the encoder nor a search engine, and shows a change at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select

from matcher.lexical import Evidence, LexicalIndex
from matcher.title_likeness import title_words
from models.organisation import Organisation
from models.scenario import Scenario, ScenarioStatus, published


@dataclass(frozen=True, slots=True)
class Entry:
    """What filters and sorting need to know of one published scenario. district: its code, or empty.
    ended: closed, whatever the deadline says. title_words: as matcher/title_likeness.py compares them.
    """

    id: int
    number: str
    domain: str
    kind: str
    district: str
    deployment: tuple[str, ...]
    budget_fen: int | None
    deadline_on: date | None
    published_on: date
    ended: bool
    title_words: frozenset[str] = frozenset()

    def is_open(self, today: date) -> bool:
        """Whether answers are taken on that day."""
        return not self.ended and (self.deadline_on is None or self.deadline_on >= today)


class Directory:
    """The entries and the word index over them, refreshed when the rows change; one per process, shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fingerprint: tuple[object, ...] | None = None
        self._entries: list[Entry] = []
        self._index = LexicalIndex()

    def entries(self, session: Session) -> list[Entry]:
        """Every published scenario, by id."""
        return self._fresh(session)[0]

    def find(self, session: Session, query: str) -> dict[int, float]:
        """Scenarios that hold every word of the query, with their relevance; where none does, those with any."""
        entries, index = self._fresh(session)
        wanted = query.strip().casefold()
        exact = {entry.id: float("inf") for entry in entries if entry.number.casefold() == wanted}
        for evidence in (Evidence.EVERY_WORD, Evidence.WORD):
            hits = index.top(query, len(index), evidence=evidence)
            if hits or exact:
                return {hit.id: hit.score for hit in hits} | exact
        return {}

    def _fresh(self, session: Session) -> tuple[list[Entry], LexicalIndex]:
        fingerprint = _fingerprint(session)
        with self._lock:
            if fingerprint != self._fingerprint:
                self._entries, self._index = _read(session)
                self._fingerprint = fingerprint
            return self._entries, self._index


def _fingerprint(session: Session) -> tuple[object, ...]:
    """Changes whenever a published scenario is added, edited, closed or withdrawn, or a publisher is renamed."""
    rows = session.execute(
        sa.select(
            sa.func.count(col(Scenario.id)),
            sa.func.max(col(Scenario.id)),
            sa.func.max(col(Scenario.updated_at)),
            sa.func.max(col(Scenario.published_at)),
            sa.func.count(col(Scenario.closed_at)),
            sa.func.sum(sa.func.length(Organisation.name)),
        )
        .join(Organisation, col(Organisation.id) == col(Scenario.organisation_id))
        .where(published())
    ).one()
    return tuple(rows)


def _read(session: Session) -> tuple[list[Entry], LexicalIndex]:
    rows = session.exec(
        select(Scenario)
        .where(published())
        .options(
            joinedload(Scenario.organisation),  # type: ignore[arg-type]
            joinedload(Scenario.district),  # type: ignore[arg-type]
            selectinload(Scenario.requirements),  # type: ignore[arg-type]
        )
        .order_by(col(Scenario.id))
    ).all()
    index = LexicalIndex()
    for row in rows:
        index.add(row.key, _words(row), row.lang)
    return [_entry(row) for row in rows], index


def _words(row: Scenario) -> str:
    parts: Iterable[str] = (
        row.number or "",
        row.title,
        row.text,
        row.metric,
        row.organisation.name,
        row.organisation.name_en,
        *(requirement.text for requirement in row.requirements),
    )
    return "\n".join(parts)


def _entry(row: Scenario) -> Entry:
    assert row.published_at is not None and row.number is not None, "only published scenarios are read"
    return Entry(
        id=row.key,
        number=row.number,
        domain=row.domain,
        kind=row.kind.value,
        district="" if row.district is None else row.district.code,
        deployment=tuple(row.deployment),
        budget_fen=row.budget_max_fen if row.budget_max_fen is not None else row.budget_min_fen,
        deadline_on=row.deadline_on,
        published_on=row.published_at.date(),
        ended=row.status is ScenarioStatus.CLOSED,
        title_words=title_words(row.title),
    )


def load_page(session: Session, ids: Sequence[int]) -> list[Scenario]:
    """The scenarios with these ids, in this order, with what a card shows."""
    rows = session.exec(
        select(Scenario)
        .where(col(Scenario.id).in_(ids))
        .options(
            joinedload(Scenario.organisation),  # type: ignore[arg-type]
            joinedload(Scenario.district),  # type: ignore[arg-type]
        )
    ).all()
    by_id = {row.key: row for row in rows}
    return [by_id[i] for i in ids if i in by_id]
