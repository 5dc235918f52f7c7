"""What may be matched at one moment: the rows, their documents, and both searches over them.

Made from one session and one generation of the index. A row that is not in the index yet, or whose text has changed since,
is left out until the index is in step again: a quote must belong to the vector that was compared.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select

from matcher.centring import CentringMeans
from matcher.documents import Document, DocumentKind, capability_document, scenario_document
from matcher.index import IndexSnapshot
from matcher.lexical import LexicalIndex
from models.capability import Capability, listed
from models.organisation import Organisation
from models.scenario import Scenario, published


class Corpus:
    """Open scenarios and listed capabilities that are in the index, by id, with their documents.

    words: the word index over the capabilities. n_stale: rows left out because the index is behind.
    """

    def __init__(self, session: Session, snapshot: IndexSnapshot, *, on: date) -> None:
        self.snapshot = snapshot
        self.means = CentringMeans.from_arrays(snapshot.extras["centring"])
        self.scenarios = {row.key: row for row in open_scenarios_with_parts(session, on)}
        self.capabilities = {row.key: row for row in listed_capabilities_with_parts(session)}
        self.documents: dict[tuple[DocumentKind, int], Document] = {}
        n_rows = len(self.scenarios) + len(self.capabilities)
        self._keep_indexed()
        self.n_stale = n_rows - len(self.documents)
        self.words = LexicalIndex()
        for capability_id in self.capabilities:
            document = self.document(DocumentKind.CAPABILITY, capability_id)
            self.words.add(capability_id, document.keyword_text, document.lang)

    @property
    def dim(self) -> int:
        """Dimension of the index's vectors."""
        return self.snapshot.manifest.dim

    @property
    def index_version(self) -> str:
        """Version of the frozen statistics: it changes at a rebuild, not with a delta."""
        extras = self.snapshot.manifest.extras
        return "-".join(extras[name].sha256[:8] for name in ("centring", "background"))

    def document(self, kind: DocumentKind, row_id: int) -> Document:
        """A document by its row. KeyError for a row that may not be matched."""
        return self.documents[kind, row_id]

    def _keep_indexed(self) -> None:
        scenario_hashes = self.snapshot.content_hashes(DocumentKind.SCENARIO.value)
        capability_hashes = self.snapshot.content_hashes(DocumentKind.CAPABILITY.value)
        for row_id, scenario in list(self.scenarios.items()):
            if not self._keep(scenario_document(scenario), scenario_hashes):
                del self.scenarios[row_id]
        for row_id, capability in list(self.capabilities.items()):
            if not self._keep(capability_document(capability), capability_hashes):
                del self.capabilities[row_id]

    def _keep(self, document: Document, hashes: dict[int, str]) -> bool:
        if hashes.get(document.id) != document.content_hash:
            return False
        self.documents[document.kind, document.id] = document
        return True


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
