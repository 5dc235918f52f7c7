from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.acceptance import CHECKLIST
from models.audit import subject_events
from models.config import Settings
from models.evidence import Evidence, EvidenceKind
from models.outbox import MailKind, OutboxMail
from models.pilot import Pilot, PilotStatus
from models.user import Role, User
from tests.factories import make_evidence, make_firm, make_pilot, make_user
from tests.web.pages.test_pilots import city_pilot

PDF = b"%PDF-1.7\n%fake\n"
SITTING = {
    "held_on": "2026-11-22", "conclusion": "passed", **{f"check_{code}": "met" for code in CHECKLIST},
}  # fmt: skip
REPORT = {"kind": "test_report", "title": "第三方测试报告", "issuer": "某检测中心", "issued_on": "2026-11-01"}


def reload(session: Session, pilot: Pilot) -> Pilot:
    session.expire_all()
    session.refresh(pilot)
    return pilot


def upload(client: FlaskClient, pilot: Pilot, name: str = "report.pdf", content: bytes = PDF, **values):
    data = {**REPORT, **values, "file": (BytesIO(content), name)}
    return client.post(f"/pilots/{pilot.key}/evidence", data=data, content_type="multipart/form-data")


def test_a_pilot_walks_from_plan_to_acceptance(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)

    as_agency.post(f"/pilots/{pilot.key}/agree")
    as_agency.post(f"/pilots/{pilot.key}/start")
    as_agency.post(f"/pilots/{pilot.key}/in-use", data={"go_live_on": "2026-11-20", "n_users": "12"})
    assert as_agency.post(f"/pilots/{pilot.key}/accept", data=SITTING).status_code == 303

    walked = [event.action for event in subject_events(session, "pilot", pilot.key)]
    assert walked == ["pilot.agreed", "pilot.started", "pilot.in_use", "pilot.accepted"]
    assert reload(session, pilot).status is PilotStatus.ACCEPTED


@pytest.mark.parametrize("missing", [{"success_metric": ""}, {"decision_owner": ""}, {"decision_on": None}])
def test_signing_without_metric_owner_or_date_is_refused(as_agency, session: Session, city, missing) -> None:
    pilot = city_pilot(session, city, **missing)

    answer = as_agency.post(f"/pilots/{pilot.key}/agree")

    assert answer.status_code == 422
    assert "有 1 处要改" in answer.get_data(as_text=True)
    assert reload(session, pilot).status is PilotStatus.PLANNED


def test_starting_an_unsigned_pilot_is_refused(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)

    assert as_agency.post(f"/pilots/{pilot.key}/start").status_code == 409


def test_going_live_is_told_to_both_sides(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)
    as_agency.post(f"/pilots/{pilot.key}/agree")
    as_agency.post(f"/pilots/{pilot.key}/start")

    as_agency.post(f"/pilots/{pilot.key}/in-use", data={"go_live_on": "2026-11-20", "n_users": "12"})

    live = reload(session, pilot)
    assert (live.go_live_on, live.n_users) == (date(2026, 11, 20), 12)
    assert session.exec(select(OutboxMail.kind)).all() == [MailKind.PILOT_IN_USE] * 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"go_live_on": "2026-12-31", "n_users": "12"},
        {"go_live_on": "2026-11-20", "n_users": "0"},
        {"n_users": "12"},
    ],
)
def test_going_live_needs_a_past_day_and_users(as_agency, session: Session, city, wrong) -> None:
    pilot = city_pilot(session, city)
    as_agency.post(f"/pilots/{pilot.key}/agree")
    as_agency.post(f"/pilots/{pilot.key}/start")

    assert as_agency.post(f"/pilots/{pilot.key}/in-use", data=wrong).status_code == 422
    assert reload(session, pilot).status is PilotStatus.RUNNING


def test_stopping_needs_a_reason(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)
    refused = as_agency.post(f"/pilots/{pilot.key}/stop", data={"reason": " "}).status_code
    as_agency.post(f"/pilots/{pilot.key}/stop", data={"reason": "数据到不了位"})

    assert refused == 422
    assert reload(session, pilot).stop_reason == "数据到不了位"


@pytest.mark.parametrize("step", ["agree", "start", "in-use", "accept", "stop"])
def test_the_firm_cannot_move_a_pilot(as_firm, session: Session, city, step: str) -> None:
    pilot = city_pilot(session, city)

    assert as_firm.post(f"/pilots/{pilot.key}/{step}").status_code == 403


@pytest.mark.parametrize("step", ["agree", "start", "in-use", "accept", "stop"])
def test_steps_on_a_foreign_pilot_answer_404(as_agency, session: Session, step: str) -> None:
    assert as_agency.post(f"/pilots/{make_pilot(session).key}/{step}").status_code == 404


