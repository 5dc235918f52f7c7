"""Imports through the pages: who brought which file in, what it was taken for, what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Table, find_row, moment
from models.errors import InvalidTransition, NotFound
from models.i18n import N_
from models.user import User


class ImportRun(Table, table=True):
    """One uploaded list. Made at the upload; columns may be corrected until it is imported; undone once at most."""

    __tablename__ = "import_run"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('scenarios', 'capabilities')", name="kind_known"),
        sa.CheckConstraint("undone_at IS NULL OR imported_at IS NOT NULL", name="undone_was_imported"),
    )

    user_id: int = Field(foreign_key="user.id", index=True, description="Who uploaded it.")
    organisation_id: int | None = Field(
        default=None, foreign_key="organisation.id", index=True, description="Owner of every row, if one is."
    )
    owner_name: str = Field(default="", max_length=200, description="Owner of every row by name.")
    kind: str = Field(max_length=20, description="scenarios or capabilities.")
    file_name: str = Field(max_length=200)
    file_hash: str = Field(max_length=64, description="SHA-256; the content is in the file store.")
    file_size: int = Field(description="Bytes.")
    table_name: str = Field(default="", max_length=80, description="Sheet or table that is read.")
    tables: list[str] = Field(default=[], sa_type=sa.JSON, description="Every sheet or table of the file.")
    columns: list[dict[str, Any]] = Field(
        default=[], sa_type=sa.JSON, description="name and samples of each column, from left to right."
    )
    mapping: dict[str, str] = Field(default={}, sa_type=sa.JSON, description="Column -> field.")
    release: bool = Field(default=False, description="Publish or list what goes in.")
    problem: str = Field(default="", sa_type=sa.Text, description="Why nothing can be imported as it stands.")
    report: dict[str, Any] = Field(
        default={}, sa_type=sa.JSON, description="Of the last dry run or the import."
    )
    imported_at: datetime | None = moment(index=True)
    undone_at: datetime | None = moment()
    undone_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    undo_report: dict[str, Any] = Field(default={}, sa_type=sa.JSON, description="What was kept, and why.")

    def refuse_if_imported(self) -> None:
        """InvalidTransition once the rows are in: a list goes in once."""
        if self.imported_at is not None:
            raise InvalidTransition(N_("这份清单已经导入。要再导入，请重新上传。"))

    def mark_imported(self, now: datetime, report: Mapping[str, Any]) -> None:
        """The rows are in. InvalidTransition when they were before."""
        self.refuse_if_imported()
        self.imported_at, self.report = now, dict(report)

    def refuse_if_not_undoable(self) -> None:
        """InvalidTransition unless it is imported and not undone."""
        if self.imported_at is None or self.undone_at is not None:
            raise InvalidTransition(N_("只有已导入、还没撤销过的清单可以撤销。"))

    def mark_undone(self, now: datetime, by: User, report: Mapping[str, Any]) -> None:
        """The rows are out again, as far as that may be. InvalidTransition unless it is imported and not undone."""
        self.refuse_if_not_undoable()
        self.undone_at, self.undone_by_user_id, self.undo_report = now, by.key, dict(report)


class ImportChange(Table, table=True):
    """What an import did to one table row, so that it can be taken back. Never changed."""

    __tablename__ = "import_change"
    __table_args__ = (sa.UniqueConstraint("import_id", "subject_kind", "subject_id"),)

    import_id: int = Field(foreign_key="import_run.id", index=True)
    subject_kind: str = Field(max_length=20, description="scenario or capability.")
    subject_id: int
    was_new: bool = Field(description="Made by the import; else changed by it.")
    before: dict[str, Any] = Field(default={}, sa_type=sa.JSON, description="The row as it was, if it was.")
    after_hash: str = Field(max_length=64, description="Hash of the row as the import left it.")


@dataclass(frozen=True, slots=True)
class ImportScope:
    """Which imports a person sees and makes; None: of any.

    organisation_id: for this organisation. user_id: their own. district_ids: for owners in these districts.
    """

    organisation_id: int | None = None
    user_id: int | None = None
    district_ids: frozenset[int] | None = None

    def holds(self, row: ImportRun) -> bool:
        """Whether this import is in it."""
        return self.organisation_id in (None, row.organisation_id) and self.user_id in (None, row.user_id)


def list_imports(session: Session, scope: ImportScope) -> list[ImportRun]:
    """The imports in scope, newest first."""
    statement = select(ImportRun).order_by(col(ImportRun.id).desc())
    if scope.organisation_id is not None:
        statement = statement.where(col(ImportRun.organisation_id) == scope.organisation_id)
    if scope.user_id is not None:
        statement = statement.where(col(ImportRun.user_id) == scope.user_id)
    return list(session.exec(statement))


def get_import(session: Session, import_id: int, scope: ImportScope) -> ImportRun:
    """An import in scope. NotFound when it does not exist or is another's."""
    row = find_row(session, ImportRun, import_id)
    if row is None or not scope.holds(row):
        raise NotFound(N_("没有这次导入。"))
    return row


def lock_import(session: Session, row: ImportRun) -> None:
    """Let one import or undo of this list run at a time; of two, the second sees what the first did."""
    session.refresh(row, with_for_update=True)


def remembered_columns(session: Session, kind: str, *, organisation_id: int | None) -> dict[str, str]:
    """Column -> field as this organisation's earlier lists were settled; the newest counts."""
    # Compared with None, SQLAlchemy says IS NULL.
    statement = select(ImportRun.mapping).where(
        col(ImportRun.kind) == kind,
        col(ImportRun.organisation_id) == organisation_id,
        col(ImportRun.imported_at).is_not(None),
    )
    known: dict[str, str] = {}
    for mapping in session.exec(statement.order_by(col(ImportRun.id))):
        known |= mapping
    return known
