"""Batches for those who run them: scenarios without a firm, firms without a scenario, and the strongest pairs."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, g, render_template
from sqlmodel import col, select

from models.batch import Batch, get_batch, list_batches
from models.batch_release import approved
from models.capability import listed_firms
from models.i18n import N_
from models.match import Band
from models.match_queries import ScoredPair
from models.organisation import Organisation
from models.scenario import Scenario, published
from models.team import TeamProposal, present_proposals
from models.texts import storable
from web.auth import requires
from web.charts import Bar, band_rows
from web.chips import Side
from web.frame import READS_BATCHES
from web.list_columns import BATCH_COLUMNS
from web.pages.batch_plans import PLANS
from web.presenters.matches import present_ranked
from web.tables import Columns, asked_table
from web.tallies import (
    BatchProgress,
    band_counts,
    batch_progress,
    pilots_by_match,
    promising_pairs,
)

bp = Blueprint("batches", __name__, url_prefix="/batches")

N_PAIRS = 10


@bp.get("")
@requires(*READS_BATCHES)
def list_all() -> str | Response:
    """Every batch with its scenarios counted."""
    batches = list_batches(g.session)
    # Before its release, a batch is as large as what waits for it.
    counted = published() | approved()
    rows = g.session.exec(select(Scenario.batch_id, Scenario.id).where(counted)).all()
    sizes: dict[int, int] = {}
    for batch_id, _ in rows:
        if batch_id is not None:
            sizes[batch_id] = sizes.get(batch_id, 0) + 1
    statuses = {batch.key: batch.status_on(g.today).value for batch in batches}
    columns: Columns = (
        *BATCH_COLUMNS,
        (N_("场景"), lambda batch: sizes.get(batch.key, 0)),
    )
    if (file := asked_table("batches", columns, lambda: batches)) is not None:
        return file
    return render_template(
        "pages/batches/list.html",
        batches=batches,
        sizes=sizes,
        statuses=statuses,
        plans=any(g.user.has_role(role) for role in PLANS),
    )


@bp.get("/<number>")
@requires(*READS_BATCHES)
def show(number: str) -> str:
    """One batch: its gaps first, then its strongest pairs."""
    batch = get_batch(g.session, storable(number))
    scenarios = _scenarios(batch)
    bands = band_counts(g.session, [row.key for row in scenarios])
    pairs = promising_pairs(g.session, batch.key)
    pilots = pilots_by_match(g.session, [pair.match.key for pair in pairs])
    firms = listed_firms(g.session)
    without_scenario = _firms_without(firms, pairs)
    return render_template(
        "pages/batches/show.html",
        batch=batch,
        n_scenarios=len(scenarios),
        without_firm=[row for row in scenarios if not _has_candidate(bands[row.key])],
        without_scenario=without_scenario,
        n_firms=len(firms),
        beyond_one=_beyond_one(scenarios, bands),
        rows=band_rows(scenarios, bands),
        funnel=_funnel(scenarios, bands, batch_progress(g.session, batch.key)),
        strongest=present_ranked(
            _one_per_scenario(pairs)[:N_PAIRS], Side.OFFICER, g.locale, with_pilot=frozenset(pilots)
        ),
    )


def _scenarios(batch: Batch) -> list[Scenario]:
    statement = select(Scenario).where(col(Scenario.batch_id) == batch.key, published())
    return list(g.session.exec(statement.order_by(col(Scenario.number))).all())


@dataclass(frozen=True, slots=True)
class BeyondOne:
    """A scenario for which one firm is not enough, with the team proposed for it, if there is one now."""

    scenario: Scenario
    proposal: TeamProposal | None


def _beyond_one(scenarios: list[Scenario], bands: dict[int, dict[Band, int]]) -> list[BeyondOne]:
    """The open scenarios without a strong firm, or with a team that covers more than any one firm; in order."""
    rows = [row for row in scenarios if row.is_open(g.today)]
    proposals = present_proposals(g.session, [row.key for row in rows], on=g.today)
    teams = {id_ for id_, proposal in proposals.items() if len(proposal.members) > 1}
    return [
        BeyondOne(row, proposals.get(row.key))
        for row in rows
        if row.key in teams or not bands[row.key].get(Band.STRONG, 0)
    ]


def _has_candidate(bands: dict[Band, int]) -> bool:
    return bool(bands.get(Band.STRONG, 0) or bands.get(Band.POSSIBLE, 0))


def _firms_without(firms: list[Organisation], pairs: list[ScoredPair]) -> list[Organisation]:
    """Firms that stand at least possible for no scenario of the batch."""
    placed = {pair.match.organisation_id for pair in pairs}
    return [firm for firm in firms if firm.id not in placed]


def _one_per_scenario(pairs: list[ScoredPair]) -> list[ScoredPair]:
    """The best pair of each scenario, best first."""
    best: dict[int, ScoredPair] = {}
    for pair in pairs:
        best.setdefault(pair.match.scenario_id, pair)
    return list(best.values())


def _funnel(
    scenarios: list[Scenario], bands: dict[int, dict[Band, int]], progress: BatchProgress
) -> list[Bar]:
    """How many scenarios came how far; each step counts scenarios, the last one pilots."""
    total = max(len(scenarios), 1)
    counts = (
        ("published", len(scenarios)),
        ("candidates", sum(_has_candidate(bands[row.key]) for row in scenarios)),
        ("strong", sum(bool(bands[row.key].get(Band.STRONG)) for row in scenarios)),
        ("invited", len(progress.invited)),
        ("introduced", len(progress.introduced)),
        ("pilots", progress.n_pilots),
    )
    return [Bar(name, n, min(n / total, 1.0)) for name, n in counts]
