"""Evaluation: on a folder small enough to know the answer, and on the real ones where they are at hand."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from matcher.embedder import SentenceEmbedder
from matcher.evaluation import METRICS, SYSTEMS, EvaluationReport, run_evaluation
from models.config import Settings
from models.errors import InvalidInput
from tests.fakes import HashingEmbedder
from tests.matcher.labelled_folder import make_labelled_folder

SHARED_DATA = Path(os.environ.get("DUIJIE_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
N_SAMPLED_QUERIES, N_SAMPLED_DOCUMENTS = 40, 120


def test_every_system_is_measured_with_intervals(report: EvaluationReport) -> None:
    assert tuple(report.systems) == SYSTEMS
    assert all(set(result.metrics) == set(METRICS) for result in report.systems.values())
    assert all(i.low <= i.mean <= i.high for r in report.systems.values() for i in r.metrics.values())


def test_the_engine_finds_what_shares_its_words(report: EvaluationReport) -> None:
    assert report.systems["engine"].metrics["Recall@10"].mean == 1


def test_the_report_says_what_was_measured(report: EvaluationReport) -> None:
    assert (report.n_queries, report.n_documents, report.n_pairs) == (14, 14, 14)
    assert report.n_unlabelled == 1
    assert (report.encoding.n_chunks, report.encoding.n_sections) == (33, 29)
    assert report.encoding.n_encoded == 37
    assert "engine" in report.to_text()
    assert "1 queries without labels" in report.to_text()


def test_the_engine_is_compared_with_the_others_query_by_query(report: EvaluationReport) -> None:
    means = {name: result.metrics["nDCG@10"].mean for name, result in report.systems.items()}

    assert set(report.leads) == {"bm25", "dense", "rrf"}
    for name, lead in report.leads.items():
        assert lead.mean == pytest.approx(means["engine"] - means[name])
        assert lead.low <= lead.mean <= lead.high
    assert "paired" in report.to_text()


def test_the_report_is_one_json_document_without_the_run(report: EvaluationReport) -> None:
    plain = json.loads(json.dumps(report.to_json()))

    assert "run" not in plain
    assert set(plain["systems"]["bm25"]["metrics"]["nDCG@10"]) == {"mean", "low", "high"}


def test_a_second_run_encodes_nothing_and_measures_the_same(folder: Path, tmp_path: Path) -> None:
    first = run_evaluation(folder, embedder=HashingEmbedder(), cache_dir=tmp_path)
    second = run_evaluation(folder, embedder=HashingEmbedder(), cache_dir=tmp_path)

    assert second.encoding.n_encoded == 0
    assert "all vectors from the cache" in second.to_text()
    assert second.run == first.run


def test_the_order_of_lines_does_not_change_the_run(folder: Path, tmp_path: Path) -> None:
    first = run_evaluation(folder, embedder=HashingEmbedder(), cache_dir=tmp_path)
    for name in ("queries.jsonl", "docs.jsonl"):
        lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
        (folder / name).write_text("".join(reversed(lines)), "utf-8")

    assert run_evaluation(folder, embedder=HashingEmbedder(), cache_dir=tmp_path).run == first.run


def test_the_run_is_a_trec_run_best_first(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "engine.run"

    run_evaluation(folder, embedder=HashingEmbedder(), cache_dir=tmp_path, run_out=path)

    rows = [line.split(" ") for line in path.read_text().splitlines()]
    scores = [float(row[4]) for row in rows if row[0] == "q00"]
    assert [row[:2] + row[3:4] + row[5:] for row in rows[:2]] == [
        ["q00", "Q0", str(n), "duijie"] for n in (1, 2)
    ]
    assert scores == sorted(scores, reverse=True)


def test_words_find_nothing_in_another_language(folder: Path, tmp_path: Path) -> None:
    report = run_evaluation(folder, systems=("bm25",), embedder=HashingEmbedder(), cache_dir=tmp_path)

    assert list(report.systems) == ["bm25"]
    assert report.run == {}


def test_progress_is_told(folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    run_evaluation(
        folder,
        embedder=HashingEmbedder(),
        cache_dir=tmp_path,
        progress=lambda done, total: seen.append((done, total)),
    )

    assert seen == [(23, 23), (14, 14)]


@pytest.mark.parametrize("systems", [(), ("bm26",), ("engine", "")])
def test_a_system_there_is_not_is_named(folder: Path, tmp_path: Path, systems: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="Systems are bm25, dense, rrf, engine"):
        run_evaluation(folder, systems=systems, embedder=HashingEmbedder(), cache_dir=tmp_path)


def test_a_run_needs_the_engine(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="engine"):
        run_evaluation(
            folder,
            systems=("bm25",),
            embedder=HashingEmbedder(),
            cache_dir=tmp_path,
            run_out=tmp_path / "out.run",
        )


SETS = ["sbir_topic_award", "stard_zh"]


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_on_a_sample_the_engine_is_not_shown_to_be_below_words_or_vectors(name: str, tmp_path: Path) -> None:
    """Some dozens of queries cannot settle a near tie; that the engine is worse beyond chance they would show."""
    report = measure(sample_of(labelled_folder(name), tmp_path / name))

    assert report.n_queries >= 30
    assert ndcg_by_system(report)["engine"] > 0.75
    assert min(report.leads[system].high for system in ("bm25", "dense")) > 0


@pytest.mark.model
@pytest.mark.proof
@pytest.mark.parametrize("name", SETS)
def test_the_engine_is_not_below_words_nor_below_vectors(name: str) -> None:
    quality = ndcg_by_system(measure(labelled_folder(name)))

    assert quality["engine"] >= max(quality["bm25"], quality["dense"])


def labelled_folder(name: str) -> Path:
    folder = SHARED_DATA / "labelled" / name
    if not folder.is_dir():
        pytest.skip(f"shared/data/labelled/{name} is not at hand (DUIJIE_SHARED_DATA)")
    return folder


def measure(folder: Path) -> EvaluationReport:
    cache = Settings().cache
    return run_evaluation(folder, embedder=SentenceEmbedder("bundled:e5-small", cache), cache_dir=cache)


def ndcg_by_system(report: EvaluationReport) -> dict[str, float]:
    return {system: result.metrics["nDCG@10"].mean for system, result in report.systems.items()}


def sample_of(folder: Path, target: Path) -> Path:
    """A part of a labelled set that is encoded in a minute or two: each N-th query that has labels with what belongs
    to it, among each N-th document.
    """
    labels = [line.split("\t") for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()]
    labelled = sorted({query_id for query_id, _, _ in labels})
    queries = set(labelled[:: max(1, len(labelled) // N_SAMPLED_QUERIES)])
    kept = [label for label in labels if label[0] in queries]
    relevant = {document_id for _, document_id, _ in kept}
    documents = gzip.decompress((folder / "docs.jsonl.gz").read_bytes()).decode().splitlines()
    step = max(1, len(documents) // N_SAMPLED_DOCUMENTS)
    target.mkdir()
    (target / "queries.jsonl").write_text(
        _only((folder / "queries.jsonl").read_text("utf-8").splitlines(), queries), "utf-8"
    )
    (target / "docs.jsonl").write_text(
        _only(documents, relevant | {json.loads(line)["id"] for line in documents[::step]}), "utf-8"
    )
    (target / "qrels.tsv").write_text("".join("\t".join(label) + "\n" for label in kept), "utf-8")
    return target


def _only(lines: list[str], ids: set[str]) -> str:
    return "".join(line + "\n" for line in lines if json.loads(line)["id"] in ids)


@pytest.fixture
def report(folder: Path, tmp_path: Path) -> EvaluationReport:
    return run_evaluation(folder, embedder=HashingEmbedder(), cache_dir=tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_labelled_folder(tmp_path)
