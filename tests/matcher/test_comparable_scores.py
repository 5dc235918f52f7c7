"""Scores compare across needs: for one firm the needs are ordered by the engine's own scores, without any scaling."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.bench import Bench, encode_set
from matcher.embedder import FileVectorStore, SentenceEmbedder
from matcher.labelled_set import read_labelled_set
from matcher.likeness import Floats
from matcher.rank_metrics import ndcg
from models.config import Settings
from tests.matcher.test_evaluation import labelled_folder

TOLERANCE = 0.005


def test_of_two_needs_the_one_that_stands_out_comes_first() -> None:
    scores = np.array([[3.0, 0.1], [1.0, 2.0]])

    assert transposed_ndcg(scores, [{0}, {1}]) == 1
    assert transposed_ndcg(scores, [{1}, {1}]) < 1


def test_ranks_within_a_need_are_shares_of_its_documents() -> None:
    assert by_rank(np.array([[3.0, 0.1, 7.0]])).tolist() == [[1, 0, 2]]


@pytest.mark.model
@pytest.mark.proof
def test_winners_find_their_topics_by_the_engines_own_scores() -> None:
    labelled = read_labelled_set(labelled_folder("sbir_topic_award"))
    cache = Settings().cache
    store = FileVectorStore(cache / "evaluation" / "vectors.sqlite3")
    try:
        embedder = SentenceEmbedder("bundled:e5-small", cache)
        bench = Bench(labelled, encode_set(labelled, embedder, store)[0])
        rows = range(len(labelled.queries))
        engine = np.array([bench.engine(row) for row in rows])
        words = np.array([bench.bm25(row) for row in rows])
    finally:
        store.close()
    topics_of = [
        {
            row
            for row, query in enumerate(labelled.queries)
            if document.id in labelled.grades.get(query.id, {})
        }
        for document in labelled.documents
    ]

    quality = {
        "engine": transposed_ndcg(engine, topics_of),
        "bm25": transposed_ndcg(words, topics_of),
        "by rank": transposed_ndcg(by_rank(engine), topics_of),
    }

    print(quality)
    assert quality["engine"] >= quality["bm25"] - TOLERANCE, quality
    assert quality["engine"] >= quality["by rank"] - TOLERANCE, quality


def transposed_ndcg(scores: Floats, topics_of: list[set[int]]) -> float:
    """nDCG@10 of the needs ordered for each document that belongs to one. scores: (n_needs, n_documents)."""
    values = []
    for at, topics in enumerate(topics_of):
        if topics:
            order = np.argsort(-scores[:, at].round(6), kind="stable")
            grades = {str(topic): 1.0 for topic in topics}
            values.append(ndcg([str(topic) for topic in order], grades, n=10))
    return float(np.mean(values))


def by_rank(scores: Floats) -> Floats:
    """Each need's scores as places from below, 0 the last: what is left when needs cannot be compared."""
    return np.argsort(np.argsort(scores, axis=1, kind="stable"), axis=1, kind="stable").astype(np.float64)
