from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from matcher.scoring import BUILT_IN
from matcher.warm import KEPT_SECONDS, LOOK_AGAIN_SECONDS, Warm, make_warm
from models.capability import Capability
from models.config import Settings
from models.db import make_session, transaction
from models.embedding import Embedding
from models.errors import IndexNotReady, ModelUnavailable
from models.scenario import Scenario
from tests.factories import make_capability
from tests.matcher.market import NOW, TODAY, CountingEmbedder, make_market, make_workshop
from tests.matcher.weighted_market import put_in_force

N_TO_MAKE = 2
"""Sessions for a recommender: which rows there are, and the weighting; rows are read when they are asked for."""


class Counted:
    """Sessions on one database, counted."""

    def __init__(self, engine) -> None:
        self.engine, self.n_opened = engine, 0

    @contextmanager
    def __call__(self):
        self.n_opened += 1
        with make_session(self.engine, read_only=True) as session:
            yield session


@pytest.fixture
def engine(empty_engine):
    with transaction(empty_engine) as session:
        make_market(session, 8, 12)
    return empty_engine


@pytest.fixture
def sessions(engine):
    return Counted(engine)


@pytest.fixture
def workshop(engine, tmp_path):
    workshop = make_workshop(engine, tmp_path)
    workshop.update_index(now=NOW)
    return workshop


@pytest.fixture
def warm(workshop, sessions):
    embedder = CountingEmbedder()
    return Warm(workshop.index_dir, "hashing", connect=lambda: embedder, open_session=sessions)


def test_the_database_is_read_once_for_many_questions(warm, sessions):
    first = warm.ask(lambda recommender: recommender, on=TODAY)
    second = warm.ask(lambda recommender: recommender, on=TODAY)

    assert first is second
    assert sessions.n_opened == N_TO_MAKE


def test_rows_are_read_a_shortlist_at_a_time_and_once(warm, sessions):
    text = "消防通道占用要马上知道。"
    warm.ask(lambda recommender: recommender.match_text(text, "scenario", k=3), on=TODAY)
    n_after_the_first = sessions.n_opened

    warm.ask(lambda recommender: recommender.match_text(text, "scenario", k=3), on=TODAY)

    assert n_after_the_first == N_TO_MAKE + 1
    assert sessions.n_opened == n_after_the_first


def test_a_newer_index_or_another_day_is_a_new_recommender(warm, workshop, engine):
    first = warm.ask(lambda recommender: recommender, on=TODAY)
    tomorrow = warm.ask(lambda recommender: recommender, on=TODAY + timedelta(days=1))
    with transaction(engine) as session:
        added = make_capability(session, title="新来的能力").key
    workshop.update_index(now=NOW)

    newer = warm.ask(lambda recommender: recommender, on=TODAY)

    assert first is not tomorrow is not newer
    assert added in newer.corpus.capabilities


def test_a_firm_that_filled_its_last_place_is_counted_no_more_after_a_few_seconds(warm, engine):
    seconds = [100.0]
    warm.clock = lambda: seconds[0]
    before = warm.ask(lambda recommender: recommender, on=TODAY)
    with transaction(engine) as session:
        full = session.exec(select(Capability)).first()
        full.capacity = 0
        id_ = full.key

    seconds[0] += LOOK_AGAIN_SECONDS - 1
    at_once = warm.ask(lambda recommender: recommender, on=TODAY)
    seconds[0] += 2
    later = warm.ask(lambda recommender: recommender, on=TODAY)

    assert at_once is before
    assert later is not before
    assert later.corpus.capabilities[id_].capacity == 0


def test_a_weighting_put_in_force_is_followed_after_a_few_seconds(warm, engine):
    seconds = [100.0]
    warm.clock = lambda: seconds[0]
    before = warm.ask(lambda recommender: recommender.weighting, on=TODAY)
    serial = put_in_force(engine, proven=0.9, now=NOW)

    seconds[0] += LOOK_AGAIN_SECONDS + 1
    later = warm.ask(lambda recommender: recommender.weighting, on=TODAY)

    assert before == BUILT_IN
    assert (later.serial, later.weights.proven) == (serial, 0.9)


