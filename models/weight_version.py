"""Weightings (权重版本): how much each signal of a pair moves its score, as fitted to what people decided.

The job learn_weights appends proposals; people put one in force and take it back. The weighting in force is the one
activated last that nobody took back; taking it back lets the one before stand again, and before the first the built-in
weights of matcher/scoring.py, whose serial is 0. Figures are never changed: a row is what was known when it was fitted.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, UtcDateTime, moment
from models.errors import InvalidTransition, NotFound
from models.user import User

BUILT_IN = 0
"""Serial of the weights that come with the engine."""


class WeightStatus(StrEnum):
    """Derived: what became of a proposal."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    ACTIVATED = "activated"
    REVERTED = "reverted"


class WeightVersion(Table, table=True):
    """A weighting with what it rests on. Appended by learn_weights; activated and reverted by people, once each."""

    __tablename__ = "weight_version"
    __table_args__ = (
        sa.CheckConstraint("serial > 0", name="serial_from_one"),
        sa.CheckConstraint("activated_at IS NULL OR passed", name="only_what_passed_is_active"),
        sa.CheckConstraint("reverted_at IS NULL OR activated_at IS NOT NULL", name="reverted_was_active"),
    )

    serial: int = Field(unique=True, description="1 for the first, then 2, ...; what scores and pages name.")
    engine_version: str = Field(max_length=80, description="Whose signals these are weights of.")
    based_on: int = Field(
        description="Serial of the weighting in force when it was fitted: what it must beat."
    )
    weights: dict[str, float] = Field(sa_type=sa.JSON, description="By signal, in deviations of relevance.")
    evidence: dict[str, Any] = Field(
        sa_type=sa.JSON, description="Counts, as matcher/comparisons.py gives them."
    )
    gate: dict[str, Any] = Field(
        sa_type=sa.JSON, description="Figures, as matcher/weight_trial.py gives them."
    )
    passed: bool = Field(description="Whether it may be put in force.")
    evidence_hash: str = Field(max_length=64, description="Decisions, labels and versions it rests on.")
    fitted_at: datetime = Field(sa_type=UtcDateTime)
    activated_at: datetime | None = moment()
    activated_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    reverted_at: datetime | None = moment()
    reverted_by_user_id: int | None = Field(default=None, foreign_key="user.id")

    @property
    def status(self) -> WeightStatus:
        """What became of it; one that was activated may have a later one above it."""
        if self.reverted_at is not None:
            return WeightStatus.REVERTED
        if self.activated_at is not None:
            return WeightStatus.ACTIVATED
        return WeightStatus.PROPOSED if self.passed else WeightStatus.REFUSED

    def activate(self, now: datetime, *, by: User | None) -> None:
        """Put it in force. by: None for a command. InvalidTransition where it did not pass or was active before."""
        if self.activated_at is not None:
            raise InvalidTransition("这版权重已经启用过。")
        if not self.passed:
            raise InvalidTransition("这版权重没有通过检验，不能启用。")
        self.activated_at, self.activated_by_user_id = now, None if by is None else by.key

    def revert(self, now: datetime, *, by: User | None) -> None:
        """Take it back. InvalidTransition where it is not active."""
        if self.status is not WeightStatus.ACTIVATED:
            raise InvalidTransition("这版权重没有在用，不用撤回。")
        self.reverted_at, self.reverted_by_user_id = now, None if by is None else by.key


def find_in_force(session: Session, *, engine_version: str) -> WeightVersion | None:
    """The weighting in force, or None for the built-in one.

    A weighting belongs to the engine whose signals it weighs: after an upgrade the built-in weights stand until the job
    has proposed anew.
    """
    statement = (
        select(WeightVersion)
        .where(col(WeightVersion.activated_at).is_not(None), col(WeightVersion.reverted_at).is_(None))
        .where(col(WeightVersion.engine_version) == engine_version)
        .order_by(col(WeightVersion.activated_at).desc(), col(WeightVersion.serial).desc())
    )
    return session.exec(statement.limit(1)).first()


def list_versions(session: Session, *, n: int | None = None) -> list[WeightVersion]:
    """Every weighting there was, newest first; at most `n`."""
    return list(session.exec(select(WeightVersion).order_by(col(WeightVersion.serial).desc()).limit(n)))


def get_version(session: Session, serial: int) -> WeightVersion:
    """The weighting with this serial; NotFound if there is none."""
    # Larger than the column holds is no serial, and would break the query.
    found = (
        0 < serial < 2**31
        and session.exec(select(WeightVersion).where(col(WeightVersion.serial) == serial)).first()
    )
    if not found:
        raise NotFound("没有这版权重。")
    return found


def append_version(session: Session, version: WeightVersion) -> WeightVersion:
    """Keep a proposal under the next serial. Flushes only."""
    newest = session.exec(select(sa.func.max(col(WeightVersion.serial)))).one() or BUILT_IN
    version.serial = newest + 1
    session.add(version)
    session.flush()
    return version


def activate_version(
    session: Session, version: WeightVersion, now: datetime, *, engine_version: str, by: User | None
) -> None:
    """Put a proposal in force, while what it was compared with still is.

    InvalidTransition where it did not pass, is of another engine, or another weighting has come in force since.
    """
    in_force = find_in_force(session, engine_version=engine_version)
    if version.engine_version != engine_version:
        raise InvalidTransition("这版权重属于另一个引擎版本，等任务重新拟合。")
    if version.based_on != (BUILT_IN if in_force is None else in_force.serial):
        raise InvalidTransition("拟合之后换过权重，这版没有和现在的比过；等任务重新拟合。")
    version.activate(now, by=by)
    session.add(version)


def revert_in_force(
    session: Session, now: datetime, *, engine_version: str, by: User | None
) -> WeightVersion:
    """Take the weighting in force back, and give it. InvalidTransition where the built-in weights are in force."""
    version = find_in_force(session, engine_version=engine_version)
    if version is None:
        raise InvalidTransition("现在用的是内置权重，没有可以撤回的。")
    version.revert(now, by=by)
    session.add(version)
    return version
