"""Counts and look-ups that lists show, one query each whatever the length of the list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload
from sqlmodel import Session, col, func, select

from models.capability import Capability, listed
from models.funding_record import FundingRecord, current_records
from models.match import Band, Match, MatchScore, newer_exists
from models.match_queries import BAND_ORDER, ScoredPair, present_scores, rank_key
from models.organisation import (
    Organisation,
    OrganisationKind,
    OrganisationStatus,
    in_organisation_state,
)
from models.pilot import Pilot
from models.place import Community, District
from models.scenario import Scenario, published

BANDS_BY_ORDER = {order: band for band, order in BAND_ORDER.items()}


def band_counts(session: Session, scenario_ids: Collection[int]) -> dict[int, dict[Band, int]]:
    """For each scenario, how many firms stand in each band, each firm by its best capability."""
    newer = aliased(MatchScore)
    has_newer = (
        sa.exists()
        .where(col(newer.scenario_id) == col(MatchScore.scenario_id))
        .where(col(newer.capability_id) == col(MatchScore.capability_id))
        .where(col(newer.serial) > col(MatchScore.serial))
    )
    order: Any = sa.case(*((col(MatchScore.band) == band, at) for band, at in BAND_ORDER.items()))
    best = (
        select(MatchScore.scenario_id, MatchScore.match_id, sa.func.min(order).label("best"))
        .join(Capability, col(Capability.id) == col(MatchScore.capability_id))
        .join(Organisation, col(Organisation.id) == col(Capability.organisation_id))
        .where(col(MatchScore.scenario_id).in_(scenario_ids), ~has_newer, listed())
        .group_by(col(MatchScore.scenario_id), col(MatchScore.match_id))
        .subquery()
    )
    statement = select(best.c.scenario_id, best.c.best, sa.func.count()).group_by(
        best.c.scenario_id, best.c.best
    )
    counts: dict[int, dict[Band, int]] = {scenario_id: {} for scenario_id in scenario_ids}
    for scenario_id, at, n in session.execute(statement):
        counts[scenario_id][BANDS_BY_ORDER[at]] = n
    return counts


def capability_bands(session: Session, organisation_id: int, *, on: date) -> dict[int, dict[Band, int]]:
    """For each listed capability of a firm, how many open scenarios stand in each band by it."""
    rows = session.execute(
        select(MatchScore.capability_id, MatchScore.band, sa.func.count())
        .join(Capability, col(Capability.id) == col(MatchScore.capability_id))
        .join(Organisation, col(Organisation.id) == col(Capability.organisation_id))
        .join(Scenario, col(Scenario.id) == col(MatchScore.scenario_id))
        .where(col(Capability.organisation_id) == organisation_id, ~newer_exists(), listed(), published(on))
        .group_by(col(MatchScore.capability_id), col(MatchScore.band))
    )
    counts: dict[int, dict[Band, int]] = {}
    for capability_id, band, n in rows:
        counts.setdefault(capability_id, {})[band] = n
    return counts


def waiting_interests(session: Session, scenario_ids: Collection[int]) -> dict[int, int]:
    """For each scenario, how many firms wait for an answer to their interest."""
    rows = session.execute(
        select(Match.scenario_id, sa.func.count())
        .where(
            col(Match.scenario_id).in_(scenario_ids),
            col(Match.interested_at).is_not(None),
            col(Match.invited_at).is_(None),
            col(Match.declined_at).is_(None),
            col(Match.dismissed_at).is_(None),
        )
        .group_by(col(Match.scenario_id))
    )
    return dict(tuple(row) for row in rows)


def pilots_by_match(session: Session, match_ids: Collection[int]) -> dict[int, Pilot]:
    """The pilots of these matches, by match id."""
    rows = session.exec(select(Pilot).where(col(Pilot.match_id).in_(match_ids))).all()
    return {row.match_id: row for row in rows}


def scenario_pilots(session: Session, scenario_ids: Collection[int]) -> dict[int, list[Pilot]]:
    """The pilots of these scenarios with their firms, by scenario id, oldest first."""
    rows = session.exec(
        select(Pilot)
        .where(col(Pilot.scenario_id).in_(scenario_ids))
        .options(joinedload(Pilot.organisation))
        .order_by(col(Pilot.id))
    ).all()
    found: dict[int, list[Pilot]] = {}
    for row in rows:
        found.setdefault(row.scenario_id, []).append(row)
    return found


def first_scored_at(session: Session, scenario_id: int) -> Any:
    """When the first candidate of a scenario was found, or None."""
    return session.exec(
        select(sa.func.min(col(MatchScore.created_at))).where(col(MatchScore.scenario_id) == scenario_id)
    ).one()


def promising_pairs(session: Session, batch_id: int) -> list[ScoredPair]:
    """The strong and possible pairs of a batch, each firm with its best capability, best first.

    Weak ones are most of a batch and are left in the database: a pair is strong or possible exactly when one of its
    scores is.
    """
    good = col(MatchScore.band).in_((Band.STRONG, Band.POSSIBLE))
    rows = session.exec(present_scores(col(Scenario.batch_id) == batch_id, published(), good)).all()
    best: dict[int, ScoredPair] = {}
    for match, score in sorted(rows, key=lambda row: rank_key(row[1])):
        best.setdefault(match.key, ScoredPair(match=match, score=score))
    return list(best.values())


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch's scenarios came: ids of those with an invitation, with an introduction; and its pilots."""

    invited: frozenset[int]
    introduced: frozenset[int]
    n_pilots: int


