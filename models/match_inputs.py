"""Whether there is anything new to match: one digest over every row that matching reads.

Matching asks every minute; reading these columns costs a fraction of a second where taking all rows apart and comparing
all pairs costs minutes. A digest over the values themselves needs nobody to remember to touch a timestamp.
"""

import hashlib
from datetime import date
from typing import Any

from sqlalchemy import Select, inspect, select
from sqlmodel import Session, col

from models.base import Table
from models.capability import Capability, CapabilityCase, listed
from models.match import Match, touched
from models.organisation import Organisation
from models.scenario import Requirement, Scenario, published
from models.weight_version import WeightVersion

IGNORED = {"created_at", "updated_at"}
"""Times of writing: a row saved again without change is the same row."""


def matching_inputs(session: Session, *, on: date) -> str:
    """SHA-256, hex, over the day, open scenarios, listed capabilities, pairs people acted on, and the weighting."""
    digest = hashlib.sha256(on.isoformat().encode())
    for statement in _statements(on):
        digest.update(b"\0")
        for row in session.execute(statement):
            digest.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _statements(on: date) -> list[Select[Any]]:
    offers = select(col(Capability.id)).join(Organisation).where(listed())
    return [
        select(*_columns(Scenario)).where(published(on)).order_by(col(Scenario.id)),
        select(*_columns(Requirement))
        .join(Scenario)
        .where(published(on))
        .order_by(col(Requirement.scenario_id), col(Requirement.position)),
        select(*_columns(Capability), col(Organisation.district_id), col(Organisation.community_id))
        .join(Organisation)
        .where(listed())
        .order_by(col(Capability.id)),
        select(*_columns(CapabilityCase))
        .where(col(CapabilityCase.capability_id).in_(offers))
        .order_by(col(CapabilityCase.capability_id), col(CapabilityCase.position)),
        select(
            col(Match.scenario_id),
            col(Match.organisation_id),
            col(Match.declined_at).is_not(None),
            col(Match.dismissed_at).is_not(None),
        )
        .where(touched())
        .order_by(col(Match.id)),
        select(col(WeightVersion.serial), col(WeightVersion.activated_at), col(WeightVersion.engine_version))
        .where(col(WeightVersion.activated_at).is_not(None), col(WeightVersion.reverted_at).is_(None))
        .order_by(col(WeightVersion.serial)),
    ]


def _columns(table: type[Table]) -> list[Any]:
    return [column for column in inspect(table).columns if column.key not in IGNORED]
