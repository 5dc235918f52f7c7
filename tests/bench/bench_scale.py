"""Ranking at 10,000 and 100,000 capabilities beside the matrix product it needs; one change; memory of a worker.

Vectors are synthetic (tests/bench/field.py), everything after encoding is the product's own. A capability is one firm
here, with four sentences in the mean; a need has eight: title, problem and six requirements. Half of the needs are near
one topic, half have requirements from three.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from matcher.baseline import measure_entries
from matcher.index_store import IndexStore
from matcher.postings import ASKED_BEFORE
from matcher.recommender import SCENARIOS_AT_ONCE
from matcher.relevance import Offers
from tests.bench.field import (
    DIM,
    MODEL,
    NOW,
    Drawn,
    Field,
    make_field,
    open_field,
    raw_needs,
    raw_offers,
    write_field,
)
from tests.bench.figures import Figure, in_own_process, in_turn, p95, thread_ms, watch

EXACT, MANY = 10_000, 100_000
N_BATCH = 320
TOP = 20
EVERYTHING = 10**9


def measure(folder: Path) -> Iterator[Figure]:
    """Each size in a process of its own."""
    for name, n, act in (("exact", EXACT, exact), ("many", MANY, many)):
        own = folder / name
        own.mkdir()
        yield from in_own_process(act, own, n)
        yield from in_own_process(worker, own, n)


def exact(folder: Path, n: int) -> list[Figure]:
    """One need and many, against every capability."""
    field = make_field(folder, n)
    return [one_need(field, n), many_needs(field, n), one_change(field, n, at_most=2.0)]


def many(folder: Path, n: int) -> list[Figure]:
    """The same where only what can be near the top is measured."""
    field = make_field(folder, n)
    return [one_need(field, n), *near(field, n), one_change(field, n, at_most=0.1)]


def bare(field: Field, scenario_ids: Sequence[int]) -> None:
    """The products alone: each sentence and section of the needs with each of the capabilities."""
    offers = stored(field)
    profiles = [field.gauge.profile(id_) for id_ in scenario_ids]
    chunks = np.concatenate([profile.vectors for profile in profiles])
    sections = np.concatenate([profile.sections for profile in profiles])
    for first in range(0, len(chunks), 256):
        _ = offers.chunk_set.chunks @ chunks[first : first + 256].T
    for first in range(0, len(sections), 256):
        _ = offers.section_set.chunks @ sections[first : first + 256].T


def stored(field: Field) -> Offers:
    """The capabilities of the base."""
    return Offers.stored(field.snapshot.segments[0].side("capability"))


def one_need(field: Field, n: int) -> Figure:
    """Relevance by meaning of every capability to one need."""
    ids = list(field.needs)
    asked = [field.gauge.asked(id_) for id_ in ids]
    words = [field.gauge.words(id_) for id_ in ids]
    pairs = in_turn(
        lambda i: field.gauge.survey_of(asked[i], words[i]), lambda i: bare(field, [ids[i]]), len(ids) // 2
    )
    return Figure(
        f"{n:,}: every firm measured for one need",
        pairs.median,
        "ms",
        yardstick=f"the matrix products alone: {pairs.their_median:.1f} ms",
        ratio=pairs.ratio,
        at_most=1.3,
        note="one core; the words have been looked up before, see the lexical bench",
    )


def many_needs(field: Field, n: int) -> Figure:
    """Many needs against every capability, as the job compares them; the products run on as many needs at once."""
    ids = [list(field.needs)[at % len(field.needs)] for at in range(N_BATCH)]
    words = field.gauge.words(ids[0])

    asked = [field.gauge.asked(id_) for id_ in ids]

    def ours(_: int) -> None:
        for first in range(0, len(ids), SCENARIOS_AT_ONCE):
            some = asked[first : first + SCENARIOS_AT_ONCE]
            field.gauge.surveys_of(some, [words] * len(some))

    pairs = in_turn(ours, lambda _: bare(field, ids), 3)
    return Figure(
        f"{n:,}: {N_BATCH} needs against every firm",
        pairs.median / 1000,
        "s",
        yardstick=f"the matrix products alone, 256 columns at once: {pairs.their_median / 1000:.2f} s",
        ratio=pairs.ratio,
        at_most=1.5,
        note="one core, words left out; 5,000 needs take "
        f"{pairs.median / 1000 / N_BATCH * 5000:.0f} s, computed from these",
    )


def near(field: Field, n: int) -> Iterator[Figure]:
    """What can be near the top against everything: time, and how many of the best it finds."""
    gauge, allowed = field.gauge, np.ones(len(field.gauge.ids), np.bool_)
    ids = list(field.needs)
    asked = [gauge.asked(id_) for id_ in ids]
    words = [gauge.words(id_) for id_ in ids]
    found = {limit: [] for limit in (EVERYTHING, 0)}

    def survey(i: int, limit: int) -> None:
        total = gauge.survey_near(asked[i], words[i], allowed, exact_up_to=limit)
        found[limit].append((i, best_of(gauge.ids, total)))

    pairs = in_turn(lambda i: survey(i, 0), lambda i: survey(i, EVERYTHING), len(ids))
    yield Figure(
        f"{n:,}: only the near firms measured for one need",
        pairs.median,
        "ms",
        yardstick=f"every firm: {pairs.their_median:.0f} ms",
        ratio=pairs.ratio,
        at_most=0.35,
        note="one core, words looked up before",
    )
    whole = [thread_ms(lambda i=i: whole_question(gauge, ids[i], allowed)) for i in range(len(ids))]
    yield Figure(
        f"{n:,}: p95 of a whole question",
        p95(whole[ASKED_BEFORE:]),
        "ms",
        at_most=60.0,
        note=f"one core, words included; median {statistics.median(whole):.0f} ms",
    )
    exact_best, near_best = dict(found[EVERYTHING]), dict(found[0])
    for name, rest in (("coherent", 1), ("diverse", 0)):
        shares = [len(exact_best[i] & near_best[i]) / TOP for i in exact_best if ids[i] % 2 == rest]
        yield Figure(
            f"{n:,}: best {TOP} left out, {name} needs",
            1 - statistics.mean(shares),
            "",
            at_most=0.01,
            note=f"worst need {1 - min(shares):.2f}, {len(shares)} needs",
        )


def whole_question(gauge: object, scenario_id: int, allowed: np.ndarray) -> None:
    """From a need in the index to its best, words included."""
    gauge._words = (0, None)  # type: ignore[attr-defined]
    asked = gauge.asked(scenario_id)  # type: ignore[attr-defined]
    total = gauge.survey_near(asked, gauge.words(scenario_id), allowed)  # type: ignore[attr-defined]
    best_of(gauge.ids, total)  # type: ignore[attr-defined]


def best_of(ids: np.ndarray, total: np.ndarray) -> set[int]:
    """The ids of the best, equal ones by id."""
    first = np.argpartition(-total, 4 * TOP)[: 4 * TOP]
    return set(ids[first[np.lexsort((ids[first], -total[first]))][:TOP]].tolist())


def one_change(field: Field, n: int, *, at_most: float) -> Figure:
    """One firm's text changed: measured, written, opened by a reader and in its answer, beside a rebuild."""
    scenario_id = next(iter(field.needs))
    allowed = np.ones(len(field.gauge.ids), np.bool_)
    whole_question(field.gauge, scenario_id, allowed)
    store = IndexStore(field.folder, model_key=MODEL, dim=DIM)
    current, taken, walls = field, [], []
    for number in range(5):
        [raw] = raw_offers(field.drawn, n // 2 + number, 1)
        started, wall = process_time(), perf_counter()
        entries = measure_entries([raw], field.gauge.corpus.baseline, dim=DIM)
        store.write_delta(entries, now=NOW, known=current.snapshot)
        current = open_field(field.folder, field.drawn, field.needs, before=current, fresh=[raw.document])
        taken.append(process_time() - started)
        whole_question(current.gauge, scenario_id, allowed)
        walls.append(perf_counter() - wall)
    raw_all = [*raw_needs(field.drawn), *raw_offers(field.drawn, 1, n)]
    with watch() as rebuilt:
        write_field(field.folder / "again", raw_all)
        open_field(field.folder / "again", field.drawn, field.needs)
    share = statistics.median(taken) / rebuilt.cpu
    return Figure(
        f"{n:,}: one changed firm",
        statistics.median(taken) * 1000,
        "ms",
        yardstick=f"a rebuild from stored vectors: {rebuilt.cpu:.0f} s",
        ratio=share * 100,
        at_most=at_most,
        note=f"processor time, ratio in percent; in an answer after {max(walls):.2f} s at most",
    )


def worker(folder: Path, n: int) -> list[Figure]:
    """A process that opens the index that is there and answers; it holds no model."""
    before = resident_mib()
    drawn = Drawn(np.random.default_rng(11))
    needs = {each.document.id: each.document for each in raw_needs(drawn)}
    with watch() as opened:
        field = open_field(folder, drawn, needs)
    allowed = np.ones(len(field.gauge.ids), np.bool_)
    for id_ in needs:
        whole_question(field.gauge, id_, allowed)
    held, vectors = resident_mib(), field.n_vector_bytes / 2**20
    return [
        Figure(
            f"{n:,}: resident memory of a worker",
            held,
            "MiB",
            yardstick=f"1.3 times its vectors + 150 MiB: {1.3 * vectors + 150:.0f} MiB",
            ratio=held / (1.3 * vectors + 150),
            at_most=1.0,
            note=f"{vectors:.0f} MiB of vectors, mapped and shared by all workers; {before:.0f} MiB before opening",
        ),
        Figure(f"{n:,}: open the index", opened.wall, "s", note="wall; every byte is checked"),
    ]


def resident_mib() -> float:
    """What this process holds now, shared pages included, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
