"""The survey follows matching, writes nothing without news, and decides which rotation lists follow."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import select

from jobs.reindex import reindex
from jobs.survey_market import survey_market
from matcher.workshop import Workshop
from models.db import make_session, transaction
from models.market_survey import MarketSurvey, find_rotation
from models.match import MatchScore
from models.match_queries import scenario_matches
from models.rotation import MARGIN, NO_ROTATION, ROTATED, ExposurePolicy, Move, log_odds
from models.scenario import Scenario
from tests.factories import make_capability, make_organisation, make_scenario
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import make_run
from tests.matcher.market import TODAY, make_market, make_workshop


@pytest.fixture
def workshop(database: Engine, tmp_path: Path) -> Workshop:
    with transaction(database) as session:
        make_market(session)
    return make_workshop(database, tmp_path)


@pytest.fixture
def survey(database: Engine, clock: FixedClock, workshop: Workshop) -> Callable[..., dict[str, Any]]:
    """Run the job a minute later, and return its counts."""

    def run_again(policy: ExposurePolicy = ExposurePolicy.OFF, **values: Any) -> dict[str, Any]:
        clock.advance(timedelta(minutes=1))
        run = make_run(database, clock, **values)
        survey_market(run, workshop=workshop, policy=policy)
        return run.counts.to_json()

    return run_again


@pytest.fixture
def matched(database: Engine, clock: FixedClock, workshop: Workshop) -> None:
    reindex(make_run(database, clock), workshop=workshop)


def surveys(database: Engine) -> list[MarketSurvey]:
    with make_session(database, read_only=True) as session:
        return list(session.exec(select(MarketSurvey)))


def test_without_an_index_nothing_is_surveyed(database: Engine, survey: Callable[..., Any]) -> None:
    assert survey() == {"skipped": {"index_not_ready": 1}}
    assert surveys(database) == []


@pytest.mark.usefixtures("matched")
def test_the_survey_counts_what_is_there(database: Engine, survey: Callable[..., Any]) -> None:
    assert survey() == {"done": {"surveyed": 1}}

    (row,) = surveys(database)
    assert (row.on, row.policy) == (TODAY, ExposurePolicy.OFF)
    assert (row.gaps["n_requirements"], row.gaps["n_capabilities"]) == (32, 24)
    assert (row.exposure["n_scenarios"], row.exposure["n_firms"]) == (16, 24)
    assert sum(len(cell["scenario_ids"]) for cell in row.gaps["cells"]) == 16


@pytest.mark.usefixtures("matched")
def test_a_second_run_writes_nothing(database: Engine, survey: Callable[..., Any]) -> None:
    survey()
    (before,) = surveys(database)

    assert survey() == {"skipped": {"nothing_new": 1}}
    assert surveys(database)[0].computed_at == before.computed_at


@pytest.mark.usefixtures("matched")
def test_a_dry_run_writes_nothing(database: Engine, survey: Callable[..., Any]) -> None:
    assert survey(dry_run=True) == {"done": {"surveyed": 1}}
    assert surveys(database) == []


@pytest.mark.usefixtures("matched")
def test_a_closed_scenario_a_new_score_and_another_policy_are_news(
    database: Engine, survey: Callable[..., Any]
) -> None:
    survey()
    with transaction(database) as session:
        scenario = session.exec(select(Scenario)).first()
        assert scenario is not None
        scenario.close(scenario.published_at or scenario.created_at)
    assert survey() == {"done": {"surveyed": 1}}
    assert surveys(database)[0].exposure["n_scenarios"] == 15

    with transaction(database) as session:
        score = session.exec(select(MatchScore)).first()
        assert score is not None
        session.add(MatchScore(**score.model_dump(exclude={"id", "serial"}), serial=score.serial + 1))
    assert survey() == {"done": {"surveyed": 1}}

    assert survey(ExposurePolicy.ROTATE) == {"done": {"surveyed": 1}}
    assert [row.policy for row in surveys(database)] == [ExposurePolicy.ROTATE]


@pytest.mark.usefixtures("matched")
def test_lists_rotate_only_where_the_policy_says_so(database: Engine, survey: Callable[..., Any]) -> None:
    survey(ExposurePolicy.OFF)
    with make_session(database, read_only=True) as session:
        assert find_rotation(session) == NO_ROTATION

    survey(ExposurePolicy.ROTATE)

    (row,) = surveys(database)
    with make_session(database, read_only=True) as session:
        rotation = find_rotation(session)
    assert rotation.favoured == set(row.exposure["favoured"])
    assert rotation.favoured


@pytest.mark.usefixtures("matched")
def test_it_waits_for_whoever_uses_the_model(
    database: Engine, workshop: Workshop, survey: Callable[..., Any]
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with workshop.turn:
            waiting = pool.submit(survey)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
            assert surveys(database) == []
        assert waiting.result(timeout=60) == {"done": {"surveyed": 1}}


@pytest.mark.usefixtures("matched")
def test_asked_to_stop_while_it_waited_it_does_not_begin(
    database: Engine, survey: Callable[..., Any]
) -> None:
    assert survey(is_stopping=lambda: True) == {}
    assert surveys(database) == []


def near_tie(database: Engine) -> tuple[int, list[int], int]:
    """A scenario, the firms of its list, and a place whose firm scores nearly as the next one does."""
    with make_session(database, read_only=True) as session:
        for scenario_id in session.exec(select(Scenario.id)).all():
            pairs = scenario_matches(session, scenario_id or 0)
            for at, (first, second) in enumerate(pairwise(pair.score for pair in pairs)):
                near = log_odds(first.score) - log_odds(second.score) <= MARGIN
                if near and first.band is second.band and first.band in ROTATED and at < 9:
                    return scenario_id or 0, [pair.match.organisation_id for pair in pairs], at
    raise AssertionError("the market has no near tie")


def add_twins(database: Engine) -> None:
    """A need like no other in the market, and two firms that offer just that in the same words."""
    title, text = "信箱来件分办", "来件自动转给承办部门并附理由原句。同一事由的信件归并成一件再流转。"
    with transaction(database) as session:
        agency = make_organisation(session)
        make_scenario(session, title=title, text=text, organisation_id=agency.key)
        for _ in range(2):
            make_capability(session, title=title, text=f"{text}已在三个区用了一年。", cases=(text,))


def test_page_and_command_follow_one_rotation(
    database: Engine, clock: FixedClock, workshop: Workshop, survey: Callable[..., Any]
) -> None:
    # The background is the market's: what is added must not belong to what is ordinary.
    workshop.update_index(now=clock())
    add_twins(database)
    reindex(make_run(database, clock), workshop=workshop)
    survey(ExposurePolicy.ROTATE)
    scenario_id, plain, at = near_tie(database)
    with transaction(database) as session:
        row = session.exec(select(MarketSurvey)).one()
        row.exposure = {**row.exposure, "crowded": [plain[at]], "favoured": [plain[at + 1]]}
        session.add(row)

    with workshop.reading() as session:
        listed = scenario_matches(session, scenario_id)
        found = workshop.recommender().match_scenario(scenario_id, k=10)

    assert [pair.match.organisation_id for pair in listed] != plain
    assert {pair.move for pair in listed} == set(Move)
    assert [match.organisation_id for match in found] == [pair.match.organisation_id for pair in listed][:10]
    told = {match.organisation_id: match.reasons[-1].code for match in found}
    for pair in listed[:10]:
        code = told[pair.match.organisation_id]
        assert code.startswith("rotation_") is (pair.move is not Move.NONE)
