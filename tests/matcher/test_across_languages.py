"""Who fits is found in the other language, among those who write in the need's own (tests/across_languages)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.embedder import SentenceEmbedder
from matcher.evaluation import EvaluationReport, run_evaluation
from matcher.labelled_set import LabelledSet, read_labelled_set
from models.config import Settings

FOLDER = Path(__file__).parents[1] / "across_languages"
MODEL_CACHE = Settings().cache


@pytest.fixture(scope="module")
def labelled() -> LabelledSet:
    return read_labelled_set(FOLDER)


@pytest.fixture(scope="module")
def report() -> EvaluationReport:
    embedder = SentenceEmbedder("bundled:e5-small", MODEL_CACHE)
    return run_evaluation(FOLDER, embedder=embedder, cache_dir=MODEL_CACHE)


def test_each_need_has_its_one_fit_in_the_other_language(labelled: LabelledSet) -> None:
    langs = {text.id: text.lang for text in (*labelled.queries, *labelled.documents)}

    pairs = [(need, fit) for need, grades in labelled.grades.items() for fit in grades]

    assert len(pairs) == len(labelled.queries) >= 60
    assert all({langs[need], langs[fit]} == {"zh", "en"} for need, fit in pairs)
    assert sum(langs[need] == "zh" for need, _ in pairs) == len(pairs) / 2


def test_each_field_holds_others_in_both_languages(labelled: LabelledSet) -> None:
    """Hard negatives: the fit of the field's other need, and two firms that do something else in the field."""
    others = {text.id for text in labelled.documents} - {id_ for g in labelled.grades.values() for id_ in g}

    assert all(f"{need.id[:-3]}-other-{lang}" in others for need in labelled.queries for lang in ("zh", "en"))


def test_texts_have_the_length_people_write() -> None:
    rows = [
        json.loads(line)
        for name in ("queries.jsonl", "docs.jsonl")
        for line in (FOLDER / name).read_text("utf-8").splitlines()
    ]

    lengths = {"zh": [], "en": []}
    for row in rows:
        lengths[row["lang"]].append(len(row["text"]) if row["lang"] == "zh" else len(row["text"].split()))
    assert min(lengths["zh"]) >= 30
    assert min(lengths["en"]) >= 12
    assert len({row["text"] for row in rows}) == len(rows)


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_fit_is_among_the_first_five_of_the_mixed_pool(
    labelled: LabelledSet, report: EvaluationReport, lang: str
) -> None:
    places = places_of_fits(labelled, report, lang)

    assert sum(place <= 5 for place in places.values()) >= 0.9 * len(places), places


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_fit_stands_before_the_firms_of_the_field_that_write_in_the_needs_language(
    labelled: LabelledSet, report: EvaluationReport, lang: str
) -> None:
    """Else a reader of the list would see only firms of their own language, whatever those do."""
    places = places_of_fits(labelled, report, lang)

    before = sum(
        f"{need[:-3]}-other-{lang}" not in [id_ for id_, _ in report.run[need][: place - 1]]
        for need, place in places.items()
    )

    assert before >= 0.8 * len(places)


def places_of_fits(labelled: LabelledSet, report: EvaluationReport, lang: str) -> dict[str, int]:
    """For each need of a language the place of the document that fits it."""
    return {
        need.id: 1
        + next(at for at, (id_, _) in enumerate(report.run[need.id]) if id_ in labelled.grades[need.id])
        for need in labelled.queries
        if need.lang == lang
    }
