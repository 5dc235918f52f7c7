"""A weighting in force on a test's own database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Engine

from models.db import transaction
from models.weight_version import get_version
from tests.weightings import make_weights


def put_in_force(engine: Engine, *, proven: float, now: datetime) -> int:
    """Store a weighting that passed, in force since now; returns its serial."""
    with transaction(engine) as session:
        return make_weights(session, proven=proven, activated_at=now).serial


def take_back(engine: Engine, serial: int, *, now: datetime) -> None:
    with transaction(engine) as session:
        get_version(session, serial).revert(now, by=None)
