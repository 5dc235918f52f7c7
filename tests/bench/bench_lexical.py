"""A keyword query beside bm25s on the same tokens, and what one changed document costs.

Ten thousand and a hundred thousand synthetic Chinese documents of about 65 tokens with a word distribution like that
of real text (Zipf), 200 queries of about 13 terms, the best 100 of each. bm25s gets the tokens of the query ready
made, ours cuts the query itself.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from pathlib import Path

import bm25s
import numpy as np

from matcher.lexical import LexicalIndex
from matcher.postings import K1, B
from matcher.tokens import query_terms, tokenize
from tests.bench.figures import Figure, in_own_process, in_turn, thread_ms, watch

SIZES = (10_000, 100_000)
N_QUERIES, N_BEST = 200, 100


def make_text(rng: np.random.Generator, n_characters: int) -> str:
    """A string of Chinese characters whose frequencies fall off like those of a language."""
    ranks = np.minimum(rng.zipf(1.3, n_characters) - 1, 2_999)
    return "".join(chr(0x4E00 + int(rank)) for rank in ranks)


class Yardstick:
    """bm25s over our tokens, with our parameters."""

    def __init__(self, texts: list[str]) -> None:
        tokens = [tokenize(text) for text in texts]
        self.vocabulary = {token: i for i, token in enumerate(dict.fromkeys(t for ts in tokens for t in ts))}
        self._index = bm25s.BM25(k1=K1, b=B, method="lucene", dtype="float64")
        numbered = [[self.vocabulary[t] for t in ts] for ts in tokens]
        self._index.index((numbered, self.vocabulary), show_progress=False)

    def numbers(self, query: str) -> list[int]:
        """The query's known terms, ready made."""
        terms = [term for term, n in query_terms(query).items() for _ in range(n)]
        return [self.vocabulary[term] for term in terms if term in self.vocabulary]

    def best(self, numbers: list[int]) -> list[int]:
        """The best documents, best first."""
        scores = self._index.get_scores_from_ids(numbers)
        found = np.argpartition(scores, -N_BEST)[-N_BEST:]
        return [int(i) for i in found[np.argsort(-scores[found])]]


def measure(_folder: Path) -> Iterator[Figure]:
    """Each size in a process of its own."""
    for n in SIZES:
        yield from in_own_process(one_size, n)


def one_size(n: int) -> list[Figure]:
    """Building, asking, changing."""
    rng = np.random.default_rng(7)
    texts = [make_text(rng, 33) for _ in range(n)]
    queries = [make_text(rng, 7) for _ in range(N_QUERIES)]
    index = LexicalIndex()
    with watch() as built:
        for doc_id, text in enumerate(texts):
            index.add(doc_id, text, "zh")
        index.top(queries[0], N_BEST)
    with watch() as theirs:
        yardstick = Yardstick(texts)
    build = Figure(
        f"{n:,}: build the word index",
        built.cpu,
        "s",
        yardstick=f"bm25s: {theirs.cpu:.2f} s",
        ratio=built.cpu / theirs.cpu,
        note="cutting into tokens included on both sides",
    )
    return [build, asked(index, yardstick, queries, n), changed(index, texts, queries[0])]


def changed(index: LexicalIndex, texts: list[str], query: str) -> Figure:
    """One document put in anew, and the next query, which takes it in."""
    changes = [
        thread_ms(lambda doc_id=doc_id: (index.add(doc_id, texts[doc_id], "zh"), index.top(query, N_BEST)))
        for doc_id in random.Random(7).sample(range(len(texts)), 50)
    ]
    return Figure(f"{len(texts):,}: one changed document and a query", statistics.median(changes), "ms")


def asked(index: LexicalIndex, yardstick: Yardstick, queries: list[str], n: int) -> Figure:
    """One query, and how much the answers agree."""
    numbers = [yardstick.numbers(query) for query in queries]
    pairs = in_turn(
        lambda i: index.top(queries[i], N_BEST), lambda i: yardstick.best(numbers[i]), len(queries)
    )
    overlaps = [
        len({hit.id for hit in index.top(query, 20)} & set(yardstick.best(known)[:20])) / 20
        for query, known in zip(queries, numbers, strict=True)
    ]
    return Figure(
        f"{n:,}: keyword query",
        pairs.median,
        "ms",
        yardstick=f"bm25s: {pairs.their_median:.3f} ms",
        ratio=pairs.ratio,
        at_most=3.0,
        note=f"of the best 20, {statistics.mean(overlaps):.1%} are the same; ties go by id on our side only",
    )
