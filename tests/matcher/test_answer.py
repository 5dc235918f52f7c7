import json
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from matcher.answer import Question, answer_explain, answer_match
from matcher.documents import DocumentKind
from matcher.workshop import Workshop
from models.db import transaction
from models.errors import InvalidInput, NotFound
from models.match import Band
from tests.matcher.market import NOW, make_market, make_workshop


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
    )

    document = json.loads(json.dumps(answer.to_json(), ensure_ascii=False))
    assert set(document) == {"query", "model", "index_version", "results"}
    assert [result["rank"] for result in document["results"]] == [1, 2, 3]
    assert {result["band"] for result in document["results"]} <= {str(band) for band in Band}
    assert {"text", "derived", "verdict", "evidence", "evidence_id"} <= set(
        document["results"][0]["requirements"][0]
    )


def test_an_explanation_is_the_same_as_the_match_it_explains(workshop: Workshop) -> None:
    with workshop.reading() as session:
        scenario_id = next(iter(workshop.recommender(session).corpus.scenarios))
    best = answer_match(workshop, Question(scenario_id=scenario_id), k=1).to_json()["results"][0]

    explained = answer_explain(workshop, scenario_id, best["id"]).to_json()["results"][0]

    assert explained == best


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_an_answer_can_be_read_in_both_languages(workshop: Workshop, locale: str) -> None:
    answer = answer_match(
        workshop, Question(text="智能摄像头识别消防通道堵塞并推送告警。", kind=DocumentKind.SCENARIO), k=2
    )

    assert "1  " in answer.to_text(locale)


def test_a_text_without_words_is_refused(workshop: Workshop) -> None:
    with pytest.raises(InvalidInput):
        answer_match(workshop, Question(text="\x00 \u200b", kind=DocumentKind.CAPABILITY), k=1)


def test_a_pair_that_does_not_exist_is_not_found(workshop: Workshop) -> None:
    with pytest.raises(NotFound):
        answer_explain(workshop, 999_999, 999_999)
