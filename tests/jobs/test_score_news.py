import pytest
from sqlalchemy.engine import Engine

from jobs.score_news import score_news
from matcher.recommender import Recommender
from models.db import make_session
from tests.matcher.market import NOW, make_market, make_workshop


@pytest.fixture
def recommender(database: Engine, tmp_path: object) -> Recommender:
    with make_session(database) as session:
        make_market(session)
        session.commit()
    workshop = make_workshop(database, tmp_path)  # type: ignore[arg-type]
    workshop.update_index(now=NOW)
    return workshop.recommender()


def test_only_what_rests_on_something_new_is_judged(recommender: Recommender) -> None:
    scenario_id, (first, second, third, *_) = (
        next(iter(recommender.corpus.scenarios)),
        recommender.corpus.capabilities,
    )
    known = {first: recommender.inputs_hash(scenario_id, first), second: "older"}

    news = score_news(recommender, scenario_id, [first, second, third], known)

    assert [one.capability_id for one in news] == [second, third]
    judged = recommender.judge(scenario_id, second)
    assert (news[0].score, news[0].band, news[0].payload) == (judged.score, judged.band, judged.payload())
    assert news[0].inputs_hash == recommender.inputs_hash(scenario_id, second)
    assert news[0].organisation_id == recommender.corpus.capabilities[second].organisation_id
