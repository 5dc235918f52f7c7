"""Indexing and matching at 1,000 and 10,000 capabilities, encoding measured apart.

Texts are put together from lists, cut by the model's own tokenizer, and stand in the index with vectors drawn from
hashed words: everything after encoding is the product's own work on real sizes. The model itself encodes a small share
of the same texts in a process of its own, and what encoding all of them would take is computed from that.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
from sqlalchemy.engine import Engine

from jobs.reindex import reindex
from jobs.runner import Run
from matcher.recommender import Recommender
from matcher.workshop import Workshop
from models.capability import Capability
from models.db import transaction
from tests.bench.figures import Figure, in_own_process, in_turn, p95, peak_mib, thread_ms, watch
from tests.bench.installation import (
    NOW,
    add_capabilities,
    add_scenarios,
    make_bench_workshop,
    make_database,
)
from tests.bench.texts import offer

SPEC = "bundled:e5-small"
SIZES = (1_000, 10_000)
N_SCENARIOS = 40
# The job keeps twenty pairs of each firm: at 10,000 capabilities it would have 50,000 to judge, a bench of its own.
MATCHED_SIZE = 1_000
N_ASKED = 12
N_REAL = 96
N_BEST = 100


def measure(folder: Path) -> Iterator[Figure]:
    """The model's share first, then each size in a process of its own."""
    per_chunk_ms = in_own_process(encode_share, folder)
    for n in SIZES:
        own = folder / str(n)
        own.mkdir()
        yield from in_own_process(measure_size, own, n, tokenizer(folder), per_chunk_ms)


def tokenizer(folder: Path) -> Path:
    """The tokenizer of the converted model."""
    return next((folder / "models").glob("*/tokenizer.json"))


def encode_share(folder: Path) -> float:
    """Wall milliseconds that the real model takes for one sentence of an offer, all cores, best of two rounds."""
    from matcher.chunks import split_sentences
    from matcher.embedder import SentenceEmbedder, TextRole

    embedder = SentenceEmbedder(SPEC, folder)
    sentences = [s for number in range(N_REAL) for s in split_sentences(offer(number).text)][:N_REAL]
    rounds = []
    for _ in range(2):
        with watch() as taken:
            embedder.encode(sentences, role=TextRole.SUPPLY)
        rounds.append(taken.wall)
    return min(rounds) / len(sentences) * 1000


def measure_size(folder: Path, n: int, tokenizer_file: Path, per_chunk_ms: float) -> list[Figure]:
    """Everything about one number of capabilities, in the order of the chain."""
    engine = make_database(folder)
    add_scenarios(engine, N_SCENARIOS)
    add_capabilities(engine, n)
    before = peak_mib()
    workshop = make_bench_workshop(engine, folder, tokenizer_file)
    figures = list(indexed(workshop, engine, n, per_chunk_ms))
    with watch() as made:
        recommender = workshop.recommender()
    figures.append(Figure(f"{n:,}: ready to answer", made.cpu, "s", note="rows read, words indexed"))
    figures += list(answered(recommender, n))
    if n == MATCHED_SIZE:
        figures += list(matched(engine, workshop, n))
    note = f"{before:.0f} MiB before indexing; the encoder is not in this process"
    return [*figures, Figure(f"{n:,}: peak memory", peak_mib(), "MiB", note=note)]


