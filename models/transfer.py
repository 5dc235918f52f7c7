"""Import of scenarios and capabilities from files: dry run, per-row errors, upsert, one transaction.

Rows are matched by (organisation, the file's id). Valid rows go in together; refused rows are reported with line and
field. The caller commits, or rolls back for a dry run. Reading and validating is in models/transfer_rows.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from models.base import Table
from models.capability import Capability, CapabilityCase, organisation_capabilities
from models.errors import InvalidInput
from models.organisation import Organisation, OrganisationKind
from models.outbox import MailKind
from models.place import find_community, find_district
from models.scenario import Requirement, Scenario, ScenarioKind, organisation_scenarios
from models.subscription import add_subscription
from models.texts import language_of
from models.transfer_rows import (
    CapabilityRow,
    ParsedRow,
    RowError,
    ScenarioRow,
    field_names,
    parse_row,
    read_rows,
)

DEMAND_KINDS = [OrganisationKind.AGENCY, OrganisationKind.ENTERPRISE, OrganisationKind.UNIVERSITY]
SUPPLY_KINDS = [OrganisationKind.STARTUP, OrganisationKind.UNIVERSITY]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import. organisation: owner of every row; release: publish scenarios, list capabilities."""

    now: datetime
    organisation: str = ""
    release: bool = False
    strict: bool = False
    placeholder_contacts: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ImportReport:
    """What an import did, or would do. errors are in file order."""

    kind: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)

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
            "errors": [{"line": e.line, "field": e.field, "message": e.message} for e in self.errors],
            "unknown_columns": self.unknown_columns,
        }


def import_file(
    session: Session, kind: str, path: Path, options: ImportOptions, *, progress: Progress | None = None
) -> ImportReport:
    """Bring a file's rows into the session. kind: scenarios or capabilities.

    Raises InvalidInput when the file cannot be read as a whole, or, with `strict`, when any row is refused; then the
    caller must roll back. Flushes, never commits.
    """
    raw = read_rows(path)
    columns = {column for row in raw if row.values is not None for column in row.values}
    names, unknown = field_names(columns, kind=kind, mapping=options.mapping)
    report = ImportReport(kind=kind, unknown_columns=unknown)
    parsed: list[ParsedRow] = []
    for row in raw:
        if row.values is None:
            report.errors.append(RowError(row.line, "", row.error))
            continue
        result = parse_row(row.values, kind=kind, names=names, line=row.line)
        report.errors += result.errors
        if result.row is not None:
            parsed.append(result)
    importer = _Importer(session, kind, options, report)
    accepted = importer.accept(parsed)
    if options.strict and report.errors:
        report.errors.sort(key=lambda error: error.line)
        raise StrictImportRefused(report)
    for done, (item, owner) in enumerate(accepted, start=1):
        importer.apply(item, owner)
        if progress is not None:
            progress(done, len(accepted))
    session.flush()
    report.errors.sort(key=lambda error: error.line)
    return report


