"""Taking an import back: every row that nobody changed or used since; the others stay, each with the reason.

A row the import made is deleted; where the machine has matched it already, it is withdrawn or taken down instead, since
scores are only ever added. A row it changed gets back what it held before.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, select

from models.addendum import Addendum
from models.audit import record_import
from models.base import UtcDateTime
from models.bid import Bid
from models.capability import Capability, CapabilityCase, CapabilityStatus
from models.import_run import ImportChange, ImportRun
from models.match import Match, MatchScore
from models.pair_label import PairLabel
from models.pilot import Pilot
from models.question import Question
from models.review import ReviewRound
from models.rubric import Rubric
from models.saved_search import SearchNews
from models.scenario import Requirement, Scenario, ScenarioStatus
from models.team import TeamProposal

Row = Scenario | Capability

TABLES: dict[str, type[Scenario] | type[Capability]] = {"scenario": Scenario, "capability": Capability}
NOT_KEPT = frozenset({"id", "created_at"})
ACTS = ("saved_at", "invited_at", "declined_at", "interested_at", "dismissed_at")

CHANGED, USED, GONE = "changed", "used", "gone"
"""Why a row stays as it is: somebody changed it since, somebody acted on it since, it is not there any more."""


def snapshot(row: Any) -> dict[str, Any]:
    """All that a row and its parts hold, as plain values."""
    values = _values(row)
    if isinstance(row, Scenario):
        values["parts"] = [_values(part) for part in row.requirements]
    elif isinstance(row, Capability):
        values["parts"] = [_values(part) for part in row.cases]
    return values


def _values(row: Any) -> dict[str, Any]:
    names = [column.name for column in type(row).__table__.columns if column.name not in NOT_KEPT]
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, list) else value


def fingerprint(row: Any) -> str:
    """SHA-256 of all that a row and its parts hold."""
    return hashlib.sha256(json.dumps(snapshot(row), sort_keys=True).encode()).hexdigest()


class KeptJournal:
    """What models.transfer tells of an import, kept as rows of its own."""

    def __init__(self, session: Session, import_id: int) -> None:
        self.session = session
        self.import_id = import_id
        self.earlier: dict[int, dict[str, Any]] = {}

    def before(self, row: Any) -> None:
        """As models.transfer.Journal."""
        self.earlier[row.key] = snapshot(row)

    def after(self, written: Sequence[Any], released: Sequence[Any]) -> None:
        """As models.transfer.Journal."""
        self.session.flush()
        for row in {id(row): row for row in (*written, *released)}.values():
            before = self.earlier.get(row.key)
            self.session.add(
                ImportChange(
                    import_id=self.import_id,
                    subject_kind=str(type(row).__tablename__),
                    subject_id=row.key,
                    was_new=before is None,
                    before=before or {},
                    after_hash=fingerprint(row),
                )
            )
        self.earlier.clear()


def undo_import(session: Session, run: ImportRun, *, now: datetime) -> dict[str, Any]:
    """Take back what may be taken back; flushes. Gives counts and the rows that stay, with the reason of each.

    The caller marks the run and commits. Keys: deleted, restored, taken_down, kept (title, reason).
    """
    statement = select(ImportChange).where(col(ImportChange.import_id) == run.key)
    changes = session.exec(statement.order_by(col(ImportChange.id))).all()
    report: dict[str, Any] = {"deleted": 0, "restored": 0, "taken_down": 0, "kept": []}
    for kind in TABLES:
        mine = [change for change in changes if change.subject_kind == kind]
        ids = [change.subject_id for change in mine]
        rows = {row.key: row for row in _with_parts(session, kind, ids)}
        used = _used_since(session, kind, ids, run.imported_at or now)
        scored = _scored(session, kind, ids)
        touched: list[Row] = []
        for change in mine:
            row = rows.get(change.subject_id)
            reason = _reason(row, change, used)
            if row is None or reason:
                title = "" if row is None else row.title
                report["kept"].append({"title": title, "reason": reason})
                continue
            touched.append(row)
            report[_take_back(session, row, change, scored=change.subject_id in scored, now=now)] += 1
        record_import(session, action=f"{kind}.import_undone", subjects=touched, now=now)
        session.flush()
    return report


def _with_parts(session: Session, kind: str, ids: Collection[int]) -> Sequence[Row]:
    parts = Scenario.requirements if kind == "scenario" else Capability.cases
    statement = select(TABLES[kind]).where(col(TABLES[kind].id).in_(ids))
    rows: Sequence[Row] = session.exec(statement.options(selectinload(parts))).all()  # type: ignore[arg-type, assignment]
    return rows


def _reason(row: Row | None, change: ImportChange, used: Collection[int]) -> str:
    if row is None:
        return GONE
    if fingerprint(row) != change.after_hash:
        return CHANGED
    return USED if change.subject_id in used else ""


def _take_back(session: Session, row: Row, change: ImportChange, *, scored: bool, now: datetime) -> str:
    """Do it; the name of the count that goes up."""
    if not change.was_new:
        _restore(row, change.before)
        row.updated_at = now
        return "restored"
    if not scored:
        session.delete(row)
        return "deleted"
    # The list may come again: what is taken down gives its id in the file free.
    row.external_id = None
    if isinstance(row, Scenario):
        if row.status not in (ScenarioStatus.CLOSED, ScenarioStatus.WITHDRAWN):
            row.withdraw(now)
    elif row.status is CapabilityStatus.LISTED:
        row.unlist(now)
    row.updated_at = now
    return "taken_down"


def _restore(row: Row, before: dict[str, Any]) -> None:
    typed = _typed(type(row), before)
    if isinstance(row, Scenario):
        # What somebody has open was made on the imported text.
        typed["revision"] = row.revision + 1
    for name, value in typed.items():
        setattr(row, name, value)
    parts: list[Any] = row.requirements if isinstance(row, Scenario) else row.cases
    table: type[Any] = Requirement if isinstance(row, Scenario) else CapabilityCase
    wanted = [_typed(table, values) for values in before["parts"]]
    # Place by place: the database allows each position once.
    for part, values in zip(parts, wanted, strict=False):
        for name, value in values.items():
            setattr(part, name, value)
    parts += [table(**values) for values in wanted[len(parts) :]]
    del parts[len(wanted) :]


def _typed(table: type[Any], values: dict[str, Any]) -> dict[str, Any]:
    """Plain values as the columns of the table hold them; columns that did not exist then are left out."""
    typed = {}
    for column in table.__table__.columns:
        if column.name not in values:
            continue
        value = values[column.name]
        if value is not None and isinstance(column.type, UtcDateTime):
            value = datetime.fromisoformat(value)
        elif value is not None and isinstance(column.type, sa.Date):
            value = date.fromisoformat(value)
        elif value is not None and isinstance(column.type, sa.Enum) and column.type.enum_class is not None:
            value = column.type.enum_class(value)
        typed[column.name] = value
    return typed


def _used_since(session: Session, kind: str, ids: Collection[int], since: datetime) -> set[int]:
    """Those that a person acted on since: kept, invited, declined, answered, labelled, piloted, asked about, added
    to, handed in.
    """
    acts = sa.or_(*(col(getattr(Match, name)) >= since for name in ACTS))
    if kind == "scenario":
        queries = [
            select(Match.scenario_id).where(col(Match.scenario_id).in_(ids), acts),
            select(PairLabel.scenario_id).where(
                col(PairLabel.scenario_id).in_(ids), col(PairLabel.labelled_at) >= since
            ),
            *(
                select(table.scenario_id).where(
                    col(table.scenario_id).in_(ids), col(table.created_at) >= since
                )
                for table in (Pilot, Question, Addendum, ReviewRound, Bid, Rubric)
            ),
        ]
    else:
        scored = select(MatchScore.capability_id).join(Match, col(Match.id) == col(MatchScore.match_id))
        queries = [
            scored.where(col(MatchScore.capability_id).in_(ids), acts),
            select(Pilot.capability_id).where(
                col(Pilot.capability_id).in_(ids), col(Pilot.created_at) >= since
            ),
        ]
    return {found for query in queries for found in session.exec(query)}


def _scored(session: Session, kind: str, ids: Collection[int]) -> set[int]:
    """Those that something else is written of, so that they cannot be deleted."""
    if kind == "scenario":
        queries = [
            select(table.scenario_id).where(col(table.scenario_id).in_(ids))
            for table in (
                Match,
                TeamProposal,
                PairLabel,
                Pilot,
                Question,
                Addendum,
                ReviewRound,
                Bid,
                Rubric,
                SearchNews,
            )
        ]
    else:
        queries = [select(MatchScore.capability_id).where(col(MatchScore.capability_id).in_(ids))]
    return {found for query in queries for found in session.exec(query)}