def test_a_document_is_kept_by_its_hash_outside_the_web_root(
    as_firm, session: Session, city, settings: Settings
) -> None:
    pilot = city_pilot(session, city)

    answer = upload(as_firm, pilot, name="../../etc/测试报告.pdf")

    row = session.exec(select(Evidence)).one()
    kept = [path for path in settings.files_dir.rglob("*") if path.is_file()]
    assert answer.status_code == 303
    assert [path.name for path in kept] == [row.file_hash]
    assert (row.file_name, row.kind, row.media_type) == (
        "测试报告.pdf",
        EvidenceKind.TEST_REPORT,
        "application/pdf",
    )


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("report.pdf", b"", "文件是空的"),
        ("report.exe", b"MZ\x90", "只收 PDF"),
        ("report.pdf", b"<html>", "只收 PDF"),
        ("page.html", b"<script>alert(1)</script>", "只收 PDF"),
    ],
)
def test_wrong_files_are_refused_with_a_sentence(
    as_firm, session: Session, city, name, content, sentence
) -> None:
    pilot = city_pilot(session, city)

    answer = upload(as_firm, pilot, name=name, content=content)

    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert session.exec(select(Evidence)).all() == []


def test_a_file_over_the_limit_is_refused(as_firm, app, session: Session, city, settings: Settings) -> None:
    pilot = city_pilot(session, city)
    app.config["SETTINGS"] = settings.model_copy(update={"upload_max_bytes": 1_000})

    answer = upload(as_firm, pilot, content=PDF + b"x" * 1_000)

    assert answer.status_code == 422
    assert "文件太大" in answer.get_data(as_text=True)


def test_a_request_far_over_the_limit_is_413(as_firm, app, session: Session, city) -> None:
    pilot = city_pilot(session, city)
    app.config["MAX_CONTENT_LENGTH"] = 2_000

    answer = upload(as_firm, pilot, content=PDF + b"x" * 10_000)

    assert answer.status_code == 413
    assert "文件太大" in answer.get_data(as_text=True)


def test_a_document_comes_back_as_a_download_only(as_firm, as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)
    upload(as_firm, pilot)
    row = session.exec(select(Evidence)).one()

    answer = as_agency.get(f"/pilots/{pilot.key}/evidence/{row.key}")

    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_document_of_another_pilot_is_404(as_firm, session: Session, city) -> None:
    pilot = city_pilot(session, city)
    foreign = make_evidence(session, make_pilot(session))

    assert as_firm.get(f"/pilots/{pilot.key}/evidence/{foreign.key}").status_code == 404
    assert as_firm.get(f"/pilots/{foreign.pilot_id}/evidence/{foreign.key}").status_code == 404


def test_a_use_report_of_the_agency_is_marked_as_its_own(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)

    upload(as_agency, pilot, kind="use_report")

    assert session.exec(select(Evidence)).one().issuer_organisation_id == city.agency.key


def test_a_use_report_uploaded_by_the_firm_is_not_the_agencys(as_firm, session: Session, city) -> None:
    pilot = city_pilot(session, city)

    upload(as_firm, pilot, kind="use_report")

    assert session.exec(select(Evidence)).one().issuer_organisation_id is None


def test_the_other_side_checks_a_document_once(as_firm, as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)
    upload(as_firm, pilot)
    row = session.exec(select(Evidence)).one()
    address = f"/pilots/{pilot.key}/evidence/{row.key}/check"

    own = as_firm.post(address, data={"verdict": "checked"}).status_code
    first = as_agency.post(address, data={"verdict": "checked"}).status_code
    second = as_agency.post(address, data={"verdict": "rejected", "note": "缺页"}).status_code

    assert (own, first, second) == (403, 303, 409)
    session.refresh(row)
    assert row.checked_at is not None and row.rejected_at is None


def test_strangers_cannot_upload(session: Session, city, log_in: Callable[[User], FlaskClient]) -> None:
    pilot = city_pilot(session, city)
    stranger = make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key)

    assert upload(log_in(stranger), pilot).status_code == 404


def test_a_use_report_older_than_the_pilot_is_refused(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)
    as_agency.post(f"/pilots/{pilot.key}/agree")
    as_agency.post(f"/pilots/{pilot.key}/start")

    answer = upload(as_agency, pilot, kind="use_report", issued_on="2026-11-01")

    assert answer.status_code == 422
    assert "使用报告不能早于试点开始的那天" in answer.get_data(as_text=True)
    assert session.exec(select(Evidence)).all() == []


def test_a_firm_without_a_credit_code_is_pointed_out(as_agency, session: Session, city) -> None:
    pilot = city_pilot(session, city)
    city.firm.credit_code = None
    address = f"/pilots/{pilot.key}"

    assert "没有填统一社会信用代码" in as_agency.get(address).get_data(as_text=True)
    city.firm.credit_code = "91440300MA5EXAMPL4"
    assert "没有填统一社会信用代码" not in as_agency.get(address).get_data(as_text=True)