def indexed(workshop: Workshop, engine: Engine, n: int, per_chunk_ms: float) -> Iterator[Figure]:
    """All anew, again without news, and after one change."""
    with watch() as taken:
        workshop.update_index(now=NOW)
    n_vectors = sum(len(entry.chunks) + len(entry.sections) for entry in workshop.opened()[0].entries())
    yield Figure(
        f"{n:,}: index {n + N_SCENARIOS:,} texts, encoding left out",
        taken.wall,
        "s",
        note=f"wall; {taken.cpu:.1f} s of processor; {n_vectors:,} vectors",
    )
    yield Figure(
        f"{n:,}: encoding them, computed",
        n_vectors * per_chunk_ms / 1000,
        "s",
        note=f"{per_chunk_ms:.1f} ms a sentence of an offer, measured on {N_REAL} in this run",
    )
    with watch() as taken:
        workshop.update_index(now=NOW)
    yield Figure(f"{n:,}: update without news", taken.cpu, "s", note="processor time")
    with transaction(engine) as session:
        row = session.get(Capability, n // 2)
        assert row is not None
        row.text = f"{offer(n).text} {row.text}"
    with watch() as taken:
        workshop.update_index(now=NOW)
    yield Figure(
        f"{n:,}: one changed text until findable", taken.wall, "s", note="wall, its encoding left out"
    )


def answered(recommender: Recommender, n: int) -> Iterator[Figure]:
    """One scenario's and one firm's question, and relevance beside a bare search with the same vectors."""
    scenarios = list(recommender.corpus.scenarios)[:N_ASKED]
    capabilities = list(recommender.corpus.capabilities)[:: n // N_ASKED][:N_ASKED]
    recommender.match_scenario(scenarios[0], k=10)
    taken = [thread_ms(lambda id_=id_: recommender.match_scenario(id_, k=10)) for id_ in scenarios]
    note = f"processor time, p95 {p95(taken):.0f} ms; with coverage, quotes and reasons"
    yield Figure(f"{n:,}: best firms for a scenario", statistics.median(taken), "ms", note=note)
    taken = [thread_ms(lambda id_=id_: recommender.match_capability(id_, k=10)) for id_ in capabilities]
    note = f"processor time, p95 {p95(taken):.0f} ms; among {N_SCENARIOS} scenarios"
    yield Figure(f"{n:,}: best scenarios for a firm", statistics.median(taken), "ms", note=note)
    yield beside_faiss(recommender, scenarios, n)
    with watch() as taken_all:
        chosen = recommender.choose_pairs()
    n_pairs = sum(map(len, chosen.values()))
    per_scenario = taken_all.cpu / len(chosen) * 1000
    note = f"processor time; {n_pairs:,} pairs of {len(chosen)} scenarios, gates included"
    yield Figure(f"{n:,}: choose the pairs of a scenario", per_scenario, "ms", note=note)


def beside_faiss(recommender: Recommender, scenarios: list[int], n: int) -> Figure:
    """The relevance of every capability beside the search FAISS does for the same chunks."""
    gauge, snapshot = recommender.gauge, recommender.corpus.snapshot
    offers = [snapshot.entry("capability", id_) for id_ in recommender.corpus.capabilities]
    bare = faiss.IndexFlatIP(recommender.corpus.dim)
    bare.add(np.concatenate([vectors for text in offers for vectors in (text.chunks, text.sections)]))
    faiss.omp_set_num_threads(1)
    texts = [snapshot.entry("scenario", id_) for id_ in scenarios]
    needs = [np.concatenate([text.chunks, text.sections]) for text in texts]
    pairs = in_turn(
        lambda i: gauge.survey(scenarios[i]),
        lambda i: bare.search(needs[i], N_BEST),
        len(scenarios),
    )
    n_rows = statistics.mean(len(need) for need in needs)
    return Figure(
        f"{n:,}: relevance of every firm to a scenario",
        pairs.median,
        "ms",
        yardstick=f"faiss IndexFlatIP, the best {N_BEST} of the same vectors: {pairs.their_median:.1f} ms",
        ratio=pairs.ratio,
        note=f"processor time; {n_rows:.0f} vectors of a need, {bare.ntotal:,} of offers; nothing left out",
    )


def matched(engine: Engine, workshop: Workshop, n: int) -> Iterator[Figure]:
    """The job: every scenario matched and stored, then again without news."""
    run = Run(engine=engine, clock=lambda: NOW, owner="bench", name="bench")
    with watch() as taken:
        reindex(run, workshop=workshop)
    n_scores = run.counts.done["scores_added"]
    yield Figure(
        f"{n:,}: choose, judge and store a pair",
        taken.cpu / n_scores * 1000,
        "ms",
        note=f"processor time; {n_scores:,} pairs of {N_SCENARIOS} scenarios in {taken.wall:.0f} s",
    )
    again = Run(engine=engine, clock=lambda: NOW, owner="bench", name="bench")
    with watch() as taken:
        reindex(again, workshop=workshop)
    assert again.counts.done["scores_added"] == 0, again.counts
    yield Figure(f"{n:,}: the job without news", taken.cpu, "s", note="processor time")
