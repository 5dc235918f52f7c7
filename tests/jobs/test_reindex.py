from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from jobs.reindex import reindex
from jobs.runner import Run
from matcher.workshop import Workshop
from models.base import Table
from models.capability import Capability
from models.db import make_session, transaction
from models.errors import IndexNotReady
from models.match import DeclineReason, Match, MatchScore
from models.match_queries import organisation_matches, scenario_matches
from models.scenario import Scenario
from tests.factories import MONDAY, make_capability, make_firm, make_match
from tests.fakes import HashingEmbedder
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import make_run
from tests.matcher.market import TODAY, make_market, make_workshop
from tests.matcher.weighted_market import put_in_force, take_back


class Unloadable:
    """Stands where the model would be loaded."""

    def __call__(self) -> HashingEmbedder:
        raise AssertionError("the model is not to be loaded")


@pytest.fixture
def market(database: Engine) -> tuple[list[int], list[int]]:
    """Ids of sixteen open scenarios and twenty-four capabilities, committed."""
    with transaction(database) as session:
        needs, offers = make_market(session)
        return [row.key for row in needs], [row.key for row in offers]


@pytest.fixture
def workshop(database: Engine, tmp_path: Path, market: object) -> Workshop:
    return make_workshop(database, tmp_path)


@pytest.fixture
def again(database: Engine, clock: FixedClock, workshop: Workshop) -> Callable[..., dict[str, Any]]:
    """Run the job once more, a minute later, and return its counts."""

    def run_again(**values: Any) -> dict[str, Any]:
        clock.advance(timedelta(minutes=1))
        run = make_run(database, clock, **values)
        reindex(run, workshop=workshop)
        return run.counts.to_json()

    return run_again


def content(database: Engine) -> list[dict[str, Any]]:
    """Every match and every score, by id."""
    with Session(database) as session:
        matches = session.exec(select(Match).order_by(col(Match.id))).all()
        scores = session.exec(select(MatchScore).order_by(col(MatchScore.id))).all()
        return [row.model_dump() for row in (*matches, *scores)]


def change(database: Engine, table: type[Table], row_id: int, **values: Any) -> None:
    with transaction(database) as session:
        row = session.get(table, row_id)
        for name, value in values.items():
            setattr(row, name, value)


def forget(workshop: Workshop) -> None:
    """As another process would begin: without memory of the last run."""
    workshop.settled = ""


def test_every_open_scenario_is_matched(run: Run, workshop: Workshop, market: Any) -> None:
    reindex(run, workshop=workshop)

    needs, offers = market
    counts = run.counts.to_json()["done"]
    assert counts["scenarios_matched"] == len(needs)
    assert counts["scores_added"] == counts["matches_added"] == len(needs) * len(offers)
    assert counts["documents_indexed"] == len(needs) + len(offers)
    assert counts["index_rebuilt_no_index"] == 1


@pytest.mark.parametrize("is_same_process", [True, False])
def test_a_second_run_changes_nothing_and_loads_no_model(
    again: Any, database: Engine, workshop: Workshop, is_same_process: bool
) -> None:
    again()
    before = content(database)
    if not is_same_process:
        forget(workshop)
    workshop.make_embedder, workshop._embedder = Unloadable(), None

    counts = again()

    assert content(database) == before
    assert counts == ({} if is_same_process else {"skipped": {"nothing_new": 16}})


def test_a_declined_match_stays_declined(again: Any, database: Engine, market: Any) -> None:
    again()
    with transaction(database) as session:
        match = session.exec(select(Match)).first()
        assert match is not None
        match.decline(MONDAY, reason="price")
        offer = session.exec(
            select(Capability).where(Capability.organisation_id == match.organisation_id)
        ).one()
        offer.text += "现在也能识别道路沉降。"
        match_id = match.key

    counts = again()

    with Session(database) as session:
        match = session.get(Match, match_id)
        assert match is not None
        assert (match.declined_at, match.decline_reason) == (MONDAY, "price")
        rescored = session.exec(select(MatchScore).where(MatchScore.match_id == match_id)).all()
        assert sorted(score.serial for score in rescored) == [1, 2]
    assert counts["done"]["documents_indexed"] == 1


