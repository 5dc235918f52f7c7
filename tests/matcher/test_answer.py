import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from jobs.reindex import reindex
from jobs.runner import Run
from matcher.answer import Answer, Question, answer_explain, answer_match
from matcher.documents import DocumentKind
from matcher.workshop import Workshop
from models.db import transaction
from models.errors import InvalidInput, NotFound
from models.match import Band, MatchScore
from tests.matcher.market import NOW, make_market, make_workshop
from tests.matcher.weighted_market import put_in_force


@pytest.fixture
def workshop(empty_engine: Engine, tmp_path: Path) -> Workshop:
    with transaction(empty_engine) as session:
        make_market(session)
    workshop = make_workshop(empty_engine, tmp_path)
    workshop.update_index(now=NOW)
    return workshop


def test_an_answer_has_the_shape_others_rely_on(workshop: Workshop) -> None:
    answer = answer_match(
        workshop,
        Question(text="用车载视频识别井盖缺失和破损，夜间也要能用。", kind=DocumentKind.SCENARIO),
        k=3,
        zone=UTC,
    )

    document = json.loads(json.dumps(answer.to_json(), ensure_ascii=False))
    assert set(document) == {"query", "model", "index_version", "results"}
    assert [result["rank"] for result in document["results"]] == [1, 2, 3]
    assert {result["band"] for result in document["results"]} <= {str(band) for band in Band}
    assert {"text", "derived", "verdict", "evidence", "evidence_id"} <= set(
        document["results"][0]["requirements"][0]
    )


def test_an_explanation_is_the_same_as_the_match_it_explains(workshop: Workshop) -> None:
    scenario_id = next(iter(workshop.recommender().corpus.scenarios))
    best = answer_match(workshop, Question(scenario_id=scenario_id), k=1, zone=UTC).to_json()["results"][0]

    explained = answer_explain(workshop, scenario_id, best["id"], zone=UTC).to_json()["results"][0]

    assert explained == best


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_an_answer_can_be_read_in_both_languages(workshop: Workshop, locale: str) -> None:
    answer = answer_match(
        workshop,
        Question(text="智能摄像头识别消防通道堵塞并推送告警。", kind=DocumentKind.SCENARIO),
        k=2,
        zone=UTC,
    )

    assert "1  " in answer.to_text(locale)


def test_a_text_without_words_is_refused(workshop: Workshop) -> None:
    with pytest.raises(InvalidInput):
        answer_match(workshop, Question(text="\x00 \u200b", kind=DocumentKind.CAPABILITY), k=1, zone=UTC)


def test_a_pair_that_does_not_exist_is_not_found(workshop: Workshop) -> None:
    with pytest.raises(NotFound):
        answer_explain(workshop, 999_999, 999_999, zone=UTC)


def test_the_question_is_repeated_without_what_cannot_be_printed() -> None:
    question = Question(text="井盖\x00\ud800", kind=DocumentKind.CAPABILITY)

    assert question.to_json() == {"text": "井盖\ufffd", "as": "supply"}
    assert question.sought is DocumentKind.SCENARIO


def test_a_scenario_seeks_capabilities_and_a_capability_scenarios(workshop: Workshop) -> None:
    corpus = workshop.recommender().corpus

    for_scenario = answer_match(workshop, Question(scenario_id=next(iter(corpus.scenarios))), k=30, zone=UTC)
    for_capability = answer_match(
        workshop, Question(capability_id=next(iter(corpus.capabilities))), k=30, zone=UTC
    )

    assert {result["id"] for result in for_scenario.results} == set(corpus.capabilities)
    assert {result["id"] for result in for_capability.results} == set(corpus.scenarios)
    assert list(for_capability.to_json()["query"]) == ["capability"]


def test_a_question_about_nothing_is_a_mistake(workshop: Workshop) -> None:
    with pytest.raises(ValueError, match="names a scenario"):
        answer_match(workshop, Question(), k=1, zone=UTC)


def test_no_match_is_said_in_words() -> None:
    nothing = Answer({"text": "x", "as": "demand"}, "model", "1", [])

    assert (nothing.to_text("zh"), nothing.to_text("en")) == ("没有匹配。", "No match.")


def test_what_is_stored_is_what_explain_says(workshop: Workshop, now: datetime) -> None:
    """With the same inputs hash, the command line and the pages show the same, to the last digit."""
    run = Run(engine=workshop.engine, clock=lambda: now, owner="test")
    reindex(run, workshop=workshop)
    with workshop.reading() as session:
        scores = session.exec(select(MatchScore).order_by(col(MatchScore.id)).limit(5)).all()
        recommender = workshop.recommender()

    for score in scores:
        explained = answer_explain(workshop, score.scenario_id, score.capability_id, zone=UTC).results[0]

        assert recommender.inputs_hash(score.scenario_id, score.capability_id) == score.inputs_hash
        assert recommender.judge(score.scenario_id, score.capability_id).score == score.score
        shown = json.loads(json.dumps(explained))
        assert shown["band"] == score.band
        assert (shown["requirements"], shown["reasons"], shown["gaps"], shown["signals"]) == (
            score.coverage,
            score.reasons,
            score.gaps,
            score.signals,
        )


def test_a_learnt_weighting_is_said_and_moves_the_score(workshop: Workshop, empty_engine: Engine) -> None:
    scenario_id = next(iter(workshop.recommender().corpus.scenarios))
    before = answer_match(workshop, Question(scenario_id=scenario_id), k=1, zone=UTC)
    serial = put_in_force(empty_engine, proven=0.9, now=NOW)

    after = answer_match(workshop, Question(scenario_id=scenario_id), k=1, zone=UTC)

    assert before.to_text("zh").endswith("权重：内置")
    assert after.to_text("en").endswith(f"Weights: version {serial}")
    assert (before.results[0]["weights"], after.results[0]["weights"]) == (0, serial)
    assert after.results[0]["score"] > before.results[0]["score"]
    assert after.results[0]["band"] == before.results[0]["band"]
