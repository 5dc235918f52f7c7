from __future__ import annotations

from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.config import Settings
from models.evidence import Evidence, EvidenceKind, pilot_evidence
from models.files import read_file
from models.pilot import Pilot
from models.usage_entry import UsageEntry
from models.use_report import UseReport
from tests.factories import MONDAY, save
from tests.web.pages.test_pilots import city_pilot

LIVE = {
    "agreed_at": MONDAY, "started_at": MONDAY, "in_use_at": MONDAY, "go_live_on": date(2026, 11, 16), "n_users": 12,
}  # fmt: skip
REPORT = {
    "period_from_on": "2026-11-23", "period_to_on": "2026-11-23", "n_users": "9", "usage": "340 件工单",
    "reached": "3.8 小时",
}  # fmt: skip


@pytest.fixture
def pilot(session: Session, city) -> Pilot:
    row = city_pilot(session, city, **LIVE)
    days = {"from_on": date(2026, 11, 23), "to_on": date(2026, 11, 23)}
    save(
        session,
        UsageEntry(pilot_id=row.key, n_users=9, volume=340, unit="件工单", metric_value="3.8 小时", **days),
    )
    return row


def page_of(client: FlaskClient, pilot: Pilot, lang: str = "zh") -> str:
    answer = client.get(f"/pilots/{pilot.key}/use-report?lang={lang}")
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def test_it_begins_with_what_the_log_says(as_agency, pilot: Pilot) -> None:
    page = page_of(as_agency, pilot)

    assert "340件工单" in page and 'value="3.8 小时"' in page and 'value="9"' in page
    assert "要签发的全文" not in page
    assert "Write the use report" not in page_of(as_agency, pilot, "en")


def test_signed_it_is_a_document_by_its_hash_and_the_next_one_replaces_it(
    as_agency, session: Session, settings: Settings, pilot: Pilot
) -> None:
    address = f"/pilots/{pilot.key}/use-report"
    assert as_agency.post(address, data=REPORT).status_code == 303
    assert "要签发的全文" in page_of(as_agency, pilot)
    assert as_agency.post(f"{address}/sign", data={"signed_by": "李科长"}).status_code == 303
    as_agency.post(address, data={**REPORT, "reached": "3.1 小时"})
    assert "接替" in page_of(as_agency, pilot)
    as_agency.post(f"{address}/sign", data={"signed_by": "李科长"})

    session.expire_all()
    first, second = session.exec(select(Evidence)).all()
    assert (first.kind, first.issuer_organisation_id) == (
        EvidenceKind.USE_REPORT,
        pilot.scenario.organisation_id,
    )
    assert (second.replaces_id, pilot_evidence(session, pilot.key)) == (first.key, [second])
    text = read_file(settings.files_dir, second.file_hash).decode()
    assert "3.1 小时" in text and "签发：李科长" in text
    assert [row.serial for row in session.exec(select(UseReport))] == [1, 2]


def test_what_is_wrong_comes_back(as_agency, session: Session, pilot: Pilot) -> None:
    address = f"/pilots/{pilot.key}/use-report"

    early = as_agency.post(address, data={**REPORT, "period_from_on": "2026-11-01", "issues": "打过的字"})
    assert early.status_code == 422
    assert "打过的字" in early.get_data(as_text=True)
    assert as_agency.post(f"{address}/sign", data={"signed_by": "李科长"}).status_code == 409
    as_agency.post(address, data=REPORT)
    unsigned = as_agency.post(f"{address}/sign", data={"signed_by": ""})

    assert unsigned.status_code == 422
    assert session.exec(select(Evidence)).all() == []


def test_only_the_owner_writes_it_and_only_once_in_use(as_agency, as_firm, session: Session, city) -> None:
    planned = city_pilot(session, city)

    assert as_agency.get(f"/pilots/{planned.key}/use-report").status_code == 409
    assert as_firm.get(f"/pilots/{planned.key}/use-report").status_code == 403