def test_rows_that_stayed_as_they_were_keep_the_recommender_for_a_minute(warm, sessions):
    seconds = [100.0]
    warm.clock = lambda: seconds[0]
    before = warm.ask(lambda recommender: recommender, on=TODAY)

    seconds[0] += LOOK_AGAIN_SECONDS + 1
    later = warm.ask(lambda recommender: recommender, on=TODAY)
    seconds[0] += KEPT_SECONDS
    after_a_minute = warm.ask(lambda recommender: recommender, on=TODAY)

    assert later is before
    assert after_a_minute is not before
    assert sessions.n_opened == 3 * N_TO_MAKE


def test_what_is_pasted_is_answered_and_stored_nowhere(warm, engine):
    before = _n_vectors(engine)

    found = warm.ask(
        lambda recommender: recommender.match_text("消防通道占用要马上知道。", "scenario", k=3), on=TODAY
    )

    assert len(found) == 3
    assert _n_vectors(engine) == before


def test_the_same_sentences_are_encoded_once(warm):
    embedder = warm.connect()
    text = "消防通道占用要马上知道并通知楼栋长。"
    warm.ask(lambda recommender: recommender.match_text(text, "scenario", k=1), on=TODAY)
    embedder.encoded.clear()

    warm.ask(lambda recommender: recommender.match_text(text, "scenario", k=1), on=TODAY)

    assert embedder.encoded == []


def test_without_an_encoder_the_database_is_not_even_asked(workshop, sessions):
    def nobody():
        raise ModelUnavailable("没有在运行")

    warm = Warm(workshop.index_dir, "hashing", connect=nobody, open_session=sessions)

    with pytest.raises(ModelUnavailable):
        warm.ask(lambda recommender: recommender, on=TODAY)
    assert sessions.n_opened == 0


def test_an_encoder_that_comes_back_is_found_again(workshop, sessions):
    answers = iter([ModelUnavailable("weg"), CountingEmbedder(), CountingEmbedder()])
    connected = []

    def connect():
        answer = next(answers)
        if isinstance(answer, ModelUnavailable):
            raise answer
        connected.append(answer)
        return answer

    def breaks(recommender):
        raise ModelUnavailable("in the middle")

    warm = Warm(workshop.index_dir, "hashing", connect=connect, open_session=sessions)
    with pytest.raises(ModelUnavailable):
        warm.ask(lambda recommender: recommender, on=TODAY)
    warm.ask(lambda recommender: recommender, on=TODAY)
    with pytest.raises(ModelUnavailable, match="middle"):
        warm.ask(breaks, on=TODAY)

    warm.ask(lambda recommender: recommender.match_text("消防通道占用。", "scenario", k=1), on=TODAY)

    assert len(connected) == 2


def test_without_an_index_it_says_so(tmp_path, sessions):
    warm = Warm(tmp_path / "none", "hashing", connect=CountingEmbedder, open_session=sessions)

    with pytest.raises(IndexNotReady):
        warm.ask(lambda recommender: recommender, on=TODAY)


def test_threads_share_one_and_answer_alike(warm, sessions):
    texts = [f"消防通道占用要马上知道，编号{n % 3}。" for n in range(12)]
    alone = {text: _ids(warm, text) for text in set(texts)}
    answers: list[tuple[str, list[int]]] = []
    threads = [
        threading.Thread(target=lambda text=text: answers.append((text, _ids(warm, text)))) for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 12
    assert all(alone[text] == ids for text, ids in answers)
    assert sessions.n_opened == N_TO_MAKE + 1


def test_of_the_settings_it_takes_index_model_and_socket(engine, tmp_path):
    settings = Settings(data_dir=tmp_path, _env_file=None)
    warm = make_warm(settings, Counted(engine))

    assert (warm.index_dir, warm.model) == (settings.index_dir, "bundled:e5-small:auto")
    with pytest.raises(ModelUnavailable, match="serve-encoder"):
        warm.ask(lambda recommender: recommender, on=date(2026, 11, 23))


def _ids(warm: Warm, text: str) -> list[int]:
    return [m.capability_id for m in warm.ask(lambda r: r.match_text(text, "scenario", k=5), on=TODAY)]


def _n_vectors(engine) -> int:
    with make_session(engine, read_only=True) as session:
        assert isinstance(session, Session)
        assert session.exec(select(col(Scenario.id))).first() is not None
        return session.execute(select(sa.func.count()).select_from(Embedding)).scalar_one()
