"""What a view of a pair rests on, as digests: equal ones mean that nothing has to be judged again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from matcher.corpus import Corpus
from matcher.documents import DocumentKind
from models.capability import Capability


class PairInputs:
    """Digests of the sides of pairs of one corpus; kept, for rows of a corpus do not change."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._sides: dict[tuple[DocumentKind, int], str] = {}

    def scenario(self, scenario_id: int) -> str:
        """SHA-256 over a scenario's text and the facts about it. KeyError for one that may not be matched."""
        key = DocumentKind.SCENARIO, scenario_id
        if key not in self._sides:
            row = self._corpus.scenarios[scenario_id]
            facts = [row.deployment, row.district_id, row.organisation_id]
            self._sides[key] = digest([self._corpus.digest(*key), facts])
        return self._sides[key]

    def capability(self, capability_id: int) -> str:
        """The same of a capability, its cases and its firm."""
        key = DocumentKind.CAPABILITY, capability_id
        if key not in self._sides:
            self._sides[key] = self._of_row(self._corpus.capabilities[capability_id])
        return self._sides[key]

    def capabilities(self) -> Iterator[tuple[Capability, str]]:
        """Every capability, by id, with its digest; rows are read in batches, and digests are not kept."""
        for row in self._corpus.capabilities.values():
            yield row, self._of_row(row)

    def _of_row(self, row: Capability) -> str:
        facts = [
            row.deployment,
            row.capacity,
            row.maturity,
            row.organisation_id,
            row.organisation.district_id,
        ]
        cases = [[case.customer, case.confirmed_at is not None] for case in row.cases]
        return digest([self._corpus.digest(DocumentKind.CAPABILITY, row.key), facts, cases])


def digest(parts: list[object]) -> str:
    """SHA-256, hex, over plain values."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
