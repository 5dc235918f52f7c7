from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.capability import Capability
from models.match_queries import find_match
from models.organisation import Organisation
from models.scenario import Scenario
from models.team import (
    Closeness,
    NewProposal,
    ProposedMember,
    append_proposal,
    end_proposals,
    find_current,
    find_proposal,
    present_proposals,
    refused_firms,
    scenarios_with_stale_proposal,
)
from tests.factories import MONDAY, make_firm, make_match, make_scenario, make_team, save

DAY = date(2026, 11, 23)
MUSTS = ("归并重复来件", "答复逐句带出处", "部署在政务云")


@pytest.fixture
def scenario(session: Session) -> Scenario:
    return make_scenario(session, requirements=MUSTS)


@pytest.fixture
def firms(session: Session) -> tuple[Organisation, Organisation]:
    return make_firm(session, name="甲"), make_firm(session, name="乙")


def new_proposal(scenario: Scenario, members: Any = (), **values: Any) -> NewProposal:
    defaults = {
        "closeness": Closeness.ALONE, "lower_bound": 0, "is_exact": True, "n_examined": 0, "n_available": 0,
        "musts": [],
    }  # fmt: skip
    return NewProposal(scenario.key, ("1/1", "i"), ("p" * 64, "i" * 64), {**defaults, **values}, members)


def test_a_new_proposal_ends_the_one_before_and_counts_on(session: Session, scenario: Scenario) -> None:
    first = append_proposal(session, new_proposal(scenario), now=MONDAY)
    second = append_proposal(session, new_proposal(scenario), now=MONDAY + timedelta(days=1))

    assert (first.ended_at, second.ended_at) == (MONDAY + timedelta(days=1), None)
    assert (first.serial, second.serial) == (1, 2)
    assert find_current(session, scenario.key) is second


def test_members_are_kept_in_their_order(session: Session, scenario: Scenario, firms: Any) -> None:
    wanted = [(firms[1].key, [{"position": 1}]), (firms[0].key, [])]

    proposal = append_proposal(session, new_proposal(scenario, wanted), now=MONDAY)

    session.expire_all()
    assert [(member.organisation_id, member.coverage) for member in proposal.members] == wanted


@pytest.mark.parametrize(
    "values",
    [{"serial": 2}, {"serial": 0, "ended_at": MONDAY}, {"serial": 1, "ended_at": MONDAY},
     {"serial": 2, "ended_at": MONDAY, "lower_bound": -1}, {"serial": 2, "ended_at": MONDAY, "n_examined": 9}],
)  # fmt: skip
def test_the_database_refuses_what_must_not_be(
    session: Session, scenario: Scenario, values: dict[str, Any]
) -> None:
    make_team(session, scenario, {})

    with pytest.raises(IntegrityError):
        make_team(session, scenario, {}, **values)


@pytest.mark.parametrize("values", [{"rank": 1}, {"rank": 0}])
def test_a_firm_and_a_rank_stand_once_in_a_proposal(
    session: Session, scenario: Scenario, firms: Any, values: dict[str, int]
) -> None:
    proposal = make_team(session, scenario, {firms[0].key: (1,)})

    with pytest.raises(IntegrityError):
        save(session, ProposedMember(proposal_id=proposal.key, organisation_id=firms[1].key, **values))


def test_a_firm_is_no_member_twice(session: Session, scenario: Scenario, firms: Any) -> None:
    proposal = make_team(session, scenario, {firms[0].key: (1,)})

    with pytest.raises(IntegrityError):
        save(session, ProposedMember(proposal_id=proposal.key, organisation_id=firms[0].key, rank=2))


def test_a_proposal_says_who_takes_what_and_what_is_left(
    session: Session, scenario: Scenario, firms: Any
) -> None:
    proposal = make_team(session, scenario, {firms[0].key: (1,), firms[1].key: (3,)})

    assert [member.parts for member in proposal.members] == [[1], [3]]
    assert [must["position"] for must in proposal.uncovered] == [2]
    assert proposal.partly == []
    proposal.musts = [{**must, "verdict": "partly"} for must in proposal.musts]
    assert [must["position"] for must in proposal.partly] == [1, 3]
    assert proposal.is_smallest
    assert all(len(member.capability_ids) == 1 for member in proposal.members)


def test_ending_is_done_once(session: Session, scenario: Scenario) -> None:
    make_team(session, scenario, {})

    assert end_proposals(session, [scenario.key], now=MONDAY) == 1
    assert end_proposals(session, [scenario.key], now=MONDAY) == 0
    assert find_current(session, scenario.key) is None


def test_proposals_of_closed_scenarios_are_stale(session: Session, scenario: Scenario) -> None:
    make_team(session, scenario, {})
    make_team(session, make_scenario(session, requirements=MUSTS), {})

    assert scenarios_with_stale_proposal(session, on=DAY) == []
    scenario.closed_at = MONDAY
    session.flush()
    assert scenarios_with_stale_proposal(session, on=DAY) == [scenario.key]


def test_both_sides_no_counts_as_refused(session: Session, scenario: Scenario, firms: Any) -> None:
    declined = make_match(
        session,
        scenario_id=scenario.key,
        organisation_id=firms[0].key,
        declined_at=MONDAY,
        decline_reason="price",
    )
    dismissed = make_match(
        session,
        scenario_id=scenario.key,
        organisation_id=firms[1].key,
        dismissed_at=MONDAY,
        dismiss_reason="budget",
    )
    make_match(session, scenario_id=scenario.key, invited_at=MONDAY)
    other = make_scenario(session)

    assert refused_firms(session, [scenario.key, other.key]) == {
        scenario.key: {declined.organisation_id, dismissed.organisation_id},
        other.key: set(),
    }


def test_a_proposal_is_shown_while_every_member_could_take_its_part(
    session: Session, scenario: Scenario, firms: Any
) -> None:
    proposal = make_team(session, scenario, {firms[0].key: (1,), firms[1].key: (2, 3)})

    assert find_proposal(session, scenario.key, on=DAY) is proposal
    assert present_proposals(session, [scenario.key, scenario.key + 1], on=DAY) == {scenario.key: proposal}


@pytest.mark.parametrize(
    "change",
    [
        ("scenario", "closed_at", MONDAY),
        ("scenario", "deadline_on", DAY - timedelta(days=1)),
        ("scenario", "withdrawn_at", MONDAY),
        ("proposal", "ended_at", MONDAY),
        ("firm", "suspended_at", MONDAY),
        ("capability", "capacity", 0),
        ("capability", "unlisted_at", MONDAY),
        ("match", "declined_at", MONDAY),
        ("match", "dismissed_at", MONDAY),
    ],
    ids=lambda change: " ".join(change[:2]),
)
def test_whatever_takes_a_member_or_the_scenario_away_takes_the_proposal_away(
    session: Session, scenario: Scenario, firms: Any, change: tuple[str, str, Any]
) -> None:
    proposal = make_team(session, scenario, {firms[0].key: (1,), firms[1].key: (2,)})
    match = find_match(session, scenario.key, firms[1].key)
    assert match is not None
    match.decline_reason, match.dismiss_reason = "price", "budget"  # type: ignore[assignment]
    [capability_id] = proposal.members[1].capability_ids
    capability = session.get(Capability, capability_id)
    rows: dict[str, Any] = {
        "scenario": scenario, "proposal": proposal, "firm": firms[1], "capability": capability, "match": match,
    }  # fmt: skip

    setattr(rows[change[0]], change[1], change[2])
    session.flush()

    assert find_proposal(session, scenario.key, on=DAY) is None
