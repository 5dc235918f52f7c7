"""What may be matched at one moment: the rows, their documents, and their words.

Made from one session and one generation of the index. A row that is not in the index yet, or whose text has changed
since, is left out until the index is in step again: a quote must belong to the vector that was compared. Once made, it
needs its session no more: everything that is read later has been loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select

from matcher.baseline import Baseline, Digests
from matcher.documents import Document, DocumentKind, capability_document, scenario_document
from matcher.index import IndexSnapshot
from matcher.passages import ROLE_OF, EncodedText
from matcher.word_background import WordField
from models.capability import Capability, listed
from models.organisation import Organisation
from models.place import list_districts
from models.scenario import Scenario, published


class Corpus:
    """Open scenarios and listed capabilities that are in the index, by id, with their documents.

    words: the capabilities by words. cities: of each district, by its id. n_stale: rows left out because the index is
    behind.
    """

    def __init__(self, session: Session, snapshot: IndexSnapshot, baseline: Baseline, *, on: date) -> None:
        self.snapshot = snapshot
        self.baseline = baseline
        self.documents: dict[tuple[DocumentKind, int], Document] = {}
        self.digests: Digests = {}
        scenarios = open_scenarios_with_parts(session, on)
        capabilities = listed_capabilities_with_parts(session)
        self._keep_indexed(DocumentKind.SCENARIO, map(scenario_document, scenarios))
        self._keep_indexed(DocumentKind.CAPABILITY, map(capability_document, capabilities))
        kept = self.documents
        self.scenarios = {row.key: row for row in scenarios if (DocumentKind.SCENARIO, row.key) in kept}
        self.capabilities = {
            row.key: row for row in capabilities if (DocumentKind.CAPABILITY, row.key) in kept
        }
        self.n_stale = len(scenarios) + len(capabilities) - len(kept)
        self.words = self._words()
        self.cities = {district.key: district.city for district in list_districts(session)}

    @property
    def dim(self) -> int:
        """Dimension of the index's vectors."""
        return self.snapshot.manifest.dim

    def document(self, kind: DocumentKind, row_id: int) -> Document:
        """A document by its row. KeyError for a row that may not be matched."""
        return self.documents[kind, row_id]

    def centred(self, kind: DocumentKind, row_id: int) -> EncodedText:
        """The vectors of a document, comparable across roles and languages."""
        raw = EncodedText(
            self.snapshot.chunks(kind.value, row_id), self.snapshot.sections(kind.value, row_id)
        )
        lang = self.documents[kind, row_id].lang
        return self.baseline.centring.apply(raw, role=ROLE_OF[kind], lang=lang)

    def _keep_indexed(self, kind: DocumentKind, documents: Iterable[Document]) -> None:
        indexed = self.snapshot.content_hashes(kind.value)
        for document in documents:
            digest = document.content_hash
            if indexed.get(document.id) == digest:
                self.documents[kind, document.id] = document
                self.digests[kind, document.id] = digest

    def _words(self) -> WordField:
        kind = DocumentKind.CAPABILITY
        kept = {
            id_
            for id_ in self.capabilities
            if self.baseline.digests.get((kind, id_)) == self.digests[kind, id_]
        }
        fresh = {id_: self.documents[kind, id_] for id_ in self.capabilities if id_ not in kept}
        return WordField(self.baseline.words, frozenset(kept), fresh)


def open_scenarios_with_parts(session: Session, on: date) -> list[Scenario]:
    """Open scenarios with their requirements, by id."""
    statement = (
        select(Scenario)
        .where(published(on))
        .order_by(col(Scenario.id))
        .options(selectinload(Scenario.requirements))  # type: ignore[arg-type]
    )
    return list(session.exec(statement))


def listed_capabilities_with_parts(session: Session) -> list[Capability]:
    """Listed capabilities with their cases and firms, by id."""
    statement = (
        select(Capability)
        .join(Organisation)
        .where(listed())
        .order_by(col(Capability.id))
        .options(selectinload(Capability.cases), joinedload(Capability.organisation))  # type: ignore[arg-type]
    )
    return list(session.exec(statement))
