"""Rows as they should not be: each gets a list and its gaps, never an exception, never a candidate made up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from matcher.recommender import Recommender
from models.match import Band
from models.scenario import Requirement
from tests.factories import make_capability, make_firm, make_scenario
from tests.matcher.market import NOW, TODAY, Chain, make_market, make_offers

LONG = "路口视频要在夜间也能发现占道经营并且派单给最近的巡查员处理，处置结果拍照回传。" * 500
JAPANESE = (
    "夜間の巡回車の映像からマンホールの蓋の破損を見つけて、場所と写真つきで担当者に知らせてほしいです。"
)


@pytest.fixture
def engine(sqlite_engine):
    """One database is enough: nothing here asks it anything but for its rows."""
    return sqlite_engine


@pytest.fixture
def market(session: Session):
    return make_market(session)


def asked(session: Session, folder) -> Recommender:
    chain = Chain(session, folder)
    chain.update()
    return chain.recommender()


@pytest.mark.parametrize(
    ("text", "judged"),
    [("停车", False), (JAPANESE, False), ("？！……", False), (LONG[:20_000], True)],
    ids=["one word", "a third language", "signs only", "20,000 characters"],
)
def test_a_strange_need_is_answered_without_inventing_a_candidate(
    session: Session, tmp_path, market, text: str, judged: bool
) -> None:
    need = make_scenario(session, title=text[:20], text=text)

    found = asked(session, tmp_path).match_scenario(need.key, k=10)

    bands = {match.band for match in found}
    assert Band.STRONG not in bands
    if not judged:
        assert bands <= {Band.NOT_ENOUGH_INFORMATION}
        assert all(match.gaps for match in found)


def test_a_capability_that_says_nothing_is_never_called_a_fit(session: Session, tmp_path, market) -> None:
    empty = make_capability(session, title="", text="")

    recommender = asked(session, tmp_path)

    assert {match.band for match in recommender.match_capability(empty.key, k=5)} <= {
        Band.NOT_ENOUGH_INFORMATION
    }


def test_a_firm_with_two_hundred_capabilities_has_one_place_in_a_list_of_firms(
    session: Session, tmp_path, market
) -> None:
    firm = make_firm(session)
    offers = make_offers(session, 200)
    for offer in offers:
        offer.organisation_id = firm.key
    session.flush()
    recommender = asked(session, tmp_path)

    for need in market[0]:
        firms = [
            recommender.corpus.capabilities[id_].organisation_id
            for id_ in recommender.best_of_firms(need.key, [])
        ]
        assert len(firms) == len(set(firms))


def test_two_firms_that_say_the_same_are_told_the_same(session: Session, tmp_path, market) -> None:
    text = market[1][0].text
    one, twin = (make_capability(session, title="占道识别", text=text, deployment=["edge"]) for _ in range(2))
    recommender = asked(session, tmp_path)

    for need in market[0]:
        first, second = (recommender.explain(need.key, offer.key) for offer in (one, twin))
        verdicts = [[row.verdict for row in match.coverage] for match in (first, second)]
        assert verdicts[0] == verdicts[1]
        assert first.signals["relevance"] == second.signals["relevance"]


def test_where_every_firm_fails_a_gate_there_is_nobody_and_no_team(
    session: Session, tmp_path, market
) -> None:
    for offer in market[1]:
        offer.capacity = 0
    need = make_scenario(
        session, text="夜间发现占道经营并派单，处置后拍照回传。", deadline_on=TODAY + timedelta(days=9)
    )
    need.requirements = [Requirement(scenario_id=0, position=1, text="夜间也能发现", must=True)]
    need.updated_at = NOW
    session.flush()
    recommender = asked(session, tmp_path)

    assert {match.band for match in recommender.match_scenario(need.key, k=10)} <= {
        Band.WEAK,
        Band.NOT_ENOUGH_INFORMATION,
    }
    assert recommender.propose_team(need.key, without=()).team.members == ()
