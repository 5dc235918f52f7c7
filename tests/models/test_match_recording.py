from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.capability import Capability
from models.match import Band, DeclineReason, Match, MatchScore
from models.match_recording import NewScore, Recorded, append_scores, newest_views
from models.scenario import Scenario
from tests.factories import MONDAY, make_capability, make_firm, make_match, make_scenario

TUESDAY = MONDAY + timedelta(days=1)
PAYLOAD: dict[str, Any] = {"coverage": [], "reasons": [], "gaps": [], "signals": {"relevance": 1.5}}


@pytest.fixture
def scenario(session: Session) -> Scenario:
    return make_scenario(session)


@pytest.fixture
def capability(session: Session) -> Capability:
    return make_capability(session)


def view(capability: Capability, digest: str = "a", **values: Any) -> NewScore:
    return NewScore(
        **{
            "capability_id": capability.key,
            "organisation_id": capability.organisation_id,
            "inputs_hash": digest,
            "score": 0.5,
            "band": Band.WEAK,
            "payload": PAYLOAD,
            **values,
        }
    )


def append(session: Session, scenario: Scenario, *views: NewScore, now: Any = MONDAY) -> Recorded:
    return append_scores(session, scenario.key, views, versions=("1", "v1"), now=now)


def scores(session: Session) -> list[tuple[int, str]]:
    rows = session.exec(select(MatchScore).order_by(col(MatchScore.id)))
    return [(row.serial, row.inputs_hash) for row in rows]


def test_a_first_view_makes_the_match_and_its_first_score(
    session: Session, scenario: Scenario, capability: Capability
) -> None:
    recorded = append(session, scenario, view(capability))

    [match] = session.exec(select(Match))
    [score] = session.exec(select(MatchScore))
    assert recorded == Recorded(matches=1, scores=1)
    assert (match.scenario_id, match.organisation_id, match.is_touched) == (
        scenario.key, capability.organisation_id, False,
    )  # fmt: skip
    assert (score.match_id, score.serial, score.engine_version, score.index_version) == (
        match.key,
        1,
        "1",
        "v1",
    )
    assert (score.created_at, score.signals) == (MONDAY, {"relevance": 1.5})


def test_the_same_inputs_write_nothing_again(
    session: Session, scenario: Scenario, capability: Capability
) -> None:
    append(session, scenario, view(capability))

    assert append(session, scenario, view(capability, score=0.9), now=TUESDAY) == Recorded()
    assert scores(session) == [(1, "a")]


def test_news_is_appended_and_nothing_is_changed(
    session: Session, scenario: Scenario, capability: Capability
) -> None:
    append(session, scenario, view(capability))

    recorded = append(session, scenario, view(capability, "b"), now=TUESDAY)

    assert recorded == Recorded(matches=0, scores=1)
    assert scores(session) == [(1, "a"), (2, "b")]


def test_going_back_to_earlier_inputs_is_news_too(
    session: Session, scenario: Scenario, capability: Capability
) -> None:
    for digest in ("a", "b", "a"):
        append(session, scenario, view(capability, digest))

    assert scores(session) == [(1, "a"), (2, "b"), (3, "a")]


def test_several_capabilities_of_a_firm_share_one_match(session: Session, scenario: Scenario) -> None:
    firm = make_firm(session).key
    offers = [make_capability(session, organisation_id=firm) for _ in range(3)]

    assert append(session, scenario, *map(view, offers)) == Recorded(matches=1, scores=3)


def test_what_people_did_with_a_pair_is_left_alone(
    session: Session, scenario: Scenario, capability: Capability
) -> None:
    match = make_match(
        session,
        scenario_id=scenario.key,
        organisation_id=capability.organisation_id,
        declined_at=MONDAY,
        decline_reason=DeclineReason.PRICE,
    )
    before = match.model_dump()

    recorded = append(session, scenario, view(capability), now=TUESDAY)

    session.refresh(match)
    assert recorded == Recorded(matches=0, scores=1)
    assert match.model_dump() == before


def test_no_views_write_nothing(session: Session, scenario: Scenario) -> None:
    assert append(session, scenario) == Recorded()


def test_a_score_outside_its_range_is_refused_by_the_database(
    session: Session, scenario: Scenario, capability: Capability
) -> None:
    with pytest.raises(IntegrityError):
        append(session, scenario, view(capability, score=1.5))


def test_the_newest_view_of_each_capability_is_known(session: Session, scenario: Scenario) -> None:
    first, second = make_capability(session), make_capability(session)
    append(session, scenario, view(first), view(second, "x"))
    append(session, scenario, view(first, "b"))
    append(session, make_scenario(session), view(first, "other"))

    assert newest_views(session, scenario.key) == {first.key: (2, "b"), second.key: (1, "x")}
