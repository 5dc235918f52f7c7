"""How well needs find what belongs to them, measured on a labelled folder; no database is needed.

Queries are treated as scenarios and documents as capabilities, through the modules that serve pages: the same
cut into chunks, centring, background and relevance. Centring means and background come from the folder
itself. Beside the engine stand the systems it must not fall below: BM25, one centred vector a text, and their
rank fusion.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from matcher.centring import Centring
from matcher.chunks import chunk_text
from matcher.embedder import (
    Embedder,
    FileVectorStore,
    Progress,
    TextRole,
    VectorStore,
)
from matcher.labelled_set import LabelledSet, LabelledText, read_labelled_set
from matcher.lexical import LexicalIndex
from matcher.passages import MAX_CHUNK_TOKENS, EncodedText, encode_texts
from matcher.rank_metrics import (
    Interval,
    Lead,
    bootstrap_interval,
    ndcg,
    paired_lead,
    recall,
    reciprocal_rank,
)
from matcher.relevance import (
    BLEND,
    Blend,
    Floats,
    Offers,
    fit_background,
    profile_need,
    relevance,
)
from matcher.word_strengths import word_strengths
from models.errors import InvalidInput

SYSTEMS = ("bm25", "dense", "rrf", "engine")
N_RUN = 100
"""Documents a query in a run file."""

_RRF_K = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""

METRICS: Mapping[str, Callable[[Sequence[str], Mapping[str, float]], float]] = {
    "nDCG@10": lambda ranked, grades: ndcg(ranked, grades, n=10),
    "Recall@10": lambda ranked, grades: recall(ranked, grades, n=10),
    "Recall@50": lambda ranked, grades: recall(ranked, grades, n=50),
    "MRR@10": lambda ranked, grades: reciprocal_rank(ranked, grades, n=10),
}


@dataclass(frozen=True, slots=True)
class EncodingCost:
    """What the texts amount to, and what encoding those that were not cached took. n_tokens: of the chunks."""

    n_chunks: int
    n_sections: int
    n_tokens: int
    n_encoded: int
    seconds: float


@dataclass(frozen=True)
class SystemResult:
    """One system's figures. milliseconds: mean time to rank all documents for one query, its encoding
    apart.
    """

    metrics: Mapping[str, Interval]
    milliseconds: float


@dataclass(frozen=True)
class EvaluationReport:
    """What was measured.

    leads: the engine's lead in nDCG@10 over each other system. run: for each query with labels, the engine's best N_RUN
    documents with scores.
    """

    name: str
    model: str
    n_queries: int
    n_documents: int
    n_pairs: int
    n_unlabelled: int
    n_unknown: int
    encoding: EncodingCost
    systems: Mapping[str, SystemResult]
    leads: Mapping[str, Lead]
    run: Mapping[str, Sequence[tuple[str, float]]]

    def to_json(self) -> dict[str, Any]:
        """Return all but the run as plain values."""
        return {name: value for name, value in asdict(self).items() if name != "run"}

    def to_text(self) -> str:
        """Return a table for a terminal."""
        lines = [
            f"{self.name}: {self.n_queries} queries, {self.n_documents} documents, {self.n_pairs} pairs",
            f"model {self.model}; {self._size()}; {self._speed()}",
            "",
            "system   " + "".join(f"{name:<24}" for name in METRICS) + "ms/query",
        ]
        for name, result in self.systems.items():
            cells = (f"{i.mean:.3f} [{i.low:.3f}, {i.high:.3f}]" for i in result.metrics.values())
            lines.append(
                f"{name:<9}" + "".join(f"{cell:<24}" for cell in cells) + f"{result.milliseconds:.1f}"
            )
        if self.leads:
            lines += ["", "nDCG@10 of the engine less that of the others, paired:"]
        for name, lead in self.leads.items():
            lines.append(f"{name:<9}{lead.mean:+.3f} [{lead.low:+.3f}, {lead.high:+.3f}] p={lead.p:.3f}")
        if self.n_unlabelled or self.n_unknown:
            lines += [
                "",
                f"{self.n_unlabelled} queries without labels, {self.n_unknown} labels of unknown ids",
            ]
        return "\n".join(lines)

    def _speed(self) -> str:
        cost = self.encoding
        if cost.n_encoded == 0:
            return "all vectors from the cache"
        return f"{cost.n_encoded} of them encoded in {cost.seconds:.0f} s ({cost.n_encoded / cost.seconds:.0f}/s)"

    def _size(self) -> str:
        cost = self.encoding
        return f"{cost.n_chunks} chunks and {cost.n_sections} sections, {cost.n_tokens} tokens"


def run_evaluation(  # noqa: PLR0913  (the parameters are the command's options)
    folder: Path,
    *,
    systems: Sequence[str] = SYSTEMS,
    embedder: Embedder,
    cache_dir: Path,
    run_out: Path | None = None,
    progress: Progress | None = None,
) -> EvaluationReport:
    """Measure `systems` on the folder, in the order given; write the engine's run to `run_out` if that is
    given.

    Raises InvalidInput for a system there is not, a run without the engine, or a folder that cannot be used.
    """
    unknown = [name for name in systems if name not in SYSTEMS]
    if unknown or not systems:
        raise InvalidInput(f"Systems are {', '.join(SYSTEMS)}; not {', '.join(unknown) or 'none'}.")
    if run_out is not None and "engine" not in systems:
        raise InvalidInput("A run is the engine's; add engine to the systems.")
    labelled = read_labelled_set(folder)
    store = FileVectorStore(cache_dir / "evaluation" / "vectors.sqlite3")
    try:
        vectors, cost = encode_set(labelled, embedder, store, progress=progress)
    finally:
        store.close()
    bench = Bench(labelled, vectors)
    measured = {name: _measure(bench, name) for name in dict.fromkeys(systems)}
    report = _report(labelled, embedder, cost, measured)
    if run_out is not None:
        write_run(report, run_out)
    return report


def write_run(report: EvaluationReport, path: Path) -> None:
    """Write the engine's run in the TREC form: query_id Q0 doc_id rank score tag."""
    lines = [
        f"{query_id} Q0 {document_id} {rank} {score:.6f} duijie\n"
        for query_id, ranked in report.run.items()
        for rank, (document_id, score) in enumerate(ranked, start=1)
    ]
    path.write_text("".join(lines), encoding="utf-8")


