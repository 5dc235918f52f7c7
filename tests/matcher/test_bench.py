"""The labelled set made ready: the same rules as pages, on texts without rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.bench import Bench, encode_set
from matcher.embedder import TextRole
from matcher.labelled_set import LabelledSet, LabelledText, read_labelled_set
from tests.fakes import HashingEmbedder
from tests.matcher.labelled_folder import make_labelled_folder
from tests.matcher.market import MemoryStore
from tests.matcher.test_copies import ASKED, NEED, OWN


def bench_of(*documents: str, need: str = NEED) -> Bench:
    others = [LabelledText(f"z{n:02}", f"第{n}家做的是别的事情，编号{n * 7}。", "zh") for n in range(20)]
    offered = [LabelledText(f"a{n}", text, "zh") for n, text in enumerate(documents)]
    labelled = LabelledSet(
        "made", (LabelledText("q", need, "zh"),), (*offered, *others), {"q": {"a0": 1.0}}, 0
    )
    return Bench(labelled, encode_set(labelled, HashingEmbedder(), MemoryStore())[0])


def test_pasting_the_need_gains_nothing_over_ones_own_words() -> None:
    own = "\n".join(OWN)

    plain, pasted = bench_of(own, f"{own}\n" + "\n".join(ASKED)).engine(0)[:2]

    assert pasted <= plain + 0.05


def test_the_same_paste_counts_where_nothing_is_copied_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows that the test above can fail: with the examination switched off the paste pays."""
    monkeypatch.setattr("matcher.bench.EXAMINED_FROM", np.inf)
    own = "\n".join(OWN)

    plain, pasted = bench_of(own, f"{own}\n" + "\n".join(ASKED)).engine(0)[:2]

    assert pasted > plain + 1


def test_repeating_oneself_changes_nothing() -> None:
    own = "\n".join(OWN)

    plain, repeated = bench_of(own, own * 30).engine(0)[:2]

    assert repeated == plain


def test_words_say_nothing_across_languages(tmp_path: Path) -> None:
    labelled = read_labelled_set(make_labelled_folder(tmp_path))
    encoded, cost = encode_set(labelled, HashingEmbedder(), MemoryStore())
    bench = Bench(labelled, encoded)

    figures = bench.engine(0)

    assert figures.shape == (len(labelled.documents),)
    assert np.isfinite(figures).all()
    assert len(encoded.chunks) == len(encoded.vectors[TextRole.SUPPLY])
    assert cost.n_encoded > 0