def batch_progress(session: Session, batch_id: int) -> BatchProgress:
    """What people did with the pairs of a batch."""
    rows = session.execute(
        select(Match.scenario_id, Match.invited_at, Match.introduced_at)
        .join(Scenario, col(Scenario.id) == col(Match.scenario_id))
        .where(col(Scenario.batch_id) == batch_id, published(), col(Match.invited_at).is_not(None))
    ).all()
    pilots = (
        select(sa.func.count(col(Pilot.id)))
        .join(Scenario, col(Scenario.id) == col(Pilot.scenario_id))
        .where(col(Scenario.batch_id) == batch_id, published())
    )
    return BatchProgress(
        invited=frozenset(row[0] for row in rows),
        introduced=frozenset(row[0] for row in rows if row[2] is not None),
        n_pilots=session.exec(pilots).one(),
    )


def loaded_records(
    session: Session, *, organisation_id: int | None, pilot_id: int | None = None
) -> list[FundingRecord]:
    """The funding records nothing replaces, with rule, pilot and both sides; all of them for organisation_id None."""
    rows = current_records(session, organisation_id=organisation_id, pilot_id=pilot_id)
    return load_records(session, [row.key for row in rows])


def load_records(session: Session, record_ids: Collection[int]) -> list[FundingRecord]:
    """These funding records with rule, pilot and both sides, newest pilot first."""
    statement = (
        select(FundingRecord)
        .where(col(FundingRecord.id).in_(record_ids))
        .options(
            joinedload(FundingRecord.rule),
            joinedload(FundingRecord.pilot).joinedload(Pilot.organisation),
            joinedload(FundingRecord.pilot).joinedload(Pilot.scenario).joinedload(Scenario.organisation),
        )
        .order_by(
            col(FundingRecord.pilot_id).desc(), col(FundingRecord.programme), col(FundingRecord.id).desc()
        )
        .execution_options(populate_existing=True)
    )
    return list(session.exec(statement).all())


@dataclass(frozen=True, slots=True)
class DistrictTally:
    """What lies in one district: communities, publishers and firms that are let in, scenarios that are public."""

    n_communities: int = 0
    n_publishers: int = 0
    n_firms: int = 0
    n_scenarios: int = 0


def district_tallies(session: Session) -> dict[int, DistrictTally]:
    """The tally of every district, by its id, in three questions however many there are."""
    communities = _n_by_district(session, Community)
    let_in = in_organisation_state(OrganisationStatus.ACTIVE)
    is_firm = col(Organisation.kind) == OrganisationKind.STARTUP
    publishers = _n_by_district(session, Organisation, let_in, ~is_firm)
    firms = _n_by_district(session, Organisation, let_in, is_firm)
    scenarios = _n_by_district(session, Scenario, published())
    return {
        id_: DistrictTally(
            communities.get(id_, 0), publishers.get(id_, 0), firms.get(id_, 0), scenarios.get(id_, 0)
        )
        for id_ in session.exec(select(District.id))
        if id_ is not None
    }


def _n_by_district(session: Session, table: Any, *conditions: Any) -> dict[int, int]:
    statement = select(table.district_id, func.count()).where(*conditions).group_by(table.district_id)
    return {id_: n for id_, n in session.exec(statement) if id_ is not None}
