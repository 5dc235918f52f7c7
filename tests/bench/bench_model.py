"""The embedding model: converting the weights that come with pip, loading them, encoding with them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.figures import Figure, in_own_process, peak_mib, watch
from tests.bench.texts import need, offer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SPEC = "bundled:e5-small"
# As many as take some seconds: the speed hardly depends on how many there are.
N_TEXTS = 96
N_ROUNDS = 2
AT_MOST_BF16 = 0.5
"""Goal for the time a text, beside the bare library in fp32, where the processor multiplies bfloat16."""
SIDE = 2048


def measure(folder: Path) -> Iterator[Figure]:
    """Conversion into an empty cache, then loading and encoding, each in a process of its own."""
    wall, cpu, peak = in_own_process(convert, folder)
    yield Figure("convert the model, empty cache", wall, "s", note=f"wall; {cpu:.1f} s of processor")
    yield Figure("peak memory of conversion", peak, "MiB")
    yield from in_own_process(load_and_encode, folder)


def convert(cache: Path) -> tuple[float, float, float]:
    """Wall and processor seconds, and peak memory in MiB."""
    from matcher.bundled_model import BUNDLED_MODELS, bundled_model_folder

    with watch() as taken:
        bundled_model_folder(BUNDLED_MODELS[SPEC], cache_dir=cache)
    return taken.wall, taken.cpu, peak_mib()


def sentences(n: int) -> list[str]:
    """Sentences of needs and offers, as the matcher cuts them: about 15 to 40 tokens."""
    found: list[str] = []
    number = 0
    while len(found) < n:
        found += [*need(number).requirements, offer(number).text[:60]]
        number += 1
    return random.Random(7).sample(found, n)


def load_and_encode(cache: Path) -> list[Figure]:
    """Loading, then our encoder beside the bare library on the same texts, all cores."""
    with watch() as loaded:
        from matcher.embedder import SentenceEmbedder, TextRole

        embedder = SentenceEmbedder(SPEC, cache)
    figures = [
        Figure(
            "load the model",
            loaded.wall,
            "s",
            note=f"wall, imports included; {loaded.cpu:.1f} s of processor",
        ),
        Figure("memory with the model loaded", peak_mib(), "MiB", note=embedder.dtype),
    ]
    from sentence_transformers import SentenceTransformer

    bare = SentenceTransformer(
        str(next((cache / "models").glob("e5-small*/modules.json")).parent), device="cpu"
    )
    texts = sentences(N_TEXTS)
    n_tokens = sum(embedder.count_tokens(texts))
    ours, theirs = [], []
    for _ in range(N_ROUNDS + 1):
        with watch() as taken:
            bare.encode(texts, prompt="passage: ", batch_size=16, show_progress_bar=False)
        theirs.append(taken)
        with watch() as taken:
            embedder.encode(texts, role=TextRole.SUPPLY)
        ours.append(taken)
    best, their_best = min(t.cpu for t in ours), min(t.cpu for t in theirs)
    figures.append(
        Figure(
            "encode a sentence",
            best / N_TEXTS * 1000,
            "ms",
            yardstick=f"sentence-transformers alone: {their_best / N_TEXTS * 1000:.1f} ms",
            ratio=best / their_best,
            at_most=AT_MOST_BF16 if embedder.dtype == "bfloat16" else None,
            note=f"processor time, all cores together; {n_tokens / N_TEXTS:.0f} tokens each",
        )
    )
    figures.append(rate_figure(bare, n_tokens / best, embedder.dtype))
    wall = min(taken.wall for taken in ours)
    return [
        *figures,
        Figure("sentences a second", N_TEXTS / wall, "1/s", note="wall, best round, other work included"),
        Figure("peak memory while encoding", peak_mib(), "MiB", note="the yardstick's copy included"),
    ]


def rate_figure(bare: SentenceTransformer, tokens_a_second: float, dtype: str) -> Figure:
    """How far encoding is from what the processor can do at all: multiply large matrices of the same type.

    Counted are the products of tokens with weights, two operations each; attention between tokens and padding are not,
    which for short texts is little.
    """
    import torch

    weights = sum(layer.weight.numel() for layer in bare.modules() if isinstance(layer, torch.nn.Linear))
    matrix = torch.randn(SIDE, SIDE, dtype=getattr(torch, dtype))
    rates = []
    for _ in range(N_ROUNDS + 3):
        with watch() as taken:
            torch.mm(matrix, matrix)
        rates.append(2 * SIDE**3 / taken.cpu)
    ours, possible = 2 * weights * tokens_a_second, max(rates)
    return Figure(
        "of the rate of large matrix products",
        100 * ours / possible,
        "%",
        note=f"{ours / 1e9:.0f} of {possible / 1e9:.0f} thousand million operations a second of processor, {dtype}",
    )
