"""Teams (联合体) the machine proposes: the fewest firms that together cover what one scenario must have.

Machines append a proposal when what it rests on has changed, and end the one before; what people make of a proposal is
for tables of its own, which name the proposal they began from.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, enum_column, moment
from models.capability import Capability, listed
from models.match import Match
from models.organisation import Organisation
from models.scenario import Scenario, published


class Closeness(StrEnum):
    """The closest place that all members share; alone: there are not two of them. Closest first."""

    ALONE = "alone"
    SAME_COMMUNITY = "same_community"
    SAME_DISTRICT = "same_district"
    SAME_CITY = "same_city"
    APART = "apart"


class TeamProposal(Table, table=True):
    """What the machine proposed for a scenario at one time; at most one is current. Never changed but to be ended.

    musts: every must of the scenario in its order, each {position, text, lang, derived, verdict, taken_by, n_unmet}:
    taken_by is the firm that takes it, or null; n_unmet counts the firms that say they cannot.
    """

    __tablename__ = "team_proposal"
    __table_args__ = (
        sa.UniqueConstraint("scenario_id", "serial"),
        sa.Index(
            "uq_team_proposal_current",
            "scenario_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.CheckConstraint("serial > 0", name="serial_from_one"),
        sa.CheckConstraint("lower_bound >= 0", name="lower_bound_not_negative"),
        sa.CheckConstraint("n_examined >= 0 AND n_examined <= n_available", name="examined_are_available"),
    )

    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    serial: int = Field(description="1 for the first proposal for this scenario, then 2, ...")
    engine_version: str = Field(max_length=80, description="Version of the scoring and of the search.")
    index_version: str = Field(max_length=80, description="Version of the frozen statistics.")
    pool_hash: str = Field(
        max_length=64, description="All that the firms looked at were chosen from; renewed in place."
    )
    inputs_hash: str = Field(max_length=64, description="The firms looked at, their texts and places.")
    closeness: Closeness = Field(sa_type=enum_column(Closeness))
    lower_bound: int = Field(description="The best team has no fewer members.")
    is_exact: bool = Field(description="Nothing ranks before it in any respect.")
    n_examined: int = Field(description="Firms that were judged requirement by requirement.")
    n_available: int = Field(description="Firms with room that may take part at all.")
    musts: list[dict[str, Any]] = Field(default=[], sa_type=sa.JSON)
    ended_at: datetime | None = moment(description="Since when it is proposed no more.")

    scenario: Scenario = Relationship()
    members: list["ProposedMember"] = Relationship(
        back_populates="proposal",
        sa_relationship_kwargs={"order_by": "ProposedMember.rank", "cascade": "all, delete-orphan"},
    )

    @property
    def uncovered(self) -> list[dict[str, Any]]:
        """The musts that nobody covers."""
        return [must for must in self.musts if must["taken_by"] is None]

    @property
    def partly(self) -> list[dict[str, Any]]:
        """The musts that are covered in part only."""
        return [must for must in self.musts if must["taken_by"] is not None and must["verdict"] == "partly"]

    @property
    def is_smallest(self) -> bool:
        """Whether it is proved that no smaller team of the firms looked at is as good."""
        return len(self.members) == self.lower_bound

    def end(self, now: datetime) -> None:
        """Propose it no more."""
        self.ended_at = now


class ProposedMember(Table, table=True):
    """A firm of a proposal. coverage: every must of the scenario as the firm stands to it, each a row as in
    MatchScore.coverage with the `capability_id` it comes through.
    """

    __tablename__ = "proposed_member"
    __table_args__ = (
        sa.UniqueConstraint("proposal_id", "organisation_id"),
        sa.UniqueConstraint("proposal_id", "rank"),
        sa.CheckConstraint("rank > 0", name="rank_from_one"),
    )

    proposal_id: int = Field(foreign_key="team_proposal.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    rank: int = Field(description="1 for whoever takes the largest part.")
    coverage: list[dict[str, Any]] = Field(default=[], sa_type=sa.JSON)

    proposal: TeamProposal = Relationship(back_populates="members")
    organisation: Organisation = Relationship()

    @property
    def parts(self) -> list[int]:
        """Positions of the musts it takes."""
        return [must["position"] for must in self.proposal.musts if must["taken_by"] == self.organisation_id]

    @property
    def capability_ids(self) -> set[int]:
        """The capabilities through which it takes its parts."""
        parts = set(self.parts)
        return {row["capability_id"] for row in self.coverage if row["position"] in parts}


@dataclass(frozen=True, slots=True)
class NewProposal:
    """A proposal ready to be written. members: firm and coverage, the largest part first."""

    scenario_id: int
    versions: tuple[str, str]
    hashes: tuple[str, str]
    values: dict[str, Any]
    members: Sequence[tuple[int, list[dict[str, Any]]]]


def find_current(session: Session, scenario_id: int) -> TeamProposal | None:
    """The proposal that was not ended, whether or not it may still be shown."""
    statement = select(TeamProposal).where(
        col(TeamProposal.scenario_id) == scenario_id, col(TeamProposal.ended_at).is_(None)
    )
    return session.exec(statement).first()


def append_proposal(session: Session, new: NewProposal, *, now: datetime) -> TeamProposal:
    """End the current proposal of the scenario and write this one. Flushes only."""
    end_proposals(session, [new.scenario_id], now=now)
    last = session.exec(
        select(sa.func.max(TeamProposal.serial)).where(col(TeamProposal.scenario_id) == new.scenario_id)
    ).one()
    proposal = TeamProposal(
        created_at=now,
        scenario_id=new.scenario_id,
        serial=(last or 0) + 1,
        engine_version=new.versions[0],
        index_version=new.versions[1],
        pool_hash=new.hashes[0],
        inputs_hash=new.hashes[1],
        **new.values,
    )
    session.add(proposal)
    session.flush()
    for rank, (firm_id, coverage) in enumerate(new.members, start=1):
        member = ProposedMember(proposal_id=proposal.key, organisation_id=firm_id, rank=rank)
        member.created_at, member.coverage = now, coverage
        session.add(member)
    session.flush()
    return proposal


def end_proposals(session: Session, scenario_ids: Collection[int], *, now: datetime) -> int:
    """End what is proposed for these scenarios; returns how many proposals that were. Flushes only."""
    current = session.exec(
        select(TeamProposal).where(
            col(TeamProposal.scenario_id).in_(scenario_ids), col(TeamProposal.ended_at).is_(None)
        )
    ).all()
    for proposal in current:
        proposal.end(now)
        session.add(proposal)
    session.flush()
    return len(current)


def scenarios_with_stale_proposal(session: Session, *, on: date) -> list[int]:
    """Scenarios that take no answers on that day and still have a current proposal, by id."""
    open_ids = select(Scenario.id).where(published(on))
    statement = select(TeamProposal.scenario_id).where(
        col(TeamProposal.ended_at).is_(None), col(TeamProposal.scenario_id).not_in(open_ids)
    )
    return sorted(session.exec(statement))


def refused_firms(session: Session, scenario_ids: Collection[int]) -> dict[int, set[int]]:
    """For each scenario the firms between which and it a person said no: the agency declined, or the firm did."""
    statement = select(Match.scenario_id, Match.organisation_id).where(
        col(Match.scenario_id).in_(scenario_ids),
        sa.or_(col(Match.declined_at).is_not(None), col(Match.dismissed_at).is_not(None)),
    )
    refused: dict[int, set[int]] = {scenario_id: set() for scenario_id in scenario_ids}
    for scenario_id, firm_id in session.exec(statement):
        refused[scenario_id].add(firm_id)
    return refused


def present_proposals(
    session: Session, scenario_ids: Collection[int], *, on: date
) -> dict[int, TeamProposal]:
    """What may be shown on that day, by scenario: still open, and every member could still take its part.

    A member that was declined, suspended or filled since takes its whole team away until the next one is computed.
    """
    statement = (
        select(TeamProposal)
        .join(Scenario, col(Scenario.id) == col(TeamProposal.scenario_id))
        .where(col(TeamProposal.scenario_id).in_(scenario_ids), published(on))
        .where(col(TeamProposal.ended_at).is_(None))
        .options(
            selectinload(TeamProposal.members).joinedload(ProposedMember.organisation),  # type: ignore[arg-type]
            joinedload(TeamProposal.scenario),  # type: ignore[arg-type]
        )
    )
    proposals = session.exec(statement).all()
    refused = refused_firms(session, [proposal.scenario_id for proposal in proposals])
    usable = _usable(
        session, {id_ for row in proposals for member in row.members for id_ in member.capability_ids}
    )
    return {
        proposal.scenario_id: proposal
        for proposal in proposals
        if all(
            member.organisation_id not in refused[proposal.scenario_id] and member.capability_ids <= usable
            for member in proposal.members
        )
    }


def find_proposal(session: Session, scenario_id: int, *, on: date) -> TeamProposal | None:
    """The proposal of one scenario that may be shown on that day, or None."""
    return present_proposals(session, [scenario_id], on=on).get(scenario_id)


def _usable(session: Session, capability_ids: Collection[int]) -> set[int]:
    """Of these capabilities those that are listed and have room."""
    has_room = sa.or_(col(Capability.capacity).is_(None), col(Capability.capacity) > 0)
    statement = (
        select(Capability.id)
        .join(Organisation, col(Organisation.id) == col(Capability.organisation_id))
        .where(col(Capability.id).in_(capability_ids), listed(), has_room)
    )
    return {id_ for id_ in session.exec(statement) if id_ is not None}