def test_only_pairs_whose_inputs_changed_are_scored_anew(again: Any, database: Engine, market: Any) -> None:
    again()
    change(database, Capability, market[1][0], maturity=None)

    counts = again()

    n_teams = counts["done"].pop("teams_proposed") + counts["skipped"]["team_unchanged"]
    assert counts["done"] == {"scenarios_matched": 16, "scores_added": 16}
    assert 0 < n_teams <= 16


def test_scores_are_only_appended(again: Any, database: Engine, market: Any) -> None:
    again()
    before = content(database)
    change(database, Capability, market[1][0], capacity=5)

    again()

    assert [row for row in content(database) if row in before] == before


def test_a_dry_run_writes_nothing(again: Any, database: Engine, workshop: Workshop, market: Any) -> None:
    again()
    before, manifest = content(database), (workshop.index_dir / "manifest.json").read_bytes()
    change(database, Capability, market[1][0], capacity=5)
    with transaction(database) as session:
        make_capability(session)

    counts = again(dry_run=True)

    assert content(database) == before
    assert (workshop.index_dir / "manifest.json").read_bytes() == manifest
    assert counts["done"]["scores_added"] == 16
    assert counts["skipped"]["document_not_indexed"] == 1
    assert again()["done"]["scores_added"] > 16


def test_a_dry_run_without_an_index_says_what_to_do(again: Any) -> None:
    with pytest.raises(IndexNotReady, match="rebuild"):
        again(dry_run=True)


def test_one_failing_scenario_does_not_stop_the_others(
    again: Any, database: Engine, workshop: Workshop, market: Any
) -> None:
    workshop.update_index(now=MONDAY)
    with transaction(database) as session:
        # Its next serial is taken as far as the database is concerned, but not as far as the job can see.
        session.connection().exec_driver_sql(FAILING_INSERT[database.dialect.name].format(market[0][3]))
    counts = again()
    with transaction(database) as session:
        session.connection().exec_driver_sql(CURE[database.dialect.name])

    assert counts["done"]["scenarios_matched"] == 15
    assert counts["failed"] == {"IntegrityError": 1}
    # What failed is tried again without being asked.
    assert again()["done"]["scenarios_matched"] == 1


FAILING_INSERT = {
    "sqlite": "CREATE TRIGGER refuse BEFORE INSERT ON match_score WHEN NEW.scenario_id = {} "
    "BEGIN SELECT RAISE(ABORT, 'refused'); END",
    "postgresql": "ALTER TABLE match_score ADD CONSTRAINT refuse CHECK (scenario_id <> {}) NOT VALID",
}
CURE = {
    "sqlite": "DROP TRIGGER refuse",
    "postgresql": "ALTER TABLE match_score DROP CONSTRAINT refuse",
}


@pytest.mark.parametrize("values", [{"closed_at": MONDAY}, {"withdrawn_at": MONDAY}])
def test_a_closed_scenario_leaves_both_sides_lists(
    again: Any, database: Engine, market: Any, values: dict[str, Any]
) -> None:
    again()
    change(database, Scenario, market[0][0], **values)

    again()

    with make_session(database, read_only=True) as session:
        firm = session.exec(select(Capability).where(Capability.id == market[1][0])).one().organisation_id
        assert scenario_matches(session, market[0][0]) == []
        seen = {pair.match.scenario_id for pair in organisation_matches(session, firm, on=TODAY)}
        assert seen == set(market[0][1:])


