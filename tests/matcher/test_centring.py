"""Centring: a group's common direction goes, the order of groups stays open, small groups borrow or stay
raw."""

from __future__ import annotations

import io

import numpy as np
import pytest

from matcher.centring import MIN_GROUP_TEXTS, CentringMeans, TextVectors, fit_means
from matcher.embedder import TextRole, Vectors
from matcher.grid import unit_rows

DEMAND, SUPPLY = TextRole.DEMAND, TextRole.SUPPLY


def test_the_mean_is_over_chunks_and_the_count_over_texts() -> None:
    means = fit_means(
        [
            TextVectors(SUPPLY, "zh", np.array([[1, 0], [0, 1]], np.float32)),
            TextVectors(SUPPLY, "zh", np.array([[1, 0]], np.float32)),
            TextVectors(SUPPLY, "zh", np.empty((0, 2), np.float32)),
        ]
    )

    np.testing.assert_allclose(means.means[SUPPLY, "zh"], [2 / 3, 1 / 3])
    assert means.n_texts == {(SUPPLY, "zh"): 2}


def test_after_centring_a_group_has_no_common_direction() -> None:
    texts = group(SUPPLY, "zh", offset=5.0)
    vectors = np.concatenate([text.vectors for text in texts])

    centred = fit_means(texts).apply(vectors, role=SUPPLY, lang="zh")

    np.testing.assert_allclose(np.linalg.norm(centred, axis=1), 1, atol=1e-6)
    assert np.linalg.norm(centred.mean(axis=0)) < 0.2
    assert np.linalg.norm(unit_rows(vectors).mean(axis=0)) > 0.9


def test_a_small_group_borrows_the_mean_of_its_languages_other_role() -> None:
    means = fit_means(
        [*group(SUPPLY, "zh"), *group(DEMAND, "zh", n=MIN_GROUP_TEXTS - 1), *group(DEMAND, "en")]
    )

    assert means.mean_for(DEMAND, "zh") is means.means[SUPPLY, "zh"]


def test_a_language_with_too_few_texts_stays_raw() -> None:
    means = fit_means([*group(DEMAND, "zh"), *group(SUPPLY, "en", n=MIN_GROUP_TEXTS - 1)])
    vectors = unit_rows(np.array([[3, 4, 0, 0]], np.float32))

    assert means.mean_for(SUPPLY, "en") is None
    np.testing.assert_array_equal(means.apply(vectors, role=SUPPLY, lang="en"), vectors)


def test_without_any_texts_vectors_stay_raw() -> None:
    vectors = unit_rows(np.array([[3, 4]], np.float32))

    np.testing.assert_array_equal(CentringMeans().apply(vectors, role=DEMAND, lang="zh"), vectors)


def test_applying_does_not_change_what_it_was_given() -> None:
    texts = group(SUPPLY, "zh")
    before = texts[0].vectors.copy()

    fit_means(texts).apply(texts[0].vectors, role=SUPPLY, lang="zh")

    np.testing.assert_array_equal(texts[0].vectors, before)


@pytest.mark.parametrize("texts", [[], ["zh"], ["zh", "en"]])
def test_means_survive_being_saved(texts: list[str]) -> None:
    means = fit_means([text for lang in texts for text in group(SUPPLY, lang)])
    file = io.BytesIO()
    np.savez(file, **means.to_arrays())
    file.seek(0)

    again = CentringMeans.from_arrays(np.load(file, allow_pickle=False))

    assert again.n_texts == means.n_texts
    assert again.means.keys() == means.means.keys()
    assert all(np.array_equal(again.means[key], means.means[key]) for key in means.means)


def test_a_row_of_zeros_stays_near_nothing() -> None:
    np.testing.assert_array_equal(unit_rows(np.zeros((1, 3), np.float32)), np.zeros((1, 3)))


def group(role: TextRole, lang: str, *, n: int = 40, offset: float = 1.0) -> list[TextVectors]:
    rng = np.random.default_rng(sum(map(ord, role + lang)))
    return [TextVectors(role, lang, vectors_near(offset, rng)) for _ in range(n)]


def vectors_near(offset: float, rng: np.random.Generator) -> Vectors:
    return (rng.normal(size=(2, 4)) + offset).astype(np.float32)
