"""The evidence pack (证明材料包) of a pilot: every standing document, what the chain says, and a manifest with hashes.

The same pilot as of the same day gives the same bytes, so that two people who hold the same hash hold the same pack.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlmodel import Session

from models.acceptance import pilot_acceptances
from models.errors import InvalidInput
from models.evidence import Evidence, pilot_evidence
from models.files import read_file
from models.funding_record import current_records
from models.milestone import pilot_milestones
from models.pilot import Pilot
from models.pilot_decision import pilot_decisions
from models.usage_entry import pilot_usage

FORMAT = "duijie-evidence-pack/1"
MAX_BYTES = 200_000_000
"""What a pack holds at most; documents are limited one by one, this is against very many of them."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment a ZIP can hold: the pack has no time of its own."""


def make_pack(session: Session, pilot: Pilot, folder: Path, *, on: date, zone: tzinfo) -> bytes:
    """The pack as a ZIP: manifest.json, SHA256SUMS and documents/.

    folder: of the file store. on: the day named in it.

    NotFound where a document is missing from the store or was changed there; InvalidInput where it would be too large.
    """
    evidence = [row for row in pilot_evidence(session, pilot.key) if row.rejected_at is None]
    if sum(row.file_size for row in evidence) > MAX_BYTES:
        raise InvalidInput("材料加起来太大，打不成一个包；请分开下载。")
    named = {f"documents/{n:02d}-{row.kind.value}-{row.file_name}": row for n, row in enumerate(evidence, 1)}
    contents = {name: read_file(folder, row.file_hash) for name, row in named.items()}
    manifest = make_manifest(session, pilot, named, on=on, zone=zone)
    listed = {"manifest.json": _json(manifest), **contents}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in listed.items())
    return _zip({**listed, "SHA256SUMS": sums.encode()})


def make_manifest(
    session: Session, pilot: Pilot, named: Mapping[str, Evidence], *, on: date, zone: tzinfo
) -> dict[str, Any]:
    """What is in the pack and what the chain says. named: the documents by their names in the pack."""
    scenario, firm = pilot.scenario, pilot.organisation
    return {
        "format": FORMAT,
        "as_of": on.isoformat(),
        "is_demo": pilot.is_demo,
        "scenario": {
            "number": scenario.number,
            "title": scenario.title,
            "owner": scenario.organisation.name,
            "published_on": _day(scenario.published_at, zone),
        },
        "firm": {"name": firm.name, "credit_code": firm.credit_code},
        "capability": pilot.capability.title,
        "chain": {
            "introduced_on": _day(pilot.match.introduced_at, zone),
            "agreed_on": _day(pilot.agreed_at, zone),
            "started_on": _day(pilot.started_at, zone),
            "go_live_on": _text(pilot.go_live_on),
            "accepted_on": _day(pilot.accepted_at, zone),
            "stopped_on": _day(pilot.stopped_at, zone),
        },
        "agreement": {
            "title": pilot.title,
            "success_metric": pilot.success_metric,
            "baseline": pilot.baseline,
            "target": pilot.target,
            "decision_owner": pilot.decision_owner,
            "decision_on": _text(pilot.decision_on),
            "data_terms": pilot.data_terms,
            "budget_fen": pilot.budget_fen,
            "voucher_programmes": pilot.voucher_programmes,
        },
        **_log(session, pilot, zone),
        "documents": [_document(row, name, zone) for name, row in named.items()],
        "assessments": _assessments(session, pilot),
    }


def _log(session: Session, pilot: Pilot, zone: tzinfo) -> dict[str, Any]:
    return {
        "milestones": [
            {"title": row.title, "due_on": row.due_on.isoformat(), "done_on": _day(row.done_at, zone)}
            for row in pilot_milestones(session, pilot.key)
        ],
        "usage": [
            row.model_dump(mode="json", exclude={"id", "created_at", "pilot_id", "logged_by_user_id"})
            for row in pilot_usage(session, pilot.key)
        ],
        "acceptances": [
            row.model_dump(mode="json", exclude={"id", "created_at", "pilot_id", "recorded_by_user_id"})
            for row in pilot_acceptances(session, pilot.key)
        ],
        "decisions": [
            row.model_dump(mode="json", exclude={"id", "created_at", "pilot_id", "recorded_by_user_id"})
            for row in pilot_decisions(session, pilot.key)
        ],
    }


def _document(row: Evidence, name: str, zone: tzinfo) -> dict[str, Any]:
    return {
        "file": name,
        "sha256": row.file_hash,
        "bytes": row.file_size,
        "kind": row.kind.value,
        "title": row.title,
        "issuer": row.issuer,
        "number": row.number,
        "issued_on": _text(row.issued_on),
        "valid_until_on": _text(row.valid_until_on),
        "checked_on": _day(row.checked_at, zone),
        "replaces_an_earlier_one": row.replaces_id is not None,
    }


def _assessments(session: Session, pilot: Pilot) -> list[dict[str, Any]]:
    """The system's view, which no office is bound by; with the hash of what each rests on."""
    return [
        {
            "programme": row.programme,
            "title": row.rule.title,
            "document_number": row.rule.document_number,
            "rule_version": row.rule_version,
            "assessed_on": row.assessed_on.isoformat(),
            "verdict": row.verdict.value,
            "unverified": row.unverified,
            "clauses": [
                {name: clause[name] for name in ("code", "verdict", "reason")} for clause in row.clauses
            ],
            "missing": row.missing,
            "amount_fen": [row.amount_min_fen, row.amount_max_fen],
            "inputs_sha256": row.inputs_hash,
        }
        for row in current_records(session, organisation_id=None, pilot_id=pilot.key)
    ]


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _zip(contents: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, date_time=EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            pack.writestr(entry, content)
    return made.getvalue()


def _day(at: datetime | None, zone: tzinfo) -> str | None:
    return None if at is None else at.astimezone(zone).date().isoformat()


def _text(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