def test_a_firm_without_room_leaves_the_lists_unless_somebody_acted(
    again: Any, database: Engine, market: Any
) -> None:
    again()
    with transaction(database) as session:
        offer = session.get(Capability, market[1][0])
        assert offer is not None
        offer.capacity = 0
        firm = offer.organisation_id
        asked = session.exec(
            select(Match).where(Match.organisation_id == firm).order_by(col(Match.id))
        ).first()
        assert asked is not None
        asked.invite(MONDAY)
        asked_about = asked.scenario_id

    again()

    with make_session(database, read_only=True) as session:
        shown = organisation_matches(session, firm, on=TODAY)
        assert [pair.match.scenario_id for pair in shown] == [asked_about]
        assert shown[0].score.gaps[0]["code"] == "firm_full"
        of_scenario = [pair.match.organisation_id for pair in scenario_matches(session, asked_about)]
        other = next(id_ for id_ in market[0] if id_ != asked_about)
        assert firm in of_scenario
        assert firm not in [pair.match.organisation_id for pair in scenario_matches(session, other)]


def test_a_pair_that_only_people_made_is_scored_too(again: Any, database: Engine, market: Any) -> None:
    with transaction(database) as session:
        firm = make_firm(session).key
        full = make_capability(session, organisation_id=firm, capacity=0).key
        match = make_match(session, scenario_id=market[0][0], organisation_id=firm, interested_at=MONDAY).key

    again()

    with Session(database) as session:
        [score] = session.exec(select(MatchScore).where(MatchScore.match_id == match))
        assert score.capability_id == full


def test_a_pair_once_shown_stays_up_to_date_whatever_its_rank(
    again: Any, database: Engine, market: Any, workshop: Workshop
) -> None:
    again()
    # Without room it is nobody's choice any more; what was recorded is still kept in step with its text.
    change(database, Capability, market[1][0], capacity=0)
    again()
    change(
        database,
        Capability,
        market[1][0],
        text="改为人脸门禁，已装在三百个小区，误识率低于万分之一，支持国产芯片。",
    )

    counts = again()

    assert counts["done"]["scores_added"] == 16


def test_a_run_that_is_asked_to_stop_goes_on_later(again: Any, database: Engine, workshop: Workshop) -> None:
    assert "scenarios_matched" not in again(is_stopping=lambda: True).get("done", {})

    assert again()["done"]["scenarios_matched"] == 16


def test_rows_that_change_during_a_run_are_looked_at_in_the_next(
    again: Any, database: Engine, workshop: Workshop, market: Any
) -> None:
    load = workshop.make_embedder
    later = []

    def load_slowly() -> Any:
        with transaction(database) as session:
            later.append(make_capability(session).key)
        return load()

    workshop.make_embedder = load_slowly
    again()

    assert again()["done"]["documents_indexed"] == 1
    assert len(later) == 1


def present(database: Engine) -> dict[tuple[int, int], tuple[str, float, int]]:
    """Band, score and weighting of the newest view of each pair of texts."""
    with Session(database) as session:
        rows = session.exec(select(MatchScore).order_by(col(MatchScore.serial))).all()
        return {
            (row.scenario_id, row.capability_id): (row.band, row.score, row.weights_serial) for row in rows
        }


def test_a_weighting_in_force_appends_scores_once_and_taking_it_back_appends_the_old_ones(
    database: Engine, clock: FixedClock, again: Callable[..., dict[str, Any]]
) -> None:
    n_pairs = again()["done"]["scores_added"]
    before = present(database)

    serial = put_in_force(database, proven=0.9, now=clock.now)
    assert again()["done"]["scores_added"] == n_pairs
    weighted = present(database)
    assert "scores_added" not in again().get("done", {})

    assert {view[2] for view in weighted.values()} == {serial}
    assert {pair: view[0] for pair, view in weighted.items()} == {
        pair: view[0] for pair, view in before.items()
    }
    assert all(weighted[pair][1] > before[pair][1] for pair in before)

    take_back(database, serial, now=clock.now)
    again()

    assert present(database) == before
    assert len(content(database)) > 3 * n_pairs


def test_a_decline_changes_no_score_of_the_firm_anywhere(
    database: Engine, clock: FixedClock, again: Callable[..., dict[str, Any]]
) -> None:
    again()
    before = present(database)
    with transaction(database) as session:
        match = session.exec(select(Match)).first()
        assert match is not None
        match.decline(clock.now, reason=DeclineReason.OUT_OF_SCOPE)

    again()

    assert present(database) == before
