"""What is lost without an ingredient, on a folder small enough to know the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.ablation import VARIANTS, run_ablation, to_text
from matcher.evaluation import run_evaluation
from models.errors import InvalidInput
from tests.fakes import HashingEmbedder
from tests.matcher.labelled_folder import make_labelled_folder


def test_every_variant_is_measured_beside_the_whole(tmp_path: Path) -> None:
    folder = make_labelled_folder(tmp_path)

    [found] = run_ablation([folder], embedder=HashingEmbedder(), cache_dir=tmp_path)

    report = run_evaluation(folder, embedder=HashingEmbedder(), cache_dir=tmp_path)
    assert found.ndcg == report.systems["engine"].metrics["nDCG@10"].mean
    assert found.n_queries == 14
    assert set(found.adds) == set(VARIANTS)


def test_blends_without_an_ingredient_keep_the_sum_and_the_proportion_of_the_others() -> None:
    blend = VARIANTS["without words"].blend

    assert blend.words == 0
    assert blend.detail + blend.gist == pytest.approx(1)
    assert blend.detail == pytest.approx(blend.gist)


def test_the_table_names_each_set_and_each_ingredient(tmp_path: Path) -> None:
    folder = make_labelled_folder(tmp_path)

    text = to_text(run_ablation([folder, folder], embedder=HashingEmbedder(), cache_dir=tmp_path))

    assert text.count(folder.name) == 2
    assert all(text.count(name) == 2 for name in VARIANTS)


def test_without_a_folder_there_is_nothing_to_measure(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="at least one"):
        run_ablation([], embedder=HashingEmbedder(), cache_dir=tmp_path)
