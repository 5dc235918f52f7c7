from datetime import timedelta

from sqlmodel import Session, select

from models.match import Band, Match, MatchScore
from models.match_recording import NewScore, Recorded, append_scores, newest_views
from tests.factories import MONDAY, make_capability, make_match, make_scenario

VERSIONS = ("engine", "index")
TUESDAY = MONDAY + timedelta(days=1)


def new_score(capability, **values):
    defaults = {
        "capability_id": capability.key,
        "organisation_id": capability.organisation_id,
        "inputs_hash": "a" * 64,
        "score": 0.7,
        "band": Band.POSSIBLE,
        "payload": {"coverage": [], "reasons": [], "gaps": [], "signals": {"relevance": 3.0}},
    }
    return NewScore(**{**defaults, **values})


def test_a_new_pair_gets_a_match_and_its_first_view(session: Session) -> None:
    scenario, capability = make_scenario(session), make_capability(session)

    done = append_scores(session, scenario.key, [new_score(capability)], versions=VERSIONS, now=MONDAY)

    score = session.exec(select(MatchScore)).one()
    assert done == Recorded(matches=1, scores=1)
    assert (score.serial, score.engine_version, score.index_version) == (1, "engine", "index")
    assert session.exec(select(Match)).one().organisation_id == capability.organisation_id


def test_an_unchanged_view_is_not_written_again(session: Session) -> None:
    scenario, capability = make_scenario(session), make_capability(session)
    append_scores(session, scenario.key, [new_score(capability)], versions=VERSIONS, now=MONDAY)

    done = append_scores(session, scenario.key, [new_score(capability)], versions=VERSIONS, now=TUESDAY)

    assert done == Recorded()
    assert len(session.exec(select(MatchScore)).all()) == 1


def test_a_changed_view_is_appended_and_the_old_one_stays(session: Session) -> None:
    scenario, capability = make_scenario(session), make_capability(session)
    append_scores(session, scenario.key, [new_score(capability)], versions=VERSIONS, now=MONDAY)
    changed = new_score(capability, inputs_hash="b" * 64, band=Band.WEAK)

    append_scores(session, scenario.key, [changed], versions=VERSIONS, now=TUESDAY)

    bands = [score.band for score in session.exec(select(MatchScore).order_by(MatchScore.serial))]
    assert bands == [Band.POSSIBLE, Band.WEAK]
    assert newest_views(session, scenario.key) == {capability.key: (2, "b" * 64)}


def test_writing_views_leaves_what_people_decided_alone(session: Session) -> None:
    capability = make_capability(session)
    match = make_match(
        session, organisation_id=capability.organisation_id, declined_at=MONDAY, decline_reason="price"
    )

    append_scores(session, match.scenario_id, [new_score(capability)], versions=VERSIONS, now=TUESDAY)

    session.expire_all()
    assert session.exec(select(Match)).one().declined_at == MONDAY
