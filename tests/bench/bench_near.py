"""What measuring only the near firms misses on real vectors: the labelled sets, at the share of firms looked at among
100,000.

Beyond `EXACT_UP_TO` capabilities only the nearest as a whole and those that share most words are measured: among
100,000 some 2,500. The labelled sets have some thousands of documents, so as large a share of them is looked at, 2
% by meaning and half a percent by words. The best 20 of 100,000 are as rare as less than one document of these
sets, so the very best is what compares; the best 20 of a set lie much deeper, and are shown without a goal. Needs
the labelled sets (DUIJIE_SHARED_DATA) and the model.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from matcher import gauge
from matcher.baseline import RawEntry
from matcher.bench import encode_set
from matcher.documents import Document, DocumentKind, text_document
from matcher.embedder import FileVectorStore, SentenceEmbedder, TextRole
from matcher.labelled_set import LabelledSet, LabelledText, read_labelled_set
from models.config import Settings
from tests.bench import field
from tests.bench.bench_scale import EVERYTHING, MANY, TOP
from tests.bench.figures import Figure

SHARED_DATA = Path(os.environ.get("DUIJIE_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
SETS = ("sbir_topic_award", "stard_zh")
NEAR, MOST_WORDS = gauge.N_NEAR, gauge.N_MOST_WORDS


def measure(folder: Path) -> Iterator[Figure]:
    """Each labelled set that is at hand."""
    for name in SETS:
        place = SHARED_DATA / "labelled" / name
        if place.is_dir():
            yield from one_set(name, read_labelled_set(place), folder / name)


def one_set(name: str, labelled: LabelledSet, folder: Path) -> Iterator[Figure]:
    """The share of the best that is left out."""
    made = open_set(labelled, folder)
    n = len(made.gauge.ids)
    share = n / MANY
    gauge.N_NEAR = max(TOP, round(share * NEAR))
    gauge.N_MOST_WORDS = max(TOP, round(share * MOST_WORDS))
    allowed = np.ones(n, np.bool_)
    kept: dict[int, list[float]] = {1: [], TOP: []}
    for scenario_id in made.needs:
        asked, words = made.gauge.asked(scenario_id), made.gauge.words(scenario_id)
        exact, near = (
            made.gauge.survey_near(asked, words, allowed, exact_up_to=limit) for limit in (EVERYTHING, 0)
        )
        for top, shares in kept.items():
            best = np.argsort(-exact, kind="stable")[:top]
            shares.append(len(np.intersect1d(best, np.argsort(-near, kind="stable")[:top])) / top)
    for top, shares in kept.items():
        yield Figure(
            f"{name}: best {top} left out",
            1 - statistics.mean(shares),
            "",
            at_most=0.01 if top == 1 else None,
            note=f"{gauge.N_NEAR} by meaning and {gauge.N_MOST_WORDS} by words of {n:,}; {len(shares):,} needs, "
            f"worst {1 - min(shares):.2f}",
        )


def open_set(labelled: LabelledSet, folder: Path) -> field.Field:
    """An index of a labelled set, as the product makes it of its rows."""
    settings = Settings()
    store = FileVectorStore(settings.cache / "evaluation" / "vectors.sqlite3")
    try:
        embedder = SentenceEmbedder("bundled:e5-small", settings.cache)
        encoded, _ = encode_set(labelled, embedder, store)
    finally:
        store.close()
    raw = []
    for kind, role, texts in (
        (DocumentKind.SCENARIO, TextRole.DEMAND, labelled.queries),
        (DocumentKind.CAPABILITY, TextRole.SUPPLY, labelled.documents),
    ):
        for number, (text, vectors) in enumerate(zip(texts, encoded.vectors[role], strict=True), 1):
            raw.append(RawEntry(document_of(text, kind, number), vectors))
    folder.mkdir()
    field.write_field(folder, raw)
    needs = {each.document.id: each.document for each in raw if each.document.kind is DocumentKind.SCENARIO}
    drawn = field.Drawn(np.random.default_rng(11))
    return field.open_field(folder, drawn, needs)


def document_of(text: LabelledText, kind: DocumentKind, number: int) -> Document:
    """A text of the set as a document of the index."""
    return text_document(text.text, kind=kind, document_id=number)