SetVectors = Mapping[TextRole, Sequence[EncodedText]]
"""For each role the raw vectors of each text, in the order of the set."""


def encode_set(
    labelled: LabelledSet, embedder: Embedder, store: VectorStore, *, progress: Progress | None = None
) -> tuple[SetVectors, EncodingCost]:
    """Return the vectors of all queries and documents, encoding only what `store` does not know."""
    vectors: dict[TextRole, Sequence[EncodedText]] = {}
    n_encoded = [0]
    n_tokens = 0
    seconds = 0.0

    def counted(done: int, total: int) -> None:
        n_encoded[0] = n_before + done
        if progress is not None:
            progress(done, total)

    for role, texts in ((TextRole.DEMAND, labelled.queries), (TextRole.SUPPLY, labelled.documents)):
        cut = [_chunks(text, embedder) for text in texts]
        n_tokens += sum(embedder.count_tokens([chunk for chunks in cut for chunk in chunks]))
        n_before, started = n_encoded[0], time.perf_counter()
        vectors[role] = encode_texts(cut, embedder, store, role=role, progress=counted)
        seconds += time.perf_counter() - started
    encoded = [text for side in vectors.values() for text in side]
    n_chunks, n_sections = sum(len(t.chunks) for t in encoded), sum(len(t.sections) for t in encoded)
    return vectors, EncodingCost(n_chunks, n_sections, n_tokens, n_encoded[0], seconds)


def _chunks(text: LabelledText, embedder: Embedder) -> list[str]:
    chunks = chunk_text(text.id, text.text, count_tokens=embedder.count_tokens, max_tokens=MAX_CHUNK_TOKENS)
    return [chunk.text for chunk in chunks]


@dataclass(frozen=True, slots=True)
class MakeUp:
    """What the engine is made of; other than by default only to see what an ingredient adds."""

    blend: Blend = BLEND
    is_centred: bool = True
    has_hubness: bool = True


