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

from matcher.bench import Bench, EncodingCost, encode_set
from matcher.embedder import (
    Embedder,
    FileVectorStore,
    Progress,
)
from matcher.labelled_set import LabelledSet, read_labelled_set
from matcher.likeness import Floats
from matcher.rank_metrics import (
    Interval,
    Lead,
    bootstrap_interval,
    ndcg,
    paired_lead,
    recall,
    reciprocal_rank,
)
from models.errors import InvalidInput

SYSTEMS = ("bm25", "dense", "rrf", "engine")
N_RUN = 100
"""Documents a query in a run file."""

METRICS: Mapping[str, Callable[[Sequence[str], Mapping[str, float]], float]] = {
    "nDCG@10": lambda ranked, grades: ndcg(ranked, grades, n=10),
    "Recall@10": lambda ranked, grades: recall(ranked, grades, n=10),
    "Recall@50": lambda ranked, grades: recall(ranked, grades, n=50),
    "MRR@10": lambda ranked, grades: reciprocal_rank(ranked, grades, n=10),
}


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
        bench = Bench(labelled, vectors)
        measured = {name: _measure(bench, name) for name in dict.fromkeys(systems)}
    finally:
        store.close()
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
