"""The demo with the real model: who was written to fit is found first, and who was not is not called strong."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from matcher.recommender import Recommender
from matcher.scoring import ScoredMatch
from matcher.workshop import Workshop, make_workshop
from models.config import Settings
from models.db import transaction
from models.demo import seed_demo
from models.match import Band
from tests.conftest import NOW, sqlite_copy

pytestmark = [pytest.mark.model, pytest.mark.slow]

MODEL_CACHE = Settings().cache
# Scenario and the capability written for it (models/demo_data/README.md).
DESIGNED = {
    "S01": "C01", "S02": "C02", "S03": "C03", "S04": "C04", "S06": "C05", "S07": "C06", "S08": "C07",
    "S09": "C08", "S10": "C09", "S11": "C10", "S12": "C11", "S13": "C12", "S14": "C13", "S15": "C14",
    "S16": "C15", "S17": "C16", "S18": "C17", "S19": "C18", "S20": "C19", "S21": "C20",
}  # fmt: skip


@pytest.fixture(scope="module")
def workshop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """The seeded demo, encoded once."""
    folder = tmp_path_factory.mktemp("demo")
    settings = Settings(data_dir=folder, cache_dir=MODEL_CACHE, model="bundled:e5-small", _env_file=None)
    with sqlite_copy(sqlite_template, folder) as engine:
        with transaction(engine) as session:
            seed_demo(session, now=NOW, settings=settings)
        workshop = make_workshop(settings, engine)
        workshop.today = lambda: date(2026, 11, 23)
        workshop.update_index(now=NOW)
        yield workshop


@pytest.fixture(scope="module")
def recommender(workshop: Workshop) -> Recommender:
    with workshop.reading() as session:
        return workshop.recommender(session)


@pytest.fixture(scope="module")
def best(recommender: Recommender) -> dict[str, list[tuple[str, ScoredMatch]]]:
    """For each open scenario, by the demo's key, its ten best capabilities, by theirs."""
    capabilities = recommender.corpus.capabilities
    return {
        str(row.external_id): [
            (str(capabilities[match.capability_id].external_id), match)
            for match in recommender.match_scenario(id_, k=10)
        ]
        for id_, row in recommender.corpus.scenarios.items()
    }


def test_the_designed_firm_comes_first(best: dict[str, list[tuple[str, ScoredMatch]]]) -> None:
    first = {key: best[key][0][0] for key in DESIGNED}

    found = [key for key, capability in DESIGNED.items() if first[key] == capability]

    assert len(found) >= 18, {key: first[key] for key in DESIGNED if key not in found}


def test_who_was_written_to_fit_is_not_called_weak(best: dict[str, list[tuple[str, ScoredMatch]]]) -> None:
    bands = [
        match.band for key, own in DESIGNED.items() for capability, match in best[key] if capability == own
    ]

    assert set(bands) <= {Band.STRONG, Band.POSSIBLE}
    assert bands.count(Band.STRONG) >= 12


def test_nobody_else_is_called_strong(best: dict[str, list[tuple[str, ScoredMatch]]]) -> None:
    strong = {
        (key, capability)
        for key, matches in best.items()
        for capability, match in matches
        if match.band is Band.STRONG and DESIGNED.get(key) != capability
    }

    assert len(strong) <= 2, strong


def test_the_figures_of_a_pair_are_the_same_from_both_sides(recommender: Recommender) -> None:
    capability_id = next(iter(recommender.corpus.capabilities))

    for match in recommender.match_capability(capability_id, k=5):
        assert match == recommender.explain(match.scenario_id, capability_id)