class StrictImportRefused(InvalidInput):
    """A strict import met refused rows, so nothing goes in. `report` lists them."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(f"有 {report.rejected} 行不能导入，按 --strict 一行也没有写入。")
        self.report = report


class _Importer:
    """State of one import: owners by name, existing rows by external id."""

    def __init__(self, session: Session, kind: str, options: ImportOptions, report: ImportReport) -> None:
        self.session = session
        self.kind = kind
        self.options = options
        self.report = report
        self.owners: dict[str, Organisation] = {}
        self.existing: dict[int, dict[str, Table]] = {}

    def accept(self, parsed: Sequence[ParsedRow]) -> list[tuple[ParsedRow, str]]:
        """The rows that may go in with the name of their owner; refusals go to the report."""
        first_line: dict[tuple[str, str], int] = {}
        accepted = []
        for item in parsed:
            assert item.row is not None
            owner = self._owner_name(item.row)
            problem = self._problem(item.row, owner)
            if problem is None and (owner, item.row.id) in first_line:
                problem = ("id", f"编号 {item.row.id} 在第 {first_line[owner, item.row.id]} 行已经出现过。")
            if problem is not None:
                self.report.errors.append(RowError(item.line, *problem))
                continue
            first_line[owner, item.row.id] = item.line
            accepted.append((item, owner))
        return accepted

    def _owner_name(self, row: ScenarioRow | CapabilityRow) -> str:
        if self.options.organisation:
            return self.options.organisation
        return row.publisher if isinstance(row, ScenarioRow) else row.firm or row.title

    def _problem(self, row: ScenarioRow | CapabilityRow, owner: str) -> tuple[str, str] | None:
        if not owner:
            column = "publisher" if isinstance(row, ScenarioRow) else "firm"
            return (column, "没有写是哪家的。补上这一列，或用 --organisation 指定。")
        if row.district and find_district(self.session, row.district) is None:
            return ("district", f"没有“{row.district}”这个区，先登记再导入。")
        if isinstance(row, ScenarioRow):
            deadline = row.deadline_on
            if self.options.release and deadline is not None and deadline < self.options.now.date():
                return ("deadline_on", f"截止日期 {deadline} 已经过去，不能发布。")
        return None

    def apply(self, item: ParsedRow, owner_name: str) -> None:
        """Create or update the row's table row; counts what happened."""
        assert item.row is not None
        owner = self._owner(owner_name, item.row)
        known = self._existing(owner).get(item.row.id)
        if isinstance(item.row, ScenarioRow):
            changed = self._apply_scenario(item.row, owner, known)
        else:
            changed = self._apply_capability(item.row, owner, known)
        if known is None:
            self.report.created += 1
        elif changed:
            self.report.updated += 1
        else:
            self.report.unchanged += 1
        self._contact(item.row, owner)

    def _owner(self, name: str, row: ScenarioRow | CapabilityRow) -> Organisation:
        if name not in self.owners:
            self.owners[name] = self._find_owner(name) or self._new_owner(name, row)
        return self.owners[name]

    def _find_owner(self, name: str) -> Organisation | None:
        kinds = DEMAND_KINDS if self.kind == "scenarios" else SUPPLY_KINDS
        statement = select(Organisation).where(
            col(Organisation.name) == name, col(Organisation.kind).in_(kinds)
        )
        return self.session.exec(statement.order_by(col(Organisation.id))).first()

    def _new_owner(self, name: str, row: ScenarioRow | CapabilityRow) -> Organisation:
        if isinstance(row, ScenarioRow):
            government = row.kind is ScenarioKind.GOVERNMENT
            kind = OrganisationKind.AGENCY if government else OrganisationKind.ENTERPRISE
        else:
            kind = OrganisationKind.STARTUP
        owner = Organisation(name=name, kind=kind, approved_at=self.options.now)
        if isinstance(row, CapabilityRow):
            owner.team_size = row.team_size
            community = find_community(self.session, row.community) if row.community else None
            owner.community_id = None if community is None else community.key
        owner.district_id = self._district_id(row)
        self.session.add(owner)
        self.session.flush()
        self.existing[owner.key] = {}
        return owner

    def _existing(self, owner: Organisation) -> dict[str, Table]:
        if owner.key not in self.existing:
            rows: Sequence[Scenario | Capability]
            if self.kind == "scenarios":
                rows = organisation_scenarios(self.session, owner.key)
            else:
                rows = organisation_capabilities(self.session, owner.key)
            self.existing[owner.key] = {row.external_id: row for row in rows if row.external_id is not None}
        return self.existing[owner.key]

    def _district_id(self, row: ScenarioRow | CapabilityRow) -> int | None:
        district = find_district(self.session, row.district) if row.district else None
        return None if district is None else district.key

    def _apply_scenario(self, row: ScenarioRow, owner: Organisation, known: Table | None) -> bool:
        scenario = known if isinstance(known, Scenario) else None
        if scenario is None:
            scenario = Scenario(organisation_id=owner.key, external_id=row.id, title="", text="")
            self.existing[owner.key][row.id] = scenario
        changed = _assign(scenario, self._scenario_values(row))
        if [requirement.text for requirement in scenario.requirements] != row.requirements:
            # Deleted before the new ones come: position is unique within a scenario.
            scenario.requirements.clear()
            self.session.add(scenario)
            self.session.flush()
            scenario.requirements = [
                Requirement(scenario_id=0, position=position, text=text)
                for position, text in enumerate(row.requirements, start=1)
            ]
            changed = True
        if changed:
            scenario.updated_at = self.options.now
        self.session.add(scenario)
        if self.options.release and scenario.published_at is None:
            self._publish(scenario)
        return changed

    def _publish(self, scenario: Scenario) -> None:
        self.session.flush()
        now = self.options.now
        if scenario.approved_at is None:
            scenario.submit(now)
            scenario.approve(now)
        scenario.publish(now, number=f"IMP-{scenario.key:06d}")

    def _scenario_values(self, row: ScenarioRow) -> dict[str, Any]:
        return {
            "title": row.title or row.text[:60],
            "text": row.text,
            "lang": row.lang or language_of(f"{row.title}\n{row.text}"),
            "kind": row.kind,
            "domain": row.domain,
            "district_id": self._district_id(row),
            "data_note": row.data,
            "deployment": list(row.deployment),
            "budget_min_fen": row.budget_min_fen,
            "budget_max_fen": row.budget_max_fen,
            "opens_on": row.opens_on,
            "deadline_on": row.deadline_on,
            "metric": row.metric,
            "baseline": row.baseline,
            "target": row.target,
        }

    def _apply_capability(self, row: CapabilityRow, owner: Organisation, known: Table | None) -> bool:
        capability = known if isinstance(known, Capability) else None
        if capability is None:
            capability = Capability(organisation_id=owner.key, external_id=row.id, title="", text="")
            self.existing[owner.key][row.id] = capability
        changed = _assign(capability, self._capability_values(row))
        wanted = [(case.customer, case.text, case.metric, case.on) for case in row.cases]
        if [(case.customer, case.text, case.metric, case.on) for case in capability.cases] != wanted:
            capability.cases.clear()
            self.session.add(capability)
            self.session.flush()
            capability.cases = [
                CapabilityCase(
                    capability_id=0, position=position, customer=customer, text=text, metric=metric, on=on
                )
                for position, (customer, text, metric, on) in enumerate(wanted, start=1)
            ]
            changed = True
        if changed:
            capability.updated_at = self.options.now
        if self.options.release and capability.listed_at is None:
            capability.list_publicly(self.options.now)
        self.session.add(capability)
        return changed

    def _capability_values(self, row: CapabilityRow) -> dict[str, Any]:
        return {
            "title": row.title or row.text[:60],
            "text": row.text,
            "lang": row.lang or language_of(f"{row.title}\n{row.text}"),
            "industries": row.industries,
            "technologies": row.technologies,
            "deployment": list(row.deployment),
            "filings": row.filings,
            "maturity": row.maturity,
            "capacity": row.capacity,
            "url": row.url or None,
        }

    def _contact(self, row: ScenarioRow | CapabilityRow, owner: Organisation) -> None:
        placeholder = not row.contact
        if placeholder and not self.options.placeholder_contacts:
            return
        side = "demand" if self.kind == "scenarios" else "supply"
        # Reserved domain: such a mail reaches nobody outside a trial.
        add_subscription(
            self.session,
            organisation_id=owner.key,
            email=row.contact or f"{side}-{owner.key}@example.org",
            kind=MailKind.DIGEST_AGENCY if side == "demand" else MailKind.DIGEST_STARTUP,
            locale=row.lang or language_of(row.text),
            is_placeholder=placeholder,
        )


def _assign(row: Table, values: Mapping[str, Any]) -> bool:
    """Set the values that differ; whether any did."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
