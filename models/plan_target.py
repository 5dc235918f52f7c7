"""Targets of the action plan (行动计划目标): figures a city wants to reach by a day, and how far it is.

The figures are rows, entered with their source; how each is counted is said here, one function a measure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, col, func, select

from models.base import Table, enum_column
from models.organisation import (
    Organisation,
    OrganisationKind,
    OrganisationStatus,
    in_organisation_state,
)
from models.place import Community, RecognitionState


class PlanMeasure(StrEnum):
    """What is counted. least_area is no target of its own: it says from which area on a community counts."""

    COMMUNITIES = "communities"
    LEAST_AREA = "least_area"
    AREA = "area"
    FIRMS = "firms"
    PEOPLE = "people"


class PlanTarget(Table, table=True):
    """One figure of the plan. Written by an operator, changed when the plan changes."""

    __tablename__ = "plan_target"
    __table_args__ = (sa.CheckConstraint("wanted > 0", name="wanted_positive"),)

    measure: PlanMeasure = Field(sa_type=enum_column(PlanMeasure), unique=True)
    wanted: int = Field(description="Firms, people, communities or square metres, by measure.")
    due_on: date | None = Field(default=None, description="To be reached by the end of this day.")
    source: str = Field(default="", max_length=200, description="The document that says so.")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one measure is. wanted, due_on: None where no target is entered."""

    measure: PlanMeasure
    value: int
    wanted: int | None
    due_on: date | None
    source: str

    @property
    def percent(self) -> int:
        """The share of the target, in whole per cent, at most 100; 0 where there is no target."""
        return 0 if not self.wanted else min(100, 100 * self.value // self.wanted)


def plan_targets(session: Session) -> dict[PlanMeasure, PlanTarget]:
    """The targets that are entered, by measure."""
    return {row.measure: row for row in session.exec(select(PlanTarget))}


def counts_as_large(community: Community, least_m2: int | None) -> bool:
    """Whether a community counts towards the plan: recognised, and with the area the plan asks for, if it asks."""
    is_recognised = community.recognition is RecognitionState.RECOGNISED
    return is_recognised and (least_m2 is None or (community.area_m2 or 0) >= least_m2)


def standings(session: Session, communities: Sequence[Community]) -> list[Standing]:
    """How far each measure is, from these communities and the firms that are let in, in the order of PlanMeasure."""
    targets = plan_targets(session)
    least = targets.get(PlanMeasure.LEAST_AREA)
    least_m2 = None if least is None else least.wanted
    recognised = [row for row in communities if row.recognition is RecognitionState.RECOGNISED]
    n_firms, n_people = _firms(session)
    values = {
        PlanMeasure.COMMUNITIES: sum(counts_as_large(row, least_m2) for row in recognised),
        PlanMeasure.AREA: sum(row.area_m2 or 0 for row in recognised),
        PlanMeasure.FIRMS: n_firms,
        PlanMeasure.PEOPLE: n_people,
    }
    return [_standing(measure, value, targets.get(measure)) for measure, value in values.items()]


def _standing(measure: PlanMeasure, value: int, target: PlanTarget | None) -> Standing:
    if target is None:
        return Standing(measure, value, None, None, "")
    return Standing(measure, value, target.wanted, target.due_on, target.source)


def _firms(session: Session) -> tuple[int, int]:
    """Startups that are let in, and the people they say they have; a firm that says nothing adds none."""
    statement = select(func.count(), func.coalesce(func.sum(Organisation.team_size), 0)).where(
        col(Organisation.kind) == OrganisationKind.STARTUP, in_organisation_state(OrganisationStatus.ACTIVE)
    )
    n_firms, n_people = session.exec(statement).one()
    return n_firms, int(n_people or 0)


def firms_by_community(session: Session) -> dict[int, int]:
    """How many organisations that are let in sit in each community, by its id; those with none are left out."""
    statement = (
        select(Organisation.community_id, func.count())
        .where(col(Organisation.community_id).is_not(None), in_organisation_state(OrganisationStatus.ACTIVE))
        .group_by(col(Organisation.community_id))
    )
    return {id_: n for id_, n in session.exec(statement) if id_ is not None}
