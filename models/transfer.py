"""Import of scenarios and capabilities from files: dry run, per-row errors, upsert, one transaction.

    file → rows (transfer_file) → fields (transfer_columns) → valid rows (transfer_rows) → table rows (transfer_kinds)

Rows are matched by (organisation, the file's id). Valid rows go in together; refused rows are reported with line and
field. The caller commits, or rolls back for a dry run.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlmodel import Session, col, select

from models.audit import record_import
from models.base import Table
from models.errors import InvalidInput
from models.organisation import Organisation
from models.place import Gazetteer
from models.subscription import Subscription
from models.texts import language_of, storable
from models.transfer_columns import field_names, guess_field
from models.transfer_file import NO_LIMITS, Limits, Sheet, read_sheet
from models.transfer_kinds import CapabilityImport, ImportKind, Refusal, ScenarioImport, file_id
from models.transfer_rows import CapabilityRow, ParsedRow, RowError, ScenarioRow, parse_row

KINDS: dict[str, Callable[[Gazetteer, datetime], ImportKind]] = {
    "scenarios": ScenarioImport,
    "capabilities": CapabilityImport,
}

ROWS_AT_ONCE = 500
"""Rows of one flush, and names of one query; SQLite takes only so many values in a statement."""

MAX_NAME = 200

N_SHOWN = 10
"""Rows of a report that are shown as they went in."""

Progress = Callable[[int, int], None]


class Journal(Protocol):
    """Told of what an import changes, so that it can be undone."""

    def before(self, row: Any) -> None:
        """A table row that is there already, as it is now."""

    def after(self, written: Sequence[Any], released: Sequence[Any]) -> None:
        """Table rows that were made or changed, and those published or listed; flushed."""


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import.

    today: the day by which deadlines are judged. organisation: owner of every row, instead of the one the row names.
    release: publish scenarios, list capabilities. placeholder_contacts: a trial address for every organisation.
    table: sheet or table of the file, where it has several. file_name: what the file is called, where its path does not
    say. organisation_id: owner of every row by id, since names may be shared. only_mapped: columns that `mapping` does
    not name are left out, however they are called. journal: told of every row before and after. keeps_released: texts
    that have left their author's desk are not changed. district_ids: only for owners in these districts; None for any.
    limits: of a file; a longer one is refused before its rows are looked at.
    """

    now: datetime
    today: date
    organisation: str = ""
    release: bool = False
    strict: bool = False
    placeholder_contacts: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)
    table: str = ""
    file_name: str = ""
    organisation_id: int | None = None
    only_mapped: bool = False
    journal: Journal | None = None
    keeps_released: bool = False
    district_ids: frozenset[int] | None = None
    limits: Limits = NO_LIMITS


@dataclass
class ImportReport:
    """What an import did, or would do. errors are in file order. cells: where an error is, as its reader says.
    left_out: rows of the file that are titles and notes. first_rows: the first N_SHOWN that go in, field by field.
    """

    kind: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    cells: dict[RowError, str] = field(default_factory=dict)
    first_rows: list[dict[str, Any]] = field(default_factory=list)

    def where(self, error: RowError) -> str:
        """Line or cell of the file that an error speaks of."""
        return self.cells.get(error) or f"第 {error.line} 行"

    @property
    def rejected(self) -> int:
        """Rows refused."""
        return len({error.line for error in self.errors})

    def to_json(self) -> dict[str, Any]:
        """Plain values for --json."""
        return {
            "kind": self.kind,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "errors": [
                {"line": e.line, "field": e.field, "message": e.message, "where": self.where(e)}
                for e in self.errors
            ],
            "unknown_columns": self.unknown_columns,
            "left_out": [{"where": where, "text": text} for where, text in self.left_out],
        }


class StrictImportRefused(InvalidInput):
    """A strict import met refused rows, so nothing goes in. `report` lists them."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(f"有 {report.rejected} 行不能导入，按 --strict 一行也没有写入。")
        self.report = report


def import_file(
    session: Session,
    kind: str,
    path: Path,
    options: ImportOptions,
    *,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring a file's rows into the session. kind: scenarios or capabilities.

    Raises InvalidInput when the file cannot be read as a whole, or, with `strict`, when any row is refused; then the
    caller must roll back. Flushes, never commits. The database is first asked when the file has been read.
    """
    sheet = read_import(path, kind, options)
    names, unknown = field_names(sheet.columns, kind=kind, mapping=options.mapping)
    if options.only_mapped:
        names = {column: name for column, name in names.items() if column in options.mapping}
        unknown = sorted(sheet.columns - names.keys())
    report = ImportReport(kind=kind, unknown_columns=unknown, left_out=list(sheet.left_out))
    parsed = _parsed(sheet, names, report)
    importer = _Importer(session, kind, options)
    accepted = importer.accept(parsed, report)
    report.errors.sort(key=lambda error: error.line)
    columns = {name: column for column, name in names.items()}
    report.cells = {error: sheet.where(error.line, columns.get(error.field, "")) for error in report.errors}
    if options.strict and report.errors:
        raise StrictImportRefused(report)
    importer.write(accepted, report, progress=progress)
    report.first_rows = [
        {"where": sheet.where(entry.item.line), "owner": entry.owner, **entry.row.model_dump(mode="json")}
        for entry in accepted[:N_SHOWN]
    ]
    return report


