import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.grid import on_grid, unit_rows
from matcher.likeness import ChunkSet, hubness
from matcher.passages import EncodedText
from matcher.relevance import (
    BLEND,
    MIN_BACKGROUND,
    N_NEED_VECTORS,
    N_OFFERS,
    Background,
    Blend,
    Offers,
    best_evidence,
    evidence_strengths,
    fit_background,
    hubness_of,
    profile_need,
    relevance,
    relevances,
)

DIM = 48
seeds = st.integers(0, 2**32 - 1)


def rows(rng, n):
    return unit_rows(rng.standard_normal((n, DIM)).astype(np.float32))


def texts(rng, n, *, most=6, least=1):
    sizes = rng.integers(least, most + 1, n)
    return [EncodedText(rows(rng, size), rows(rng, (size + 2) // 3)) for size in sizes]


EMPTY = EncodedText(np.zeros((0, DIM), np.float32), np.zeros((0, DIM), np.float32))


def market(seed, n_needs=20, n_offers=30):
    rng = np.random.default_rng(seed)
    needs, offers = texts(rng, n_needs), texts(rng, n_offers)
    return needs, offers, fit_background(needs, offers, DIM)


def total(need, offers, background, words=None):
    measured = Offers.of(offers, background, DIM)
    return relevance(
        profile_need(need, background), measured, np.zeros(len(offers)) if words is None else words
    ).total


@given(seeds)
def test_a_cosine_on_the_grid_is_exact(seed):
    exact = on_grid(rows(np.random.default_rng(seed), 40))

    assert (exact @ exact.T == exact.astype(np.float64) @ exact.T.astype(np.float64)).all()
    assert np.abs(np.linalg.norm(exact, axis=1) - 1).max() < 0.005


@given(seeds)
def test_a_pair_has_one_figure_whatever_is_measured_beside_it(seed):
    needs, offers, background = market(seed)
    together = total(needs[0], offers, background)
    order = np.random.default_rng(seed).permutation(len(offers))

    apart = [total(needs[0], [offer], background)[0] for offer in offers]
    shuffled = total(needs[0], [offers[at] for at in order], background)

    assert together.tolist() == apart
    assert shuffled.tolist() == together[order].tolist()


@given(seeds)
def test_an_added_offer_changes_nobody_elses_relevance(seed):
    needs, offers, background = market(seed)
    stranger = texts(np.random.default_rng(seed + 1), 1)

    assert (
        total(needs[0], [*offers, *stranger], background)[:-1].tolist()
        == total(needs[0], offers, background).tolist()
    )


@given(seeds)
def test_one_offer_taken_out_is_that_offer_by_itself(seed):
    needs, offers, background = market(seed)
    single = Offers.of(offers, background, DIM).only(3)
    alone = Offers.of([offers[3]], background, DIM)

    assert single.hubness.tolist() == alone.hubness.tolist()
    assert (
        total(needs[0], [offers[3]], background).tolist()
        == relevance(profile_need(needs[0], background), single, np.zeros(1)).total.tolist()
    )


@given(seeds)
def test_some_offers_in_any_order_have_the_figures_they_have_among_all(seed):
    needs, offers, background = market(seed)
    everything, rows = Offers.of(offers, background, DIM), np.array([7, 0, 0, 12])
    profile = profile_need(needs[0], background)

    some = relevance(profile, everything.at(rows), np.zeros(len(rows))).total

    assert some.tolist() == relevance(profile, everything, np.zeros(len(offers))).total[rows].tolist()


def test_over_the_background_each_likeness_has_mean_0_and_deviation_1():
    needs, _, background = market(5)
    chunk_set, section_set = background.chunks.offers, background.sections.offers
    popularity = hubness_of(chunk_set, section_set, background)
    itself = Offers(chunk_set, section_set, section_set.documents, popularity)
    measured = relevance(profile_need(needs[3], background), itself, np.zeros(30))

    assert measured.gist.mean() == pytest.approx(0, abs=1e-9)
    assert measured.detail.mean() == pytest.approx(0, abs=1e-9)
    assert measured.gist.std() == pytest.approx(1)
    assert measured.detail.std() == pytest.approx(1)


def test_an_offer_that_says_what_is_needed_stands_out():
    needs, offers, background = market(7)

    strengths = total(needs[0], [*offers, needs[0]], background)

    assert strengths.argmax() == len(offers)
    assert strengths[-1] > 4


def test_relevance_is_the_weighted_sum_of_its_parts():
    needs, offers, background = market(8)
    words = np.linspace(0, 3, len(offers))
    blend = Blend(words=0.5, gist=0.2, detail=0.3)

    measured = relevance(
        profile_need(needs[0], background), Offers.of(offers, background, DIM), words, blend=blend
    )

    parts = 0.5 * words + 0.2 * measured.gist + 0.3 * measured.detail
    assert measured.total == pytest.approx(parts)
    assert measured.words is words
    assert BLEND.words + BLEND.gist + BLEND.detail == pytest.approx(1)


def test_a_document_without_text_is_like_nothing():
    needs, offers, background = market(9)

    assert np.isfinite(total(needs[0], [EMPTY, offers[0]], background)).all()
    assert np.isfinite(total(EMPTY, offers, background)).all()
    assert hubness(ChunkSet.of([EMPTY.chunks], DIM), background.chunks.needs).tolist() == [0.0]


def test_with_few_offers_priors_stand_in_for_their_spread():
    needs, offers, _ = market(10)
    few = fit_background(needs, offers[: MIN_BACKGROUND - 1], DIM)

    first, second = profile_need(needs[0], few), profile_need(needs[1], few)

    assert (first.gist, first.detail) == (second.gist, second.detail)
    assert np.isfinite(total(needs[0], offers, few)).all()


def test_nothing_at_all_makes_a_background_too():
    background = fit_background([], [], DIM)

    one = unit_rows(np.ones((1, DIM), np.float32))

    assert total(EncodedText(one, one), [], background).size == 0
    assert hubness(ChunkSet.of([one], DIM), background.chunks.needs).tolist() == [0.0]


def test_a_background_is_a_bounded_even_sample_and_the_same_each_time():
    rng = np.random.default_rng(0)
    needs, offers = texts(rng, N_NEED_VECTORS), texts(rng, N_OFFERS + 50)

    first, again = fit_background(needs, offers, DIM), fit_background(needs, offers, DIM)

    for one, other in ((first.chunks, again.chunks), (first.sections, again.sections)):
        assert len(one.offers) == N_OFFERS
        assert 0 < len(one.needs.chunks) <= N_NEED_VECTORS
        assert (one.offers.chunks == other.offers.chunks).all()


def test_a_stored_background_measures_as_before():
    needs, offers, background = market(11)

    restored = Background.from_arrays(background.to_arrays())

    assert total(needs[0], offers, restored).tolist() == total(needs[0], offers, background).tolist()


def test_evidence_is_measured_against_what_a_need_finds_anywhere():
    needs, offers, background = market(12)
    need = profile_need(needs[0], background)

    strengths = evidence_strengths(need, [0], np.concatenate([need.vectors[:1], on_grid(offers[0].chunks)]))

    assert strengths.argmax() == 0
    assert strengths[0] == pytest.approx(
        (float(need.vectors[0] @ need.vectors[0]) - need.chunk_mean[0]) / need.chunk_spread[0]
    )


def test_a_requirement_in_several_chunks_takes_the_mean():
    _, offers, background = market(13)
    long = texts(np.random.default_rng(1), 1, most=3, least=3)[0]
    need, chunks = profile_need(long, background), on_grid(offers[0].chunks)

    both = evidence_strengths(need, [0, 2], chunks)

    each = [evidence_strengths(need, [row], chunks) for row in (0, 2)]
    assert both == pytest.approx(np.mean(each, axis=0))


def test_the_best_evidence_of_every_offer_is_that_of_each_by_itself():
    _, offers, background = market(14)
    need = profile_need(texts(np.random.default_rng(2), 1, most=7, least=7)[0], background)
    requirements = [(0,), tuple(range(len(need.vectors)))]

    best = best_evidence(need, requirements, ChunkSet.of([text.chunks for text in offers], DIM))

    alone = [
        [evidence_strengths(need, rows, on_grid(text.chunks)).max() for rows in requirements]
        for text in offers
    ]
    assert best.tolist() == alone


def test_without_text_on_either_side_there_is_no_evidence():
    needs, offers, background = market(15)
    need, silent = profile_need(needs[0], background), profile_need(EMPTY, background)
    speaking = ChunkSet.of([offers[1].chunks], DIM)

    both = best_evidence(need, [(0,), ()], ChunkSet.of([EMPTY.chunks, offers[1].chunks], DIM))

    assert both.tolist()[0] == [-np.inf] * 2
    assert best_evidence(need, [()], speaking).tolist() == [[-np.inf]]
    assert best_evidence(silent, [()], speaking).tolist() == [[-np.inf]]
    assert best_evidence(need, [(0,)], ChunkSet.of([], DIM)).shape == (0, 1)


@given(seeds)
def test_many_needs_at_once_have_the_figures_they_have_one_by_one(seed):
    needs, offers, background = market(seed)
    empty = EncodedText(np.empty((0, DIM), np.float32), np.empty((0, DIM), np.float32))
    everything = Offers.of([empty, *offers, empty], background, DIM)
    profiles = [profile_need(need, background) for need in [*needs, empty]]
    words = np.random.default_rng(seed).random((len(profiles), len(everything)))
    words[words < 0.2] = np.nan

    together = relevances(profiles, everything, words)

    alone = [relevance(profile, everything, row).total for profile, row in zip(profiles, words, strict=True)]
    assert together.tolist() == np.stack(alone).tolist()
