"""The team of a scenario through the job: proposed, left alone, changed with its members, ended."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from jobs.reindex import reindex
from matcher.workshop import Workshop
from models.base import Table
from models.capability import Capability
from models.db import transaction
from models.match import Match, MatchScore
from models.match_queries import find_match
from models.organisation import Organisation
from models.scenario import Scenario
from models.team import ProposedMember, TeamProposal
from tests.factories import MONDAY, make_capability, make_firm, make_scenario
from tests.fakes import HashingEmbedder
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import make_run
from tests.matcher.market import NOW, make_market, make_workshop

LETTERS = ("信箱来件分办", "来件自动转给承办部门并附理由原句", "同一事由的信件归并成一件再流转")
POLICY = ("惠企条款问答", "政策答复逐句标明出处和有效期", "申报材料缺页缺章时列出补正清单")


class Unloadable:
    """Stands where the model would be loaded."""

    def __call__(self) -> HashingEmbedder:
        raise AssertionError("the model is not to be loaded")


@pytest.fixture
def workshop(database: Engine, tmp_path: Path) -> Workshop:
    """The market is what is ordinary; what is added afterwards stands out against it."""
    with transaction(database) as session:
        make_market(session)
    workshop = make_workshop(database, tmp_path)
    workshop.update_index(now=NOW)
    return workshop


@pytest.fixture
def need(database: Engine, workshop: Workshop) -> int:
    """A scenario of two halves."""
    with transaction(database) as session:
        return make_scenario(
            session,
            title=f"{LETTERS[0]}，{POLICY[0]}",
            text=f"{LETTERS[1]}。{POLICY[1]}。{LETTERS[2]}。{POLICY[2]}。",
            requirements=(LETTERS[1], POLICY[1]),
        ).key


@pytest.fixture
def halves(database: Engine, workshop: Workshop) -> tuple[int, int]:
    """Capabilities of two firms, one for each half."""
    with transaction(database) as session:
        return half(session, LETTERS), half(session, POLICY)


def half(session: Session, topic: tuple[str, str, str], **values: Any) -> int:
    text = f"{topic[1]}。{topic[2]}。{topic[0]}，已在三个区用了一年。"
    cases = (f"在某单位{topic[2]}。",)
    return make_capability(session, title=topic[0], text=text, cases=cases, **values).key


@pytest.fixture
def again(database: Engine, clock: FixedClock, workshop: Workshop) -> Callable[..., dict[str, Any]]:
    """Run the job once more, a minute later, and return its counts."""

    def run_again(**values: Any) -> dict[str, Any]:
        clock.advance(timedelta(minutes=1))
        run = make_run(database, clock, **values)
        reindex(run, workshop=workshop)
        return run.counts.to_json()

    return run_again


def change(database: Engine, table: type[Table], row_id: int, **values: Any) -> None:
    with transaction(database) as session:
        row = session.get(table, row_id)
        for name, value in values.items():
            setattr(row, name, value)


def proposals(database: Engine, scenario_id: int) -> list[TeamProposal]:
    """Every proposal of a scenario with its members, oldest first."""
    with Session(database) as session:
        statement = select(TeamProposal).where(TeamProposal.scenario_id == scenario_id)
        found = list(session.exec(statement.order_by(col(TeamProposal.serial))))
        for proposal in found:
            for member in proposal.members:
                _ = member.proposal
        return found


def firm_of(database: Engine, capability_id: int) -> int:
    with Session(database) as session:
        capability = session.get(Capability, capability_id)
        assert capability is not None
        return capability.organisation_id


def members(proposal: TeamProposal) -> set[int]:
    return {member.organisation_id for member in proposal.members}


def content(database: Engine) -> list[dict[str, Any]]:
    with Session(database) as session:
        tables: tuple[type[Table], ...] = (TeamProposal, ProposedMember, Match, MatchScore)
        return [
            row.model_dump()
            for table in tables
            for row in session.exec(select(table).order_by(col(table.id)))
        ]


def test_two_halves_are_proposed_as_a_team(again: Any, database: Engine, need: int, halves: Any) -> None:
    counts = again()

    [proposal] = proposals(database, need)
    assert members(proposal) == {firm_of(database, half) for half in halves}
    assert sorted(member.parts for member in proposal.members) == [[1], [2]]
    assert (proposal.is_exact, proposal.is_smallest, proposal.ended_at) == (True, True, None)
    assert counts["done"]["teams_proposed"] >= 1


def test_every_member_has_a_pair_with_a_score(again: Any, database: Engine, need: int, halves: Any) -> None:
    again()

    [proposal] = proposals(database, need)
    with Session(database) as session:
        for member in proposal.members:
            match = find_match(session, need, member.organisation_id)
            assert match is not None
            scored = session.exec(
                select(MatchScore.capability_id).where(MatchScore.match_id == match.key)
            ).all()
            assert member.capability_ids <= set(scored)


@pytest.mark.parametrize("is_same_process", [True, False])
def test_a_second_run_changes_nothing_and_loads_no_model(
    again: Any, database: Engine, workshop: Workshop, need: int, halves: Any, is_same_process: bool
) -> None:
    again()
    before = content(database)
    if not is_same_process:
        workshop.settled = ""
    workshop.make_embedder, workshop._embedder = Unloadable(), None

    counts = again()

    assert content(database) == before
    assert "done" not in counts


@pytest.mark.parametrize("no", [{"declined_at": MONDAY, "decline_reason": "price"},
                                {"dismissed_at": MONDAY, "dismiss_reason": "budget"}])  # fmt: skip
def test_a_refused_firm_leaves_the_team_and_comes_back_when_the_no_is_undone(
    again: Any, database: Engine, need: int, halves: Any, no: dict[str, Any]
) -> None:
    again()
    gone = firm_of(database, halves[0])
    with Session(database) as session:
        match = find_match(session, need, gone)
        assert match is not None
        match_id = match.key

    change(database, Match, match_id, **no)
    again()
    without = proposals(database, need)[-1]
    change(database, Match, match_id, declined_at=None, dismissed_at=None)
    again()

    first, second, third = proposals(database, need)
    assert gone not in members(without)
    assert [must["position"] for must in without.uncovered] == [1]
    assert first.ended_at is not None and second.ended_at is not None and third.ended_at is None
    assert members(third) == members(first)


@pytest.mark.parametrize("end", [{"closed_at": MONDAY}, {"withdrawn_at": MONDAY}])
def test_a_closed_scenario_loses_its_team(
    again: Any, database: Engine, need: int, halves: Any, end: dict[str, Any]
) -> None:
    again()
    change(database, Scenario, need, **end)

    counts = again()

    assert [proposal.ended_at is None for proposal in proposals(database, need)] == [False]
    assert counts["done"]["teams_ended"] == 1


def test_one_firm_that_covers_everything_ends_the_team(
    again: Any, database: Engine, need: int, halves: Any
) -> None:
    again()
    with transaction(database) as session:
        title, text = f"{LETTERS[0]}，{POLICY[0]}", f"{LETTERS[1]}。{POLICY[1]}。{LETTERS[2]}。{POLICY[2]}。"
        make_capability(session, title=title, text=text)

    again()

    assert [proposal.ended_at is None for proposal in proposals(database, need)] == [False]


def test_a_member_without_room_is_replaced_by_who_can(
    again: Any, database: Engine, need: int, halves: Any
) -> None:
    again()
    with transaction(database) as session:
        other = half(session, LETTERS, organisation_id=make_firm(session).key)
    change(database, Capability, halves[0], capacity=0)

    again()

    assert members(proposals(database, need)[-1]) == {firm_of(database, other), firm_of(database, halves[1])}


def test_a_suspended_member_leaves_the_team(again: Any, database: Engine, need: int, halves: Any) -> None:
    again()
    gone = firm_of(database, halves[0])
    change(database, Organisation, gone, suspended_at=MONDAY)

    again()

    assert gone not in members(proposals(database, need)[-1])


def test_news_of_another_field_is_looked_at_once_and_changes_no_proposal(
    again: Any, database: Engine, workshop: Workshop, need: int, halves: Any
) -> None:
    again()
    before = [proposal.model_dump() for proposal in proposals(database, need)]
    with transaction(database) as session:
        make_capability(
            session, title="财务记账", text="为小微企业代理记账，每月出具报表，按季度申报，已服务四十家。"
        )

    looked = again()
    workshop.settled = ""
    quiet = again()

    after = [proposal.model_dump() for proposal in proposals(database, need)]
    assert [{**row, "pool_hash": ""} for row in after] == [{**row, "pool_hash": ""} for row in before]
    assert after[0]["pool_hash"] != before[0]["pool_hash"]
    assert looked["skipped"]["team_unchanged"] >= 1
    assert "team_unchanged" not in quiet["skipped"]


def test_a_dry_run_proposes_nothing(
    again: Any, database: Engine, workshop: Workshop, need: int, halves: Any
) -> None:
    workshop.update_index(now=NOW)

    counts = again(dry_run=True)

    assert counts["done"]["teams_proposed"] >= 1
    assert proposals(database, need) == []


def test_a_scenario_without_written_musts_gets_no_team(
    again: Any, database: Engine, workshop: Workshop
) -> None:
    with transaction(database) as session:
        bare = make_scenario(session, text=f"{LETTERS[1]}。{POLICY[1]}。").key

    again()

    assert proposals(database, bare) == []
