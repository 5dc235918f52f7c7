"""Which pair to label next: of the open scenario with the fewest labels, the best that nobody has labelled yet.

Only what stands among the first ten is asked for: that is what the figures look at, and what readers see.
"""

from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.match import Match
from models.match_queries import scenario_matches
from models.pair_label import PairLabel, present_labels
from models.scenario import Scenario, published

FIRST = 10
"""Places of a list that are labelled."""

N_LOOKED_AT = 20
"""Scenarios that are looked through for one answer."""


def find_next_to_label(session: Session, *, on: date) -> Match | None:
    """The pair, or None where everything among the first is labelled."""
    n_labels = (
        sa.select(sa.func.count())
        .select_from(PairLabel)
        .where(col(PairLabel.scenario_id) == col(Scenario.id))
        .correlate(Scenario)
        .scalar_subquery()
    )
    fewest = select(Scenario.id).where(published(on)).order_by(n_labels, col(Scenario.id)).limit(N_LOOKED_AT)
    for scenario_id in session.exec(fewest).all():
        found = _first_unlabelled(session, scenario_id or 0)
        if found is not None:
            return found
    return None


def _first_unlabelled(session: Session, scenario_id: int) -> Match | None:
    labelled = {firm_id for _, firm_id in present_labels(session, [scenario_id])}
    firms = (pair.match for pair in scenario_matches(session, scenario_id)[:FIRST])
    return next((match for match in firms if match.organisation_id not in labelled), None)
