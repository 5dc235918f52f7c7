"""Any number of capabilities in an index without a database: synthetic vectors as sentence models give them, and texts.

Vectors follow a measured picture of real ones (multilingual-e5-small on short profiles): a mean common to all, clusters
of topics, a spectrum that decays; two sentences of one profile have a cosine of about .8, of two profiles .2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from matcher.baseline import RawEntry, baseline_of, fit_baseline
from matcher.documents import Document, DocumentKind, Statement, text_document
from matcher.gauge import Gauge
from matcher.grid import Vectors, unit_rows
from matcher.index import IndexSnapshot
from matcher.index_store import IndexStore
from matcher.passages import EncodedText
from matcher.word_background import WordField
from tests.bench.texts import need, offer

DIM = 384
N_CLUSTERS = 200
N_NEEDS = 60
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MODEL = "synthetic"


@dataclass
class Drawn:
    """Vectors drawn from one seed."""

    rng: np.random.Generator
    scale: Vectors = field(init=False)
    mean: Vectors = field(init=False)
    clusters: Vectors = field(init=False)

    def __post_init__(self) -> None:
        self.scale = (1.0 / np.sqrt(1.0 + np.arange(DIM) / 24.0)).astype(np.float32)
        self.mean = self._noise(1)[0] * 0.5
        self.clusters = self._noise(N_CLUSTERS)

    def _noise(self, n: int) -> Vectors:
        return self.rng.standard_normal((n, DIM)).astype(np.float32) * self.scale

    def profiles(self, n_chunks: np.ndarray) -> tuple[Vectors, Vectors]:
        """Chunks of profiles one after another, and one section a profile."""
        n = len(n_chunks)
        own = self.clusters[self.rng.integers(0, N_CLUSTERS, n)] + 0.8 * self._noise(n)
        chunks = np.repeat(own, n_chunks, axis=0) + 0.55 * self._noise(int(n_chunks.sum()))
        sections = own + 0.3 * self._noise(n)
        return unit_rows(chunks + self.mean), unit_rows(sections + self.mean)

    def need(self, *, is_diverse: bool, n_chunks: int = 8) -> EncodedText:
        """One near a single topic, or one whose requirements come from three."""
        topics = self.rng.choice(N_CLUSTERS, 3 if is_diverse else 1, replace=False)
        own = self.clusters[topics] + 0.6 * self._noise(len(topics))
        chunks = own[np.arange(n_chunks) % len(topics)] + 0.6 * self._noise(n_chunks)
        section = own.mean(axis=0, keepdims=True) + 0.3 * self._noise(1)
        return EncodedText(unit_rows(chunks + self.mean), unit_rows(section + self.mean))


@dataclass
class Field:
    """What is ranked: a gauge over capabilities, and needs to ask, by id; those with even ids are diverse."""

    gauge: Gauge
    folder: Path
    drawn: Drawn
    needs: dict[int, Document]

    @property
    def snapshot(self) -> IndexSnapshot:
        """The index."""
        found: IndexSnapshot = self.gauge.corpus.snapshot
        return found

    @property
    def n_vector_bytes(self) -> int:
        """Bytes of all vectors in the index."""
        return sum(record.vectors.size for record in self.snapshot.manifest.segments)


def raw_offers(drawn: Drawn, first_id: int, n: int) -> list[RawEntry]:
    """Capabilities with one to nine sentences, four in the mean."""
    sizes = 1 + drawn.rng.binomial(8, 3 / 8, n)
    chunks, sections = drawn.profiles(sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    return [
        RawEntry(
            _document(first_id + at),
            EncodedText(chunks[starts[at] : starts[at + 1]], sections[at : at + 1]),
        )
        for at in range(n)
    ]


def _document(number: int) -> Document:
    text = offer(number)
    statements = (Statement("title", text.title), Statement("text", text.text))
    return Document(DocumentKind.CAPABILITY, number, text.lang, statements)


def raw_needs(drawn: Drawn, n: int = N_NEEDS) -> list[RawEntry]:
    """Half of the needs near one topic, half from three."""
    found = []
    for number in range(1, n + 1):
        text = need(number)
        document = text_document(
            "\n".join([text.text, *text.requirements]),
            kind=DocumentKind.SCENARIO,
            title=text.title,
            document_id=number,
        )
        found.append(RawEntry(document, drawn.need(is_diverse=number % 2 == 0)))
    return found


def write_field(folder: Path, raw: Sequence[RawEntry]) -> None:
    """An index of all these, measured and written anew."""
    store = IndexStore(folder, model_key=MODEL, dim=DIM)
    extras, entries = fit_baseline(raw, model=MODEL, dim=DIM)
    store.write_base(entries, now=NOW, extras=extras)


def make_field(folder: Path, n: int) -> Field:
    """Write an index of `n` capabilities and open it."""
    drawn = Drawn(np.random.default_rng(11))
    needs = raw_needs(drawn)
    write_field(folder, [*needs, *raw_offers(drawn, 1, n)])
    return open_field(folder, drawn, {each.document.id: each.document for each in needs})


def open_field(
    folder: Path,
    drawn: Drawn,
    needs: dict[int, Document],
    *,
    before: Field | None = None,
    fresh: Sequence[Document] = (),
) -> Field:
    """A gauge over what is in the folder. before: what was open; fresh: the documents that are not in its base."""
    index = IndexStore(folder)
    if before is None:
        snapshot = index.open()
        baseline = baseline_of(snapshot)
    else:
        snapshot, baseline = index.open(reuse=before.snapshot), before.gauge.corpus.baseline
    ids = snapshot.places("capability").ids
    kept = baseline.unchanged(snapshot, DocumentKind.CAPABILITY, ids)
    hashes = frozenset((document.id, document.content_hash) for document in fresh)
    words = WordField(
        baseline.words,
        kept,
        hashes,
        {document.id: document for document in fresh},
        before=None if before is None else before.gauge.corpus.words,
    )
    corpus: Any = SimpleNamespace(
        snapshot=snapshot,
        baseline=baseline,
        dim=DIM,
        words=words,
        capabilities=SimpleNamespace(ids=ids),
        scenarios=SimpleNamespace(ids=np.array(sorted(needs)), document=needs.__getitem__),
    )
    # Nothing here is a copy, so nobody cuts or encodes.
    reader: Any = None
    return Field(Gauge(corpus, reader), folder, drawn, needs)
