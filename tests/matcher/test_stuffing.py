"""Stuffing does not buy rank: what attacks on a text gain in a scenario's list, over the demo with the real model.

The demo's first rows are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matcher.documents import DocumentKind, text_document
from matcher.recommender import Recommender
from matcher.scoring import ScoredMatch
from models.match import Band
from tests.matcher.demo_chain import demo_workshop
from tests.matcher.stuffing import (
    ATTACKS,
    Gain,
    Ranking,
    attack,
    attacked_document,
    full_ranking,
    judged_with,
    summary,
    weak_or_middling,
)
from tests.matcher.test_copies import ASKED, NEED, OWN, TITLE


@pytest.fixture(scope="module")
def recommender(encoded_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    with demo_workshop(encoded_demo, tmp_path_factory.mktemp("demo"), first_rows=True) as workshop:
        yield workshop.recommender()


@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_changes_the_text(name: str) -> None:
    need = text_document("\n".join(ASKED), kind=DocumentKind.SCENARIO, title=TITLE)

    attacked = ATTACKS[name]("".join(OWN), need)

    assert len(attacked) > len("".join(OWN))


def test_an_attacked_document_is_read_as_a_saved_one_would_be() -> None:
    need = text_document(NEED, kind=DocumentKind.SCENARIO)
    offer = text_document("".join(OWN), kind=DocumentKind.CAPABILITY, title="路面坑槽识别")

    hidden = attacked_document(offer, need, "hidden").keyword_text

    assert "\u200b" not in hidden
    assert ASKED[0] in hidden
    tagged = attacked_document(offer, need, "all tags").keyword_text
    assert tagged.split("\n") == ["路面坑槽识别", *OWN]


def test_places_are_counted_among_the_others() -> None:
    matches = [ScoredMatch(1, id_, id_, 1 - id_ / 10, Band.WEAK) for id_ in (1, 2, 3)]
    ranking = Ranking(1, matches)

    assert [ranking.place(match) for match in matches] == [1, 2, 3]
    assert ranking.place(ScoredMatch(1, 3, 3, 0.0, Band.POSSIBLE)) == 1


def test_a_summary_has_the_median_the_tail_and_the_bands() -> None:
    weak, strong = ScoredMatch(1, 1, 1, 0.1, Band.WEAK), ScoredMatch(1, 1, 1, 0.9, Band.STRONG)
    gains = [Gain("a", "S", "C", weak, weak, n) for n in range(9)] + [Gain("a", "S", "C", weak, strong, 40)]

    assert summary(gains)["all"] == {"n": 10, "median": 5, "p95": 40, "max": 40, "bands": 1}


@pytest.mark.model
@pytest.mark.slow
def test_a_sample_of_attacks_gains_no_place_and_no_band(recommender: Recommender) -> None:
    scenarios = list(recommender.corpus.scenarios)[3::12]

    gains = gains_of(recommender, scenarios, shares=(0.6,))

    figures = summary(gains)["all"]
    assert figures["n"] == len(scenarios) * len(ATTACKS) >= 16
    assert (figures["median"] <= 1, figures["p95"] <= 3, figures["bands"]) == (True, True, 0), told(gains)


@pytest.mark.model
@pytest.mark.slow
def test_a_copy_is_told_to_who_reads_the_pair(recommender: Recommender) -> None:
    scenario_id = next(iter(recommender.corpus.scenarios))
    [weak] = weak_or_middling(full_ranking(recommender, scenario_id), (0.7,))
    need = recommender.corpus.document(DocumentKind.SCENARIO, scenario_id)
    document = recommender.corpus.document(DocumentKind.CAPABILITY, weak.capability_id)

    match = judged_with(recommender, scenario_id, attacked_document(document, need, "pasted"))

    assert match.gaps[0].code == "copied_from_the_need"
    assert match.gaps[0].values["n"] >= 3
    assert [row.verdict for row in match.coverage] == [row.verdict for row in weak.coverage]


@pytest.mark.model
@pytest.mark.proof
def test_stuffing_does_not_buy_rank(
    recommender: Recommender, record_property: Callable[[str, object], None]
) -> None:
    gains = gains_of(recommender, list(recommender.corpus.scenarios), shares=(0.4, 0.75))

    figures = summary(gains)
    print(*figures.items(), sep="\n")
    every = figures["all"]
    record_property("figure", f"{every['n']} attacks: median {every['median']}, p95 {every['p95']} places")
    assert figures["all"]["n"] >= 300
    for name in (*ATTACKS, "all"):
        found = figures[name]
        assert (found["median"] <= 1, found["p95"] <= 3, found["bands"]) == (True, True, 0), (
            name,
            told(gains),
        )


def gains_of(recommender: Recommender, scenarios: list[int], *, shares: tuple[float, ...]) -> list[Gain]:
    """Every attack on the firms at these shares of each scenario's list."""
    found = []
    for scenario_id in scenarios:
        ranking = full_ranking(recommender, scenario_id)
        for match in weak_or_middling(ranking, shares):
            found += [attack(recommender, ranking, match, name) for name in ATTACKS]
    return found


def told(gains: list[Gain]) -> list[tuple[str, str, str, int, int]]:
    """The attacks that paid most."""
    worst = sorted(gains, key=lambda gain: (-gain.bands, -gain.places))[:12]
    return [(gain.attack, gain.scenario, gain.capability, gain.places, gain.bands) for gain in worst]
