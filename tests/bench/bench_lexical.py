"""Time of a keyword query beside bm25s on the same tokens: `python tests/bench/bench_lexical.py`.

Ten thousand synthetic Chinese documents of about 65 tokens with a word distribution like that of real text
(Zipf), 200 queries of about 13 terms, the best 100 of each. bm25s gets the tokens of the query ready made,
ours cuts the query itself; the two are asked in turn, and the ratio is the median of the pairs. Also prints
what one changed document costs.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from pathlib import Path

import bm25s
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # started as a file, not as a module

from matcher.lexical import LexicalIndex
from matcher.postings import K1, B
from matcher.tokens import query_terms, tokenize

N_DOCUMENTS, N_QUERIES, N_BEST = 10_000, 200, 100


def make_text(rng: np.random.Generator, n_characters: int) -> str:
    """A string of Chinese characters whose frequencies fall off like those of a language."""
    ranks = np.minimum(rng.zipf(1.3, n_characters) - 1, 2_999)
    return "".join(chr(0x4E00 + int(rank)) for rank in ranks)


def make_yardstick(texts: list[str]) -> tuple[bm25s.BM25, dict[str, int]]:
    """bm25s over our tokens, with our parameters."""
    tokens = [tokenize(text) for text in texts]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys(t for ts in tokens for t in ts))}
    index = bm25s.BM25(k1=K1, b=B, method="lucene", dtype="float64")
    index.index(([[vocabulary[t] for t in ts] for ts in tokens], vocabulary), show_progress=False)
    return index, vocabulary


def milliseconds(start: int) -> float:
    """Processor time of this thread since `start`."""
    return (time.thread_time_ns() - start) / 1e6


def main() -> None:
    """Print medians and the ratio."""
    rng = np.random.default_rng(7)
    texts = [make_text(rng, 33) for _ in range(N_DOCUMENTS)]
    queries = [make_text(rng, 7) for _ in range(N_QUERIES)]
    started = time.thread_time_ns()
    index = LexicalIndex()
    for doc_id, text in enumerate(texts):
        index.add(doc_id, text, "zh")
    index.top(queries[0], N_BEST)
    built = milliseconds(started)
    yardstick, vocabulary = make_yardstick(texts)
    ours, theirs, overlaps = [], [], []
    for query in queries:
        terms = [t for t, n in query_terms(query).items() for _ in range(n) if t in vocabulary]
        numbers = [vocabulary[t] for t in terms]
        started = time.thread_time_ns()
        scores = yardstick.get_scores_from_ids(numbers)
        best = np.argpartition(scores, -N_BEST)[-N_BEST:]
        best = best[np.argsort(-scores[best])]
        theirs.append(milliseconds(started))
        started = time.thread_time_ns()
        hits = index.top(query, N_BEST)
        ours.append(milliseconds(started))
        overlaps.append(len({h.id for h in hits[:20]} & {int(i) for i in best[:20]}) / 20)
    changes = []
    for doc_id in random.Random(7).sample(range(N_DOCUMENTS), 50):
        started = time.thread_time_ns()
        index.add(doc_id, texts[doc_id], "zh")
        index.top(queries[0], N_BEST)
        changes.append(milliseconds(started))
    ratio = statistics.median(o / t for o, t in zip(ours, theirs, strict=True))
    print(
        f"documents {N_DOCUMENTS}, tokens each {statistics.mean(len(tokenize(t)) for t in texts[:500]):.0f}"
    )
    print(f"build {built:.0f} ms; one changed document and a query {statistics.median(changes):.2f} ms")
    print(f"query: ours {statistics.median(ours):.3f} ms, bm25s {statistics.median(theirs):.3f} ms")
    print(f"ratio {ratio:.2f}")
    print(f"overlap of the best 20: {statistics.mean(overlaps):.3f} (ties are broken by id on our side only)")


if __name__ == "__main__":
    main()