class Bench:
    """The labelled set made ready: word index, centred vectors, background. One method a system.

    Each method gives (n_documents,) float64 for a query's row, higher is better, -inf where the system does
    not find the document. Documents are in the order of their ids, so that equal scores are ordered by id.
    """

    def __init__(
        self,
        labelled: LabelledSet,
        vectors: SetVectors,
        make_up: MakeUp = MakeUp(),
    ) -> None:
        self.labelled, self._make_up = labelled, make_up
        self.words = LexicalIndex()
        for row, document in enumerate(labelled.documents):
            self.words.add(row, document.text, document.lang)
        needs, offers = self._centred(vectors)
        dim = offers[0].chunks.shape[1]
        # Without needs in the background nothing is popular.
        background = fit_background(needs if make_up.has_hubness else [], offers, dim)
        self.profiles = [profile_need(need, background) for need in needs]
        self.offers = Offers.of(offers, background, dim)

    def _centred(self, vectors: SetVectors) -> tuple[list[EncodedText], list[EncodedText]]:
        sides = {TextRole.DEMAND: self.labelled.queries, TextRole.SUPPLY: self.labelled.documents}
        texts = {
            role: [(role, text.lang, raw) for text, raw in zip(side, vectors[role], strict=True)]
            for role, side in sides.items()
        }
        all_texts = [*texts[TextRole.DEMAND], *texts[TextRole.SUPPLY]]
        centring = Centring.fit(all_texts) if self._make_up.is_centred else Centring()
        needs, offers = (
            [centring.apply(raw, role=role, lang=lang) for role, lang, raw in texts[side]] for side in sides
        )
        return needs, offers

    def bm25(self, row: int) -> Floats:
        """BM25 over Chinese unigrams and bigrams and English stems, k1 2, b 1; documents of the query's
        language.
        """
        query = self.labelled.queries[row]
        found, scores = self.words.scores(query.text, lang=query.lang)
        return self._spread_out(found, scores, missing=-np.inf)

    def dense(self, row: int) -> Floats:
        """The cosine of one centred vector a text: of the whole text where it fits the model, else the mean of its
        sections.
        """
        cosines: Floats = (self.offers.documents @ self.profiles[row].document).astype(np.float64)
        return cosines

    def rrf(self, row: int) -> Floats:
        """Reciprocal rank fusion of the two, of equal weight; a document without a shared word gets nothing
        for words.
        """
        return _reciprocal_ranks(self.bm25(row)) + _reciprocal_ranks(self.dense(row))

    def engine(self, row: int) -> Floats:
        """Relevance, as pages order by it before gates and signals, which labelled sets do not have."""
        query = self.labelled.queries[row]
        found, scores = self.words.scores(query.text, lang=query.lang)
        strengths = word_strengths(scores, self.words.count(query.lang))
        return relevance(
            self.profiles[row],
            self.offers,
            self._spread_out(found, strengths, missing=0.0),
            blend=self._make_up.blend,
        ).total

    def _spread_out(self, found: np.typing.NDArray[np.int64], values: Floats, *, missing: float) -> Floats:
        spread = np.full(len(self.labelled.documents), missing)
        spread[found] = values
        return spread


def _reciprocal_ranks(scores: Floats) -> Floats:
    order = np.argsort(-scores, kind="stable")
    fused = np.empty(len(scores))
    fused[order] = 1 / (_RRF_K + np.arange(1, len(scores) + 1))
    return np.where(np.isneginf(scores), 0.0, fused)


@dataclass(frozen=True)
class _Measured:
    result: SystemResult
    ndcgs: Floats
    run: Mapping[str, Sequence[tuple[str, float]]]


def _measure(bench: Bench, name: str) -> _Measured:
    """Rank for every query that has labels, and average over them."""
    system: Callable[[int], Floats] = getattr(bench, name)
    labelled = bench.labelled
    values: dict[str, list[float]] = {metric: [] for metric in METRICS}
    run: dict[str, list[tuple[str, float]]] = {}
    seconds = 0.0
    for row, query in enumerate(labelled.queries):
        if query.id not in labelled.grades:
            continue
        started = time.perf_counter()
        # Rounded, so that the rounding of large products cannot decide between equals.
        scores = system(row).round(6)
        best = np.argsort(-scores, kind="stable")[:N_RUN]
        seconds += time.perf_counter() - started
        found = [int(at) for at in best if scores[at] > -np.inf]
        run[query.id] = [(labelled.documents[at].id, float(scores[at])) for at in found]
        ranked = [document_id for document_id, _ in run[query.id]]
        for metric, measure in METRICS.items():
            values[metric].append(measure(ranked, labelled.grades[query.id]))
    intervals = {metric: bootstrap_interval(np.array(each)) for metric, each in values.items()}
    result = SystemResult(intervals, 1000 * seconds / len(run))
    return _Measured(result, np.array(values["nDCG@10"]), run)


def _report(
    labelled: LabelledSet, embedder: Embedder, cost: EncodingCost, measured: Mapping[str, _Measured]
) -> EvaluationReport:
    return EvaluationReport(
        name=labelled.name,
        model=embedder.model_key,
        n_queries=len(labelled.grades),
        n_documents=len(labelled.documents),
        n_pairs=sum(len(grades) for grades in labelled.grades.values()),
        n_unlabelled=len(labelled.queries) - len(labelled.grades),
        n_unknown=labelled.n_unknown,
        encoding=cost,
        systems={name: each.result for name, each in measured.items()},
        leads=_leads(measured),
        run=measured["engine"].run if "engine" in measured else {},
    )


def query_ndcgs(bench: Bench) -> Floats:
    """nDCG@10 of the engine for each query with labels, in the order of the queries."""
    return _measure(bench, "engine").ndcgs


def _leads(measured: Mapping[str, _Measured]) -> dict[str, Lead]:
    if "engine" not in measured:
        return {}
    ours = measured["engine"].ndcgs
    return {name: paired_lead(ours, each.ndcgs) for name, each in measured.items() if name != "engine"}
