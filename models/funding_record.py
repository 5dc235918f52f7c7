"""Funding records (资金记录): what was assessed, when, by which rule version, on which documents.

One original per (pilot, programme); a later view is a new row that names the one it replaces. Rows are
never updated or deleted: SQLAlchemy refuses before the database does, and the database refuses by triggers
(APPEND_ONLY_DDL).
"""

from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, enum_column
from models.errors import InvalidTransition
from models.funding import Assessment
from models.funding_facts import FundingFacts
from models.funding_finding import Verdict
from models.funding_rule import FundingRule
from models.pilot import Pilot
from models.scenario import Scenario

_FACTS: TypeAdapter[FundingFacts] = TypeAdapter(FundingFacts)

APPEND_ONLY_DDL: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE TRIGGER funding_record_no_update BEFORE UPDATE ON funding_record "
        "BEGIN SELECT RAISE(ABORT, 'funding_record is append-only'); END",
        "CREATE TRIGGER funding_record_no_delete BEFORE DELETE ON funding_record "
        "BEGIN SELECT RAISE(ABORT, 'funding_record is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION funding_record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'funding_record is append-only' USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$",
        "CREATE TRIGGER funding_record_append_only BEFORE UPDATE OR DELETE ON funding_record "
        "FOR EACH ROW EXECUTE FUNCTION funding_record_refuse()",
    ),
}
"""The triggers per dialect, run when the table is created from the metadata; migrations repeat them
literally."""


class FundingRecord(Table, table=True):
    """One assessment kept. Written by the funding job through `append_record`; changed by nobody."""

    __tablename__ = "funding_record"
    __table_args__ = (
        # At most one original; corrections form a chain because each row is replaced at most once.
        sa.Index(
            "uq_funding_record_original",
            "pilot_id",
            "programme",
            unique=True,
            sqlite_where=sa.text("replaces_id IS NULL"),
            postgresql_where=sa.text("replaces_id IS NULL"),
        ),
        sa.UniqueConstraint("id", "pilot_id", "programme"),
        # A correction stays with its pilot and programme.
        sa.ForeignKeyConstraint(
            ["replaces_id", "pilot_id", "programme"],
            ["funding_record.id", "funding_record.pilot_id", "funding_record.programme"],
        ),
        sa.CheckConstraint(
            "(amount_min_fen IS NULL AND amount_max_fen IS NULL)"
            " OR (amount_min_fen IS NOT NULL AND amount_max_fen IS NOT NULL"
            " AND amount_min_fen >= 0 AND amount_min_fen <= amount_max_fen)",
            name="amount_is_a_range",
        ),
        sa.CheckConstraint("verdict <> 'unmet' OR amount_max_fen IS NULL", name="unmet_has_no_amount"),
        sa.CheckConstraint("length(inputs_hash) = 64", name="inputs_hash_is_sha256"),
    )

    pilot_id: int = Field(foreign_key="pilot.id", index=True)
    programme: str = Field(max_length=60)
    rule_id: int = Field(foreign_key="funding_rule.id", index=True)
    rule_version: int = Field(
        description="Recorded, not part of the key: a new rule funds no old pilot twice."
    )
    assessed_on: date = Field(description="The day as of which rule and facts were read.")
    verdict: Verdict = Field(sa_type=enum_column(Verdict))
    clauses: list[dict[str, Any]] = Field(
        sa_type=sa.JSON, description="Clause.to_json of each, in rule order."
    )
    missing: list[dict[str, Any]] = Field(sa_type=sa.JSON, description="Missing.to_json of each.")
    amount_min_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    amount_max_fen: int | None = Field(default=None, sa_type=sa.BigInteger)
    evidence: list[dict[str, Any]] = Field(sa_type=sa.JSON, description="id and file_hash of each document.")
    unverified: bool = Field(description="Whether the rule, or a condition, was 待核 at the time.")
    inputs_hash: str = Field(max_length=64)
    replaces_id: int | None = Field(default=None, unique=True)
    inputs: dict[str, Any] | None = Field(
        default=None,
        sa_type=sa.JSON(none_as_null=True),
        description="The facts it was made from, and whether the rule was confirmed; None on rows of older versions.",
    )

    rule: FundingRule = Relationship()
    pilot: Pilot = Relationship()


