"""What may be matched at one moment: which rows, their documents, and their words.

Which rows there are, whose they are and whether they have room is read when it is made; the rows themselves when they
are asked for, a shortlist at a time, because nobody needs all of them in memory. A row that is not in the index yet, or
whose text has changed since, is left out until the index is in step again: a quote must belong to the vector that was
compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import func
from sqlmodel import col, select

from matcher.baseline import Baseline
from matcher.documents import Document, DocumentKind, Facts, capability_document, scenario_document
from matcher.index import IndexSnapshot
from matcher.index_segment import Ids
from matcher.rows import Reading, Rows, listed_capabilities_with_parts, open_scenarios_with_parts
from matcher.word_background import WordField
from models.capability import Capability, listed
from models.organisation import Organisation
from models.place import list_districts
from models.scenario import Scenario, published


class Corpus:
    """Open scenarios and listed capabilities that are in the index.

    firms, has_room: (n_capabilities,) whose each is, and whether its firm takes more work, in the order of
    capabilities.ids. words: the capabilities by words. cities: of each district, by its id.
    """

    def __init__(
        self,
        reading: Reading,
        snapshot: IndexSnapshot,
        baseline: Baseline,
        *,
        on: date,
        before: Corpus | None = None,
    ) -> None:
        """reading: sessions that only read; the rows may be those of different moments.

        before: an earlier one, whose words are taken over where they are the same.
        """
        self.snapshot, self.baseline = snapshot, baseline
        self._reading = reading
        with reading() as session:
            scenario_ids = _int64(
                session.exec(select(col(Scenario.id)).where(published(on)).order_by(col(Scenario.id)))
            )
            offers = np.array([tuple(row) for row in session.execute(_offers()).all()], np.int64).reshape(
                -1, 3
            )
            self.cities = {district.key: district.city for district in list_districts(session)}
        open_there = self._indexed(DocumentKind.SCENARIO, scenario_ids)
        listed_there = self._indexed(DocumentKind.CAPABILITY, offers[:, 0])
        self._n_missing = int((~open_there).sum() + (~listed_there).sum())
        offers = offers[listed_there]
        self.firms, self.has_room = offers[:, 1].copy(), offers[:, 2] != 0
        self.scenarios: Rows[Scenario] = Rows(
            scenario_ids[open_there],
            lambda session, ids: open_scenarios_with_parts(session, on, ids),
            scenario_document,
            self._hash_of(DocumentKind.SCENARIO),
            reading,
        )
        self.capabilities: Rows[Capability] = Rows(
            offers[:, 0].copy(),
            listed_capabilities_with_parts,
            capability_document,
            self._hash_of(DocumentKind.CAPABILITY),
            reading,
        )
        self.words = self._words(before)
        self._facts: dict[int, Facts] | None = None

    @property
    def dim(self) -> int:
        """Dimension of the index's vectors."""
        return self.snapshot.manifest.dim

    @property
    def n_stale(self) -> int:
        """Rows left out so far because the index is behind."""
        return self._n_missing + len(self.scenarios.stale) + len(self.capabilities.stale)

    def is_as(self, other: Corpus) -> bool:
        """Whether the same rows may be matched, by what is read of them all: which there are, whose, and with room."""
        pairs = (
            (self.scenarios.ids, other.scenarios.ids),
            (self.capabilities.ids, other.capabilities.ids),
            (self.firms, other.firms),
            (self.has_room, other.has_room),
        )
        return all(np.array_equal(mine, theirs) for mine, theirs in pairs)

    def rows(self, kind: DocumentKind) -> Rows[Any]:
        """The rows of a kind."""
        return self.scenarios if kind is DocumentKind.SCENARIO else self.capabilities

    def document(self, kind: DocumentKind, row_id: int) -> Document:
        """A document by its row. KeyError for a row that may not be matched."""
        return self.rows(kind).document(row_id)

    def digest(self, kind: DocumentKind, row_id: int) -> str:
        """The content hash of what was indexed. KeyError for a row that is not in the index."""
        found = self.snapshot.content_hash(kind.value, row_id)
        if found is None:
            raise KeyError(row_id)
        return found

    def facts(self) -> dict[int, Facts]:
        """What is ticked of every capability, by id; read when it is first asked for."""
        if self._facts is None:
            wanted = (
                col(Capability.id),
                col(Capability.deployment),
                col(Capability.filings),
                col(Capability.lapsed_filings),
            )
            statement = select(*wanted).join(Organisation).where(listed())
            with self._reading() as session:
                found = {
                    id_: Facts(tuple(places), tuple(code for code in filings if code not in lapsed))
                    for id_, places, filings, lapsed in session.execute(statement)
                }
            self._facts = {id_: found[id_] for id_ in self.capabilities if id_ in found}
        return self._facts

    def _indexed(self, kind: DocumentKind, ids: Ids) -> Any:
        return self.snapshot.places(kind.value).find(ids) >= 0

    def _hash_of(self, kind: DocumentKind) -> Callable[[int], str | None]:
        return lambda row_id: self.snapshot.content_hash(kind.value, row_id)

    def _words(self, before: Corpus | None) -> WordField:
        """Those in the baseline by its words; of all others the texts are read."""
        kept = self.baseline.unchanged(self.snapshot, DocumentKind.CAPABILITY, self.capabilities.ids)
        others = self.capabilities.ids[~np.isin(self.capabilities.ids, kept)].tolist()
        fresh = {(id_, self.digest(DocumentKind.CAPABILITY, id_)) for id_ in others}
        is_same = before is not None and before.baseline is self.baseline
        start = before.words if before is not None and is_same else None
        known = start.fresh if start is not None else frozenset()
        missing = [id_ for id_, digest in fresh if (id_, digest) not in known]
        read = {id_: document for id_, (_, document) in self.capabilities.load(sorted(missing)).items()}
        return WordField(self.baseline.words, kept, frozenset(fresh), read, before=start)


def _int64(values: Iterable[Any]) -> Ids:
    return np.array([int(value) for value in values], np.int64)


def _offers() -> Any:
    """SELECT of (id, firm, free places) of listed capabilities by id; -1 places where the firm did not say."""
    places = func.coalesce(col(Capability.capacity), -1)
    return (
        select(col(Capability.id), col(Capability.organisation_id), places)
        .join(Organisation)
        .where(listed())
        .order_by(col(Capability.id))
    )
