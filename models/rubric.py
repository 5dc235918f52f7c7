"""Scoring criteria (评分标准): what proposals for a scenario will be judged by, fixed before anybody writes one.

A rubric is written while its scenario is a draft, locked with a hash when that is published, and replaced afterwards
only together with an addendum. Every score has a text of its own, so that two evaluators mean the same by it.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.addendum import Addendum
from models.base import Table, moment
from models.errors import InvalidTransition
from models.i18n import N_
from models.rubric_defaults import DEFAULTS
from models.scenario import Scenario, ScenarioStatus

SCORES = (0, 1, 2, 3)
"""An even number of steps: there is no middle to hide in."""
TOP_SCORE = SCORES[-1]
MAX_CRITERIA = 8
FULL_WEIGHT = 100
MAX_NAME, MAX_ANCHOR = 60, 300


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to judge by. weight: percent of the whole. anchors: what each of SCORES means, in their order."""

    name: str
    weight: int
    anchors: tuple[str, ...]


class Rubric(Table, table=True):
    """The criteria of one scenario, one row a version. The first one may change until it is locked; no other ever."""

    __table_args__ = (
        sa.UniqueConstraint("scenario_id", "serial"),
        sa.CheckConstraint("serial > 0", name="serial_from_one"),
        sa.CheckConstraint("serial = 1 OR addendum_id IS NOT NULL", name="change_has_addendum"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_is_one"),
    )

    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    serial: int = Field(description="1 for the criteria of the publication, then 2, ...")
    criteria: list[dict[str, Any]] = Field(sa_type=sa.JSON, description="Each {name, weight, anchors}.")
    sha256: str = Field(max_length=64, description="Of the criteria as canonical JSON, hex.")
    locked_at: datetime | None = moment(description="Since when it is public and does not change.")
    addendum_id: int | None = Field(default=None, foreign_key="addendum.id")

    scenario: Scenario = Relationship()
    addendum: Addendum | None = Relationship()

    @property
    def lines(self) -> list[Criterion]:
        """The criteria, in order."""
        return [Criterion(row["name"], row["weight"], tuple(row["anchors"])) for row in self.criteria]


def default_criteria(lang: str) -> tuple[Criterion, ...]:
    """What is proposed to an agency, and used where it writes nothing, in the language of its scenario."""
    return tuple(Criterion(name, weight, anchors) for name, weight, anchors in DEFAULTS[lang])


def as_rows(criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    """The criteria as they are stored."""
    return [{**asdict(row), "anchors": list(row.anchors)} for row in criteria]


def hash_of(criteria: Sequence[Criterion]) -> str:
    """The SHA-256, hex, of the criteria as JSON: UTF-8, keys sorted, no blanks."""
    text = json.dumps(as_rows(criteria), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def list_rubrics(session: Session, scenario_id: int) -> list[Rubric]:
    """Every version, oldest first."""
    statement = select(Rubric).where(col(Rubric.scenario_id) == scenario_id)
    return list(session.exec(statement.order_by(col(Rubric.serial))))


def find_rubric(session: Session, scenario_id: int) -> Rubric | None:
    """The version in force, or the one being written; None where nobody wrote one."""
    return next(reversed(list_rubrics(session, scenario_id)), None)


def find_locked(session: Session, scenario_id: int) -> Rubric | None:
    """The version in force; None while nothing is locked."""
    return next((row for row in reversed(list_rubrics(session, scenario_id)) if row.locked_at), None)


def locked_hashes(session: Session, scenario_ids: Collection[int]) -> dict[int, str]:
    """The hash of the criteria in force, by scenario; those without are left out."""
    statement = (
        select(Rubric.scenario_id, Rubric.sha256)
        .where(col(Rubric.scenario_id).in_(scenario_ids), col(Rubric.locked_at).is_not(None))
        .order_by(col(Rubric.serial))
    )
    return dict(session.exec(statement).all())


def write_rubric(
    session: Session, scenario: Scenario, criteria: Sequence[Criterion], *, now: datetime
) -> Rubric:
    """Keep the criteria of a draft or a returned text. InvalidTransition once it has left its author's desk."""
    if scenario.status not in (ScenarioStatus.DRAFT, ScenarioStatus.RETURNED):
        raise InvalidTransition(N_("场景已送审或公布，评分标准不能这样改；公布以后要发变更说明。"))
    row = find_rubric(session, scenario.key)
    if row is None:
        row = Rubric(created_at=now, scenario_id=scenario.key, serial=1, criteria=[], sha256="")
    row.criteria, row.sha256 = as_rows(criteria), hash_of(criteria)
    session.add(row)
    session.flush()
    return row


def lock_rubric(session: Session, scenario: Scenario, *, now: datetime) -> Rubric:
    """Fix the criteria of a scenario at its publication; where nobody wrote any, the proposed ones. Doing it twice
    changes nothing.
    """
    row = find_rubric(session, scenario.key)
    if row is None:
        criteria = default_criteria(scenario.lang)
        row = Rubric(
            created_at=now,
            scenario_id=scenario.key,
            serial=1,
            criteria=as_rows(criteria),
            sha256=hash_of(criteria),
        )
    row.locked_at = row.locked_at or now
    session.add(row)
    session.flush()
    return row


def refuse_to_amend(session: Session, scenario: Scenario, *, on: date) -> None:
    """InvalidTransition where published criteria may not be changed: what was handed in is judged by what was asked.

    Criteria that were never fixed (a scenario from an older list) may be fixed once, also after the last day.
    """
    if scenario.status is not ScenarioStatus.PUBLISHED:
        raise InvalidTransition(N_("只有公开、没有结束的场景可以发变更说明。"))
    if find_locked(session, scenario.key) is not None and not scenario.is_open(on):
        raise InvalidTransition(N_("征集已经截止，评分标准不能再改。"))


def amend_rubric(
    session: Session,
    scenario: Scenario,
    criteria: Sequence[Criterion],
    *,
    addendum: Addendum,
    now: datetime,
) -> Rubric:
    """Put other criteria in force from now on. ValueError for an addendum of another scenario.

    InvalidTransition where they say the same as those in force.
    """
    if addendum.scenario_id != scenario.key:
        raise ValueError("the addendum belongs to another scenario")
    before = find_rubric(session, scenario.key)
    if before is not None and before.sha256 == hash_of(criteria):
        raise InvalidTransition(N_("和现在的评分标准一样，没有要改的。"))
    row = Rubric(
        created_at=now,
        scenario_id=scenario.key,
        serial=1 if before is None else before.serial + 1,
        criteria=as_rows(criteria),
        sha256=hash_of(criteria),
        locked_at=now,
        addendum_id=addendum.key,
    )
    session.add(row)
    session.flush()
    return row
