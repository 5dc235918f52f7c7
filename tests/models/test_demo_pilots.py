"""The pilots of the demo: in the state their file describes, with documents that are really in the store."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from models.demo import records
from models.evidence import Evidence, EvidenceKind, pilot_evidence
from models.files import read_file
from models.match import MatchStatus
from models.pilot import Pilot, PilotStatus, pilots_in_use
from tests.models.conftest import Demo

# One worker seeds the databases that these tests and those of test_demo.py share.

RECORDS = list(records("pilots.jsonl"))


@pytest.fixture
def pilots(seeded: Session) -> Mapping[str, Pilot]:
    """The seeded pilots by the key of their record."""
    by_title = {pilot.title: pilot for pilot in seeded.exec(select(Pilot))}
    return {record["key"]: by_title[record["title"]] for record in RECORDS}


def test_each_pilot_is_in_its_state(pilots: Mapping[str, Pilot]) -> None:
    assert {key: pilot.status for key, pilot in pilots.items()} == {
        record["key"]: PilotStatus(record["state"]) for record in RECORDS
    }


def test_each_pilot_has_what_its_record_says(pilots: Mapping[str, Pilot], demo: Demo) -> None:
    for record in RECORDS:
        pilot = pilots[record["key"]]
        assert pilot.success_metric == record["success_metric"]
        assert pilot.budget_fen == record["budget_wan"] * 1_000_000
        assert pilot.decision_on == demo.today + timedelta(days=record["decision_offset_days"])
        assert pilot.n_users == record["n_users"]
        assert pilot.stop_reason == (record["stop_reason"] or "")


def test_each_pilot_came_from_an_introduction(pilots: Mapping[str, Pilot]) -> None:
    assert {pilot.match.status for pilot in pilots.values()} == {MatchStatus.INTRODUCED}
    assert not [pilot.title for pilot in pilots.values() if pilot.created_at < pilot.match.introduced_at]


def test_documents_are_in_the_store_with_the_text_of_their_record(
    seeded: Session, demo: Demo, pilots: Mapping[str, Pilot]
) -> None:
    for record in RECORDS:
        rows = pilot_evidence(seeded, pilots[record["key"]].key)
        assert [(row.kind, row.number, row.checked_at is not None) for row in rows] == [
            (item["kind"], item["number"], item["checked"]) for item in record["evidence"]
        ]
        assert [read_file(demo.settings.files_dir, row.file_hash).decode() for row in rows] == [
            item["text"] for item in record["evidence"]
        ]


def test_what_the_owner_issued_names_the_owner(seeded: Session, pilots: Mapping[str, Pilot]) -> None:
    owned = (EvidenceKind.USE_REPORT, EvidenceKind.ACCEPTANCE)
    for row in seeded.exec(select(Evidence)):
        expected = row.pilot.scenario.organisation_id if row.kind in owned else None
        assert row.issuer_organisation_id == expected


def test_one_test_report_has_run_out(seeded: Session, pilots: Mapping[str, Pilot], demo: Demo) -> None:
    reports = {
        key: [row for row in pilot_evidence(seeded, pilot.key) if row.kind is EvidenceKind.TEST_REPORT]
        for key, pilot in pilots.items()
    }

    expired = {key for key, rows in reports.items() if any(not row.is_valid_on(demo.today) for row in rows)}
    assert expired == {"P03"}


def test_amounts_are_kept_in_fen(seeded: Session, pilots: Mapping[str, Any]) -> None:
    amounts = {row.number: row.amount_fen for row in seeded.exec(select(Evidence))}

    assert amounts["DEMO-FP-5520"] == 26_600_000
    assert amounts["DEMO-JC-0417"] is None


def test_six_pilots_are_in_use(seeded: Session, pilots: Mapping[str, Pilot]) -> None:
    assert [pilot.title for pilot in pilots_in_use(seeded)] == [
        pilots[key].title for key in ("P01", "P02", "P03", "P04", "P09", "P10")
    ]
