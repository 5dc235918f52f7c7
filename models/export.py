"""Export of rows to .jsonl, .csv and .xlsx. A file is written beside its place and moved there whole.

Scenarios and capabilities come out with the columns that import reads, so that an export can be imported again.
"""

import csv
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, select

from models.capability import Capability
from models.errors import InvalidInput
from models.funding_record import FundingRecord
from models.match_queries import present_scores
from models.organisation import Organisation
from models.pilot import Pilot
from models.place import Community, District
from models.scenario import Requirement, Scenario
from models.transfer_kinds import file_id

Row = dict[str, Any]

MAX_XLSX_CELL = 32_767
"""Characters a cell of a spreadsheet holds; the library would cut the rest without a word."""

FORMULA = re.compile(r"'*[=+\-@\t\r\n\0＝＋－＠]")
"""What spreadsheet programs run or strip when a cell begins with it (ASVS 5.0, 1.2.10), full-width forms included."""

SEPARATOR = re.compile(r"[;；|\n]|^\s*\[|^\s|\s$")
"""What import would read as the end of a list entry, or as a JSON list."""


def export_file(session: Session, kind: str, path: Path) -> int:
    """Write all rows of a kind to `path` and return how many. InvalidInput for an ending that is not known."""
    writers: dict[str, Callable[[Path, list[Row]], None]] = {
        ".jsonl": _write_jsonl,
        ".csv": _write_csv,
        ".xlsx": _write_xlsx,
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise InvalidInput(f"不会写 {path.suffix or '没有扩展名的'} 文件，可用 .jsonl、.csv、.xlsx。")
    if not path.parent.is_dir():
        raise InvalidInput(f"没有 {path.parent.name or path.parent} 这个文件夹。")
    rows = list(EXPORTS[kind](session))
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    os.close(handle)
    try:
        writer(Path(temporary), rows)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return len(rows)


def scenario_rows(session: Session) -> Iterable[Row]:
    """Every scenario, in import columns, by id."""
    districts = _names(session, District)
    statement = select(Scenario, Organisation).join(Organisation).order_by(col(Scenario.id))
    requirements = selectinload(Scenario.requirements)  # type: ignore[arg-type]
    for scenario, owner in session.exec(statement.options(requirements)):
        yield {
            "id": file_id(scenario),
            "number": scenario.number or "",
            "status": str(scenario.status),
            "title": scenario.title,
            "text": scenario.text,
            "lang": scenario.lang,
            "publisher": owner.name,
            "kind": str(scenario.kind),
            "domain": scenario.domain,
            "district": districts.get(scenario.district_id, ""),
            "requirements": [_requirement(requirement) for requirement in scenario.requirements],
            "data": scenario.data_note,
            "deployment": scenario.deployment,
            "budget_min_fen": scenario.budget_min_fen,
            "budget_max_fen": scenario.budget_max_fen,
            "opens_on": scenario.opens_on,
            "deadline_on": scenario.deadline_on,
            "metric": scenario.metric,
            "baseline": scenario.baseline,
            "target": scenario.target,
            "is_demo": scenario.is_demo,
        }


def _requirement(requirement: Requirement) -> str | Row:
    return requirement.text if requirement.must else {"text": requirement.text, "must": False}


def capability_rows(session: Session) -> Iterable[Row]:
    """Every capability, in import columns, by id."""
    districts = _names(session, District)
    communities = _names(session, Community)
    statement = select(Capability, Organisation).join(Organisation).order_by(col(Capability.id))
    cases = selectinload(Capability.cases)  # type: ignore[arg-type]
    for capability, firm in session.exec(statement.options(cases)):
        yield {
            "id": file_id(capability),
            "status": str(capability.status),
            "firm": firm.name,
            "title": capability.title,
            "text": capability.text,
            "lang": capability.lang,
            "team_size": firm.team_size,
            "district": districts.get(firm.district_id, ""),
            "community": communities.get(firm.community_id, ""),
            "industries": capability.industries,
            "technologies": capability.technologies,
            "deployment": capability.deployment,
            "filings": capability.filings,
            "maturity": None if capability.maturity is None else str(capability.maturity),
            "capacity": capability.capacity,
            "url": capability.url or "",
            "cases": [
                {"customer": case.customer, "text": case.text, "metric": case.metric, "on": case.on}
                for case in capability.cases
            ],
            "is_demo": capability.is_demo,
        }


def match_rows(session: Session) -> Iterable[Row]:
    """The present view of every pair with what people did, by match and capability. Scores are for order only."""
    rows = session.exec(present_scores()).all()
    for match, score in sorted(rows, key=lambda pair: (pair[0].key, pair[1].capability_id)):
        yield {
            "match_id": match.key,
            "scenario": match.scenario.number or "",
            "scenario_title": match.scenario.title,
            "firm": match.organisation.name,
            "capability_id": score.capability_id,
            "capability": score.capability.title,
            "band": str(score.band),
            "status": str(match.status),
            "invited_at": match.invited_at,
            "interested_at": match.interested_at,
            "introduced_at": match.introduced_at,
            "declined_at": match.declined_at,
            "decline_reason": None if match.decline_reason is None else str(match.decline_reason),
            "dismiss_reason": None if match.dismiss_reason is None else str(match.dismiss_reason),
            "engine_version": score.engine_version,
            "index_version": score.index_version,
        }


def pilot_rows(session: Session) -> Iterable[Row]:
    """Every pilot, by id."""
    statement = select(Pilot, Scenario, Organisation).join(
        Scenario, col(Scenario.id) == col(Pilot.scenario_id)
    )
    statement = statement.join(Organisation, col(Organisation.id) == col(Pilot.organisation_id))
    for pilot, scenario, firm in session.exec(statement.order_by(col(Pilot.id))):
        yield {
            "pilot_id": pilot.key,
            "scenario": scenario.number or "",
            "firm": firm.name,
            "title": pilot.title,
            "status": str(pilot.status),
            "success_metric": pilot.success_metric,
            "baseline": pilot.baseline,
            "target": pilot.target,
            "decision_owner": pilot.decision_owner,
            "decision_on": pilot.decision_on,
            "budget_fen": pilot.budget_fen,
            "agreed_at": pilot.agreed_at,
            "started_at": pilot.started_at,
            "go_live_on": pilot.go_live_on,
            "n_users": pilot.n_users,
            "accepted_at": pilot.accepted_at,
            "stopped_at": pilot.stopped_at,
            "is_demo": pilot.is_demo,
        }


def funding_rows(session: Session) -> Iterable[Row]:
    """Every funding record, replaced ones included, by id."""
    for record in session.exec(select(FundingRecord).order_by(col(FundingRecord.id))):
        yield {
            "record_id": record.key,
            "pilot_id": record.pilot_id,
            "programme": record.programme,
            "rule_version": record.rule_version,
            "assessed_on": record.assessed_on,
            "verdict": str(record.verdict),
            "amount_min_fen": record.amount_min_fen,
            "amount_max_fen": record.amount_max_fen,
            "clauses": record.clauses,
            "missing": record.missing,
            "replaces_id": record.replaces_id,
        }


EXPORTS: dict[str, Callable[[Session], Iterable[Row]]] = {
    "scenarios": scenario_rows,
    "capabilities": capability_rows,
    "matches": match_rows,
    "pilots": pilot_rows,
    "funding": funding_rows,
}


def _names(session: Session, table: type[District] | type[Community]) -> Mapping[int | None, str]:
    return dict(session.exec(select(table.id, table.name)).all())


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _write_jsonl(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, default=_plain) + "\n")


def cell(value: Any) -> str | int | float:
    """A value as one table cell: lists joined by semicolons, dates as ISO text, nothing a spreadsheet would execute.

    Text that begins like a formula gets an apostrophe in front, which import takes away again. Lists whose entries
    contain separators, and nested values, are JSON.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    if isinstance(value, list) and all(isinstance(x, str) and not SEPARATOR.search(x) for x in value):
        text = "；".join(value)
    elif isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False, default=_plain)
    else:
        text = _plain(value)
    return "'" + text if FORMULA.match(text) else text


def _write_csv(path: Path, rows: list[Row]) -> None:
    # The mark at the front lets Chinese spreadsheet programs read UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0].keys() if rows else [])
        writer.writerows([cell(value) for value in row.values()] for row in rows)


def _write_xlsx(path: Path, rows: list[Row]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(rows[0] if rows else []):
            sheet.write(0, column, name)
        for line, row in enumerate(rows, start=1):
            for column, (name, value) in enumerate(row.items()):
                content = cell(value)
                if isinstance(content, str) and len(content) > MAX_XLSX_CELL:
                    raise InvalidInput(f"第 {line} 行的 {name} 超过表格一格的上限，请导出为 .jsonl 或 .csv。")
                sheet.write(line, column, content)
