"""Relevance by bins, on a folder small enough to know the answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.calibration import LIMITS, RelevanceBin, Reliability, run_reliability, to_text
from matcher.scoring import POSSIBLE_RELEVANCE, STRONG_RELEVANCE
from models.errors import InvalidInput
from models.match import Band
from tests.fakes import HashingEmbedder
from tests.matcher.labelled_folder import make_labelled_folder


@pytest.fixture
def measured(tmp_path: Path) -> Reliability:
    folder = make_labelled_folder(tmp_path)
    [found] = run_reliability([folder], embedder=HashingEmbedder(), cache_dir=tmp_path)
    return found


def test_every_pair_of_a_labelled_query_is_in_one_bin(measured: Reliability) -> None:
    assert sum(each.n_pairs for each in measured.bins) == 14 * 14
    assert measured.n_labelled == 14
    assert [each.low for each in measured.bins] == list(LIMITS[:-1])


def test_labelled_pairs_lie_higher_than_others(measured: Reliability) -> None:
    assert measured.found_above(2.0) > 0.5
    assert measured.pairs_above(2.0) < 3


def test_pairs_that_could_be_possible_are_judged_as_pages_judge_them(measured: Reliability) -> None:
    """The documents of this set are a few words each, so no band is given whatever they are relevant to."""
    counted = {each.band: each.n_pairs for each in measured.bands}

    assert set(counted) == set(Band)
    assert counted[Band.NOT_ENOUGH_INFORMATION] > 0
    assert counted[Band.STRONG] == counted[Band.POSSIBLE] == 0


def test_the_limits_of_the_bands_are_limits_of_bins() -> None:
    assert {POSSIBLE_RELEVANCE, STRONG_RELEVANCE} <= set(LIMITS)
    assert list(LIMITS) == sorted(LIMITS)


def test_an_empty_bin_has_no_share() -> None:
    assert RelevanceBin(0.0, 1.0, 0, 0).share is None
    assert RelevanceBin(0.0, 1.0, 4, 1).share == 0.25


def test_the_table_says_what_the_bands_let_through(measured: Reliability) -> None:
    text = to_text([measured])

    assert measured.name in text
    assert f"from {STRONG_RELEVANCE} (strong)" in text
    assert text.count("\n") == 2 + len(LIMITS) - 1 + 1 + 1 + len(Band)


def test_it_is_plain_json_with_open_ends(measured: Reliability) -> None:
    plain = json.loads(json.dumps(measured.to_json(), allow_nan=False))

    assert (plain["bins"][0]["low"], plain["bins"][-1]["high"]) == (None, None)
    assert len(plain["bins"]) == len(LIMITS) - 1


def test_without_a_folder_there_is_nothing_to_measure(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="at least one"):
        run_reliability([], embedder=HashingEmbedder(), cache_dir=tmp_path)
