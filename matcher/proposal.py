"""From the rows of an installation to a proposed weighting, or to what is lacking; and to the figures of its page."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from matcher.comparisons import Evidence, choice_lists, compare, evidence_of
from matcher.labelled_lists import labelled_lists
from matcher.learning import fit
from matcher.quality import N_MONTHS, Material, month_of, month_row
from matcher.scoring import ENGINE_VERSION, Weighting
from matcher.weight_trial import try_weights
from matcher.weighting import weighting_in_force
from models.match_decisions import Decision, View, list_decisions, newest_views, scenario_views
from models.pair_label import Pair, PairLabel, present_labels
from models.scenario import Scenario
from models.weight_version import WeightStatus, WeightVersion, list_versions

LEARNING_VERSION = "1"
"""Goes up whenever the same decisions may give other weights or another verdict of the gate."""

CHUNK = 200
"""Scenarios whose views are read at once."""


@dataclass(frozen=True)
class Grounds:
    """What a proposal rests on, read in one go. views: those of this engine, of every labelled scenario."""

    in_force: Weighting
    decisions: Sequence[Decision]
    labels: Mapping[Pair, PairLabel]
    views: Mapping[int, Sequence[View]]
    newest: WeightVersion | None

    @property
    def evidence_hash(self) -> str:
        """SHA-256 over all that the weights and the verdict depend on."""
        decisions = [
            [
                row.match_id,
                row.side,
                row.wanted,
                None if row.view is None else [row.view.band, row.view.signals],
            ]
            for row in self.decisions
        ]
        labels = sorted([*pair, label.grade] for pair, label in self.labels.items())
        seen = [
            [view.capability_id, view.band, view.signals] for id_ in self.views for view in self.views[id_]
        ]
        parts = [LEARNING_VERSION, ENGINE_VERSION, decisions, labels, seen]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def is_news(self) -> bool:
        """Whether anything changed since the newest proposal, it was taken back, or it was compared with a weighting
        that is in force no more.
        """
        newest = self.newest
        if newest is None or newest.status is WeightStatus.REVERTED:
            return True
        is_waiting = newest.status is not WeightStatus.ACTIVATED
        is_stale = is_waiting and newest.based_on != self.in_force.serial
        return is_stale or newest.evidence_hash != self.evidence_hash

    @property
    def evidence(self) -> Evidence:
        """How much there is to learn from."""
        return evidence_of(self.decisions, choice_lists(self.decisions))


def gather_grounds(session: Session) -> Grounds:
    """Read decisions, labels and views; nothing is computed while the session is open."""
    labels = present_labels(session)
    views = scenario_views(session, {scenario_id for scenario_id, _ in labels})
    of_engine = {
        id_: newest_views(view for view in found if view.engine_version == ENGINE_VERSION)
        for id_, found in sorted(views.items())
    }
    newest = list_versions(session, n=1)
    return Grounds(
        in_force=weighting_in_force(session),
        decisions=list_decisions(session, engine_version=ENGINE_VERSION),
        labels=labels,
        views=of_engine,
        newest=newest[0] if newest else None,
    )


def propose(grounds: Grounds, *, now: datetime) -> WeightVersion:
    """Fit to all decisions, try on the gate, and give the row to append; its serial is set when it is.

    Only to be asked where the evidence lacks nothing.
    """
    choices = choice_lists(grounds.decisions)
    found = fit(compare(choices))
    trial = try_weights(
        choices,
        labelled_lists(grounds.labels, grounds.views),
        before=grounds.in_force.weights,
        after=found.weights,
    )
    return WeightVersion(
        created_at=now,
        serial=0,
        engine_version=ENGINE_VERSION,
        based_on=grounds.in_force.serial,
        weights=asdict(found.weights),
        evidence={**grounds.evidence.to_json(), "deviations": found.deviations},
        gate=trial.to_json(),
        passed=trial.passed,
        evidence_hash=grounds.evidence_hash,
        fitted_at=now,
    )


def gather_material(session: Session, *, on: date, zone: tzinfo) -> Material:
    """Read what the figures of the page are made of. on: the day, for which months count."""
    in_force, labels = weighting_in_force(session), present_labels(session)
    return Material(
        labels=labels,
        views=scenario_views(session, {scenario_id for scenario_id, _ in labels}),
        decisions=list_decisions(session, engine_version=ENGINE_VERSION),
        version=(ENGINE_VERSION, in_force.serial),
        weights=in_force.weights,
        months=list(_months(session, on=on, zone=zone)),
    )


def _months(session: Session, *, on: date, zone: tzinfo) -> Iterator[dict[str, Any]]:
    """A row a month, oldest first, of the scenarios published in it that were ever scored."""
    since = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(days=31 * N_MONTHS)
    statement = (
        sa.select(col(Scenario.id), col(Scenario.published_at))
        .where(col(Scenario.published_at) >= since)
        .order_by(col(Scenario.published_at), col(Scenario.id))
    )
    by_month: dict[str, list[int]] = defaultdict(list)
    for scenario_id, published_at in session.execute(statement):
        by_month[month_of(published_at, zone)].append(scenario_id)
    for month, ids in sorted(by_month.items())[-N_MONTHS:]:
        lists = [views for views in _lists(session, ids) if views]
        if lists:
            yield month_row(month, lists)


def _lists(session: Session, ids: Sequence[int]) -> Iterator[list[View]]:
    for start in range(0, len(ids), CHUNK):
        found = scenario_views(session, ids[start : start + CHUNK])
        yield from (newest_views(views) for views in found.values())