def append_record(session: Session, assessment: Assessment) -> FundingRecord | None:
    """Keep an assessment: the original of its (pilot, programme), or a row that replaces the current one.

    None when the current row has the same inputs: nothing is to be said twice. Raises InvalidTransition for
    a rule that was never saved, and when another writer has recorded something else meanwhile (run again).
    """
    current = find_current_record(session, assessment.pilot_id, assessment.programme)
    if current is not None and current.inputs_hash == assessment.inputs_hash:
        return None
    if current is not None and assessment.as_of < current.assessed_on:
        raise InvalidTransition("已有更晚日期的评估，较早日期的评估只供查看，不能入档。")
    record = make_record(assessment, replaces=current)
    try:
        with session.begin_nested():
            session.add(record)
    except IntegrityError as err:
        latest = find_current_record(session, assessment.pilot_id, assessment.programme)
        if latest is not None and latest.inputs_hash == assessment.inputs_hash:
            return None
        raise InvalidTransition("这个试点的资金记录刚被更新，请重新评估。") from err
    return record


def make_record(assessment: Assessment, *, replaces: FundingRecord | None) -> FundingRecord:
    """A record of the assessment, not saved. InvalidTransition for a rule that was never saved."""
    if assessment.rule_id is None:
        raise InvalidTransition("政策还没有保存，不能据此记录。")
    least, most = assessment.amount_fen or (None, None)
    return FundingRecord(
        pilot_id=assessment.pilot_id,
        programme=assessment.programme,
        rule_id=assessment.rule_id,
        rule_version=assessment.rule_version,
        assessed_on=assessment.as_of,
        verdict=assessment.verdict,
        clauses=[clause.to_json() for clause in assessment.clauses],
        missing=[item.to_json() for item in assessment.missing],
        amount_min_fen=least,
        amount_max_fen=most,
        evidence=[{"id": id_, "file_hash": file_hash} for id_, file_hash in assessment.evidence],
        unverified=assessment.unverified,
        inputs_hash=assessment.inputs_hash,
        inputs={
            "facts": _FACTS.dump_python(assessment.facts, mode="json"),
            "confirmed": assessment.confirmed,
        },
        replaces_id=None if replaces is None else replaces.key,
    )


def current_records(
    session: Session, *, organisation_id: int | None, pilot_id: int | None = None
) -> list[FundingRecord]:
    """The records nothing replaces, of pilots to which the organisation is a party, by pilot and programme.

    organisation_id None: of all pilots, for officers of the city. pilot_id narrows to one pilot.
    """
    statement = _current()
    if pilot_id is not None:
        statement = statement.where(col(FundingRecord.pilot_id) == pilot_id)
    if organisation_id is not None:
        statement = (
            statement.join(Pilot, col(Pilot.id) == col(FundingRecord.pilot_id))
            .join(Scenario, col(Scenario.id) == col(Pilot.scenario_id))
            .where(
                (col(Pilot.organisation_id) == organisation_id)
                | (col(Scenario.organisation_id) == organisation_id)
            )
        )
    ordered = statement.order_by(col(FundingRecord.pilot_id), col(FundingRecord.programme))
    return list(session.exec(ordered))


def find_current_record(session: Session, pilot_id: int, programme: str) -> FundingRecord | None:
    """The record of this pilot and programme that nothing replaces, or None."""
    statement = _current().where(
        col(FundingRecord.pilot_id) == pilot_id, col(FundingRecord.programme) == programme
    )
    record: FundingRecord | None = session.exec(statement).one_or_none()
    return record


def record_history(session: Session, pilot_id: int, programme: str) -> list[FundingRecord]:
    """Every record of this pilot and programme, the original first."""
    statement = select(FundingRecord).where(
        col(FundingRecord.pilot_id) == pilot_id, col(FundingRecord.programme) == programme
    )
    return list(session.exec(statement.order_by(col(FundingRecord.id))))


def _current() -> Any:
    later = aliased(FundingRecord)
    replaced = select(later.id).where(col(later.replaces_id) == col(FundingRecord.id)).exists()
    return select(FundingRecord).where(~replaced)


@event.listens_for(FundingRecord, "before_update")
def _refuse_update(_mapper: Any, _connection: Any, _record: FundingRecord) -> None:
    raise InvalidTransition("资金记录只能追加，不能修改。请追加一条更正。")


@event.listens_for(FundingRecord, "before_delete")
def _refuse_delete(_mapper: Any, _connection: Any, _record: FundingRecord) -> None:
    raise InvalidTransition("资金记录只能追加，不能删除。")


def _install_triggers(_table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
    for statement in APPEND_ONLY_DDL[connection.dialect.name]:
        connection.execute(sa.text(statement))


event.listen(FundingRecord.metadata.tables["funding_record"], "after_create", _install_triggers)
