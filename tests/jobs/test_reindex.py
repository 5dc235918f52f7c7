from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from jobs.reindex import reindex
from jobs.runner import Run
from matcher.workshop import Workshop
from models.db import transaction
from models.match import Match, MatchScore
from models.match_queries import organisation_matches, scenario_matches
from models.scenario import Scenario
from tests.factories import MONDAY, make_capability, make_scenario
from tests.fakes import HashingEmbedder
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import make_run

TRADES = ("道路病害", "消防通道", "材料预审", "工单分派", "质量检测", "河道排口", "跌倒告警", "绿化巡检")


@pytest.fixture
def workshop(database: Engine, clock: FixedClock, tmp_path: Path) -> Workshop:
    """The matcher over two scenarios and eight firms, with an embedder that needs no model."""
    with transaction(database) as session:
        for trade in TRADES[:2]:
            make_scenario(
                session, title=f"{trade}识别", text=f"希望用视频自动做{trade}识别并派单给责任单位。"
            )
        for trade in TRADES:
            make_capability(
                session, title=f"{trade}识别", text=f"用视频做{trade}识别，结果推送工单系统。" * 3
            )
    return make_workshop(database, clock, tmp_path)


def make_workshop(
    database: Engine, clock: FixedClock, folder: Path, make_embedder=HashingEmbedder
) -> Workshop:
    return Workshop(
        engine=database,
        index_dir=folder / "index",
        model="hashing",
        make_embedder=make_embedder,
        today=lambda: clock().date(),
    )


def scores(database: Engine) -> int:
    with transaction(database) as session:
        return len(session.exec(select(MatchScore)).all())


def scenario_id(session: Session) -> int:
    return session.exec(select(Scenario).order_by(Scenario.id)).first().key


def refuse() -> HashingEmbedder:
    raise AssertionError("the model is not needed")


def test_reindex_makes_matches_of_open_scenarios(run: Run, database: Engine, workshop: Workshop) -> None:
    reindex(run, workshop=workshop)

    with transaction(database) as session:
        pairs = scenario_matches(session, scenario_id(session))
    assert len(pairs) == len(TRADES)
    assert pairs[0].score.capability.title == f"{TRADES[0]}识别"


def test_running_twice_changes_nothing_and_needs_no_model(
    run: Run, database: Engine, workshop: Workshop, clock: FixedClock, tmp_path: Path
) -> None:
    reindex(run, workshop=workshop)
    before = scores(database)
    again = make_run(database, clock)

    reindex(again, workshop=make_workshop(database, clock, tmp_path, refuse))

    assert scores(database) == before
    assert not again.counts.done


def test_reindex_keeps_a_declined_match_declined(
    run: Run, database: Engine, workshop: Workshop, clock: FixedClock
) -> None:
    reindex(run, workshop=workshop)
    with transaction(database) as session:
        match = session.exec(select(Match).order_by(Match.id)).first()
        match.decline(MONDAY, reason="price")
        session.get(Scenario, match.scenario_id).text += "夜间也要能用。"
        match_id = match.key

    reindex(make_run(database, clock), workshop=workshop)

    with transaction(database) as session:
        assert session.get(Match, match_id).declined_at == MONDAY


def test_a_dry_run_writes_no_match(run: Run, database: Engine, workshop: Workshop, clock: FixedClock) -> None:
    workshop.update_index(now=clock())
    dry = make_run(database, clock, dry_run=True)

    reindex(dry, workshop=workshop)

    assert scores(database) == 0
    assert dry.counts.done["scenarios_matched"] == 2


def test_a_closed_scenario_leaves_the_firms_list_at_once(
    run: Run, database: Engine, workshop: Workshop, clock: FixedClock
) -> None:
    reindex(run, workshop=workshop)
    today = clock().date()
    with transaction(database) as session:
        scenario = session.get(Scenario, scenario_id(session))
        firm_id = scenario_matches(session, scenario.key)[0].match.organisation_id
        n_before = len(organisation_matches(session, firm_id, on=today))
        scenario.close(MONDAY)
        session.flush()

        n_after = len(organisation_matches(session, firm_id, on=today))

    assert n_after == n_before - 1