def read_import(path: Path, kind: str, options: ImportOptions) -> Sheet:
    """The rows of an import file, its header found with the help of the names this kind knows."""

    def is_known(column: str) -> bool:
        return column in options.mapping or guess_field(column, kind) is not None

    return read_sheet(
        path, name=options.file_name, table=options.table, is_known=is_known, limits=options.limits
    )


def _parsed(sheet: Sheet, names: Mapping[str, str], report: ImportReport) -> list[ParsedRow]:
    parsed: list[ParsedRow] = []
    for row in sheet.rows:
        if row.values is None:
            report.errors.append(RowError(row.line, "", row.error))
            continue
        result = parse_row(row.values, kind=report.kind, names=names, line=row.line)
        report.errors += result.errors
        if result.row is not None:
            parsed.append(result)
    return parsed


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A row that goes in, the name of its owner, and the table row it changes, if there is one."""

    item: ParsedRow
    row: ScenarioRow | CapabilityRow
    owner: str
    known: Any


class _Importer:
    """State of one import: owners by name, table rows by owner and external id."""

    def __init__(self, session: Session, kind: str, options: ImportOptions) -> None:
        self.session = session
        self.journal = options.journal
        self.options = options
        self.owner_of_all = _checked_owner(options.organisation)
        self.places = Gazetteer(session)
        self.kind = KINDS[kind](self.places, options.now)
        self.owners: dict[str, Organisation] = {}
        self.existing: dict[tuple[int, str], Table] = {}

    def accept(self, parsed: Sequence[ParsedRow], report: ImportReport) -> list[_Accepted]:
        """The rows that may go in; refusals go to the report."""
        named = [
            (item, item.row, self.owner_of_all or self.kind.owner_name(item.row))
            for item in parsed
            if item.row is not None
        ]
        self._load({owner for _, _, owner in named})
        first_line: dict[tuple[str, str], int] = {}
        accepted = []
        for item, row, owner in named:
            known = self._known(owner, row.id)
            earlier = first_line.setdefault((owner, row.id), item.line)
            refusal = self._refusal(row, owner, known, given=item.given)
            if earlier != item.line:
                refusal = ("id", f"编号 {row.id} 在第 {earlier} 行已经出现过。")
            if refusal is not None:
                report.errors.append(RowError(item.line, *refusal))
                continue
            accepted.append(_Accepted(item, row, owner, known))
        return accepted

    def _load(self, names: Collection[str]) -> None:
        """Read the owners that exist and what they have from earlier files, a batch at a time."""
        for batch in _batches(sorted(names)):
            statement = select(Organisation).where(
                col(Organisation.name).in_(batch), col(Organisation.kind).in_(self.kind.owner_kinds)
            )
            for owner in self.session.exec(statement.order_by(col(Organisation.id))):
                self.owners.setdefault(owner.name, owner)
        if self.options.organisation_id is not None:
            chosen = self.session.get(Organisation, self.options.organisation_id)
            if chosen is None or chosen.kind not in self.kind.owner_kinds:
                raise InvalidInput("这家机构不能导入这类清单。")
            self.owners = dict.fromkeys(names, chosen)
        for ids in _batches([owner.key for owner in self.owners.values()]):
            for row in self.kind.existing(self.session, ids):
                self.existing[row.organisation_id, file_id(row)] = row

    def _known(self, owner: str, external_id: str) -> Table | None:
        organisation = self.owners.get(owner)
        return None if organisation is None else self.existing.get((organisation.key, external_id))

    def _refusal(
        self, row: ScenarioRow | CapabilityRow, owner: str, known: Table | None, *, given: Collection[str]
    ) -> Refusal | None:
        return self._misplaced(row, owner) or self._not_allowed(row, known, given=given)

    def _misplaced(self, row: ScenarioRow | CapabilityRow, owner: str) -> Refusal | None:
        """What is wrong with whose and where it is."""
        if not owner:
            return (
                self.kind.owner_field,
                "没有写是哪家的。补上这一列，或指定所有行的机构（--organisation）。",
            )
        if len(owner) > MAX_NAME:
            return (self.kind.owner_field, f"名称太长，最多 {MAX_NAME} 个字符。")
        if row.district and self.places.find_district_id(row.district) is None:
            return ("district", f"没有“{row.district}”这个区，先登记再导入。")
        community = row.community if isinstance(row, CapabilityRow) else ""
        if community and self.places.find_community_id(community) is None:
            return ("community", f"没有“{community}”这个社区，先登记再导入。")
        here = self.options.district_ids
        if here is not None and (owner not in self.owners or self.owners[owner].district_id not in here):
            return (self.kind.owner_field, "这家机构不在你负责的区。")
        return None

    def _not_allowed(
        self, row: ScenarioRow | CapabilityRow, known: Table | None, *, given: Collection[str]
    ) -> Refusal | None:
        release = self.options.release
        refusal = None
        if self.options.keeps_released:
            refusal = self.kind.refuse_change(known, row, given=given, release=release)
        if refusal is None and release:
            refusal = self.kind.refuse_release(known, row, today=self.options.today)
        return refusal

    def write(
        self, accepted: Sequence[_Accepted], report: ImportReport, *, progress: Progress | None
    ) -> None:
        """Create or change the table rows and count what happened."""
        self._complete_owners(accepted)
        n_done = 0
        for batch in _batches(accepted):
            self._write_rows(batch, report)
            self._add_contacts(batch)
            n_done += len(batch)
            if progress is not None:
                progress(n_done, len(accepted))
        self.session.flush()

    def _complete_owners(self, accepted: Sequence[_Accepted]) -> None:
        for entry in accepted:
            if entry.owner not in self.owners:
                self.owners[entry.owner] = self.kind.make_owner(entry.row, entry.owner)
            self.kind.complete_owner(self.owners[entry.owner], entry.row)
        self.session.add_all(self.owners.values())
        self.session.flush()

    def _write_rows(self, batch: Sequence[_Accepted], report: ImportReport) -> None:
        written: list[Table] = []
        rows: list[Table] = []
        for entry in batch:
            owner = self.owners[entry.owner]
            if self.journal is not None and entry.known is not None:
                self.journal.before(entry.known)
            row, changed = self.kind.apply(entry.known, entry.row, owner=owner, given=entry.item.given)
            rows.append(row)
            if entry.known is None:
                report.created += 1
            elif changed:
                report.updated += 1
            else:
                report.unchanged += 1
                continue
            written.append(row)
        self.session.add_all(written)
        self.session.flush()
        released = [row for row in rows if self.options.release and self.kind.release(row)]
        noun = str(type(rows[0]).__tablename__)
        now = self.options.now
        record_import(self.session, action=f"{noun}.imported", subjects=written, now=now)
        record_import(self.session, action=self.kind.released, subjects=released, now=now)
        if self.journal is not None:
            self.journal.after(written, released)

    def _add_contacts(self, batch: Sequence[_Accepted]) -> None:
        """Subscribe the addresses of the rows, awaiting consent, and the trial addresses if they are wanted."""
        wanted: dict[tuple[int, str], ScenarioRow | CapabilityRow] = {}
        for entry in batch:
            owner_id = self.owners[entry.owner].key
            if entry.row.contact:
                wanted.setdefault((owner_id, entry.row.contact), entry.row)
            if self.options.placeholder_contacts:
                wanted.setdefault((owner_id, placeholder_address(owner_id)), entry.row)
        # Whoever is there already stays as they are: an import never overrules a reader.
        for key in self._subscribed({owner_id for owner_id, _ in wanted}):
            wanted.pop(key, None)
        self.session.add_all(
            Subscription(
                organisation_id=owner_id,
                email=email,
                kind=self.kind.digest,
                locale=row.lang or language_of(row.text),
                is_placeholder=email == placeholder_address(owner_id),
            )
            for (owner_id, email), row in wanted.items()
        )
        self.session.flush()

    def _subscribed(self, owner_ids: Collection[int]) -> Sequence[tuple[int, str]]:
        statement = select(Subscription.organisation_id, Subscription.email).where(
            col(Subscription.organisation_id).in_(owner_ids), col(Subscription.kind) == self.kind.digest
        )
        return self.session.exec(statement).all()


def placeholder_address(organisation_id: int) -> str:
    """The trial address of an organisation, at a reserved domain: such a mail reaches nobody outside a trial."""
    return f"{organisation_id}@example.org"


def _checked_owner(name: str) -> str:
    cleaned = " ".join(storable(name).split())
    if len(cleaned) > MAX_NAME:
        raise InvalidInput(f"--organisation 太长，最多 {MAX_NAME} 个字符。")
    return cleaned


def _batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, ROWS_AT_ONCE)):
        yield batch
