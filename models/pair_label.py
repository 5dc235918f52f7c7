"""Labels (标注): what those who run the market think of a pair, asked for to measure the ranking and not to decide.

Rows are only added; the newest of a pair counts, and the earlier ones stay to be read. What agencies and firms decide
is a label of its own kind and is not copied here (models/match_decisions.py).
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, col, select

from models.base import Table, UtcDateTime, enum_column
from models.organisation import Organisation
from models.scenario import Scenario


class LabelGrade(StrEnum):
    """Whether the firm could deliver what is asked."""

    FITS = "fits"
    DOES_NOT_FIT = "does_not_fit"
    CANNOT_TELL = "cannot_tell"


class LabelSource(StrEnum):
    """Where a label came from."""

    PAGE = "page"
    FILE = "file"
    DEMO = "demo"


class PairLabel(Table, table=True):
    """One opinion on one (scenario, firm) pair. Only added."""

    __tablename__ = "pair_label"

    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    grade: LabelGrade = Field(sa_type=enum_column(LabelGrade))
    source: LabelSource = Field(sa_type=enum_column(LabelSource))
    labelled_at: datetime = Field(sa_type=UtcDateTime)
    labelled_by_user_id: int | None = Field(default=None, foreign_key="user.id")


Pair = tuple[int, int]
"""(scenario id, organisation id)."""


def present_labels(session: Session, scenario_ids: Collection[int] | None = None) -> dict[Pair, PairLabel]:
    """The newest label of each pair, in the order in which they were given; of some scenarios, or of all."""
    newer = aliased(PairLabel)
    is_newest = ~sa.exists().where(col(newer.scenario_id) == col(PairLabel.scenario_id)).where(
        col(newer.organisation_id) == col(PairLabel.organisation_id)
    ).where(col(newer.id) > col(PairLabel.id))
    statement = select(PairLabel).where(is_newest).order_by(col(PairLabel.id))
    if scenario_ids is not None:
        statement = statement.where(col(PairLabel.scenario_id).in_(scenario_ids))
    return {(row.scenario_id, row.organisation_id): row for row in session.exec(statement)}


def newest_label_id(session: Session) -> int:
    """Id of the last label, 0 before the first: what tells that somebody has labelled since."""
    return session.exec(select(sa.func.max(col(PairLabel.id)))).one() or 0


def label_names(session: Session, pairs: Collection[Pair]) -> dict[Pair, tuple[Scenario, Organisation]]:
    """The scenario and the firm of each pair."""
    scenarios = {scenario_id for scenario_id, _ in pairs}
    firms = {firm_id for _, firm_id in pairs}
    by_id = {row.key: row for row in session.exec(select(Scenario).where(col(Scenario.id).in_(scenarios)))}
    names = {
        row.key: row for row in session.exec(select(Organisation).where(col(Organisation.id).in_(firms)))
    }
    return {pair: (by_id[pair[0]], names[pair[1]]) for pair in pairs}
